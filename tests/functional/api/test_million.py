"""A million posts: a page of the list costs what it costs among a few, wherever it lies."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, text

from cms.content.fields import EntryFields
from cms.extensions import db
from tests.factories import make_term, user
from tests.functional.api.client import ApiClient
from tests.people import ART, ED, Person

ROWS = 1_000_000
ALL_PARTS = "include=authors,categories,tags,featured_media"
#: Steps of the database's machine. Reading a million rows takes at least five for each; a page of 100 some thousands,
#: and counting the first ten thousand rows some hundred thousand.
MOST_STEPS = 1_000_000
_FILL = """
INSERT INTO entries (id, kind, title, slug, address, state, visibility, published_at, revised_at, created_at,
  updated_at, body, body_html, body_text, renderer_version, word_count, excerpt, summary, language, seo_title,
  seo_description, canonical_url, noindex, sticky, menu_order, comments_open, meta, live_revision_number,
  working_revision_number, version)
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :rows)
SELECT n, 'post', 'Number ' || n, 'number-' || n, '/posts/number-' || n || '/', 'published', 'public',
  datetime('2020-01-01', '+' || n || ' minutes') || '.000000', datetime('2020-01-01') || '.000000',
  datetime('2020-01-01', '+' || n || ' minutes') || '.000000',
  datetime('2020-01-01', '+' || n || ' minutes') || '.000000',
  '{}', '', '', 1, 1, '', 'Words', '', '', '', '', 0, 0, 0, 1, '{}', 1, 1 + (n % 10 = 0), 1 FROM numbers
"""
#: A draft waits beside each tenth.
_DRAFTS = """
INSERT INTO revisions (entry_id, number, created_at, note, snapshot)
SELECT id, 2, created_at, '', :snapshot FROM entries WHERE working_revision_number = 2
"""


@contextmanager
def counting_steps() -> Iterator[list[int]]:
    """Count what the database does: statements, and steps of its machine by the thousand."""
    counted = [0, 0]

    def step() -> int:
        counted[1] += 1000
        return 0

    def begin(connection: Any, *_rest: Any) -> None:
        counted[0] += 1
        connection.connection.driver_connection.set_progress_handler(step, 1000)

    event.listen(db.engine, "before_cursor_execute", begin)
    try:
        yield counted
    finally:
        event.remove(db.engine, "before_cursor_execute", begin)


@pytest.mark.long
def test_a_page_among_a_million_costs_little(app: Flask, api_as: Callable[[Person], ApiClient]) -> None:
    bread = make_term("tag", "bread").id
    with db.engine.begin() as connection:
        connection.execute(text(_FILL), {"rows": ROWS})
        connection.execute(
            text("INSERT INTO entry_authors (entry_id, user_id, position) SELECT id, :art, 0 FROM entries"),
            {"art": user(ART).id},
        )
        draft = EntryFields(title="Waiting", slug="waiting", author_ids=(user(ED).id,), term_ids=(bread,))
        connection.execute(text(_DRAFTS), {"snapshot": json.dumps(draft.snapshot())})
    stranger = ApiClient(app)
    asked = {}
    for name, client, path in (
        ("a stranger's first page", stranger, "/posts?per_page=100"),
        ("a stranger's last numbered page", stranger, "/posts?per_page=100&page=100"),
        ("an editor's first page", api_as(ED), "/posts?per_page=100"),
        ("an editor's first page by date", api_as(ED), "/posts?per_page=100&sort=-published_at"),
        ("an editor's first page with everything", api_as(ED), f"/posts?per_page=100&{ALL_PARTS}"),
        ("drafts", api_as(ED), "/posts?per_page=100&state=draft"),
        ("by title", stranger, "/posts?per_page=100&sort=title"),
    ):
        with counting_steps() as counted:
            answer = client.get(path).json
        assert answer["total"] is None or answer["total"] == len(answer["items"])
        asked[name] = tuple(counted)
        waiting = sum(item.get("has_newer_draft", False) for item in answer["items"])
        assert waiting == (10 if name.startswith("an editor") else 0)
        following = answer["next"]
        for turn in range(2 if following else 0):
            with counting_steps() as counted:
                answer = client.get(following.removeprefix("http://localhost")).json
            asked[f"{name}, {turn + 2}"] = tuple(counted)
            following = answer["next"]
    with counting_steps() as counted:
        assert stranger.get("/posts?per_page=1&total=true").json["total"] == ROWS
    # Who asks for it waits for it: were this quick, the steps above would say nothing.
    assert counted[1] > MOST_STEPS
    assert {name: cost for name, cost in asked.items() if cost[0] > 6 or cost[1] > MOST_STEPS} == {}
