"""The default theme renders every context, in every language, and other themes stand on it."""

import itertools
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from cms.theming.check import check_theme
from cms.theming.contexts import CONTEXTS, Pagination, SiteContext, help_texts
from cms.theming.engine import ThemeEngine
from cms.theming.samples import NOW, sample_contexts, sample_head, sample_site
from tests.unit.theming.conftest import SHIPPED

SAMPLES = sample_contexts()


def show(engine: ThemeEngine, number: int, site: SiteContext | None = None) -> str:
    template, name, context = SAMPLES[number]
    known = {"head": sample_head(), "theme": engine.theme.manifest.values({}), name: context}
    return engine.render([template], site=site or sample_site(), now=NOW, context=known).text


def number_of(template: str) -> int:
    return next(number for number, sample in enumerate(SAMPLES) if sample[0] == template)


def test_the_default_theme_has_no_faults() -> None:
    assert check_theme(SHIPPED / "default") == []


def test_every_context_has_a_sample_and_help_for_each_field() -> None:
    assert {type(sample[2]) for sample in SAMPLES} == set(CONTEXTS.values())
    for context in CONTEXTS.values():
        assert set(help_texts(context)) == set(context.__dataclass_fields__)


@pytest.mark.parametrize("number", range(len(SAMPLES)))
def test_every_page_has_one_heading_and_no_inline_code(engine: ThemeEngine, number: int) -> None:
    page = LexborHTMLParser(show(engine, number))
    assert len(page.css("h1")) == 1
    assert page.css_first("main#content") is not None
    assert not page.css("style, [style], [onclick]")
    assert not [script for script in page.css("script") if script.attributes.get("type") != "application/ld+json"][1:]
    levels = [int(heading.tag[1]) for heading in page.css("main h1, main h2, main h3")]
    assert all(later - earlier <= 1 for earlier, later in itertools.pairwise(levels))
    for image in page.css("img"):
        assert "alt" in image.attributes
        assert image.attributes.get("width"), "a picture without its size moves the text"


def test_right_to_left_arabic(engine: ThemeEngine) -> None:
    page = LexborHTMLParser(show(engine, number_of("post.html"), sample_site("ar", "rtl")))
    html = page.css_first("html")
    assert html is not None
    assert html.attributes == {"lang": "ar", "dir": "rtl"}
    assert "انتقل إلى المحتوى" in page.html
    time = page.css_first("time")
    assert time is not None
    assert time.text() in ("٢٠ نوفمبر ٢٠٢٦", "20 نوفمبر 2026")
    assert page.css("svg.icon-flip")


def test_german_dates_and_words(engine: ThemeEngine) -> None:
    german = show(engine, number_of("post.html"), sample_site("de-AT"))
    assert "20. November 2026" in german
    assert "von <a" in german
    assert "9 Min. Lesezeit" in german


def test_the_navigation_says_where_one_is(engine: ThemeEngine) -> None:
    page = LexborHTMLParser(show(engine, number_of("page.html")))
    assert [link.text() for link in page.css(".nameplate nav [aria-current]")] == ["About"]


def test_short_dates_have_a_year_only_if_it_is_another(engine: ThemeEngine) -> None:
    home = show(engine, number_of("home.html"))
    assert re.search(r'<span class="day">17</span> November<', home)
    assert re.search(r'<span class="day">2</span> March 2025<', home)


@pytest.mark.parametrize(
    ("page", "pages", "numbers"),
    [
        (1, 1, (1,)),
        (1, 5, (1, 2, 3, 4, 5)),
        (1, 14, (1, 2, 3, 4, None, 14)),
        (7, 14, (1, None, 6, 7, 8, None, 14)),
        (4, 14, (1, 2, 3, 4, 5, None, 14)),
        (14, 14, (1, None, 11, 12, 13, 14)),
    ],
)
def test_page_numbers(page: int, pages: int, numbers: tuple[int | None, ...]) -> None:
    pagination = Pagination(page=page, pages=pages, total=pages, base_url="/search?q=a")
    assert pagination.numbers == numbers
    assert pagination.url(1) == "/search?q=a"
    assert pagination.url(2) == "/search?q=a&page=2"


def test_a_theme_falls_back_to_its_parent_and_to_default(
    make_theme: Callable[..., Path], engine_of: Callable[[str], ThemeEngine]
) -> None:
    make_theme("elder", templates__home="{% extends 'base.html' %}{% block main %}<h1>Elder</h1>{% endblock %}")
    make_theme("mine", parent="elder", partials___footer="<footer>Mine</footer>")
    engine = engine_of("mine")
    home, post = show(engine, number_of("home.html")), show(engine, number_of("post.html"))
    assert "<h1>Elder</h1>" in home
    assert "<footer>Mine</footer>" in home
    assert "<footer>Mine</footer>" in post
    assert 'class="title-block"' in post


def test_the_more_specific_template_comes_first(
    make_theme: Callable[..., Path], engine_of: Callable[[str], ThemeEngine]
) -> None:
    make_theme("mine", **{"templates/page-about.html": "<h1>About us</h1>"})
    engine = engine_of("mine")
    context = {"head": sample_head(), "theme": {}, "page": SAMPLES[number_of("page.html")][2]}
    made = engine.render(["page-about.html", "page.html"], site=sample_site(), now=NOW, context=context)
    assert (made.template, made.text) == ("page-about.html", "<h1>About us</h1>")


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"templates__home": "{% if %}"}, "templates/home.html: Line 1"),
        ({"templates__home": "{{ home.tilte }}"}, "templates/home.html: UndefinedError"),
        ({"templates__home": "<p style='x'>"}, "a style attribute"),
        ({"templates__home": "<style>p{}</style>"}, "a style element"),
        ({"templates__home": "<script>1</script>"}, "a script inside the page"),
        ({"templates__home": "<a onclick='x()'>"}, "an event handler"),
        ({"templates__home": "<img src='https://evil.example/x.png'>"}, "something from another host"),
        ({"partials__x": "<link rel=stylesheet href=//evil.example/x.css>"}, "partials/x.html: Line 1"),
        ({"templates__home": "{{ static_url('nothing.css') }}"}, "has no static file"),
        ({"templates__home": "{{ icon('nothing') }}"}, "has no icon"),
        ({"templates__home": "{{ icon('bad') }}", "partials/icons/bad.svg": "<svg viewBox='0 0 1 1'/>"}, "paths"),
        ({"translations/de.po": "msgid no"}, "translations/de.po"),
        ({"theme.toml": "name ="}, "theme.toml: "),
    ],
)
def test_the_check_finds_each_fault(make_theme: Callable[..., Path], files: dict[str, str], sentence: str) -> None:
    folder = make_theme("mine", **files)
    assert sentence in " ".join(map(str, check_theme(folder, roots=[SHIPPED])))


def test_a_circle_of_parents_is_told(make_theme: Callable[..., Path]) -> None:
    make_theme("one", parent="two")
    folder = make_theme("two", parent="one")
    assert "circle" in str(check_theme(folder, roots=[SHIPPED])[0])


def test_a_site_without_anything_still_has_a_front_page(engine: ThemeEngine) -> None:
    bare = replace(sample_site(), navigation=(), description="", privacy=None, first_year=None, stylesheets=())
    assert "Nothing has been published here yet" in show(engine, 2, bare)
