"""The dashboard, the search, the settings and how the back office looks."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from sqlalchemy import select

from cms.content.models import Post
from cms.core.db import current_session, transaction
from cms.core.jobs import Job
from cms.lib.document import to_text
from cms.settings.queries import get_settings
from tests.clients import PageClient
from tests.factories import make_page, make_post, make_term
from tests.people import ADA, ART, CON, ED, Person

As = Callable[[Person], PageClient]


def headings(client: PageClient) -> list[str]:
    """Return the sections of the dashboard."""
    return [title.text(deep=False).strip() for title in client.page("/admin/").css(".mh-section__title")]


def test_dashboard_shows_what_waits(app: Flask, as_: As) -> None:
    make_post("Please look", author=CON, state="in_review")
    make_post("Soon", author=ED, state="scheduled")
    make_post("My draft", author=ED, state="draft")
    text = as_(ED).page("/admin/").css_first("main").text(separator=" ", strip=True)
    assert "One review waits for you." in text
    assert all(words in text for words in ("Please look", "Soon", "My draft", "Next out"))
    assert "Reviews" not in headings(as_(CON))
    assert "Please look" not in as_(ART).page("/admin/").css_first("main").text()


def test_new_site_gets_first_steps_until_something_is_written(app: Flask, as_: As) -> None:
    assert "First steps" in headings(as_(ADA))
    assert "First steps" not in headings(as_(ED))
    make_post("First")
    assert "First steps" not in headings(as_(ADA))


def test_quick_draft_keeps_title_and_note(app: Flask, as_: As) -> None:
    as_(ART).submit("/admin/", {"title": "Ferries", "note": "Who knows *more*?"}, form="form.mh-quick")
    post = current_session().scalars(select(Post)).one()
    assert (post.title, post.state, to_text(post.body).strip()) == ("Ferries", "draft", "Who knows more?")


def test_failed_work_is_told_to_admins_who_can_try_again(app: Flask, as_: As) -> None:
    with transaction() as session:
        session.add(Job(name="send_mail", state="failed", attempts=8, last_error="Trace\nThe server refused <x>."))
    page = as_(ADA).page("/admin/")
    assert "1 mail was not sent" in page.text()
    assert "The server refused <x>. It was tried 8 times and is kept." in page.text()
    assert "Needs mending" not in headings(as_(ED))
    as_(ADA).submit("/admin/", form="form[action='/admin/retry/']")
    current_session().expire_all()
    job = current_session().scalars(select(Job)).one()
    assert (job.state, job.attempts) == ("waiting", 0)


def test_find_goes_anywhere_by_name(as_: As) -> None:
    make_post("Harbour news")
    make_page("Harbour map")
    make_term("tag", "Harbour")
    found = [hit.text(strip=True) for hit in as_(ADA).page("/admin/find/?q=harbour").css("main .mh-row__title")]
    assert found == ["Harbour news", "Harbour map"]
    assert "Settings" in as_(ADA).page("/admin/find/?q=sett").css_first("main").text()
    assert as_(ART).page("/admin/find/?q=harbour").css("main .mh-row__title") == []
    items = as_(ADA).get("/admin/find.json?q=map").get_json()["items"]
    assert [(item["title"], item["address"]) for item in items] == [("Harbour map", "/harbour-map/")]


def test_settings_are_changed_and_hold_at_once(app: Flask, as_: As) -> None:
    typed = {"name": "The Chronicle", "time_zone": "Asia/Tokyo", "posts_per_page": "7", "registration_open": "y"}
    as_(ADA).submit("/admin/settings/", typed)
    current_session().info.clear()
    now = get_settings()
    assert (now.name, now.time_zone, now.posts_per_page, now.registration_open) == (
        "The Chronicle",
        "Asia/Tokyo",
        7,
        True,
    )
    page = as_(ADA).page("/admin/settings/")
    assert "The Chronicle" in page.css_first(".mh-dateline").text()
    assert "(Tokyo)" in page.css_first(".mh-dateline").text()


def test_wrong_settings_are_summed_up_and_nothing_changes(app: Flask, as_: As) -> None:
    typed = {"name": "", "posts_per_page": "0", "mail_sender": "desk", "description": "Kept words"}
    answer = as_(ADA).submit("/admin/settings/", typed)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Nothing was saved yet. 3 fields need you." in text
    assert 'href="#mail_sender"' in text
    assert "Kept words" in text
    assert get_settings().posts_per_page == 10


def test_mail_is_tried_out_by_a_button(app: Flask, as_: As) -> None:
    as_(ADA).submit("/admin/settings/", form="#mail-test")
    job = current_session().scalars(select(Job).where(Job.name == "send_mail")).one()
    assert "ada@example.com" in str(job.payload)
    assert "A test mail is on its way to ada@example.com." in as_(ADA).get("/admin/settings/").get_data(as_text=True)


def test_look_is_remembered_without_scripts(as_: As) -> None:
    client = as_(ADA)
    assert "data-bs-theme" not in (client.page("/admin/posts/").css_first("html").attributes)
    client.submit("/admin/posts/", form="form:has([name=theme])", button=("theme", "dark"))
    client.submit("/admin/posts/", form="form:has([name=navigation])", button=("navigation", "folded"))
    page = client.page("/admin/posts/")
    assert page.css_first("html").attributes["data-bs-theme"] == "dark"
    assert page.css_first(".mh-frame--folded") is not None
    client.submit("/admin/posts/", form="form:has([name=theme])", button=("theme", "auto"))
    assert "data-bs-theme" not in client.page("/admin/posts/").css_first("html").attributes


def test_look_leads_back_within_the_site_only(as_: As) -> None:
    client = as_(ADA)
    token = client.csrf_token("/admin/posts/new/")
    for target in (
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "/admin/../../x",
    ):
        answer = client.post("/admin/look/", data={"csrf_token": token, "theme": "dark", "next": target})
        assert answer.headers["Location"] in ("/admin/", "/"), target


def test_pages_speak_the_readers_language_of_dates(app: Flask, as_: As) -> None:
    as_(ADA).submit("/admin/profile/", {"language": "de"})
    page = as_(ADA).page("/admin/")
    assert page.css_first("html").attributes["lang"] == "de"
    as_(ADA).submit("/admin/profile/", {"language": "ar"})
    assert as_(ADA).page("/admin/").css_first("html").attributes["dir"] == "rtl"
