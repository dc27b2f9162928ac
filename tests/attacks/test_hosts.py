"""No header says where the site is, who asks or what is asked (cases 22–25; L6, L10)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.attacks.judge import complaints_about
from tests.clients import PageClient
from tests.factories import make_post
from tests.functional.accounts.letters import letters, link_in
from tests.people import ADA, Person

As = Callable[[Person], PageClient]
EVIL = "evil.example"
PAGES = ("/", "/posts/loaf/", "/login", "/feed.xml", "/sitemap.xml", "/robots.txt", "/nothing-here/")
HOSTS = (
    EVIL, f"{EVIL}:80", f"localhost.{EVIL}", f"localhost@{EVIL}", f"{EVIL}#localhost", f"{EVIL}?localhost",
    f"localhost:80@{EVIL}", f"localhost, {EVIL}", f"localhost {EVIL}", f"localhost/{EVIL}", f"{EVIL}/localhost",
    "local\thost", "localhost\\", "LOCALHOST.evil.example", "x" * 300, "[::1", "localhost:99999999", "localhost:evil",
    f"localhost:{EVIL}", "\u2028", "<script>", f"localhost,{EVIL}", f"{EVIL},localhost", "localhost:81:82",
    "localhost:-1", "localhost:٨٠", "0", "127.1", "127.0.0.1.nip.io", "[::ffff:127.0.0.1]", "localhost;x",
)  # fmt: skip
FORWARDED = (
    {"X-Forwarded-Host": EVIL},
    {"X-Forwarded-Proto": "https"},
    {"X-Forwarded-Port": "1"},
    {"X-Forwarded-Prefix": f"//{EVIL}"},
    {"X-Forwarded-Server": EVIL},
    {"X-Forwarded-For": "127.0.0.1"},
    {"Forwarded": f"for=127.0.0.1;host={EVIL};proto=https"},
    {"X-Host": EVIL},
    {"X-Original-Host": EVIL},
    {"X-Original-URL": "/admin/"},
    {"X-Rewrite-URL": "/admin/"},
    {"X-HTTP-Method-Override": "DELETE"},
    {"X-Method-Override": "POST"},
    {"X-Forwarded-User": ADA.email},
    {"Remote-User": ADA.email},
    {"X-Preview": "1", "Preview": "1"},
    {"Referer": f"https://{EVIL}/"},
    {"X-Script-Name": f"//{EVIL}"},
    {"True-Client-IP": "127.0.0.1", "CF-Connecting-IP": "127.0.0.1"},
)
SIDEWAYS = (
    "//evil.example/", "//evil.example", "/%5cevil.example/", "/%2fevil.example/", "///evil.example/x",
    "/\\evil.example", "/%09/evil.example/", "/posts//evil.example", "/search/?q=x", "/..//evil.example",
    "/%2e%2e//evil.example/", "/posts/%2f%2fevil.example/", "/loaf//", "//posts/loaf", "/archive//evil.example",
    "/%0d%0aLocation:%20https://evil.example/", "/category/%2f%2fevil.example",
)  # fmt: skip
#: What differs between two answers to the same question.
VARYING = ("X-Request-ID", "Date", "Set-Cookie", "Content-Security-Policy")


def without_tokens(text: str) -> list[str]:
    return [line for line in text.split("\n") if "csrf" not in line and "nonce" not in line]


@pytest.mark.parametrize("host", HOSTS)
def test_a_strange_host_gets_no_page(app: Flask, client: PageClient, host: str) -> None:
    make_post("Loaf")
    for path in PAGES:
        answer = client.get(path, environ_overrides={"HTTP_HOST": host, "SERVER_NAME": "localhost"})
        assert answer.status_code in (400, 404, 421), (path, answer.status)
        assert EVIL not in answer.get_data(as_text=True) + str(answer.headers), path
        assert complaints_about(answer.get_data(as_text=True)) == []


@pytest.mark.parametrize("name", ["10.0.0.5", EVIL, "", "0.0.0.0"])  # noqa: S104 -- what a server may call itself
def test_no_host_at_all_is_no_name_of_ours(make_app: Callable[..., Flask], name: str) -> None:
    """HTTP/1.0 needs no Host; then the server's own name would stand in, which depends on where it runs."""
    app = make_app(CMS_BASE_URL="https://chronicle.example")
    for path in PAGES:
        answer = app.test_client().get(path, environ_overrides={"HTTP_HOST": "", "SERVER_NAME": name})
        assert answer.status_code == 400, path
        assert not name or name not in answer.get_data(as_text=True) + str(answer.headers), path


def test_what_a_proxy_might_have_said_changes_nothing(app: Flask, client: PageClient) -> None:
    """Without CMS_TRUSTED_PROXIES nobody stands in front, so whoever sends these made them up."""
    make_post("Loaf")
    for path in (*PAGES, "/admin/", "/admin/posts/"):
        plain = client.get(path)
        for headers in FORWARDED:
            told = client.get(path, headers=headers)
            assert (told.status_code, told.headers.get("Location")) == (
                plain.status_code,
                plain.headers.get("Location"),
            ), (path, headers)
            assert without_tokens(told.get_data(as_text=True)) == without_tokens(plain.get_data(as_text=True)), path
            assert {name: value for name, value in told.headers if name not in VARYING} == {
                name: value for name, value in plain.headers if name not in VARYING
            }, (path, headers)


@pytest.mark.parametrize("path", SIDEWAYS)
def test_no_address_leads_out_of_the_site(app: Flask, client: PageClient, path: str) -> None:
    make_post("Loaf")
    # As it comes from a server, which takes nothing apart: `get(path)` would read `//evil.example` as a host.
    for raw in (path, path.replace("%5c", "\\").replace("%2f", "/").replace("%09", "\t").replace("%2e", ".")):
        where, _mark, query = raw.partition("?")
        answer = client.get("/", environ_overrides={"PATH_INFO": where, "QUERY_STRING": query})
        location = answer.headers.get("Location", "/").removeprefix("http://localhost")
        assert answer.status_code < 500
        assert location.startswith("/"), location
        assert not location.startswith(("//", "/\\")), location
        assert "\r" not in location
        assert "\n" not in location


@pytest.mark.parametrize("headers", FORWARDED[:8], ids=lambda headers: next(iter(headers)))
def test_a_reset_mail_leads_to_the_site(app: Flask, client: PageClient, headers: dict[str, str]) -> None:
    assert client.submit("/reset", {"email": ADA.email}, headers=headers).status_code == 200
    (letter,) = letters()
    assert link_in(letter).startswith("/reset/")
    assert EVIL not in letter["text"]
    assert "http://localhost/reset/" in letter["text"]


def test_an_absolute_target_counts_for_nothing(app: Flask, client: PageClient) -> None:
    """`GET https://evil.example/ HTTP/1.1`: a server gives the path alone, and the Host header decides."""
    make_post("Loaf")
    plain = client.get("/feed.xml")
    told = client.get(
        "/feed.xml", environ_overrides={"REQUEST_URI": f"https://{EVIL}/feed.xml", "RAW_URI": f"//{EVIL}"}
    )
    assert told.data == plain.data
