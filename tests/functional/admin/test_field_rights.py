"""Groups of fields are rights: whoever lacks one reads what stands there, and changes it by no door."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete

from cms.accounts.models import Role, RoleGrant
from cms.accounts.roles import sync_roles
from cms.content.field_rules import RULES
from cms.content.models import Entry, Post
from cms.content.saving import working_fields
from cms.core.db import current_session, transaction
from cms.core.permissions import registry
from cms.lib.clock import utcnow
from tests.clients import PageClient
from tests.factories import make_page, make_post, make_term, user
from tests.factories.media import make_media
from tests.people import ADA, ART, CON, ED, Person

As = Callable[[Person], PageClient]
#: For each group: what somebody might send, the field it is told at, and what stands there before.
TRIES: dict[str, tuple[dict[str, Any], str]] = {
    "slug": ({"slug": "elsewhere"}, "slug"),
    "visibility": ({"visibility": "private"}, "visibility"),
    "sticky": ({"sticky": "y"}, "sticky"),
    "terms": ({"tags": "Rye", "categories": []}, "categories"),
    "picture": ({"featured_media_id": "1"}, "featured_media_id"),
    "seo": ({"seo_title": "Buy", "seo_description": "Now"}, "seo_title"),
    "comments": ({"comments_open": "y"}, "comments_open"),
}


def take_away(name: str, *permissions: str) -> None:
    """Let a role not hold some permissions any more."""
    with transaction() as session:
        role = session.query(Role).filter_by(name=name).one()
        taken = delete(RoleGrant).where(RoleGrant.role_id == role.id, RoleGrant.permission.in_(permissions))
        session.execute(taken)
        session.expire_all()


def give(name: str, *words: str) -> None:
    """Let a role hold more: `content:page:edit/section:7`."""
    with transaction() as session:
        role = session.query(Role).filter_by(name=name).one()
        for word in words:
            permission, _slash, extent = word.partition("/")
            session.merge(RoleGrant(role_id=role.id, permission=permission, extent=extent or "all"))


def bind_contributor(*words: str) -> None:
    """Let Con hold rights in a place alone."""
    take_away("contributor", *[f"content:post:{verb}" for verb in ("create", "edit", "delete")])
    give("contributor", *words, *[rule.permission for rule in RULES])


def saved(post: Entry) -> dict[str, Any]:
    """Return the newest save of an entry as it is now."""
    current_session().expire_all()
    return working_fields(current_session().get_one(Entry, post.id)).snapshot()


def full_post(**more: Any) -> Post:
    """Return a post of Art's in which every group of fields holds something."""
    media = make_media(by=user(ART))
    term = make_term("category", "Bread")
    return make_post(
        "A loaf", author=ART, terms=(term,), featured_media_id=media.id, seo_title="Loaf", seo_description="Of rye.",
        noindex=True, comments_open=False, visibility="members", **more,
    )  # fmt: skip


@pytest.mark.parametrize("group", TRIES)
def test_without_the_right_a_field_is_read_and_not_changed(app: Flask, as_: As, group: str) -> None:
    rule = next(rule for rule in RULES if rule.name == group)
    post = full_post()
    take_away("author", rule.permission)
    before, client, path = saved(post), as_(ART), f"/admin/posts/{post.id}/"
    page = client.page(path)
    sent, told_at = TRIES[group]
    if group == "picture":
        sent = {"featured_media_id": str(make_media("other.jpg", by=user(ART)).id)}
    for name in sent:
        assert page.css(f"#details [name={name}]") == [], name
    if group != "sticky":
        assert str(rule.reason) in page.css_first("#details").text()
    # What was not on the page is sent all the same.
    answer = client.submit(path, {"title": "A better loaf", **sent}, button=("act", "save"))
    assert answer.status_code == 422
    text = answer.get_data(as_text=True)
    assert str(rule.reason).split(".")[0].replace("'", "&#39;") in text
    assert "A better loaf" in text
    assert saved(post) == before
    # Without it, everything else is saved, and this stays.
    assert client.submit(path, {"title": "A better loaf"}, button=("act", "publish")).status_code == 303
    after = saved(post)
    assert after == {**before, "title": "A better loaf"}
    assert told_at


def test_with_the_right_the_field_is_there_by_default(app: Flask, as_: As) -> None:
    post = full_post()
    page = as_(ART).page(f"/admin/posts/{post.id}/")
    for sent, _field in TRIES.values():
        for name in sent:
            assert page.css(f"#details [name={name}]"), name
    assert page.css_first("#details [name=published_at]") is not None


