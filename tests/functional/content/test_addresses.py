"""Addresses: free ones, old ones, and trees of pages that move."""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import insert

from cms.content.actions.bin_entry import bin_entry
from cms.content.actions.edit_entry import edit_entry
from cms.content.actions.erase_entry import erase_entry
from cms.content.actions.publish_entry import publish_entry
from cms.content.actions.restore_entry import restore_entry
from cms.content.actions.unpublish_entry import unpublish_entry
from cms.content.addresses import RESERVED
from cms.content.models import Category, Entry, Post
from cms.content.saving import working_fields
from cms.core.db import current_session, transaction
from cms.core.errors import CmsError, Invalid
from cms.core.permissions import system_user
from cms.extensions import db
from tests.clients import PageClient
from tests.factories import make_page, make_post, make_term
from tests.needs import needs

pytestmark = pytest.mark.usefixtures("app")
BY = system_user()


def act(action: Callable[..., Any], entry_id: int) -> None:
    """Do one thing with an entry."""
    with transaction() as session:
        action(session.get_one(Entry, entry_id), by=BY)


def rename(entry_id: int, slug: str) -> None:
    """Publish an entry at another address."""
    with transaction() as session:
        entry = session.get_one(Entry, entry_id)
        edit_entry(entry, working_fields(entry).changed(slug=slug), by=BY)
        publish_entry(entry, by=BY)


def address(entry_id: int) -> str | None:
    return current_session().get_one(Entry, entry_id, populate_existing=True).address


def where(client: PageClient, path: str) -> tuple[int, str | None]:
    answer = client.get(path)
    return answer.status_code, answer.headers.get("Location")


def test_hundreds_of_equal_titles_ask_the_database_a_few_times(count_queries: Callable[[], Any]) -> None:
    rows = [{"kind": "post", "slug": slug, "address": f"/posts/{slug}/", "body": {}} for slug in _used("rain", 700)]
    with transaction() as session:
        session.execute(insert(Post), rows)
    with count_queries() as first:
        assert make_post("Snow", state="draft").address == "/posts/snow/"
    with count_queries() as asked:
        assert make_post("Rain", state="draft").address == "/posts/rain-700/"
    assert len(asked) <= len(first) + 7


def test_hundreds_of_equal_terms_ask_the_database_a_few_times(count_queries: Callable[[], Any]) -> None:
    rows = [{"kind": "category", "name": "Rain", "slug": slug, "path": slug} for slug in _used("rain", 300)]
    with transaction() as session:
        session.execute(insert(Category), rows)
    with count_queries() as asked:
        assert make_term("category", "Rain").path == "rain-300"
    assert len(asked) < 15


def _used(slug: str, count: int) -> list[str]:
    """Return what `count` entries of one title are called, one place in the middle being free."""
    return [slug, *[f"{slug}-{number}" for number in range(2, count)]]


def test_a_gap_is_filled() -> None:
    made = [make_post("Rain") for _ in range(4)]
    act(bin_entry, made[2].id)
    assert make_post("Rain").address == "/posts/rain-3/"


def test_a_number_that_belongs_to_the_title_is_kept() -> None:
    make_post("Chapter 10")
    assert make_post("Chapter 10").address == "/posts/chapter-10-2/"


def test_a_draft_does_not_take_the_readers_of_an_old_address(client: PageClient) -> None:
    post = make_post("Loaf").id
    rename(post, "bread")
    draft = make_post("Loaf", state="draft")
    assert draft.address == "/posts/loaf/"
    assert where(client, "/posts/loaf/") == (301, "/posts/bread/")
    act(publish_entry, draft.id)
    assert where(client, "/posts/loaf/") == (200, None)
    act(unpublish_entry, draft.id)
    assert where(client, "/posts/loaf/") == (301, "/posts/bread/")


def test_addresses_that_change_places_lead_each_to_its_own(client: PageClient) -> None:
    one, other = make_post("One").id, make_post("Other").id
    rename(one, "third")
    rename(other, "one")
    rename(one, "other")
    assert [address(one), address(other)] == ["/posts/other/", "/posts/one/"]
    assert where(client, "/posts/one/") == (200, None)
    assert where(client, "/posts/other/") == (200, None)
    assert where(client, "/posts/third/") == (301, "/posts/other/")


def test_an_old_address_of_something_hidden_tells_nothing(client: PageClient) -> None:
    post = make_post("Loaf").id
    rename(post, "bread")
    for hide in (unpublish_entry, bin_entry):
        act(hide, post)
        assert where(client, "/posts/loaf/") == (404, None)


