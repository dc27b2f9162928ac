"""People, roles, the own profile."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from sqlalchemy import select

from cms.accounts.models import User
from cms.core.db import current_session
from cms.core.jobs import Job
from tests.clients import PageClient
from tests.factories import make_post, user
from tests.people import ADA, ART, CON, ED, SUE, Person

As = Callable[[Person], PageClient]


def fresh(person: Person) -> User:
    """Return the record of a person as it is now."""
    current_session().expire_all()
    return user(person)


def roles_of(person: Person) -> list[str]:
    """Return the names of a person's roles."""
    return [role.name for role in fresh(person).roles]


def test_list_shows_people_by_view_and_never_a_secret(app: Flask, as_: As) -> None:
    client = as_(ADA)
    names = {
        view: [row.text(strip=True) for row in client.page(f"/admin/users/{view}").css("tbody .mh-row__title")]
        for view in ("", "?view=readers", "?role=editor", "?q=art@", "?view=inactive")
    }
    assert names == {
        "": ["Ada(you)", "Art", "Con", "Ed"],
        "?view=readers": ["Sue"],
        "?role=editor": ["Ed"],
        "?q=art@": ["Art"],
        "?view=inactive": [],
    }
    for path in ("/admin/users/", f"/admin/users/{fresh(ART).id}/"):
        text = client.get(path).get_data(as_text=True)
        assert fresh(ART).fs_uniquifier not in text
        assert "argon2" not in text


def test_invitation_makes_an_account_and_a_mail(app: Flask, as_: As) -> None:
    typed = {"email": "Lena@Example.com", "name": "Lena", "role": "author"}
    as_(ADA).submit("/admin/users/new/", typed)
    lena = current_session().scalars(select(User).where(User.name == "Lena")).one()
    assert (lena.email.lower(), lena.password, [role.name for role in lena.roles]) == (
        "lena@example.com",
        None,
        ["author"],
    )
    assert current_session().scalars(select(Job).where(Job.name == "send_mail")).all()
    assert "Invited now" in as_(ADA).get("/admin/users/?view=invited").get_data(as_text=True)


def test_wrong_invitation_is_told_beside_the_field(app: Flask, as_: As) -> None:
    answer = as_(ADA).submit("/admin/users/new/", {"email": "nobody", "name": "Lena", "role": "author"})
    assert answer.status_code == 422
    assert "A mail address needs an @" in answer.get_data(as_text=True)
    again = as_(ADA).submit("/admin/users/new/", {"email": ART.email, "name": "Lena", "role": "author"})
    assert "There is an account with this mail address already." in again.get_data(as_text=True)


def test_admin_gives_and_takes_roles(app: Flask, as_: As) -> None:
    as_(ADA).submit(f"/admin/users/{fresh(CON).id}/", {"roles": ["author", "contributor"]})
    assert sorted(roles_of(CON)) == ["author", "contributor"]
    as_(ADA).submit(f"/admin/users/{fresh(CON).id}/", {"roles": ["author"]})
    assert roles_of(CON) == ["author"]


def test_nobody_gives_a_right_they_lack(app: Flask, as_: As) -> None:
    art, ed = fresh(ART).id, fresh(ED).id
    client = as_(ED)
    token = client.csrf_token("/admin/posts/new/")
    for key in (art, ed):
        answer = client.post(f"/admin/users/{key}/", data={"csrf_token": token, "roles": ["admin"]})
        assert answer.status_code == 403
    for path in (f"/admin/users/{art}/account/?act=deactivate", f"/admin/users/{art}/delete/"):
        assert client.post(path, data={"csrf_token": token}).status_code == 403
    assert (roles_of(ART), roles_of(ED), fresh(ART).active) == (["author"], ["editor"], True)


def test_the_last_admin_stays(app: Flask, as_: As) -> None:
    ada = fresh(ADA).id
    client = as_(ADA)
    answer = client.submit(f"/admin/users/{ada}/", {"roles": ["editor"]})
    assert answer.status_code == 409
    assert "Ada is the last active admin." in answer.get_data(as_text=True)
    token = client.csrf_token("/admin/posts/new/")
    assert client.post(f"/admin/users/{ada}/account/?act=deactivate", data={"csrf_token": token}).status_code == 409
    assert (roles_of(ADA), fresh(ADA).active) == (["admin"], True)


def test_closing_an_account_signs_its_person_out(app: Flask, as_: As) -> None:
    art = fresh(ART).id
    assert as_(ART).get("/admin/").status_code == 200
    client = as_(ADA)
    token = client.csrf_token("/admin/posts/new/")
    client.post(f"/admin/users/{art}/account/?act=deactivate", data={"csrf_token": token})
    assert as_(ART).get("/admin/").status_code == 302
    client.post(f"/admin/users/{art}/account/?act=reactivate", data={"csrf_token": token})
    assert fresh(ART).active
    assert client.post(f"/admin/users/{art}/account/?act=explode", data={"csrf_token": token}).status_code == 422


def test_deleting_hands_over_what_was_made(app: Flask, as_: As) -> None:
    make_post("By Art", author=ART)
    art, ed = fresh(ART).id, fresh(ED).id
    page = as_(ADA).page(f"/admin/users/{art}/delete/")
    assert "Who takes over" in page.text()
    as_(ADA).submit(f"/admin/users/{art}/delete/", {"heir": str(ed)})
    assert current_session().scalar(select(User.id).where(User.id == art)) is None
    assert "Ed" in as_(ADA).page("/admin/posts/").css_first("tbody .mh-people__name").text()


def test_roles_are_explained_in_words(as_: As) -> None:
    page = as_(CON).page("/admin/roles/author/")
    rights = {
        row.css_first("code").text(): row.css("td")[1].text(strip=True) for row in page.css("tbody tr") if row.css("td")
    }
    assert rights["content:post:publish"] == "Their own"
    assert rights["media:file:upload"] == "All"
    assert rights["settings:site:change"] == "No"
    assert as_(CON).get("/admin/roles/nobody/").status_code == 404


def test_everybody_keeps_their_own_profile(app: Flask, as_: As) -> None:
    typed = {"name": "Sue Vogt", "biography": "Reads.", "language": "de", "time_zone": "Europe/Berlin"}
    typed |= {"links": "Site https://sue.example/\nhttps://two.example"}
    forged = {"roles": ["admin"], "email": "other@example.com", "active": "", "fs_uniquifier": "x"}
    as_(SUE).submit("/admin/profile/", typed | forged)
    sue = fresh(SUE)
    assert (sue.name, sue.biography, sue.language, sue.time_zone) == ("Sue Vogt", "Reads.", "de", "Europe/Berlin")
    assert [link["url"] for link in sue.links] == ["https://sue.example/", "https://two.example"]
    assert (sue.email, sue.active, roles_of(SUE)) == (SUE.email, True, ["subscriber"])


def test_wrong_profile_keeps_what_was_typed(app: Flask, as_: As) -> None:
    answer = as_(ART).submit(
        "/admin/profile/", {"name": "a@b.example", "links": "Bad javascript:alert(1)", "biography": "Kept"}
    )
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "is not a web address" in text
    assert "Kept" in text
