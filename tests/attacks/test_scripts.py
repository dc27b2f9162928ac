"""Nothing that anybody types runs in anybody's browser, or is computed by a template (cases 1, 3, 4, 5, 7, 8)."""

from __future__ import annotations

from collections.abc import Callable
from xml.parsers import expat

import pytest
from flask import Flask
from sqlalchemy import select

from cms.accounts.actions import edit_profile
from cms.accounts.models import User
from cms.content.models import Entry
from cms.core.db import current_session, transaction
from cms.core.errors import Invalid
from cms.core.permissions import system_user
from cms.lib.document import from_html, from_markdown, to_html
from cms.settings.actions import change_settings
from tests.attacks.judge import complaints_about
from tests.attacks.payloads import LINKS, SCRIPTS, TEMPLATES, naughty_strings, sanitizer_attacks
from tests.clients import PageClient
from tests.factories import body_of, make_page, make_post, make_term, user
from tests.functional.accounts.letters import letters
from tests.needs import needs
from tests.people import ADA, ART, ED, Person
from tests.unit.lib.document.oracle import complaints

As = Callable[[Person], PageClient]
LISTS = (
    "/", "/archive/", "/author/ed/", "/search?q=alert", "/feed.xml", "/atom.xml", "/sitemap.xml", "/nothing-here/",
)  # fmt: skip
OFFICE = (
    "/admin/", "/admin/posts/", "/admin/posts/?q=alert&count=1", "/admin/posts/?state=bin", "/admin/pages/",
    "/admin/tags/", "/admin/categories/", "/admin/find/?q=alert", "/admin/media/", "/admin/settings/",
)  # fmt: skip


def check(client: PageClient, path: str, *, computed: bool = False) -> None:
    """Ask for a page, which must be there and hold nothing that runs."""
    answer = client.get(path)
    text = answer.get_data(as_text=True)
    assert answer.status_code in (200, 404), (path, answer.status)
    if answer.mimetype.endswith("xml"):
        expat.ParserCreate().Parse(answer.get_data(), True)
    else:
        assert complaints_about(text) == [], path
    if computed:
        assert "1337" not in text, path


def furnish(payloads: tuple[str, ...]) -> list[int]:
    """Make a post of each payload, with the payload in every field that takes a text."""
    made = []
    for number, evil in enumerate(payloads):
        term = make_term("tag", f"{number} {evil}"[:100])
        post = make_post(
            evil,
            text=evil,
            excerpt=evil,
            slug=evil,
            seo_title=evil,
            seo_description=evil,
            terms=[term],
            sticky=number % 9 == 0,
        )
        made.append(post.id)
    with transaction():
        change_settings({"name": payloads[0], "description": payloads[-1], "posts_per_page": 50}, by=system_user())
    return made


def addresses(ids: list[int]) -> list[str]:
    return [str(entry.address) for entry in current_session().scalars(select(Entry).where(Entry.id.in_(ids)))]


def test_nothing_runs_for_readers(app: Flask, client: PageClient) -> None:
    ids = furnish(SCRIPTS)
    for path in (*LISTS, *addresses(ids)):
        check(client, path)


def test_nothing_runs_in_the_back_office(app: Flask, as_: As) -> None:
    ids = furnish(SCRIPTS[::5])
    make_page(SCRIPTS[0], text=SCRIPTS[7], excerpt=SCRIPTS[40])
    make_post(SCRIPTS[1], state="binned")
    make_term("category", SCRIPTS[3])
    client = as_(ADA)
    posts = [path for key in ids for path in (f"/admin/posts/{key}/", f"/admin/posts/{key}/delete/", f"/preview/{key}")]
    for path in (*OFFICE, *posts):
        check(client, path)
    # A notice, the page that asks first, and what comes back after a mistake.
    client.submit(f"/admin/posts/{ids[0]}/delete/")
    check(client, "/admin/posts/")
    answer = client.submit("/admin/posts/new/", {"title": SCRIPTS[7] * 30, "slug": SCRIPTS[40]}, button=("act", "save"))
    assert answer.status_code == 422
    assert complaints_about(answer.get_data(as_text=True)) == []


@needs("data")
def test_naughty_strings_and_attacks_on_sanitizers_stay_text(app: Flask, client: PageClient, as_: As) -> None:
    attacks = [*naughty_strings(), *sanitizer_attacks()]
    size = 60
    ids = []
    for start in range(0, len(attacks), size):
        part = attacks[start : start + size]
        raw = [{"type": "rawHtml", "attrs": {"html": attack}} for attack in part]
        body = {"type": "doc", "content": [*body_of(*part)["content"], *raw]}
        post = make_post(part[0][:400], excerpt=part[-1][:400], body=body)
        ids.append(post.id)
    for path in ("/", "/feed.xml", *addresses(ids)):
        check(client, path)
    for key in ids[::4]:
        check(as_(ADA), f"/admin/posts/{key}/")


