"""Light and dark without a script, on pages that are alike for everybody."""

import pytest

from tests.clients import PageClient


def test_the_choice_stands_in_the_stylesheet_alone(client: PageClient) -> None:
    before = client.get("/").data
    assert b"prefers-color-scheme" in client.get("/appearance.css").data
    answer = client.post("/appearance", data={"theme": "dark", "next": "/archive/"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/archive/")
    assert b"color-scheme:dark" in client.get("/appearance.css").data
    assert client.get("/").data == before
    client.post("/appearance", data={"theme": "light", "next": "/"})
    assert b"color-scheme:light" in client.get("/appearance.css").data
    client.post("/appearance", data={"theme": "auto", "next": "/"})
    assert b"prefers-color-scheme" in client.get("/appearance.css").data


def test_the_stylesheet_is_asked_for_anew_and_mostly_unchanged(client: PageClient) -> None:
    first = client.get("/appearance.css")
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert "Cookie" in first.headers["Vary"]
    assert client.get("/appearance.css", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    client.post("/appearance", data={"theme": "dark"})
    assert client.get("/appearance.css", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_a_cookie_with_anything_in_it_counts_as_none(client: PageClient) -> None:
    client.set_cookie("appearance", "dark];}body{display:none")
    css = client.get("/appearance.css").get_data(as_text=True)
    assert "prefers-color-scheme" in css
    assert "body{" not in css


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/%5cevil.example",
        "/%2f/evil.example",
        "/..//evil.example",
        "/.//evil.example",
        "javascript:alert(1)",
        "/\tevil",
        "/\r\nSet-Cookie: a=b",
        "http:evil.example",
        "///evil.example",
        "/" + "a" * 5000,
        "evil",
    ],
)
def test_it_leads_back_into_the_site_only(client: PageClient, target: str) -> None:
    answer = client.post("/appearance", data={"theme": "dark", "next": target})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_without_a_target_the_browser_is_believed_about_this_site(client: PageClient) -> None:
    for referrer, target in (
        ("http://localhost/search?q=bread", "/search?q=bread"),
        ("http://evil.example/search", "/"),
        ("", "/"),
    ):
        answer = client.post("/appearance", data={"theme": "dark"}, headers={"Referer": referrer})
        assert answer.headers["Location"] == target


def test_other_choices_and_other_sites_are_refused(client: PageClient) -> None:
    assert client.post("/appearance", data={"theme": "pink"}).status_code == 422
    answer = client.post("/appearance", data={"theme": "dark"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers
    assert client.get("/appearance").status_code in (404, 405)


def test_the_cookie(client: PageClient) -> None:
    cookie = client.post("/appearance", data={"theme": "dark"}).headers["Set-Cookie"]
    assert cookie.startswith("appearance=dark;")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
