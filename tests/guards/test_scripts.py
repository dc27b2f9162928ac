"""Scripts of ours make elements, never HTML out of text: Trusted Types would refuse it, on every page."""

from __future__ import annotations

import json
import re

import pytest

from cms.core.headers import EDITOR_TYPES
from tests.guards.sources import ROOT

SOURCES = sorted((ROOT / "frontend" / "src").rglob("*.js"))
#: Where text becomes HTML or a script (Trusted Types, 4): assignments and calls.
SINKS = re.compile(
    r"\.(?:inner|outer)HTML\s*\+?=(?!=)|\.srcdoc\s*=|insertAdjacentHTML|document\.write|createContextualFragment"
    r"|parseFromString|setHTMLUnsafe|\beval\(|new Function\b|new (?:Shared)?Worker\b|importScripts"
)
#: The one place, where the policy `masthead-paste` cleans what was pasted.
ALLOWED = {"frontend/src/editor/paste.js": 1}


def test_no_script_makes_html_out_of_text() -> None:
    found = {
        path.relative_to(ROOT).as_posix(): len(hits)
        for path in SOURCES
        if (hits := SINKS.findall(re.sub(r"^\s*(?://|\*).*$", "", path.read_text("utf-8"), flags=re.MULTILINE)))
    }
    assert found == ALLOWED


@pytest.mark.parametrize(
    "line", ['a.innerHTML = "x"', "a.outerHTML += x", "a.insertAdjacentHTML('x')", "eval(x)", "new Function('x')"]
)
def test_what_makes_html_is_known(line: str) -> None:
    assert SINKS.search(line)
    assert not SINKS.search("return body.innerHTML.replace(x)")


def test_policies_of_built_scripts_are_those_that_the_headers_name() -> None:
    """A package that brings another policy would stop the editor: the header has to name it, after somebody looked."""
    static = ROOT / "cms" / "admin" / "static"
    built = [
        name for name in json.loads((static / "manifest.json").read_text("utf-8")).values() if name.endswith(".js")
    ]
    made = {
        name
        for script in built
        for name in re.findall(r"createPolicy\(\"([\w-]+)\"", (static / script).read_text("utf-8"))
    }
    assert made == set(EDITOR_TYPES.split())
