"""Lists: views, filters and sort in the address, paging by cursor, acts on many, and a fixed number of queries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from cms.content.models import Entry, Post
from cms.core.db import current_session
from tests.clients import PageClient, form_values
from tests.factories import make_entry, make_page, make_post, make_term, user
from tests.people import ADA, ART, CON, ED, Person

As = Callable[[Person], PageClient]


def titles(client: PageClient, path: str) -> list[str]:
    """Return the titles of the rows of a list."""
    return [row.text(strip=True) for row in client.page(path).css("tbody .mh-row__title")]


def state_of(title: str) -> tuple[str, bool]:
    """Return the state of the entry with that title, and whether it lies in the bin."""
    current_session().expire_all()
    entry = current_session().scalars(select(Entry).where(Entry.title == title)).one()
    return entry.state, entry.binned_at is not None


@pytest.fixture
def some(app: Flask) -> None:
    """Posts of every state, by several people."""
    for number, state in enumerate(("draft", "in_review", "scheduled", "published", "archived", "binned")):
        make_post(f"{state} {number}", state=state, author=(ED, ART)[number % 2])


@pytest.mark.usefixtures("some")
def test_views_are_addresses(as_: As) -> None:
    client = as_(ED)
    expected = {
        "": {"draft 0", "in_review 1", "scheduled 2", "published 3", "archived 4"},
        "?state=draft": {"draft 0"},
        "?state=in_review": {"in_review 1"},
        "?state=scheduled": {"scheduled 2"},
        "?state=published": {"published 3"},
        "?state=archived": {"archived 4"},
        "?state=bin": {"binned 5"},
        f"?author={user(ART).id}": {"in_review 1", "published 3"},
        "?q=shed": {"published 3"},
        "?q=nothing+like+this": set(),
    }
    assert {query: set(titles(client, f"/admin/posts/{query}")) for query in expected} == expected


def test_filters_are_chips_that_can_be_taken_away(as_: As) -> None:
    bread = make_term("tag", "Bread")
    make_post("Open")
    make_post("For members", visibility="members", terms=(bread,))
    client = as_(ED)
    address = f"/admin/posts/?visibility=members&term={bread.id}&sort=title"
    assert titles(client, address) == ["For members"]
    chips = {
        chip.text(separator=" ", strip=True).split()[0]: chip.css_first("a").attributes["href"]
        for chip in client.page(address).css(".mh-chip:not(.mh-chip--add)")
    }
    assert chips == {
        "Term:": "/admin/posts/?visibility=members&sort=title",
        "Read": f"/admin/posts/?term={bread.id}&sort=title",
    }
    form = client.page(address).css_first("form.mh-tools")
    assert (form.attributes.get("method"), form.attributes.get("action")) == (None, None)


def test_filters_offer_what_the_rows_show_and_replace_each_other(as_: As) -> None:
    bread = make_term("category", "Bread")
    make_post("By Art", author=ART, terms=(bread,))
    make_post("By Ed", author=ED, visibility="members")
    client = as_(ED)
    form = client.page(f"/admin/posts/?author={user(ART).id}&visibility=public").css_first("form.mh-tools")
    offered = [
        option.text() for option in client.page("/admin/posts/").css("#filter-author option, #filter-term option")
    ]
    assert offered == ["Anybody", "Art", "Ed", "Any", "Bread"]
    values = form_values(form)
    assert (values.getlist("author"), values.getlist("visibility")) == ([str(user(ART).id)], ["public"])


def test_column_heads_sort_and_turn_round(as_: As) -> None:
    for title in ("b", "a", "c"):
        make_post(title)
    client = as_(ED)
    assert titles(client, "/admin/posts/?sort=title") == ["a", "b", "c"]
    assert titles(client, "/admin/posts/?sort=-title") == ["c", "b", "a"]
    heads = client.page("/admin/posts/?sort=title").css("th[aria-sort]")
    assert [(head.attributes["aria-sort"], head.css_first("a").attributes["href"]) for head in heads] == [
        ("ascending", "/admin/posts/?sort=-title")
    ]


def test_paging_by_cursor_walks_through_everything_and_back(app: Flask, as_: As) -> None:
    for number in range(95):
        make_post(f"Post {number:03d}", state="draft")
    client, seen, address = as_(ED), list[str](), "/admin/posts/?sort=title&state=draft"
    while True:
        page = client.page(address)
        seen += [row.text(strip=True) for row in page.css("tbody .mh-row__title")]
        following = page.css_first("a[rel=next]")
        if following is None:
            break
        address = following.attributes["href"] or ""
    assert seen == [f"Post {number:03d}" for number in range(95)]
    back = client.page(client.page(address).css_first("a[rel=prev]").attributes["href"] or "")
    assert back.css_first("tbody .mh-row__title").text(strip=True) == "Post 040"
    assert "40 shown" in back.css_first(".mh-pager__text").text()
    counted = client.page("/admin/posts/?state=draft&count=1").css_first(".mh-pager__text").text()
    assert "40 of 95 shown" in counted


HOSTILE = (
    "after=%00", "after=AAAA", "before=zzzz", "page=9223372036854775807", "author=99999999999999999999", "author=-1",
    "author=1%20or%201=1", "term=1e9", "state=%27", "sort=password", "sort=authors.password", "sort=__class__",
    "sort=-body", "visibility[]=x", "count=999", "q=%00", "q=%25_%5C", f"q={'a' * 5000}", "q=' or '1'='1",
    "page_size=1000000", "limit=-1", "flt0_0=1", "search=x", "sort=title&sort=-title",
)  # fmt: skip


def test_hostile_addresses_are_answered_and_change_nothing(as_: As) -> None:
    make_post("There")
    client = as_(ED)
    for query in HOSTILE:
        assert client.get(f"/admin/posts/?{query}").status_code in (200, 404), query
    assert titles(client, "/admin/posts/?sort=password") == ["There"]
    assert titles(client, "/admin/users/?sort=password") == titles(client, "/admin/users/")


def test_search_does_not_tell_what_others_wrote(as_: As) -> None:
    make_post("Secret plan", author=ED, state="draft")
    assert titles(as_(ART), "/admin/posts/?q=Secret") == []
    assert titles(as_(ART), f"/admin/posts/?author={user(ED).id}") == []


def test_empty_lists_say_what_belongs_there(as_: As) -> None:
    client = as_(ED)
    words = {
        path: client.page(path).css_first("#empty").text()
        for path in ("/admin/posts/", "/admin/pages/", "/admin/tags/")
    }
    assert words == {
        "/admin/posts/": "Nothing in print yet",
        "/admin/pages/": "No pages yet",
        "/admin/tags/": "No tags yet",
    }
    assert client.page("/admin/posts/?state=draft").css_first("#empty").text() == "Nothing matches"


# -- many at once --------------------------------------------------------------------------------------------


def tick(client: PageClient, act: str, *ids: int, path: str = "/admin/posts/", **more: Any) -> Any:
    """Tick rows and press a button of the bar."""
    return client.submit(path, {"id": [str(key) for key in ids], **more}, form="form[data-bulk]", button=("act", act))


def test_ticked_posts_are_published(app: Flask, as_: As) -> None:
    first, second = make_post("First", state="draft"), make_post("Second", state="draft")
    make_post("Third", state="draft")
    tick(as_(ED), "publish", first.id, second.id)
    assert [state_of(title)[0] for title in ("First", "Second", "Third")] == ["published", "published", "draft"]
    assert "2 entries published." in as_(ED).get("/admin/posts/").get_data(as_text=True)


def test_bin_asks_first_and_says_how_many(app: Flask, as_: As) -> None:
    first, second = make_post("First"), make_post("Second")
    client = as_(ED)
    page = tick(client, "bin", first.id, second.id).get_data(as_text=True)
    assert "Move 2 entries to the bin?" in page
    assert state_of("First") == ("published", False)
    token = client.csrf_token("/admin/posts/")
    confirmed = {"csrf_token": token, "act": "bin", "confirmed": "1", "id": [str(first.id), str(second.id)]}
    client.post("/admin/posts/bulk/", data=confirmed)
    assert (state_of("First")[1], state_of("Second")[1]) == (True, True)
    client.submit("/admin/posts/", form=".mh-toast form")
    assert (state_of("First")[1], state_of("Second")[1]) == (False, False)


def test_all_that_match_are_meant_beyond_the_page(app: Flask, as_: As) -> None:
    for number in range(45):
        make_post(f"Draft {number}", state="draft")
    make_post("Other", state="archived")
    tick(as_(ED), "publish", path="/admin/posts/?state=draft", every="1")
    counted = current_session().execute(select(Post.state, func.count()).group_by(Post.state))
    assert dict(counted.all()) == {"published": 45, "archived": 1}


def test_what_is_not_allowed_is_left_alone_and_told(app: Flask, as_: As) -> None:
    mine, theirs = make_post("Mine", author=ART, state="draft"), make_post("Theirs", author=ED, state="draft")
    tick(as_(ART), "publish", mine.id, theirs.id)
    assert (state_of("Mine")[0], state_of("Theirs")[0]) == ("published", "draft")
    contributed = make_post("Contributed", author=CON, state="draft")
    client = as_(CON)
    data = {"csrf_token": client.csrf_token("/admin/posts/"), "act": "publish", "id": str(contributed.id)}
    client.post("/admin/posts/bulk/", data=data)
    assert state_of("Contributed")[0] == "draft"
    assert "1 was left alone. Contributed: You may not publish" in client.get("/admin/posts/").get_data(as_text=True)


def test_unknown_acts_and_keys_do_nothing(app: Flask, as_: As) -> None:
    post = make_post("There", state="draft")
    client = as_(ADA)
    token = client.csrf_token("/admin/posts/")
    for data in (
        {"act": "explode", "id": str(post.id)},
        {"act": "__init__", "id": str(post.id)},
        {"row": f"delete:{post.id}"},
        {"act": "publish", "id": ["0", "-1", "x", "99999999999999999999", "1.0", ""]},
        {"act": "publish"},
    ):
        assert client.post("/admin/posts/bulk/", data=data | {"csrf_token": token}).status_code in (303, 422)
    assert state_of("There") == ("draft", False)


def test_menu_of_a_row_acts_on_that_row_alone(app: Flask, as_: As) -> None:
    first = make_post("First")
    make_post("Second")
    as_(ED).submit("/admin/posts/", form="form[data-bulk]", button=("row", f"archive:{first.id}"))
    assert (state_of("First")[0], state_of("Second")[0]) == ("archived", "published")


# -- pages ---------------------------------------------------------------------------------------------------


def test_pages_stand_as_their_tree(app: Flask, as_: As) -> None:
    about = make_page("About")
    team = make_page("Team", parent_id=about.id)
    make_page("Board", parent_id=team.id)
    make_page("Aardvark")
    page = as_(ED).page("/admin/pages/")
    rows = [
        (cell.css_first(".mh-row__title").text(strip=True), (cell.attributes["class"] or "").split()[1:])
        for cell in page.css("tbody .mh-cell-main")
    ]
    assert rows == [("Aardvark", []), ("About", []), ("Team", ["ps-4"]), ("Board", ["ps-5"])]


def test_a_page_is_written_below_another(app: Flask, as_: As) -> None:
    about = make_page("About")
    typed = {"title": "Team", "parent_id": str(about.id), "menu_order": "3", "body_markdown": "Us."}
    as_(ED).submit("/admin/pages/new/", typed, button=("act", "publish"))
    team = current_session().scalars(select(Entry).where(Entry.title == "Team")).one()
    assert (team.address, team.menu_order, team.state) == ("/about/team/", 3, "published")
    choices = [
        option.attributes["value"]
        for option in as_(ED).page(f"/admin/pages/{about.id}/").css("[name=parent_id] option")
    ]
    assert choices == [""]


# -- cost ----------------------------------------------------------------------------------------------------

LISTS = tuple(f"/admin/{name}/" for name in ("posts", "pages", "categories", "tags", "media", "users", "roles"))
BUDGET = 6


def test_lists_cost_six_queries_whatever_their_length(app: Flask, as_: As, count_queries: Any) -> None:
    def asked(path: str) -> int:
        with count_queries() as statements:
            assert as_(ADA).get(path).status_code == 200
        return sum(not statement.startswith(("BEGIN", "PRAGMA", "SAVEPOINT")) for statement in statements)

    def fill(number: int) -> None:
        terms = [make_term(kind, f"{kind} {number}") for kind in ("category", "tag")]
        for kind in ("post", "page"):
            make_entry(
                kind, f"{kind} {number}", terms=terms if kind == "post" else (), author=(ED, ART, CON)[number % 3]
            )

    fill(0)
    as_(ADA).get("/admin/")
    few = {path: asked(path) for path in LISTS}
    for number in range(1, 14):
        fill(number)
    many = {path: asked(path) for path in LISTS}
    assert many == few
    assert {path: count for path, count in many.items() if count > BUDGET} == {}
