"""Writing posts: every button, every right, and nothing that is typed gets lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import func, select

from cms.accounts.models import User
from cms.content.models import Category, Entry, Post, Revision, Tag
from cms.content.saving import working_fields
from cms.core.db import current_session
from cms.lib.clock import utcnow
from cms.lib.document import from_html, to_markdown, to_text
from tests.clients import PageClient, form_values
from tests.factories import body_of, make_post, make_term, user
from tests.people import ADA, ART, CON, ED, SUE, Person

As = Callable[[Person], PageClient]


def only_post() -> Post:
    """Return the one post there is, as the database has it now."""
    current_session().expire_all()
    return current_session().scalars(select(Post)).one()


def write(client: PageClient, act: str = "save", **typed: Any) -> Any:
    """Fill in the form of a new post and press a button."""
    return client.submit(
        "/admin/posts/new/", {"title": "A loaf", "body_markdown": "Flour.", **typed}, button=("act", act)
    )


def edit(client: PageClient, post: Entry, act: str = "save", **typed: Any) -> Any:
    """Change some fields of a post and press a button."""
    return client.submit(f"/admin/posts/{post.id}/", typed, button=("act", act))


def buttons(client: PageClient, path: str) -> list[str]:
    """Return the words on the ways to save, the main one first."""
    page = client.page(path)
    found = page.css(".mh-editbar .btn-primary[name=act], .mh-editbar .mh-menu__item[name=act]")
    return [button.text(strip=True) for button in found]


# -- writing -------------------------------------------------------------------------------------------------


def test_author_writes_and_publishes(app: Flask, as_: As) -> None:
    answer = write(as_(ART), "publish", slug="my-loaf", seo_description="Bread.")
    post = only_post()
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/admin/posts/{post.id}/")
    assert (post.state, post.address, post.seo_description) == ("published", "/posts/my-loaf/", "Bread.")
    assert [author.name for author in post.authors] == ["Art"]
    assert "Saved and published." in as_(ART).get(f"/admin/posts/{post.id}/").get_data(as_text=True)


def test_enter_in_a_field_saves_a_draft_and_publishes_nothing(as_: As) -> None:
    first = as_(ADA).page("/admin/posts/new/").css("[form=entry][type=submit], form#entry [type=submit]")[0]
    assert first.attributes["value"] == "save"


def test_save_keeps_a_draft(app: Flask, as_: As) -> None:
    write(as_(CON))
    post = only_post()
    assert (post.state, post.title, to_text(post.body).strip()) == ("draft", "A loaf", "Flour.")


def test_contributor_submits_and_may_not_publish(app: Flask, as_: As) -> None:
    assert buttons(as_(CON), "/admin/posts/new/") == ["Submit for review"]
    write(as_(CON), "submit")
    assert only_post().state == "in_review"
    answer = edit(as_(CON), only_post(), "publish", title="Pushed")
    assert answer.status_code == 403
    text = answer.get_data(as_text=True)
    assert ">You may not publish this entry</h1>" in text
    assert "An editor can." in text
    assert (only_post().state, only_post().title) == ("in_review", "A loaf")


def test_contributor_may_not_touch_what_readers_see(as_: As) -> None:
    post = make_post("Out", author=CON)
    answer = as_(CON).get(f"/admin/posts/{post.id}/")
    assert answer.status_code == 403
    assert ">Readers see this already, so only an editor can change it</h1>" in answer.get_data(as_text=True)


def test_draft_of_a_published_post_waits_until_it_is_updated(app: Flask, as_: As) -> None:
    post = make_post("First", author=ART)
    edit(as_(ART), post, title="Second")
    page = as_(ART).page(f"/admin/posts/{post.id}/")
    assert only_post().title == "First"
    assert page.css_first(".mh-pill--newer").text(deep=True).startswith("Published")
    assert page.css_first("#title").text() == "\nSecond" or page.css_first("#title").text() == "Second"
    assert buttons(as_(ART), f"/admin/posts/{post.id}/")[0] == "Update"
    edit(as_(ART), post, "publish")
    assert (only_post().title, only_post().has_newer_draft) == ("Second", False)


def test_a_phone_has_every_way_to_save_too(as_: As) -> None:
    write(as_(ART), "publish")
    page = as_(ART).page(f"/admin/posts/{only_post().id}/")
    menu = [button.attributes["value"] for button in page.css(".mh-editbar .mh-menu__item[name=act]")]
    assert menu == ["unpublish", "archive"]
    assert [button.attributes["value"] for button in page.css("#details [data-more] [name=act]")] == menu


def test_a_date_to_come_schedules_and_the_zone_is_the_sites(app: Flask, as_: As) -> None:
    as_(ADA).submit("/admin/settings/", {"time_zone": "Europe/Berlin"})
    write(as_(ED), "publish", published_at="2030-07-01T09:00")
    post = only_post()
    assert (post.state, post.published_at.isoformat()) == ("scheduled", "2030-07-01T07:00:00+00:00")  # type: ignore[union-attr]  # it has a date
    text = as_(ED).get(f"/admin/posts/{post.id}/").get_data(as_text=True)
    assert "09:00 (Berlin)" in text
    assert "Saved. Readers see it from Mon 1 Jul 2030, 09:00" in text
    assert 'value="2030-07-01T09:00"' in text
    edit(as_(ED), post, "publish", title="Still later")
    assert only_post().state == "scheduled"
    edit(as_(ED), only_post(), "publish_now")
    assert only_post().state == "published"


def test_schedule_needs_a_date_to_come(as_: As) -> None:
    answer = write(as_(ED), "schedule")
    assert answer.status_code == 422
    assert "Choose a date and time to come." in answer.get_data(as_text=True)
    assert current_session().scalar(select(func.count()).select_from(Post)) == 0


def test_a_past_date_is_the_date_of_the_post(app: Flask, as_: As) -> None:
    write(as_(ED), "publish", published_at="2020-02-29T12:00")
    assert (only_post().state, only_post().published_at.year) == ("published", 2020)  # type: ignore[union-attr]  # it has a date


def test_a_draft_keeps_the_date_that_was_typed(app: Flask, as_: As) -> None:
    write(as_(ED), published_at="2031-01-01T10:00")
    assert only_post().state == "draft"
    assert "2031-01-01T10:00" in as_(ED).get(f"/admin/posts/{only_post().id}/").get_data(as_text=True)


def test_published_becomes_a_draft_or_is_archived(app: Flask, as_: As) -> None:
    post = make_post("Out", author=ED)
    edit(as_(ED), post, "unpublish")
    assert only_post().state == "draft"
    edit(as_(ED), post, "publish")
    edit(as_(ED), post, "archive")
    assert only_post().state == "archived"


def test_history_tells_every_version(app: Flask, as_: As) -> None:
    post = make_post("First", author=ART)
    edit(as_(ART), post, title="Second")
    lines = [
        line.text(separator=" ", strip=True) for line in as_(ART).page(f"/admin/posts/{post.id}/").css(".mh-revs li")
    ]
    assert lines[0].startswith("Version 2 , you")
    assert "readers see this" in lines[1]


# -- what is typed is kept -----------------------------------------------------------------------------------


def test_wrong_fields_are_told_and_everything_typed_is_kept(app: Flask, as_: As) -> None:
    typed = {"title": "T" * 501, "body_markdown": "My *text*.", "excerpt": "My summary", "canonical_url": "ftp://x"}
    answer = write(as_(ED), "publish", **typed)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Nothing was saved yet." in text
    assert 'href="#title"' in text
    assert all(words in text for words in ("My *text*.", "My summary", "ftp://x", "T" * 501))
    assert current_session().scalar(select(func.count()).select_from(Entry)) == 0


def test_a_stale_save_answers_409_and_keeps_what_was_typed(app: Flask, as_: As) -> None:
    post = make_post("First", author=ART, state="draft")
    mine = as_(ART).page(f"/admin/posts/{post.id}/")
    version = mine.css_first("[name=version]").attributes["value"]
    edit(as_(ED), post, title="Theirs", body_markdown="Their text.")
    answer = edit(as_(ART), post, title="Mine", body_markdown="My text.", version=version)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Ed saved this at" in text
    assert "Theirs: “Theirs”" in text
    assert "Their text." in text
    assert "My text." in text
    assert FormOf(text).values["title"] == "Mine"
    assert only_post().title == "Theirs"


def test_after_a_conflict_saving_again_puts_mine_over_theirs(app: Flask, as_: As) -> None:
    post = make_post("First", author=ART, state="draft")
    version = as_(ART).page(f"/admin/posts/{post.id}/").css_first("[name=version]").attributes["value"]
    edit(as_(ED), post, title="Theirs", body_markdown="Theirs.")
    answer = edit(as_(ART), post, title="Mine", body_markdown="Mine.", version=version)
    again = FormOf(answer.get_data(as_text=True)).values | {"act": "save"}
    assert as_(ART).post(f"/admin/posts/{post.id}/", data=again).status_code == 303
    assert (only_post().title, to_text(only_post().body).strip()) == ("Mine", "Mine.")


class FormOf:
    """The form of an entry in an answer, as a browser would send it again."""

    def __init__(self, text: str) -> None:
        found = LexborHTMLParser(text).css_first("form#entry")
        assert found is not None
        self.values: dict[str, Any] = form_values(found).to_dict()


RICH = (
    "<h2>Heading</h2><p>Some <b>bold</b> and <mark>marked</mark> words.</p>"
    '<figure class="is-wide"><img src="/media/x/a.jpg" alt="A"><figcaption>Caption</figcaption></figure>'
    "<table><tr><th>a</th><td colspan=2>b</td></tr></table><div class='odd'><iframe src='https://x.example/'></iframe>z</div>"
    "<details><summary>Why</summary><p>Because.</p></details><p class='has-text-align-center'>Centred</p>"
)


def test_a_save_without_scripts_loses_no_block(app: Flask, as_: As) -> None:
    document = from_html(RICH)
    post = make_post("Rich", author=ADA, state="draft", body=document)
    before = working_fields(post).body
    edit(as_(ADA), post, title="Same text")
    assert only_post().body == before
    markdown = to_markdown(dict(before)).replace("Some ", "Many ")
    edit(as_(ADA), post, body_markdown=markdown)
    after = only_post().body
    assert "Many bold" in to_text(after).replace("\n", " ")
    assert [block["type"] for block in after["content"]] == [block["type"] for block in before["content"]]
    assert after["content"][2:] == list(before["content"])[2:]


def test_the_editors_document_is_taken_where_no_markdown_is_sent(app: Flask, as_: As) -> None:
    client = as_(ED)
    data = {
        "csrf_token": client.csrf_token("/admin/posts/new/"),
        "title": "Typed",
        "visibility": "public",
        "act": "save",
    }
    client.post("/admin/posts/new/", data=data | {"body_json": json.dumps(body_of("From the editor."))})
    assert to_text(only_post().body).strip() == "From the editor."


@pytest.mark.parametrize("body", ["{", "[]", '"x"', "null", "[" * 3000])
def test_a_damaged_document_is_no_500(app: Flask, as_: As, body: str) -> None:
    client = as_(ED)
    data = {
        "csrf_token": client.csrf_token("/admin/posts/new/"),
        "title": "T",
        "visibility": "public",
        "body_json": body,
    }
    assert client.post("/admin/posts/new/", data=data).status_code in (303, 422)


def test_raw_html_is_for_those_who_may_write_it(app: Flask, as_: As) -> None:
    raw = {"type": "doc", "content": [{"type": "rawHtml", "attrs": {"id": "abcdefghij", "html": "<aside>x</aside>"}}]}
    client = as_(ART)
    data = {"csrf_token": client.csrf_token("/admin/posts/new/"), "title": "Raw", "visibility": "public"}
    answer = client.post("/admin/posts/new/", data=data | {"body_json": json.dumps(raw)})
    assert answer.status_code == 403
    assert ">You may keep or move raw HTML, but not write it</h1>" in answer.get_data(as_text=True)
    assert client.page("/admin/posts/new/").css_first("[data-editor]").attributes["data-may-edit-raw"] == "0"
    assert as_(ED).page("/admin/posts/new/").css_first("[data-editor]").attributes["data-may-edit-raw"] == "1"


# -- details -------------------------------------------------------------------------------------------------


def test_terms_are_ticked_typed_and_made_while_writing(app: Flask, as_: As) -> None:
    city, harbour = make_term("category", "City"), make_term("tag", "Harbour")
    write(
        as_(ED),
        categories=[str(city.id)],
        tags="harbour, Rents,  rents",
        new_category="Ferries",
        new_category_parent=str(city.id),
    )
    post = only_post()
    assert [term.name for term in post.categories] == ["City", "Ferries"]
    assert sorted(term.name for term in post.tags) == ["Harbour", "Rents"]
    assert current_session().scalars(select(Category).where(Category.name == "Ferries")).one().parent_id == city.id
    assert harbour.id in {term.id for term in post.tags}
    values = FormOf(as_(ED).get(f"/admin/posts/{post.id}/").get_data(as_text=True)).values
    assert values["tags"] == "Harbour, Rents"


def test_contributor_makes_no_terms(app: Flask, as_: As) -> None:
    assert as_(CON).page("/admin/posts/new/").css_first("[name=new_category]") is None
    answer = write(as_(CON), tags="Brand new")
    assert answer.status_code == 422
    assert "You may not make new terms. An editor can." in answer.get_data(as_text=True)
    assert current_session().scalar(select(func.count()).select_from(Tag)) == 0


def test_a_password_is_asked_for_kept_and_never_shown(app: Flask, as_: As) -> None:
    assert "Type the password that readers will need." in write(as_(ED), visibility="password").get_data(as_text=True)
    write(as_(ED), "publish", visibility="password", password="open sesame")
    post = only_post()
    first = post.password_hash
    assert first is not None
    assert "open sesame" not in first
    edit(as_(ED), post, "publish", title="Same password")
    assert only_post().password_hash == first
    assert first not in as_(ED).get(f"/admin/posts/{post.id}/").get_data(as_text=True)
    edit(as_(ED), post, "publish", visibility="public")
    assert only_post().password_hash is None


def test_only_editors_name_authors(app: Flask, as_: As) -> None:
    art, con = user(ART).id, user(CON).id
    write(as_(ED), authors=[str(con), str(art)])
    assert [author.name for author in only_post().authors] == ["Con", "Art"]
    assert as_(ART).page("/admin/posts/new/").css_first("[name=authors]") is None
    edit(as_(ART), only_post(), authors=[str(art)])
    assert [author.name for author in only_post().authors] == ["Con", "Art"]


def test_fields_nobody_offers_are_not_set(app: Flask, as_: As) -> None:
    post = make_post("Mine", author=ART, state="draft")
    before = (post.version, post.created_by_id)
    hostile = {"state": "published", "created_by_id": "1", "id": "99", "kind": "page", "live_revision_number": "1"}
    hostile |= {
        "address": "/admin/",
        "body_html": "<script>1</script>",
        "password_hash": "x",
        "binned_at": "2020-01-01",
    }
    edit(as_(ART), post, title="Mine still", **hostile)
    now = only_post()
    assert (now.id, now.state, now.kind, now.created_by_id, now.live_revision_number) == (
        post.id,
        "draft",
        "post",
        before[1],
        None,
    )
    assert "script" not in now.body_html
    assert (now.password_hash, now.binned_at) == (None, None)


def test_hostile_text_is_shown_as_text_everywhere(app: Flask, as_: As) -> None:
    evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7*191 }}"
    write(
        as_(ART), "publish", title=evil, excerpt=evil, tags=evil.replace(",", ""), seo_title=evil, seo_description=evil
    )
    post = only_post()
    client = as_(ADA)
    lists = ("/admin/", "/admin/posts/", "/admin/tags/", f"/admin/posts/?q={evil}", f"/admin/find/?q={evil}")
    for path in (*lists, f"/admin/posts/{post.id}/", f"/admin/posts/{post.id}/delete/"):
        text = client.get(path).get_data(as_text=True)
        assert "<script>alert" not in text, path
        assert "<img src=x" not in text, path
        assert "1337" not in text, path


# -- away and back -------------------------------------------------------------------------------------------


def test_bin_says_what_goes_and_can_be_undone(app: Flask, as_: As) -> None:
    post = make_post("Old news", author=ED)
    client = as_(ED)
    page = client.page(f"/admin/posts/{post.id}/delete/")
    assert page.css_first("h1").text() == "Move “Old news” to the bin?"
    assert "/posts/old-news/ answers “not found” from then on" in page.text()
    client.submit(f"/admin/posts/{post.id}/delete/")
    assert (only_post().binned_at is None, only_post().address) == (False, None)
    client.submit("/admin/posts/", form=".mh-toast form")
    assert (only_post().binned_at, only_post().address) == (None, "/posts/old-news/")


def test_only_what_is_binned_is_deleted_for_good(app: Flask, as_: As) -> None:
    post = make_post("Old news", state="binned")
    client = as_(ED)
    page = client.page(f"/admin/posts/{post.id}/delete/")
    assert "This cannot be undone." in page.text()
    client.submit(f"/admin/posts/{post.id}/delete/")
    assert current_session().scalar(select(func.count()).select_from(Entry)) == 0
    assert current_session().scalar(select(func.count()).select_from(Revision)) == 0


def test_preview_is_for_those_who_may_edit(client: PageClient, as_: As) -> None:
    post = make_post("Not yet", author=ART, state="draft")
    assert as_(ART).get(f"/preview/{post.id}").status_code == 200
    assert {as_(person).get(f"/preview/{post.id}").status_code for person in (CON, SUE)} == {404}
    assert client.get(f"/preview/{post.id}").status_code in (302, 404)


def test_quick_save_of_an_unknown_button_changes_nothing(app: Flask, as_: As) -> None:
    post = make_post("Mine", author=ADA, state="draft")
    assert edit(as_(ADA), post, "erase", title="Other").status_code == 422
    assert only_post().title == "Mine"


def test_scheduled_waits_for_its_time(app: Flask, as_: As) -> None:
    make_post("Soon", state="scheduled", at=utcnow() + timedelta(hours=2))
    pill = as_(ED).page("/admin/posts/").css_first("tbody .mh-pill")
    assert pill.text(strip=True) == "Scheduled"


def test_role_change_holds_at_the_next_request(app: Flask, as_: As) -> None:
    write(as_(CON))
    con = current_session().scalars(select(User).where(User.email == CON.email)).one()
    assert buttons(as_(CON), f"/admin/posts/{only_post().id}/")[0] == "Submit for review"
    as_(ADA).submit(f"/admin/users/{con.id}/", {"roles": ["author"]})
    assert buttons(as_(CON), f"/admin/posts/{only_post().id}/")[0] == "Publish"
    edit(as_(CON), only_post(), "publish")
    assert only_post().state == "published"
