"""Templates keep to what the content security policy allows, and to this site's own addresses."""

import re
from html.parser import HTMLParser

import pytest

from tests.guards.sources import ROOT, name, templates

_PLAIN = (
    (re.compile(r"{#.*?#}", re.DOTALL), ""),
    (re.compile(r"{{.*?}}", re.DOTALL), "·"),
    (re.compile(r"{%.*?%}", re.DOTALL), ""),
)
_ELSEWHERE = re.compile(r"(?:https?:)?//(?!localhost\b)[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
#: Names of vocabularies: nobody fetches them.
_NAMESPACES = re.compile(
    r"https?://(?:www\.w3\.org|purl\.org|schema\.org|www\.sitemaps\.org|search\.yahoo\.com|ogp\.me|www\.rssboard\.org)/"
)
_LOADING = {
    "src": frozenset({"script", "img", "iframe", "audio", "video", "source", "embed", "track", "input"}),
    "href": frozenset({"link"}),
    "action": frozenset({"form"}),
    "data": frozenset({"object"}),
}


class _Page(HTMLParser):
    """Notes what a strict policy would block, or what another host would serve."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self._script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        line = self.getpos()[0]
        if tag == "style":
            self.wrong.append(f"{line}: a style element")
        data = (given.get("type") or "").endswith("json")
        self._script = tag == "script" and "src" not in given and not data
        for key, value in attrs:
            if key.startswith("on") or key in {"style", "srcdoc"}:
                self.wrong.append(f"{line}: {key}=")
            if re.match(r"\s*(?:javascript|vbscript|data:text)", value or "", re.IGNORECASE):
                self.wrong.append(f"{line}: {key}={value}")
        target = next((value for key, value in attrs if value and tag in _LOADING.get(key, ())), "")
        if _ELSEWHERE.match(target.strip()) and not _NAMESPACES.match(target):
            self.wrong.append(f"{line}: another host, {target}")

    def handle_endtag(self, tag: str) -> None:
        self._script = False

    def handle_data(self, data: str) -> None:
        if self._script and data.strip(" \n·"):
            self.wrong.append(f"{self.getpos()[0]}: a script element with a text")


def wrong_in(source: str) -> list[str]:
    """Return what a template's markup may not hold, each with its line."""
    for pattern, replacement in _PLAIN:
        source = pattern.sub(lambda match, mark=replacement: mark + "\n" * match[0].count("\n"), source)
    page = _Page()
    page.feed(source)
    page.close()
    return page.wrong


def test_no_template_holds_what_the_policy_forbids() -> None:
    found = {name(path): wrong for path in templates() if (wrong := wrong_in(path.read_text("utf-8")))}
    assert found == {}


def test_each_use_of_safe_has_its_reason() -> None:
    bare = [
        f"{name(path)}:{number}"
        for path in templates()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if re.search(r"\|\s*safe\b|autoescape\s+false", line) and "{#" not in line
    ]
    assert bare == []


def test_styles_and_scripts_ask_no_other_host() -> None:
    found = []
    for folder in ("cms/admin/static", "themes/default/static"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix == ".css":
                addresses = re.findall(r"(?:url\(|@import)\s*[\"']?((?:https?:)?//[^\"')]+)", path.read_text("utf-8"))
                found += [f"{name(path)}: {address}" for address in addresses]
            elif path.suffix in {".js", ".mjs"}:
                calls = re.findall(
                    r"(?:fetch|import|open|importScripts)\(\s*[\"'`]((?:https?:)?//[^\"'`]+)", path.read_text("utf-8")
                )
                found += [f"{name(path)}: {address}" for address in calls]
    assert found == []


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "<script nonce='x'>{{ code }} run()</script>",
        "<style>a{}</style>",
        '<a onclick="run()">x</a>',
        '<p style="color:red">x</p>',
        '<a href="javascript:run()">x</a>',
        '<script src="https://cdn.example.com/x.js"></script>',
        '<link rel="stylesheet" href="//fonts.example.com/css">',
        '<iframe srcdoc="<p>">x</iframe>',
    ],
)
def test_guard_sees_what_is_forbidden(source: str) -> None:
    assert wrong_in(source)


@pytest.mark.parametrize(
    "source",
    [
        '<script src="{{ url }}" nonce="{{ nonce }}" defer></script>',
        '<script type="application/ld+json">{{ data|tojson }}</script>',
        '<a href="https://example.org/elsewhere">x</a>',
        '<rss xmlns:atom="http://www.w3.org/2005/Atom"></rss>',
    ],
)
def test_guard_lets_good_markup_pass(source: str) -> None:
    assert wrong_in(source) == []
