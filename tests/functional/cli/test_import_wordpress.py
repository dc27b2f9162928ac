"""`flask import wordpress`: what becomes of entries, terms, people and comments."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cms.accounts.models import User
from cms.comments.models import Comment
from cms.content.actions.edit_entry import edit_entry
from cms.content.actions.publish_entry import publish_entry
from cms.content.models import Category, Entry, Page, Post, Redirect, Revision
from cms.content.saving import working_fields
from cms.core.db import current_session, transaction
from cms.core.jobs.models import Job
from cms.core.permissions import system_user
from cms.transfer.actions.import_wordpress import import_wordpress
from tests import needs
from tests.clients import PageClient
from tests.factories.wxr import write_wxr, wxr, wxr_author, wxr_category, wxr_item
from tests.functional.cli.conftest import Import, everything
from tests.people import Person


def entry_called(title: str) -> Entry:
    return current_session().scalars(select(Entry).where(Entry.title == title)).one()


@pytest.mark.parametrize(
    ("status", "password", "state", "visibility", "found"),
    [
        ("publish", "", "published", "public", 200),
        ("draft", "", "draft", "public", 404),
        ("pending", "", "in_review", "public", 404),
        ("private", "", "published", "private", 404),
        ("publish", "sesame", "published", "password", 200),
        ("private", "sesame", "published", "private", 404),
        ("inherit", "", "draft", "public", 404),
        ("wc-unheard-of", "", "draft", "public", 404),
        ("", "", "draft", "public", 404),
    ],
)
@pytest.mark.parametrize("kind", ["post", "page"])
def test_states_and_visibilities_are_kept(
    run_import: Import,
    client: PageClient,
    kind: str,
    status: str,
    password: str,
    state: str,
    visibility: str,
    found: int,
) -> None:
    run_import(wxr_item(1, "Only for some.", kind=kind, status=status, fields={"wp:post_password": password}))
    entry = entry_called("Entry 1")
    assert (entry.state, entry.visibility) == (state, visibility)
    answer = client.get(entry.address or "")
    assert answer.status_code == found
    assert ("Only for some." in answer.text) == (found == 200 and not password)


def test_a_password_opens_what_it_opened(run_import: Import, client: PageClient) -> None:
    run_import(wxr_item(1, "Behind the door.", fields={"wp:post_password": "sésame"}))
    address = entry_called("Entry 1").address or ""
    assert client.submit(address, {"password": "wrong"}, headers={"Origin": "http://localhost"}).status_code == 403
    client.submit(address, {"password": "sésame"}, headers={"Origin": "http://localhost"})
    assert "Behind the door." in client.get(address).text


def test_dates_are_kept(run_import: Import) -> None:
    later = datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)
    run_import(
        wxr_item(1),
        wxr_item(2, status="future", fields={"wp:post_date_gmt": f"{later:%Y-%m-%d %H:%M:%S}"}),
        wxr_item(3, fields={"wp:post_date_gmt": "0000-00-00 00:00:00", "wp:post_date": "2019-05-06 07:08:09"}),
    )
    assert entry_called("Entry 1").published_at == datetime(2020, 2, 3, 9, tzinfo=UTC)
    assert entry_called("Entry 1").revised_at == datetime(2020, 2, 3, 9, tzinfo=UTC)
    future = entry_called("Entry 2")
    assert (future.state, future.published_at) == ("scheduled", later)
    assert entry_called("Entry 3").published_at == datetime(2019, 5, 6, 7, 8, 9, tzinfo=UTC)


def test_the_bin_stays_the_bin(run_import: Import) -> None:
    run_import(wxr_item(1, status="trash", fields={"wp:post_name": "entry-1__trashed"}))
    entry = entry_called("Entry 1")
    assert entry.binned_at is not None
    assert entry.address is None


def test_what_is_edited_about_an_entry_is_kept(run_import: Import) -> None:
    run_import(
        wxr_item(
            1,
            "Words.",
            title="Fish &amp; <em>Chips</em>: Vec<T>",
            fields={
                "wp:is_sticky": "1",
                "wp:menu_order": "-4",
                "wp:comment_status": "closed",
                "excerpt:encoded": "<p>In <b>short</b>.</p>",
                "wp:post_name": "br%C3%B6tchen",
            },
            meta=[
                ("colour", "red"),
                ("sizes", 'a:2:{i:0;s:1:"S";i:1;s:1:"M";}'),
                ("colour", "blue"),
                ("_edit_lock", "1:2"),
                ("object", 'O:3:"Foo":0:{}'),
                ("_yoast_wpseo_metadesc", "What it says."),
            ],
        )
    )
    entry = entry_called("Fish & Chips: Vec<T>")
    assert (entry.slug, entry.sticky, entry.menu_order, entry.comments_open) == ("brötchen", True, -4, False)
    assert (entry.excerpt, entry.seo_description) == ("In short.", "What it says.")
    assert entry.meta["wordpress"] == {
        "id": "1",
        "meta": {
            "colour": ["red", "blue"],
            "sizes": ["S", "M"],
            "object": 'O:3:"Foo":0:{}',
            "_yoast_wpseo_metadesc": "What it says.",
        },
    }


def test_pages_come_before_what_lies_below_them(run_import: Import) -> None:
    def page(number: int, parent: int) -> str:
        return wxr_item(number, kind="page", fields={"wp:post_parent": str(parent)})

    run_import(page(3, 2), page(2, 1), page(1, 0), page(8, 9), page(9, 8), page(7, 70))
    paths = {page.title: page.address for page in current_session().scalars(select(Page))}
    assert paths["Entry 3"] == "/entry-1/entry-2/entry-3/"
    assert {paths["Entry 7"], paths["Entry 8"]} == {"/entry-7/", "/entry-8/"}, "an impossible tree loses nothing"
    assert paths["Entry 9"] == "/entry-8/entry-9/"


def test_terms_keep_names_and_tree(run_import: Import) -> None:
    run_import(
        wxr_category("local", "Local", parent="news"),
        wxr_category("news", "News &amp; Views"),
        wxr_category("caf%C3%A9", "Café"),
        wxr_item(1, terms=[("category", "local", "Local"), ("post_tag", "local", "local"), ("post_format", "x", "X")]),
    )
    assert {term.path: term.name for term in current_session().scalars(select(Category))} == {
        "news": "News & Views",
        "news/local": "Local",
        "café": "Café",
    }
    assert [(term.kind, term.path) for term in entry_called("Entry 1").terms] == [
        ("tag", "local"),
        ("category", "news/local"),
    ]


def test_authors_become_people_who_cannot_sign_in(run_import: Import, ed: Person) -> None:
    run_import(
        wxr_author("nora", mail="nora@old.example.org", name="Nora W."),
        wxr_author("boss", mail="ED@example.com", name="Somebody else"),
        wxr_author("no-mail", name="no@mail.example"),
        wxr_item(1),
        wxr_item(2, fields={"dc:creator": "boss"}),
        wxr_item(3, fields={"dc:creator": "no-mail"}),
        wxr_item(4, terms=[("author", "cap-nora", "Nora"), ("author", "boss", "Boss")]),
        wxr_item(5, fields={"dc:creator": "never-listed"}),
    )
    (nora,) = entry_called("Entry 1").authors
    assert (nora.email, nora.name, nora.active, nora.password) == ("nora@old.example.org", "Nora W.", False, None)
    (boss,) = entry_called("Entry 2").authors
    assert (boss.email, boss.name, boss.active) == (ed.email, "Ed", True)
    assert [author.name for author in entry_called("Entry 3").authors] == ["no-mail"]
    assert [author.id for author in entry_called("Entry 4").authors] == [nora.id, boss.id]
    assert [author.name for author in entry_called("Entry 5").authors] == ["never-listed"]
    assert current_session().scalar(select(func.count()).select_from(Job).where(Job.name == "send_mail")) == 0


def test_authors_are_invited_when_asked_and_once(run_import: Import) -> None:
    parts = (wxr_author("nora", mail="nora@old.example.org", name="Nora"), wxr_author("x"), wxr_item(1))
    first = run_import(*parts, options=("--invite",))
    assert "1 person was invited by mail." in first.output
    again = run_import(*parts, options=("--invite",))
    assert "invited" not in again.output
    nora = current_session().scalars(select(User).where(User.email == "nora@old.example.org")).one()
    assert nora.invited_at is not None
    assert nora.password is None


def test_comments_keep_their_threads_and_states(run_import: Import) -> None:
    def comment(number: int, parent: int = 0, approved: str = "1", kind: str = "", text: str = "Hm.") -> dict[str, str]:
        return {
            "comment_id": str(number),
            "comment_author": "Sam &amp; Max",
            "comment_author_email": "sam@example.org",
            "comment_author_url": "javascript:alert(1)" if number == 4 else "https://sam.example",
            "comment_date_gmt": "2020-02-04 10:00:00",
            "comment_content": text,
            "comment_approved": approved,
            "comment_type": kind,
            "comment_parent": str(parent),
        }

    run_import(
        wxr_item(
            1,
            comments=[
                comment(5, parent=4),
                comment(4, text="One\n\n<script>x</script>two <a href='https://x.example' onclick='y'>link</a>"),
                comment(6, approved="0"),
                comment(7, approved="spam"),
                comment(8, approved="post-trashed"),
                comment(9, kind="pingback"),
                comment(10, kind="order_note"),
                comment(11, parent=99),
                comment(12, approved="unheard-of"),
            ],
        )
    )
    comments = current_session().scalars(select(Comment).order_by(Comment.id)).all()
    first = comments[0]
    assert first.author_name == "Sam & Max"
    assert first.author_url == ""
    assert first.written_at == datetime(2020, 2, 4, 10, tzinfo=UTC)
    link = '<a href="https://x.example" rel="nofollow ugc noopener">link</a>'
    assert [line.strip() for line in first.body_html.split("<p>")] == ["", "One</p>", f"two {link}</p>"]
    assert [comment.status for comment in comments] == [
        "approved",
        "pending",
        "spam",
        "trash",
        "approved",
        "approved",
        "pending",
        "approved",
    ]
    assert [comment.kind for comment in comments if comment.kind != "comment"] == ["pingback"]
    answers = [comment for comment in comments if comment.parent_id is not None]
    assert [comment.parent_id for comment in answers] == [first.id]


def test_a_second_run_changes_nothing(run_import: Import, tmp_path: Path) -> None:
    parts = (
        wxr_author("nora", mail="nora@old.example.org", name="Nora"),
        wxr_category("news", "News"),
        wxr_item(1, '<a href="/2020/02/entry-2/">later</a>', terms=[("category", "news", "News")]),
        wxr_item(2, comments=[{"comment_id": "1", "comment_content": "Hm.", "comment_approved": "1"}]),
        wxr_item(3, kind="page", status="trash"),
        wxr_item(4, "secret", fields={"wp:post_password": "sesame"}),
    )
    run_import(*parts)
    before = everything()
    again = run_import(*parts)
    assert everything() == before
    assert "created, 0 updated" in again.output
    assert " 1 created" not in again.output


def test_what_was_edited_here_is_never_overwritten(run_import: Import) -> None:
    run_import(wxr_item(1, "There."), wxr_item(2, "There."), wxr_item(3, "There."))
    with transaction():
        entry = entry_called("Entry 1")
        edit_entry(entry, working_fields(entry).changed(title="Ours now"), by=system_user())
        publish_entry(entry, by=system_user())
        current_session().delete(entry_called("Entry 3"))
    result = run_import(wxr_item(1, "Changed there."), wxr_item(2, "Changed there."), wxr_item(3, "Changed there."))
    assert "Changed there" not in entry_called("Ours now").body_text
    assert entry_called("Entry 2").body_text == "Changed there."
    assert "Edited here since the last import, so left as they are:\n  - Entry 1" in result.output
    assert "1 skipped: deleted here since the last import\n  - Entry 3" in result.output
    assert current_session().scalar(select(func.count()).select_from(Post)) == 2


def test_new_comments_reach_an_entry_that_was_edited_here(run_import: Import) -> None:
    run_import(wxr_item(1, "There."))
    with transaction():
        entry = entry_called("Entry 1")
        edit_entry(entry, working_fields(entry).changed(title="Ours"), by=system_user())
    run_import(wxr_item(1, "There.", comments=[{"comment_id": "1", "comment_content": "Hm.", "comment_approved": "1"}]))
    assert current_session().scalars(select(Comment)).one().entry_id == entry_called("Entry 1").id


def test_a_change_of_state_there_arrives(run_import: Import) -> None:
    run_import(wxr_item(1, status="draft"), wxr_item(2), wxr_item(3))
    run_import(wxr_item(1), wxr_item(2, status="draft"), wxr_item(3, status="trash"))
    assert [entry_called(f"Entry {number}").state for number in (1, 2)] == ["published", "draft"]
    assert entry_called("Entry 3").binned_at is not None


def test_a_trial_run_writes_nothing(run_import: Import, app: Flask, tmp_path: Path) -> None:
    folder = tmp_path / "old"
    folder.mkdir()
    (folder / "a.png").write_bytes(b"not looked at")
    before, files = everything(), sorted(Path(app.config["CMS_UPLOADS"]).rglob("*"))
    attachment = {"wp:attachment_url": "https://old.example/wp-content/uploads/a.png"}
    result = run_import(
        wxr_author("nora", mail="nora@old.example.org", name="Nora"),
        wxr_category("news", "News"),
        wxr_item(9, kind="attachment", status="inherit", fields=attachment),
        wxr_item(1, '<img src="/nowhere.png">', terms=[("category", "news", "News")]),
        wxr_item(2, kind="page", fields={"wp:post_parent": "1"}),
        options=("--dry-run", "--invite", "--media", str(folder)),
    )
    assert everything() == before
    assert sorted(Path(app.config["CMS_UPLOADS"]).rglob("*")) == files
    assert result.output.startswith("Importing") or "Nothing was written: this was a trial run." in result.output
    for line in (
        "People: 1 created",
        "Terms: 1 created",
        "Posts: 1 created",
        "Pages: 1 created",
        "https://old.example/nowhere.png",
    ):
        assert line in result.output


@pytest.mark.parametrize(
    "change",
    [
        ("</channel>", ""),
        ("<rss", '<!DOCTYPE rss [<!ENTITY a "b">]>\n<rss'),
        ("<wp:wxr_version>1.2", "<wp:wxr_version>3.0"),
        ("<wp:wxr_version>1.2</wp:wxr_version>", ""),
    ],
)
def test_a_file_that_is_refused_leaves_nothing_behind(
    run_import: Import, tmp_path: Path, change: tuple[str, str]
) -> None:
    path = tmp_path / "bad.xml"
    path.write_text(wxr(wxr_author("nora"), wxr_category("a", "A"), wxr_item(1, "x")).replace(*change, 1), "utf-8")
    before = everything()
    result = run_import(path=path, exit_code=1)
    assert result.output.splitlines()[-1].startswith("Error: ")
    assert result.output.splitlines()[-1].endswith("Nothing was imported.")
    assert everything() == before


def test_an_entry_arrives_whole_or_not_at_all(run_import: Import) -> None:
    def page(number: int, below: int) -> str:
        fields = {"wp:post_parent": str(below), "wp:post_name": f"{number}-" + "long" * 28}
        return wxr_item(
            number, kind="page", fields=fields, comments=[{"comment_id": str(number), "comment_content": "x"}]
        )

    result = run_import(*(page(number, number - 1) for number in range(1, 11)), wxr_item(20, "Fine."))
    numbers = {int(page.title.removeprefix("Entry ")) for page in current_session().scalars(select(Page))}
    (lost,) = set(range(1, 11)) - numbers
    sentence = "1 skipped: This page would lie too deep. Choose another parent."
    assert f"{sentence}\n  - Entry {lost}\n" in result.output
    assert current_session().scalar(select(func.count()).select_from(Comment)) == 9
    assert current_session().scalar(select(Redirect.id).where(Redirect.path == f"/?p={lost}")) is None
    assert entry_called("Entry 20").state == "published"


def test_other_things_are_skipped_with_a_reason(run_import: Import) -> None:
    result = run_import(
        wxr_item(1),
        wxr_item(1, "again"),
        wxr_item(2, kind="nav_menu_item"),
        wxr_item(3, kind="product", title="A mug"),
        wxr_item(4, status="auto-draft"),
    )
    for line in (
        "1 skipped: an item with the same number came before it",
        "1 skipped: “nav_menu_item”, which belongs to WordPress itself",
        "1 skipped: “product”: only posts, pages and media are known here\n  - A mug",
        "1 skipped: a draft that was never saved",
    ):
        assert line in result.output
    assert current_session().scalar(select(func.count()).select_from(Entry)) == 1


def test_stripped_characters_are_counted(run_import: Import, tmp_path: Path) -> None:
    path = tmp_path / "controls.xml"
    path.write_text(wxr(wxr_item(1, "a\x0bb\x01c")), "utf-8")
    assert "2 characters that XML does not allow were left out." in run_import(path=path).output
    assert entry_called("Entry 1").body_text == "abc"


def test_one_revision_tells_what_arrived(run_import: Import) -> None:
    run_import(wxr_item(1, "Words."))
    revision = current_session().scalars(select(Revision)).one()
    entry = entry_called("Entry 1")
    assert (entry.live_revision_number, entry.working_revision_number) == (1, 1)
    assert revision.snapshot["title"] == "Entry 1"


def test_two_sites_called_localhost_are_told_apart(run_import: Import, tmp_path: Path) -> None:
    for title in ("The one", "The other"):
        text = wxr(wxr_item(1, title, title=title)).replace("https://old.example<", "http://localhost<")
        path = tmp_path / "local.xml"
        path.write_text(text.replace("The old blog", title), "utf-8")
        run_import(path=path)
    assert current_session().scalar(select(func.count()).select_from(Entry)) == 2


@needs.needs("postgres")
def test_imports_work_on_postgresql(make_app: Callable[..., Flask], postgres_url: str, tmp_path: Path) -> None:
    path = write_wxr(
        tmp_path,
        wxr_author("nora", mail="nora@old.example.org", name="Nora"),
        wxr_category("news", "News"),
        wxr_item(3, kind="page", fields={"wp:post_parent": "2"}),
        wxr_item(2, kind="page"),
        wxr_item(
            1,
            '<a href="/2020/02/entry-2/">Zoë</a> \x00',
            terms=[("category", "news", "News")],
            meta=[("sizes", 'a:1:{s:1:"k";d:0.5;}')],
            comments=[{"comment_id": "1", "comment_content": "Hm.", "comment_approved": "1"}],
        ),
    )
    app = make_app(CMS_DATABASE_URL=postgres_url)
    with app.app_context():
        for _time in ("first", "second"):
            result = app.test_cli_runner().invoke(args=["import", "wordpress", str(path)])
            assert result.exit_code == 0, result.output
        current_session().rollback()
        assert "Posts: 0 created, 0 updated, 1 unchanged" in result.output
        assert entry_called("Entry 3").address == "/entry-2/entry-3/"
        assert entry_called("Entry 1").meta["wordpress"]["meta"] == {"sizes": {"k": 0.5}}


def test_an_import_that_was_cut_short_is_finished_by_the_next(app: Flask, tmp_path: Path) -> None:
    comments = [{"comment_id": "1", "comment_content": "Hm.", "comment_approved": "1"}]
    path = write_wxr(
        tmp_path,
        wxr_author("nora"),
        wxr_category("news", "News"),
        wxr_item(1, '<a href="/2020/02/entry-3/">later</a>', comments=comments),
        wxr_item(2, kind="page", fields={"wp:post_parent": "3"}),
        wxr_item(3, kind="page"),
    )
    session = current_session()
    for allowed in range(1, 20):
        left = iter(range(allowed))

        @contextmanager
        def unit(left: Iterator[int] = left) -> Iterator[Session]:
            with transaction() as opened:
                yield opened
                if next(left, None) is None:
                    raise KeyboardInterrupt

        try:
            report = import_wordpress(path, by=system_user(), unit=unit)
        except KeyboardInterrupt:
            session.rollback()
            whole = select(func.count()).select_from(Entry).join(Revision, Revision.entry_id == Entry.id)
            assert session.scalar(whole.where(Entry.state == "published")) == session.scalar(
                select(func.count()).select_from(Entry)
            )
            continue
        break
    assert allowed < 19
    assert sum(report.created.values()) < 10
    assert entry_called("Entry 2").address == "/entry-3/entry-2/"
    assert f"cms:entry/{entry_called('Entry 3').id}" in entry_called("Entry 1").body_html
    assert session.scalar(select(func.count()).select_from(Comment)) == 1
    assert session.scalar(select(func.count()).select_from(Entry)) == 3
