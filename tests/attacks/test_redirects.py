"""No route sends anybody out of the site, whatever a request wishes for (cases 21, 22; L10)."""

from __future__ import annotations

import ast
from itertools import product
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from werkzeug.routing import Rule

from tests.clients import PageClient
from tests.functional.accounts.hostile import TARGETS
from tests.guards.routes import World, routes
from tests.people import ADA, NOBODY, PASSWORD, Person

ROOT = Path(__file__).parents[2]
#: Where programs have looked for a place to go on to.
NAMES = (
    "next", "back", "return", "return_to", "returnTo", "return_url", "redirect", "redirect_uri", "redirect_url", "url",
    "to", "target", "continue", "goto", "dest", "r", "u", "came_from", "referrer", "callback", "path", "RelayState",
)  # fmt: skip

#: What forms that lead on want to hear first.
FIELDS = {"theme": "dark", "email": ADA.email, "password": PASSWORD}


def leads_out(location: str) -> bool:
    """Tell whether a browser would leave `http://localhost` for a Location, in the reading of a browser."""
    plain = location.replace("\\", "/").replace("\t", "").replace("\n", "").replace("\r", "")
    reached = urlsplit(urljoin("http://localhost/x/", plain.strip()))
    return (reached.scheme, reached.netloc) != ("http", "localhost")


@pytest.mark.parametrize("person", [ADA, NOBODY], ids=lambda person: person.name)
def test_no_route_leads_out_of_the_site(tmp_path: Path, person: Person) -> None:
    """All routes, a new one too: each wish under each name, in the address and the form; and the referrer."""
    world = World(tmp_path)
    leading, listening = 0, set[str]()

    def led_to(rule: Rule, method: str, wish: str) -> str:
        wished = dict.fromkeys(NAMES, wish)
        address = world.address(rule)
        answer = world.client(person).open(
            address,
            method=method,
            query_string=wished if len(wish) < 200 else {"next": wish},
            headers={"Referer": f"https://evil.example{address}"},
            data={**FIELDS, **wished} if method != "GET" else None,
            buffered=True,
        )
        if method != "GET":
            world.put_back()
        location = str(answer.headers.get("Location", ""))
        assert not leads_out(location), (method, rule.rule, wish, location)
        # To sign in with another provider leads there, by the address that the operator set.
        assert "evil" not in answer.headers.get("Refresh", ""), (rule.rule, wish)
        return location

    for rule, method in routes(world.app).values():
        # Who follows a wish that can be granted is asked for all that cannot; who does not, for the plainest ones.
        location = led_to(rule, method, "/archive/")
        leading += bool(location)
        listens = "archive" in location
        if listens:
            listening.add(rule.endpoint)
        for wish in TARGETS if listens else TARGETS[:3] if location else ():
            led_to(rule, method, wish)
    world.end()
    assert leading > 10
    assert listening >= {"public.appearance", "admin.set_look" if person is ADA else "security.login"}


@pytest.mark.parametrize(
    "wish", ["https://evil.example", "//evil.example", "/\\evil.example", "\t//evil.example", "javascript:x()"]
)
def test_what_leads_out_is_known(wish: str) -> None:
    assert leads_out(wish)


def test_nobody_signs_in_to_somewhere_else(app: Flask, client: PageClient) -> None:
    for wish, name in product(TARGETS[:12], ("next", "SECURITY_POST_LOGIN_VIEW", "redirect")):
        sent = {"email": ADA.email, "password": "wrong", name: wish}
        answer = client.submit("/login", sent, query_string={name: wish})
        assert not leads_out(answer.headers.get("Location", ""))


#: What makes a redirect, and each place of the code that has been looked at: who adds one says where it leads.
KNOWN = {
    "cms/accounts": "own routes, or checked by is_safe_target",
    "cms/admin": "own routes, or checked by is_safe_target",
    "cms/public": "addresses made by content.addresses, or checked by is_safe_target",
}


def test_no_request_names_the_place_it_leads_to() -> None:
    """`redirect()` is given no word of the request as it came, and `Location` is set where somebody looked at it."""
    suspects = []
    for path in sorted((ROOT / "cms").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "redirect" and node.args:
                where = path.relative_to(ROOT).as_posix()
                assert where.startswith(tuple(KNOWN)), where
                text = ast.unparse(node.args[0])
                if "request." in text or "session[" in text or "referrer" in text:
                    suspects.append(f"{where}: {text}")
    assert suspects == []