@needs("data")
def test_cleaning_twice_changes_nothing(app: Flask) -> None:
    for attack in (*SCRIPTS, *sanitizer_attacks()):
        once = to_html(from_html(attack))
        assert to_html(from_html(once)) == once, attack
        assert complaints(once) == [], attack


def test_people_are_shown_as_text(app: Flask, client: PageClient, as_: As) -> None:
    """Name, biography and links of a person, on bylines, the author page, in feeds and in the back office."""
    make_post("Loaf", author=ART)
    for evil in SCRIPTS[::3]:
        links = [{"label": evil, "url": "https://chronicle.example/"}]
        with transaction():
            art = user(ART)
            edit_profile(art, {"name": f"A {evil}".replace("@", "")[:110], "biography": evil, "links": links}, by=art)
        for path in ("/author/art/", "/posts/loaf/", "/", "/feed.xml", "/atom.xml"):
            check(client, path)
    for path in ("/admin/users/", f"/admin/users/{user(ART).id}/", f"/admin/users/{user(ART).id}/delete/"):
        check(as_(ADA), path)
    check(as_(ART), "/admin/profile/")


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "JAVASCRIPT:alert(1)", "data:text/html,x", "//evil.example", "https://a@evil.example/"],
)
def test_a_link_of_a_person_leads_to_a_web_page(app: Flask, url: str) -> None:
    with pytest.raises(Invalid), transaction():
        edit_profile(user(ART), {"links": [{"label": "x", "url": url}]}, by=system_user())
    assert current_session().scalars(select(User).where(User.email == ART.email)).one().links == []


REFLECTING = ("/search?q={}", "/?page={}", "/?unknown={}", "/posts/{}/", "/{}/", "/login?next={}", "/register?x={}")


def test_what_an_address_says_is_shown_as_text(app: Flask, client: PageClient, as_: As) -> None:
    make_post("alert")
    for evil in SCRIPTS:
        for path in (
            "/search?q={}",
            "/?page={}",
            "/?unknown={}",
            "/posts/{}/",
            "/{}/",
            "/login?next={}",
            "/register?x={}",
        ):
            base, _mark, query = path.partition("?")
            where = base.format(evil.replace("/", "%2F").replace("?", "%3F").replace("#", "%23").replace("\n", "%0A"))
            options = {"query_string": {query.partition("=")[0]: evil}} if query else {}
            answer = client.get(where, **options)
            assert answer.status_code < 500, path
            assert complaints_about(answer.get_data(as_text=True)) == [], (path, evil)
        if evil in SCRIPTS[::6]:
            for path in ("/admin/posts/", "/admin/media/", "/admin/users/", "/admin/find/"):
                answer = as_(ED).get(path, query_string={"q": evil, "kind": evil, "sort": evil, "state": evil})
                assert answer.status_code in (200, 404), path
                assert complaints_about(answer.get_data(as_text=True)) == [], (path, evil)


def test_no_link_carries_a_script(app: Flask, client: PageClient, as_: As) -> None:
    """Written as Markdown, and sent past the editor as a document and as HTML."""
    for evil in LINKS:
        assert complaints(to_html(from_markdown(evil))) == [], evil
        assert complaints(to_html(from_html(evil))) == [], evil
    words = "\n\n".join(LINKS)
    answer = as_(ART).submit("/admin/posts/new/", {"title": "Links", "body_markdown": words}, button=("act", "publish"))
    assert answer.status_code == 303
    check(client, "/posts/links/")
    targets = [evil.partition("](")[2].rstrip(")").strip("<>") or evil for evil in LINKS]
    marks = [{"type": "link", "attrs": {"href": target, "title": target, "target": target}} for target in targets]
    paragraphs = [{"type": "paragraph", "content": [{"type": "text", "text": "x", "marks": [mark]}]} for mark in marks]
    other = [
        {"type": kind, "attrs": {"src": target, "href": target, "url": target, "poster": target}}
        for target in targets
        for kind in ("image", "video", "audio", "file", "embed", "button")
    ]
    make_post("Sent", body={"type": "doc", "content": [*paragraphs, *other]})
    check(client, "/posts/sent/")


def test_templates_compute_nothing(app: Flask, client: PageClient, as_: As) -> None:
    ids = furnish(TEMPLATES)
    for path in (*LISTS, *addresses(ids)):
        check(client, path, computed=True)
    for path in ("/admin/", "/admin/posts/", "/admin/tags/", f"/admin/posts/{ids[0]}/", "/admin/settings/"):
        check(as_(ADA), path, computed=True)
    assert "{{7*191}}" in client.get("/").get_data(as_text=True)


def test_mails_compute_nothing(app: Flask, client: PageClient) -> None:
    with transaction():
        change_settings({"name": "{{7*191}} ${7*191}"}, by=system_user())
        edit_profile(user(ADA), {"name": "{{7*191}} %(site)s"}, by=system_user())
    assert client.submit("/reset", {"email": ADA.email}).status_code == 200
    (letter,) = letters()
    assert "{{7*191}}" in letter["subject"] + letter["text"]
    assert "1337" not in letter["subject"] + letter["text"]
