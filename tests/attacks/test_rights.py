"""Nobody does to other people's things, or to themselves, what their role does not allow (cases 28–32; L2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import func, select

from cms.accounts.models import Role, RoleGrant, User
from cms.content.actions.edit_entry import edit_entry
from cms.content.field_rules import RULES
from cms.content.models import Entry, EntryAuthor, Revision, Term, entry_terms
from cms.content.saving import working_fields
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


def bind(person: Person, extent: str) -> None:
    """Let somebody hold all rights on entries in one place alone."""
    kind = "page" if extent.startswith("section:") else "post"
    with transaction() as session:
        role = Role(name="bound", label="Bound", offered=[], grants=[])
        names = ["accounts:office:enter", "content:entry:erase", *[rule.permission for rule in RULES]]
        role.grants = [RoleGrant(permission=name, extent="all") for name in names]
        verbs = ("create", "edit", "publish", "delete")
        role.grants += [RoleGrant(permission=f"content:{kind}:{verb}", extent=extent) for verb in verbs]
        session.add(role)
        user(person).roles = [role]


@pytest.mark.parametrize("kind", ["post", "page"])
def test_rights_in_a_place_open_no_other_by_any_door(app: Flask, as_: As, kind: str) -> None:
    """Copies, previews, histories, lookups, lists, bulk acts and conflicts: outside the place, all is as if never."""
    category, section = make_term("category", "Food"), make_page("Handbook")
    elsewhere = make_term("category", "News")
    place = {"terms": (category,)} if kind == "post" else {"parent_id": section.id}
    make: Any = make_post if kind == "post" else make_page
    own, outside = make("Inside", **place), make("Secret plan", state="draft", text="secret words")
    away, live = make("Secret away", state="binned"), make("Out already")
    with transaction() as session:
        # Somebody has begun to move it inside: until it is published there, it is not.
        draft = session.get_one(Entry, live.id)
        there = {"term_ids": (category.id,)} if kind == "post" else {"parent_id": section.id}
        moved = working_fields(draft).changed(title="Secret title", **there)
        edit_entry(draft, moved, by=system_user())
    bind(SUE, f"category:{category.id}" if kind == "post" else f"section:{section.id}")
    client, before = as_(SUE), everything()
    token, base = {"csrf_token": client.csrf_token("/admin/profile/")}, f"/admin/{kind}s/"
    others = [str(entry.id) for entry in (outside, away, live)]
    for key in others:
        for path in (f"{base}{key}/", f"{base}{key}/delete/", f"/preview/{key}", f"{base}{key}/history/"):
            assert client.get(path).status_code == 404, path
        for sent in ({"title": "Mine", "act": "publish"}, {"title": "Mine", "version": "1"}, {"act": "unpublish"}):
            assert client.post(f"{base}{key}/", data=token | sent).status_code == 404
        assert client.post(f"{base}{key}/delete/", data=token).status_code == 404
    for act in ("publish", "archive", "bin", "restore", "erase"):
        for fields in ({"act": act, "id": others}, {"row": f"{act}:{outside.id}"}):
            assert client.post(f"{base}bulk/", data={**token, **fields, "confirmed": "1"}).status_code in (303, 404)
    for path in (
        base, f"{base}?q=Secret&count=1", f"{base}?state=draft", f"{base}?state=bin", f"{base}?state=newer", "/admin/",
        "/admin/find/?q=Secret", "/admin/find.json?q=Secret", f"{base}new/", f"{base}{own.id}/",
        f"{base}?term={elsewhere.id}", f"{base}?author={user(ED).id}&q=Secret", "/search?q=secret",
    ):  # fmt: skip
        text = client.get(path).get_data(as_text=True)
        assert "Secret plan" not in text, path
        assert "Secret away" not in text, path
        assert "Secret title" not in text, path
    assert everything() == before
    # Nor does what lies inside go out, by the form or by the fields that no form shows.
    away_to = {"categories": [str(elsewhere.id)]} if kind == "post" else {"parent_id": ""}
    for act in ("save", "publish"):
        sent = {**away_to, "title": "Carried out", "term_ids": str(elsewhere.id), "author_ids": str(user(SUE).id)}
        assert client.submit(f"{base}{own.id}/", sent, button=("act", act)).status_code == 422
    assert everything() == before
    assert client.submit(f"{base}{own.id}/", {"title": "Inside still"}, button=("act", "publish")).status_code == 303


@pytest.mark.parametrize("kind", ["post", "page"])
def test_a_number_given_again_gives_nobody_rights(app: Flask, as_: As, kind: str) -> None:
    """What is deleted takes the rights in it along; on SQLite the next of its kind may have the same number."""
    if kind == "post":
        place_id = make_term("category", "Food").id
        bind(SUE, f"category:{place_id}")
        assert as_(ADA).submit(f"/admin/categories/{place_id}/delete/").status_code == 303
        again = make_term("category", "News")
        entry: Entry = make_post("Secret plan", state="draft", terms=(again,))
    else:
        place_id = make_page("Handbook", state="binned").id
        bind(SUE, f"section:{place_id}")
        assert as_(ADA).submit(f"/admin/pages/{place_id}/delete/").status_code == 303
        entry = again = make_page("Secret plan", state="draft")
    assert again.id == place_id
    assert not [grant for grant in user(SUE).grants if ":" in grant.extent]
    assert as_(SUE).get(f"/preview/{entry.id}").status_code == 404


@pytest.mark.parametrize("kind", ["post", "page"])
def test_who_is_bound_to_a_place_reaches_no_other_row_by_columns_and_numbers(app: Flask, as_: As, kind: str) -> None:
    """The list and the form of one kind take numbers of none, of another kind and of another place, and do nothing."""
    category, section = make_term("category", "Food"), make_page("Handbook")
    other = "page" if kind == "post" else "post"
    inside = make_post("Mine", state="draft", terms=(category,)) if kind == "post" else None
    own = inside or make_page("Mine", state="draft", parent_id=section.id)
    outside: Entry = make_post("Away", state="draft") if kind == "post" else make_page("Away", state="draft")
    strange: Entry = make_page("Page", state="draft") if kind == "post" else make_post("Post", state="draft")
    bind(SUE, f"category:{category.id}" if kind == "post" else f"section:{section.id}")
    with transaction():
        # What is of the other kind is theirs to edit: through its own doors, not through these.
        more = [RoleGrant(permission=f"content:{other}:{verb}", extent="all") for verb in ("edit", "publish", "delete")]
        user(SUE).roles[0].grants += more
    client, base = as_(SUE), f"/admin/{kind}s/"
    token, before = {"csrf_token": client.csrf_token("/admin/profile/")}, (everything(), places())
    columns = {**EXTRA, "title": "Mine now", "term_ids": "1", "parent_id": "", "list_form_pk": str(outside.id)}
    del columns["id"]
    for key in ("999999", str(outside.id), str(strange.id), f"{own.id}x", "-1", ""):
        for act in ("publish", "archive", "bin", "erase"):
            for fields in ({"act": act, "id": [key]}, {"row": f"{act}:{key}"}):
                sent = {**columns, **token, **fields, "confirmed": "1"}
                assert client.post(f"{base}bulk/", data=sent).status_code in (303, 404), (key, act)
        for path in (f"{base}{key}/", f"{base}{key}/delete/", f"{base}ajax/update/"):
            if path != f"{base}/":
                assert client.post(path, data={**columns, **token, "act": "publish"}).status_code in (404, 405), path
    assert (everything(), places()) == before
    # Beside what is one's own, other numbers and columns are as if they had not been sent.
    mixed = {**columns, **token, "act": "publish", "id": ["999999", str(outside.id), str(own.id), str(strange.id)]}
    assert client.post(f"{base}bulk/", data=mixed).status_code == 303
    session = current_session()
    states = dict(session.execute(select(Entry.title, Entry.state)).all())
    assert states == {"Mine": "published", "Away": "draft", "Handbook": "published", strange.title: "draft"}
    assert places() == before[1]


def places() -> tuple[object, ...]:
    """Return where all entries lie, who wrote them, and the terms there are."""
    session = current_session()
    lie = session.execute(select(Entry.id, Entry.kind, Entry.parent_id)).all()
    links = (
        session.execute(select(entry_terms)).all(),
        session.execute(select(EntryAuthor.entry_id, EntryAuthor.user_id)).all(),
    )
    return lie, *links, session.execute(select(Term.id, Term.name, Term.parent_id)).all()


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
