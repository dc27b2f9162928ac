"""Nobody does to other people's things, or to themselves, what their role does not allow (cases 28–32; L2)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import func, select

from cms.accounts.models import Role, User
from cms.content.models import Entry, Revision
from cms.core.db import current_session, transaction
from cms.core.permissions import system_user
from cms.media.models import MediaFile
from cms.settings.actions import change_settings
from tests.clients import PageClient
from tests.factories import make_page, make_post, make_term, user
from tests.factories.media import make_media
from tests.functional.accounts.letters import letters
from tests.people import ADA, ART, CON, ED, PASSWORD, SUE, Person

As = Callable[[Person], PageClient]
SECRETS = ("password", "fs_uniquifier", "password_hash", "key_hash", "tf_totp_secret", "argon2")
#: What a form of ours never offers to the person who fills it in.
EXTRA = {
    "role": "admin", "roles": "admin", "roles-0": "1", "roles[]": "admin", "user.roles": "admin", "active": "1",
    "is_admin": "1", "admin": "1", "id": "1", "user_id": "1", "author_id": "1", "authors": "1", "author_ids": "1",
    "fs_uniquifier": "stolen", "password": "stolen stolen", "password_hash": "stolen", "email": "stolen@example.com",
    "status": "published", "state": "published", "kind": "page", "slug_skeleton": "x", "confirmed_at": "2020-01-01",
    "version_id": "9", "live_revision_number": "9", "created_at": "2001-01-01T00:00", "updated_by_id": "1",
    "body_html": "<script>x</script>", "uploaded_by_id": "1", "key": "stolen", "sha256": "stolen", "deleted_at": "1",
    "grants": "settings:site:change", "__class__": "x", "held": "1", "media_type": "text/html", "noindex": "",
}  # fmt: skip


def everything() -> tuple[object, ...]:
    """Return what belongs to Ed and to the site."""
    session = current_session()
    session.rollback()
    return (
        session.execute(select(Entry.id, Entry.title, Entry.state, Entry.binned_at, Entry.version)).all(),
        session.scalar(select(func.count()).select_from(Revision)),
        session.execute(select(MediaFile.id, MediaFile.alt, MediaFile.deleted_at)).all(),
        session.execute(select(User.id, User.email, User.active, User.name)).all(),
    )


@pytest.mark.parametrize("person", [ART, CON, SUE], ids=lambda person: person.name)
def test_other_peoples_things_stay_as_they_are(app: Flask, as_: As, person: Person) -> None:
    """By every form and button there is, and by the numbers of what the person never sees."""
    post, draft, page = make_post("Ed's"), make_post("Secret plan", state="draft"), make_page("Ed's page")
    binned, media = make_post("Away", state="binned"), make_media(by=user(ED))
    client, before = as_(person), everything()
    token = {"csrf_token": client.csrf_token("/admin/profile/")}
    ids = [str(entry.id) for entry in (post, draft, page, binned)]
    for kind in ("posts", "pages"):
        for act in ("publish", "archive", "bin", "restore", "erase"):
            for fields in ({"act": act, "id": ids}, {"act": act, "every": "1"}, {"row": f"{act}:{draft.id}"}):
                sent = {**token, **fields, "confirmed": "1", "match_state": "", "match_author": str(user(ED).id)}
                answer = client.post(f"/admin/{kind}/bulk/", data=sent)
                assert answer.status_code in (303, 404), (kind, act)
        for key in ids:
            for path in (f"/admin/{kind}/{key}/", f"/admin/{kind}/{key}/delete/"):
                answer = client.post(path, data={**token, "title": "Mine", "act": "publish", "body_markdown": "x"})
                assert answer.status_code == 404, path
                assert client.get(path).status_code == 404
    for path, fields in (
        (f"/admin/media/{media.id}/", {"alt": "Mine"}),
        (f"/admin/media/{media.id}/delete/", {}),
        ("/admin/media/bulk/", {"act": "restore", "id": str(media.id)}),
        (f"/admin/users/{user(ED).id}/", {"roles": "subscriber"}),
        (f"/admin/users/{user(ED).id}/account/?act=deactivate", {}),
        (f"/admin/users/{user(ED).id}/delete/", {}),
        (f"/admin/roles/{person.role}/", {"grants": "settings:site:change"}),
        ("/admin/settings/", {"name": "Mine"}),
    ):
        assert client.post(path, data=token | fields).status_code in (403, 404, 405), path
    assert everything() == before
    seen = [f"/preview/{draft.id}", "/admin/find.json?q=Secret", "/admin/find/?q=Secret", "/admin/posts/?q=Secret"]
    seen += [f"/admin/posts/?author={user(ED).id}&count=1", f"/admin/posts/{draft.id}/", "/search?q=Secret", "/admin/"]
    for path in seen:
        assert "Secret plan" not in client.get(path).get_data(as_text=True), path


def test_forms_take_only_what_they_show(app: Flask, as_: As) -> None:
    media = make_media(by=user(ART))
    make_term("tag", "Bread")
    people = current_session().execute(select(User.id, User.email, User.active, User.fs_uniquifier)).all()
    roles = {person.name: [role.name for role in user(person).roles] for person in (ART, CON, SUE)}
    for person, path, own in (
        (CON, "/admin/posts/new/", {"title": "Con's", "body_markdown": "x", "act": "save"}),
        (ART, f"/admin/media/{media.id}/", {"alt": "A harbour"}),
        (SUE, "/admin/profile/", {"name": "Sue"}),
        (ART, "/admin/profile/", {"name": "Art"}),
        (CON, "/admin/draft/", {"title": "Quick"}),
        (CON, "/admin/tags/new/", {"name": "Rye"}),
    ):
        client = as_(person)
        extra = {name: value for name, value in EXTRA.items() if name not in own}
        sent = {**extra, **own, "csrf_token": client.csrf_token("/admin/profile/"), "version": ""}
        answer = client.post(path, data=sent)
        assert answer.status_code in (303, 403, 404, 422), path
    current_session().rollback()
    assert current_session().execute(select(User.id, User.email, User.active, User.fs_uniquifier)).all() == people
    assert {person.name: [role.name for role in user(person).roles] for person in (ART, CON, SUE)} == roles
    for entry in current_session().scalars(select(Entry)):
        assert (entry.kind, entry.state, entry.live_revision_number) == ("post", "draft", None)
        assert [author.name for author in entry.authors] == ["Con"]
        assert "script" not in (entry.body_html or "")
    kept = current_session().scalars(select(MediaFile)).one()
    assert (kept.uploaded_by_id, kept.deleted_at, kept.media_type) == (user(ART).id, None, "image/jpeg")
    assert kept.key != "stolen"


def test_who_registers_becomes_a_subscriber_whatever_is_sent(app: Flask, client: PageClient) -> None:
    with transaction():
        change_settings({"registration_open": True}, by=system_user())
    sent = {**EXTRA, "name": "New", "email": "new@example.com", "csrf_token": client.csrf_token("/register")}
    assert client.post("/register", data=sent).status_code == 200
    assert [letter["to"] for letter in letters()] == ["new@example.com"]
    made = current_session().scalars(select(User).where(User.email == "new@example.com")).one()
    assert ([role.name for role in made.roles], made.password) == (["subscriber"], None)
    assert made.fs_uniquifier != "stolen"


def test_an_admin_gives_no_role_that_is_not_there(app: Flask, as_: As) -> None:
    for roles in (["root"], ["admin", "root"], ["1"], ["' OR 1=1"]):
        answer = as_(ADA).submit(f"/admin/users/{user(SUE).id}/", {"roles": roles})
        assert answer.status_code in (404, 422), roles
    assert [role.name for role in user(SUE).roles] == ["subscriber"]
    assert current_session().scalar(select(func.count()).select_from(Role)) == 5


@pytest.mark.parametrize(
    "path", ["/admin/posts/", "/admin/pages/", "/admin/users/", "/admin/media/", "/admin/tags/", "/search"]
)
def test_lists_cannot_be_asked_about_what_they_do_not_show(app: Flask, as_: As, path: str) -> None:
    """A list narrowed or sorted by a secret column would tell it letter by letter: such words change nothing."""
    # In no order of what is hidden do these stand as the list has them.
    for title, words in (("One", "b"), ("Two", "c"), ("Three", "a")):
        make_post(title, text=words)
        make_page(title, text=words)
    make_media()
    client = as_(ADA)

    def rows(query: dict[str, str]) -> str:
        page = LexborHTMLParser(client.get(path, query_string=query).get_data(as_text=True))
        return " ".join(page.css_first("main").text().split())

    plain = rows({})
    for name in ("password", "users.password", "t1.password", "author__password", "body_text", "entries.body_text"):
        for query in (
            {"sort": name},
            {"sort": f"-{name}"},
            {"order": name, "desc": "1"},
            {name: "a"},
            {f"{name}__startswith": "$argon2"},
            {f"flt0_{name}_like": "%"},
            {"flt1_0": name, "search": name},
            {"page_size": "1000000"},
            {"page": "9223372036854775807"} if path != "/search" else {},
        ):
            assert rows(query) == plain, query


def test_no_page_tells_a_secret(app: Flask, as_: As) -> None:
    """Neither the hash of a password nor the name of a secret column stands on any page an admin opens."""
    post = make_post("Locked", visibility="password", password_hash=user(ED).password)
    hidden = [user(person).fs_uniquifier for person in (ADA, ED, ART)] + [str(user(ED).password)]
    for path in (
        "/admin/", "/admin/users/", f"/admin/users/{user(ED).id}/", f"/admin/users/{user(ED).id}/delete/",
        "/admin/profile/", "/admin/posts/", f"/admin/posts/{post.id}/", f"/preview/{post.id}", "/admin/roles/admin/",
        "/admin/find.json?q=e", "/admin/settings/", "/posts/locked/", "/author/ed/",
    ):  # fmt: skip
        text = as_(ADA).get(path).get_data(as_text=True)
        assert PASSWORD not in text
        for secret in (*hidden, *SECRETS[1:]):
            assert secret not in text, (path, secret)
