"""Search: every word, nothing but text, whatever is typed."""

from collections.abc import Callable

import pytest
from selectolax.lexbor import LexborHTMLParser

from cms.public.search import snippet
from tests.clients import PageClient
from tests.factories import make_page, make_post

Visit = Callable[..., str]


def found(page: str) -> list[str]:
    return [heading.text() for heading in LexborHTMLParser(page).css(".row-post h2")]


def test_all_words_must_be_there(visit: Visit) -> None:
    make_post("A loaf", text="Cold dough is patient.")
    make_post("A walk", text="It was cold outside.")
    make_page("About dough", text="And the cold.")
    assert sorted(found(visit("/search?q=cold+dough"))) == ["A loaf", "About dough"]
    page = visit("/search?q=cold+dough")
    assert "2 results for “cold dough”" in page
    assert "<mark>Cold</mark> <mark>dough</mark> is patient." in page
    assert 'name="robots" content="noindex"' in page


def test_nothing_found_and_nothing_asked(visit: Visit) -> None:
    assert "Nothing was found" in visit("/search?q=zebra")
    assert "Search the site" in visit("/search")
    assert found(visit("/search?q=")) == []
    assert found(visit("/search?q=%20%00")) == []


def test_signs_of_like_are_only_signs(visit: Visit) -> None:
    make_post("Plain", text="nothing special")
    make_post("Sale", text="100% off_season \\ path")
    assert found(visit("/search?q=%25")) == ["Sale"]
    assert found(visit("/search?q=_")) == ["Sale"]
    assert found(visit("/search?q=%5C")) == ["Sale"]
    assert found(visit("/search?q=100%25")) == ["Sale"]


@pytest.mark.parametrize(
    "query",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "' OR 1=1 --",
        "%27%3B%20DROP%20TABLE%20entries",
        "{{7*7}}",
        "\u202e\u0000\ud7ff",
        "(" * 200,
        "a" * 5000,
        " ".join("word" for _ in range(500)),
    ],
)
def test_whatever_is_typed_is_text(client: PageClient, query: str) -> None:
    make_post("Plain")
    answer = client.get("/search", query_string={"q": query})
    assert answer.status_code == 200
    page = LexborHTMLParser(answer.get_data(as_text=True))
    assert not page.css("main script, main img[onerror]")
    assert "49" not in (page.css_first("h1").text())


def test_the_slash_leads_on(client: PageClient) -> None:
    answer = client.get("/search/?q=a")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/search?q=a")


def test_pages_of_results_keep_the_words(visit: Visit) -> None:
    for number in range(11):
        make_post(f"Bread {number}")
    page = LexborHTMLParser(visit("/search?q=bread"))
    assert page.css_first(".pagination [rel=next]").attributes["href"] == "/search?q=bread&page=2"
    assert len(found(visit("/search?q=bread&page=2"))) == 1
    visit("/search?q=bread&page=3", 404)


def test_a_snippet_is_cut_at_words_and_escaped() -> None:
    text = "word " * 40 + "a <b>cold</b> night " + "tail " * 60
    made = str(snippet(text, ["cold"]))
    assert made.startswith("… word")
    assert made.endswith(" …")
    assert "&lt;b&gt;<mark>cold</mark>&lt;/b&gt;" in made
    assert len(made) < 400
    assert str(snippet("no match", ["cold"])) == ""
    assert str(snippet("x" * 1000 + "cold" + "y" * 1000, ["cold"])).count("<mark>") == 1
