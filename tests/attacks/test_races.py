"""Of several at once one wins, the others are told, and nothing is lost or doubled (case 57; L16, L17)."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

from flask import Flask
from sqlalchemy import func, select

from cms.content.models import Entry, Post, Revision, Term
from cms.core.db import current_session
from tests.clients import PageClient
from tests.factories import make_post
from tests.people import ED

MANY = 8


def crew(app: Flask, path: str) -> tuple[list[PageClient], dict[str, str]]:
    """Return many clients of Ed's that have all opened the form at `path`, and its token and version."""
    first = app.test_client()
    assert isinstance(first, PageClient)
    page = first.sign_in(ED).page(path)
    cookie = first.get_cookie("masthead")
    assert cookie is not None
    found = {name: page.css_first(f"input[name={name}]") for name in ("csrf_token", "version")}
    made = []
    for _number in range(MANY):
        client = app.test_client()
        assert isinstance(client, PageClient)
        client.set_cookie("masthead", cookie.value)
        made.append(client)
    return made, {name: field.attributes.get("value") or "" for name, field in found.items() if field is not None}


def at_once(acts: list[Callable[[], int]]) -> Counter[int]:
    """Do all at the same time and count the answers' statuses."""
    ready, told = threading.Barrier(len(acts)), list[int]()

    def run(act: Callable[[], int]) -> None:
        ready.wait(30)
        told.append(act())

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return Counter(told)


def sender(client: PageClient, path: str, fields: dict[str, str]) -> Callable[[], int]:
    return lambda: client.post(path, data=fields).status_code


def test_the_same_title_at_once_gets_addresses_of_its_own(app: Flask) -> None:
    many, form = crew(app, "/admin/posts/new/")
    fields = {**form, "title": "A loaf", "body_markdown": "x", "visibility": "public", "act": "publish"}
    told = at_once([sender(client, "/admin/posts/new/", fields) for client in many])
    assert set(told) <= {303, 409}
    addresses = current_session().scalars(select(Post.address)).all()
    assert len(set(addresses)) == len(addresses) == told[303] >= 1


def test_the_same_tag_at_once_is_one_tag_or_told(app: Flask) -> None:
    many, form = crew(app, "/admin/tags/new/")
    told = at_once([sender(client, "/admin/tags/new/", {**form, "name": "Bread"}) for client in many])
    assert set(told) <= {303, 409, 422}
    slugs = current_session().scalars(select(Term.slug)).all()
    assert len(set(slugs)) == len(slugs) >= 1


def test_of_saves_at_once_one_wins(app: Flask) -> None:
    key = make_post("A loaf", state="draft").id
    path = f"/admin/posts/{key}/"
    many, form = crew(app, path)
    shared = {**form, "body_markdown": "x", "visibility": "public", "act": "save"}
    told = at_once([sender(client, path, {**shared, "title": f"Loaf {n}"}) for n, client in enumerate(many)])
    assert told == {303: 1, 409: MANY - 1}
    current_session().rollback()
    assert current_session().scalar(select(func.count()).select_from(Revision).where(Revision.entry_id == key)) == 2


def test_publishing_and_taking_back_at_once_leaves_one_truth(app: Flask) -> None:
    keys = [make_post(f"Loaf {number}", state=("draft", "published")[number % 2]).id for number in range(3)]
    many, form = crew(app, "/admin/posts/new/")
    acts = ("publish", "archive", "bin", "restore")
    rows = [{**form, "row": f"{acts[n % 4]}:{keys[n % 3]}", "confirmed": "1"} for n in range(MANY)]
    told = at_once([sender(client, "/admin/posts/bulk/", row) for client, row in zip(many, rows, strict=True)])
    assert set(told) <= {200, 303, 409, 422}
    current_session().rollback()
    for entry in current_session().scalars(select(Entry)):
        live = entry.state in ("published", "scheduled") and entry.binned_at is None
        assert (many[0].get(f"/posts/{entry.slug}/").status_code == 200) == live
