"""Pages about the API: for everybody, made from the document alone, under policies that let nothing of others in."""

from __future__ import annotations

import re

import pytest
from selectolax.lexbor import LexborHTMLParser
from werkzeug.test import TestResponse

from cms.api.reference import build_reference
from cms.api.spec import build_document
from tests.clients import PageClient


def policy(answer: TestResponse) -> dict[str, str]:
    directives = answer.headers["Content-Security-Policy"].split("; ")
    return {name: rest for name, _space, rest in (directive.partition(" ") for directive in directives)}


def test_the_reference_names_every_operation_with_what_it_takes_and_gives(client: PageClient) -> None:
    page = client.page("/api/v1/reference")
    shown = {node.attributes["id"] for node in page.css(".api-operation h3")}
    told = [told for item in build_document()["paths"].values() for told in item.values()]
    assert shown == {operation["operationId"] for operation in told}
    text = page.css_first("main").text()
    for operation in told:
        assert operation.get("x-permission", "") in text
    for part in build_reference().parts:
        for operation in part.operations:
            assert operation.command.startswith("curl")
            assert {answer.status for answer in operation.answers} & {"200", "201", "202", "204"}
            assert {answer.status for answer in operation.errors} >= {"400", "422", "500"}


def test_its_commands_name_this_site(client: PageClient) -> None:
    command = client.page("/api/v1/reference").css_first("pre").text()
    assert client.application.config["CMS_BASE_URL"] in command
    assert "{site}" not in command


def test_links_within_the_reference_lead_somewhere(client: PageClient) -> None:
    page = client.page("/api/v1/reference")
    anchors = {node.attributes["id"] for node in page.css("[id]")}
    links = {node.attributes["href"] or "" for node in page.css("a")}
    assert {link[1:] for link in links if link.startswith("#")} <= anchors
    for link in links:
        if not link.startswith("#"):
            assert client.get(link).status_code in (200, 302), link


@pytest.mark.parametrize("path", ["/api/v1/reference", "/api/v1/docs"])
def test_the_pages_hold_nothing_inline_and_ask_nobody_else(client: PageClient, path: str) -> None:
    answer = client.get(path)
    html = answer.get_data(as_text=True)
    page = LexborHTMLParser(html)
    assert page.css("style, [style]") == []
    assert [node for node in page.css("script") if not node.attributes.get("src")] == []
    assert [name for node in page.css("*") for name in node.attributes if name.startswith("on")] == []
    addresses = [node.attributes.get("src") or node.attributes.get("href") or "" for node in page.css("script, link")]
    assert [address for address in addresses if not re.match(r"/(?!/)", address)] == []
    rules = policy(answer)
    assert rules["default-src"] == "'none'"
    assert rules["require-trusted-types-for"] == "'script'"
    assert rules["trusted-types"] == "'none'"
    assert rules["frame-ancestors"] == "'none'"
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


def test_on_the_reference_no_script_runs_at_all(client: PageClient) -> None:
    answer = client.get("/api/v1/reference")
    assert "script-src" not in policy(answer)
    assert "<script" not in answer.get_data(as_text=True)


def test_scripts_of_the_other_page_come_with_it_alone(client: PageClient) -> None:
    answers = [client.get("/api/v1/docs") for _again in range(2)]
    nonces = []
    for answer in answers:
        nonce = re.fullmatch(r"'nonce-([\w-]{20,})'", policy(answer)["script-src"])
        assert nonce
        scripts = LexborHTMLParser(answer.get_data(as_text=True)).css("script")
        assert {node.attributes["nonce"] for node in scripts} == {nonce[1]}
        nonces.append(nonce[1])
    assert nonces[0] != nonces[1]


def test_built_files_are_kept_for_a_year_and_nothing_else_is_sent(client: PageClient) -> None:
    page = client.page("/api/v1/docs")
    address = page.css("script")[0].attributes["src"] or ""
    with client.get(address) as answer:
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.mimetype == "text/javascript"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    with client.get("/api/v1/static/manifest.json") as other:
        assert other.headers["Cache-Control"] == "no-cache"
    for outside in ("../handbook.py", "..%2fhandbook.py", "%2e%2e/handbook.py", "nothing.js", ""):
        gone = client.get(f"/api/v1/static/{outside}")
        assert (gone.status_code, gone.mimetype) == (404, "application/problem+json"), outside


@pytest.mark.parametrize("path", ["/api/v1/reference", "/api/v1/docs"])
def test_a_wrong_token_opens_no_page_either(client: PageClient, path: str) -> None:
    answer = client.get(path, headers={"Authorization": "Bearer nothing"})
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
