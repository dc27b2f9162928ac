"""Numbers that no thing has are told as such at every address and in every form of the back office, on both databases.

PostgreSQL keeps keys in 32 bits and answers the question for a larger one with an error; SQLite knows 64.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import urlencode, urljoin

import pytest
from flask import Flask
from selectolax.lexbor import LexborNode
from werkzeug.datastructures import MultiDict

from cms.extensions import db
from tests import factories
from tests.clients import PageClient, form_values
from tests.needs import needs
from tests.people import ADA, ED

LARGE = (2**31, 10**40)
NUMBERS = (0, 2**31 - 1, 2**63, *LARGE)
#: What is asked for by number after the question mark, in lists and pages.
ASKED = ("author", "entry", "group", "page", "parent", "person", "subject_id", "term")
PAGES = (
    "/admin/", "/admin/posts/", "/admin/pages/", "/admin/categories/", "/admin/tags/", "/admin/media/", "/admin/users/",
    "/admin/groups/", "/admin/posts/new/", "/admin/pages/new/", "/admin/categories/new/", "/admin/users/new/",
    "/admin/groups/new/", "/admin/profile/", "/admin/see-as/", "/admin/why/", "/admin/audit/",
    "/admin/personal-data/", "/admin/settings/",
)  # fmt: skip
#: Fields of text, which take any number as one.
TEXTS = re.compile(
    r"csrf_token|title|slug|body|document|summary|excerpt|name|email|seo_.*|canonical_url|password.*|bio|links.*|note"
    r"|publish_.*|next|language|time_zone|state|act|every|description|theme"
)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=needs("postgres"))])
def office(request: pytest.FixtureRequest, make_app: Callable[..., Flask]) -> Iterator[PageClient]:
    """Ada in the back office, on each kind of database, with a thing of each kind there."""
    more = {} if request.param == "sqlite" else {"CMS_DATABASE_URL": request.getfixturevalue("postgres_url")}
    app = make_app(**more)
    with app.app_context():
        factories.make_post("A loaf", author=ED, state="draft")
        made = app.test_client()
        assert isinstance(made, PageClient)
        yield made.sign_in(ADA)


def test_no_address_of_the_office_fails_at_a_number(office: PageClient) -> None:
    told = []
    for rule in office.application.url_map.iter_rules():
        if rule.rule.startswith("/api"):
            continue
        named = [name for name in rule.arguments if name == "key" or name.endswith("_id")]
        path = re.sub(r"<(?:int:)?(?:key|\w+_id)>", "{}", rule.rule) if len(named) == 1 else rule.rule
        if "<" in path or "{}" not in path:
            continue
        for number in NUMBERS:
            address = path.format(number)
            methods = (rule.methods or set()) & {"GET", "POST"}
            told += [(method, address, office.open(address, method=method).status_code) for method in methods]
    assert [asked for asked in told if asked[2] >= 500] == []
    reads = [asked for asked in told if asked[0] == "GET" and asked[1].startswith(("/admin", "/preview"))]
    assert [asked for asked in reads if asked[2] != 404] == []
    assert len(told) > 100


def test_no_list_of_the_office_fails_at_a_number(office: PageClient) -> None:
    for page in PAGES:
        for number in LARGE:
            assert office.get(f"{page}?{urlencode(dict.fromkeys(ASKED, number))}").status_code < 500, (page, number)


def test_no_form_of_the_office_fails_at_a_number(office: PageClient) -> None:
    sent = 0
    # As large as this database does not take.
    number = 10**40 if db.engine.dialect.name == "sqlite" else 2**31
    for page in (*PAGES, *_of_things(office)):
        for form in office.page(page).css("form[method=post]"):
            target = urljoin(page, form.attributes.get("action") or page)
            for name in _numbers(form):
                values = form_values(form)
                values.setlist(name, [str(number)])
                answer = office.post(target, data=MultiDict(values))
                assert answer.status_code < 500, (page, target, name, number, answer.text)
                sent += 1
    assert sent > 60


def _of_things(office: PageClient) -> list[str]:
    """Return a page of one thing of each list."""
    found = []
    for page in ("/admin/posts/", "/admin/users/", "/admin/categories/", "/admin/roles/"):
        links = [link.attributes.get("href") or "" for link in office.page(page).css("td a[href], th a[href]")]
        found += [link for link in links if link.startswith(page) and "?" not in link][:1]
    return found


def _numbers(form: LexborNode) -> list[str]:
    """Return the fields of a form that are not for text, those apart that leave the office."""
    if "logout" in (form.attributes.get("action") or ""):
        return []
    return sorted({name for name in form_values(form) if not TEXTS.fullmatch(name)} | _choices(form))


def _choices(form: LexborNode) -> set[str]:
    fields = form.css("select[name], input[type=checkbox][name], input[type=radio][name], button[name]")
    return {name for field in fields if (name := field.attributes.get("name")) and not TEXTS.fullmatch(name)}