def test_every_role_that_writes_was_given_what_it_could_do_before(app: Flask) -> None:
    """An installation of an older version gets the new rights once; taken away, they stay away."""
    names = {rule.permission for rule in RULES}
    assert names <= set(registry.names())
    with transaction() as session:
        roles = {role.name: role for role in session.query(Role)}
        for role in roles.values():
            role.grants = [grant for grant in role.grants if grant.permission not in names]
            role.offered = [word for word in role.offered if word.rpartition(":")[0] not in names]
    with transaction():
        sync_roles()
    held = {
        name: {grant.permission for grant in current_session().query(Role).filter_by(name=name).one().grants} & names
        for name in ("admin", "editor", "author", "contributor", "subscriber")
    }
    assert held["admin"] == held["editor"] == names
    assert held["author"] == names - {"content:tree:edit"}
    assert held["contributor"] == names - {"content:tree:edit", "content:dates:edit"}
    assert held["subscriber"] == set()
    take_away("author", "content:seo:edit")
    with transaction():
        sync_roles()
    author = current_session().query(Role).filter_by(name="author").one()
    assert "content:seo:edit" not in {grant.permission for grant in author.grants}


def test_an_address_that_readers_know_is_not_changed_by_making_it_a_draft_again(app: Flask, as_: As) -> None:
    take_away("author", "content:slug:edit")
    draft, post = make_post("New", state="draft", author=ART), make_post("Known", author=ART)
    client = as_(ART)
    assert client.submit(f"/admin/posts/{draft.id}/", {"slug": "newer"}, button=("act", "save")).status_code == 303
    assert saved(draft)["slug"] == "newer"
    assert client.submit(f"/admin/posts/{post.id}/", {}, button=("act", "unpublish")).status_code == 303
    for typed in ({"slug": "other"}, {"slug": ""}):
        sent = {**typed, "title": "Another"}
        assert client.submit(f"/admin/posts/{post.id}/", sent, button=("act", "publish")).status_code == 422
    assert saved(post)["slug"] == "known"


def test_without_the_right_to_dates_one_publishes_now_and_only_now(app: Flask, as_: As) -> None:
    take_away("author", "content:dates:edit")
    draft = make_post("New", state="draft", author=ART)
    later = make_post("Later", state="scheduled", author=ART, at=utcnow() + timedelta(days=2))
    client, path, date = as_(ART), f"/admin/posts/{draft.id}/", later.published_at
    assert client.page(path).css("[name=published_at]") == []
    for act in ("publish", "schedule", "save"):
        for typed in ("2001-01-01T10:00", "2050-01-01T10:00"):
            answer = client.submit(path, {"published_at": typed, "title": "Typed"}, button=("act", act))
            assert answer.status_code == 422, (act, typed)
            assert "Typed" in answer.get_data(as_text=True)
    current_session().expire_all()
    assert (draft.state, draft.published_at) == ("draft", None)
    assert client.submit(path, {}, button=("act", "publish")).status_code == 303
    # What an editor has scheduled is updated without losing its date.
    assert client.submit(f"/admin/posts/{later.id}/", {"title": "L"}, button=("act", "publish")).status_code == 303
    current_session().expire_all()
    assert (draft.state, later.state, later.published_at, later.title) == ("published", "scheduled", date, "L")


def test_a_right_that_comes_while_one_writes_empties_nothing(app: Flask, as_: As) -> None:
    """The page still held text where there are fields now: what did not arrive stays as it was."""
    post = full_post()
    names = [rule.permission for rule in RULES]
    take_away("author", *names)
    before, client, path = saved(post), as_(ART), f"/admin/posts/{post.id}/"
    form = client.page(path)
    values = {
        item.attributes["name"]: item.attributes.get("value") or "" for item in form.css("#entry input[type=hidden]")
    }
    give("author", *[f"{name}/own" for name in names])
    answer = client.post(path, data={**values, "title": "A better loaf", "act": "save"})
    assert answer.status_code == 303
    assert saved(post) == {**before, "title": "A better loaf"}


def test_in_a_category_alone_a_new_post_lies_there(app: Flask, as_: As) -> None:
    food, news = make_term("category", "Food"), make_term("category", "News")
    verbs = ("create", "edit", "publish", "delete")
    bind_contributor(*[f"content:post:{verb}/category:{food.id}" for verb in verbs])
    client = as_(CON)
    page = client.page("/admin/posts/new/")
    assert "You may begin posts in: Food." in page.css_first("#details").text()
    ticked = [box.attributes["value"] for box in page.css("[name=categories][checked]")]
    assert ticked == [str(food.id)]
    for chosen in ([], [str(news.id)]):
        typed = {"title": "Vote", "body_markdown": "Many words.", "categories": chosen}
        answer = client.submit("/admin/posts/new/", typed, button=("act", "publish"))
        assert answer.status_code == 422
        assert "Choose one of the categories that you may write in." in answer.get_data(as_text=True)
        assert "Many words." in answer.get_data(as_text=True)
    assert current_session().query(Post).count() == 0
    assert client.submit("/admin/posts/new/", {"title": "Soup"}, button=("act", "publish")).status_code == 303
    assert client.submit("/admin/", {"title": "Stew", "note": ""}, form="form[action$='/draft/']").status_code == 303
    assert {(post.title, post.categories[0].name) for post in current_session().query(Post)} == {
        ("Soup", "Food"), ("Stew", "Food"),
    }  # fmt: skip