def test_an_entry_restored_elsewhere_is_found_from_where_it_was(client: PageClient) -> None:
    above = make_page("About").id
    below = make_page("Team", parent_id=above).id
    act(bin_entry, below)
    assert where(client, "/about/team/") == (404, None)
    act(bin_entry, above)
    act(restore_entry, below)
    assert address(below) == "/team/"
    assert where(client, "/about/team/") == (301, "/team/")
    act(restore_entry, above)
    assert address(below) == "/about/team/"
    assert where(client, "/about/team/") == (200, None)
    assert where(client, "/team/") == (301, "/about/team/")


def test_pages_below_one_in_the_bin_stand_at_the_top_until_it_is_back(client: PageClient) -> None:
    above = make_page("About").id
    make_page("Team", parent_id=above)
    act(bin_entry, above)
    assert where(client, "/about/team/") == (301, "/team/")
    act(restore_entry, above)
    assert where(client, "/team/") == (301, "/about/team/")


def test_pages_below_one_that_is_erased_can_be_edited_published_and_taken_back() -> None:
    above = make_page("About").id
    below = make_page("Team", parent_id=above).id
    act(bin_entry, above)
    act(erase_entry, above)
    for action in (publish_entry, unpublish_entry):
        act(action, below)
    with transaction() as session:
        page = session.get_one(Entry, below)
        edit_entry(page, working_fields(page).changed(title="Our team"), by=BY)
        assert working_fields(page).parent_id is None
    act(publish_entry, below)
    assert address(below) == "/team/"


def test_an_address_is_found_however_its_letters_are_put_together(client: PageClient) -> None:
    make_post("Café Noël")
    make_page("Café")
    for path in ("/posts/café-noël/", "/café/"):
        decomposed = unicodedata.normalize("NFD", path)
        assert decomposed != path
        assert where(client, decomposed) == (301, quote(path))
        assert where(client, quote(path)) == (200, None)


def test_an_address_fits_into_a_request_and_an_index() -> None:
    pages: list[int] = []

    def go_deeper() -> None:
        for _level in range(20):
            pages.append(make_page("海" * 120, parent_id=pages[-1] if pages else None).id)

    with pytest.raises(Invalid, match="too deep"):
        go_deeper()
    assert len(pages) >= 2
    assert len(quote(str(address(pages[-1])))) <= 3000


def test_no_page_takes_the_first_segment_of_a_route(app: Flask) -> None:
    segments = {rule.rule.split("/")[1] for rule in app.url_map.iter_rules()}
    assert {segment for segment in segments if segment and not segment.startswith("<")} <= RESERVED


def in_background(app: Flask, act: Callable[[], object]) -> Future[object]:
    """Do something in another thread and return what will come of it."""

    def run() -> object:
        with app.app_context():
            try:
                return act()
            finally:
                db.session.remove()

    with_one = ThreadPoolExecutor(1)
    future = with_one.submit(run)
    with_one.shutdown(wait=False)
    return future


@needs("postgres")
def test_a_page_begun_below_one_that_moves_lies_below_it(make_app: Callable[..., Flask], postgres_url: str) -> None:
    app = make_app(CMS_DATABASE_URL=postgres_url)
    with app.app_context():
        above = make_page("Above").id
        renamed, commit = threading.Event(), threading.Event()

        def move() -> None:
            with transaction() as session:
                entry = session.get_one(Entry, above)
                edit_entry(entry, working_fields(entry).changed(slug="elsewhere"), by=BY)
                publish_entry(entry, by=BY)
                renamed.set()
                assert commit.wait(30)

        moving = in_background(app, move)
        assert renamed.wait(30)
        begun = in_background(app, lambda: make_page("Below", state="draft", parent_id=above).address)
        with pytest.raises(TimeoutError):
            begun.result(0.3)
        commit.set()
        moving.result(30)
        assert begun.result(30) == "/elsewhere/below/"
        db.session.remove()


def test_two_pages_never_lie_below_each_other(either: Flask) -> None:
    one, other = (make_page(title, state="draft").id for title in ("One", "Other"))
    both_moved = threading.Barrier(2)

    def move(entry_id: int, parent_id: int) -> bool:
        try:
            with transaction() as session:
                entry = session.get_one(Entry, entry_id)
                edit_entry(entry, working_fields(entry).changed(parent_id=parent_id), by=BY)
                # Without locks each is now below the other, and neither knows it.
                with suppress(threading.BrokenBarrierError):
                    both_moved.wait(0.5)
        except CmsError:
            return False
        return True

    moves = [in_background(either, partial(move, *pair)) for pair in ((one, other), (other, one))]
    assert sum(bool(future.result(40)) for future in moves) == 1
    parents = [current_session().get_one(Entry, key, populate_existing=True).parent_id for key in (one, other)]
    assert None in parents