def test_a_list_in_a_place_costs_six_queries(app: Flask, as_: As, count_queries: Any) -> None:
    food = make_term("category", "Food")
    for number in range(9):
        make_post(f"Soup {number}", terms=(make_term("category", f"Pot {number}", parent=food),))
    make_post("Vote")
    bind_contributor(*[f"content:post:{verb}/category:{food.id}" for verb in ("edit", "publish", "delete")])
    client = as_(CON)
    client.get("/admin/posts/")
    with count_queries() as asked:
        page = client.page("/admin/posts/")
    assert len(page.css("tbody tr")) == 9
    assert len(asked) <= 6, asked


def test_who_may_begin_nothing_but_below_a_page_is_offered_that(app: Flask, as_: As) -> None:
    section, other = make_page("Handbook"), make_page("Secret plans", state="draft")
    make_page("Rules", parent_id=section.id, state="draft")
    give("contributor", *[f"content:page:{verb}/section:{section.id}" for verb in ("create", "edit")])
    give("contributor", "content:tree:edit")
    client = as_(CON)
    page = client.page("/admin/pages/new/")
    offered = [option.text(strip=True) for option in page.css("[name=parent_id] option")]
    assert offered == ["Handbook", "Rules"]
    answer = client.submit("/admin/pages/new/", {"title": "X", "parent_id": ""}, button=("act", "save"))
    assert answer.status_code == 422
    # A page that one does not know of is as if it were not there.
    told = [
        client.submit("/admin/pages/new/", {"title": "X", "parent_id": key}, button=("act", "save")).get_data(
            as_text=True
        )
        for key in (str(other.id), "9999")
    ]
    assert all("The chosen page does not exist any more." in text for text in told)
    assert "Secret plans" not in told[0]
    assert client.submit("/admin/pages/new/", {"title": "X"}, button=("act", "save")).status_code == 303


def test_a_file_tells_only_of_entries_one_sees(app: Flask, as_: As) -> None:
    media = make_media(by=user(ED), alt="A harbour")
    make_post("Secret plan", state="draft", featured_media_id=media.id)
    make_post("Out already", featured_media_id=media.id)
    for person, is_told in ((ART, False), (CON, False), (ED, True), (ADA, True)):
        for path in (f"/admin/media/{media.id}/", f"/admin/media/{media.id}/delete/"):
            answer = as_(person).get(path)
            text = answer.get_data(as_text=True)
            assert ("Secret plan" in text) == (is_told and answer.status_code == 200), (person, path)
            assert answer.status_code == 403 or "Out already" in text
    assert "not yours to see" in as_(ART).get(f"/admin/media/{media.id}/").get_data(as_text=True)


def test_nobody_uses_a_file_they_may_not_see(app: Flask, as_: As) -> None:
    """Numbers can be guessed: an entry that shows a file makes it public, and a portrait does."""
    secret, own = make_media("secret.jpg", by=user(ED)), make_media("own.jpg", by=user(ART))
    take_away("author", "media:file:list")
    post = make_post("Mine", state="draft", author=ART)
    client, path = as_(ART), f"/admin/posts/{post.id}/"
    there, never = (
        client.submit(path, {"featured_media_id": key}, button=("act", "save")).get_data(as_text=True)
        for key in (str(secret.id), "9999")
    )
    assert "The chosen picture does not exist any more." in there
    assert "The chosen picture does not exist any more." in never
    assert "secret.jpg" not in there
    block = f'{{"type":"doc","content":[{{"type":"image","attrs":{{"id":"p000000001","mediaId":{secret.id}}}}}]}}'
    answer = client.submit(path, {"body_json": block}, button=("act", "save"))
    assert answer.status_code == 422
    assert saved(post)["featured_media_id"] is None
    assert client.submit(path, {"featured_media_id": str(own.id)}, button=("act", "save")).status_code == 303
    # What an editor put there stays there.
    assert as_(ED).submit(path, {"featured_media_id": str(secret.id)}, button=("act", "save")).status_code == 303
    assert client.submit(path, {"title": "Mine too"}, button=("act", "save")).status_code == 303
    assert saved(post)["featured_media_id"] == secret.id


def test_a_number_in_an_address_tells_nobody_who_has_an_account(app: Flask, as_: As) -> None:
    make_post("Mine", author=CON)
    stranger = as_(CON).get(f"/admin/posts/?author={user(ADA).id}").get_data(as_text=True)
    assert "Ada" not in stranger
    assert "Ada" in as_(ED).get(f"/admin/posts/?author={user(ADA).id}").get_data(as_text=True)
