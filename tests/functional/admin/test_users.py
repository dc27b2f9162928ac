"""People, roles, the own profile."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable

from flask import Flask
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import select

from cms.accounts.models import User
from cms.core.db import current_session, transaction
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


def test_an_invitation_begins_with_the_least_role(app: Flask, as_: As) -> None:
    page = as_(ADA).page("/admin/users/new/")
    assert page.css_first("select[name=role] option[selected]").attributes["value"] == "subscriber"


def test_several_are_invited_at_once_and_each_is_told(app: Flask, as_: As) -> None:
    typed = "lena.vogt@example.com, Piet Hansen <piet@example.com>; nobody\nART@example.com\nlena.vogt@example.com"
    answer = as_(ADA).submit("/admin/users/new/", {"email": typed, "role": "author"})
    assert answer.status_code == 422
    page = LexborHTMLParser(answer.get_data(as_text=True))
    told = {
        item.css_first(".mh-row__title").text(): item.css_first(".mh-small").text() for item in page.css(".mh-goes li")
    }
    assert told == {
        "lena.vogt@example.com": "Invited",
        "piet@example.com": "Invited",
        "nobody": "Not invited",
        "ART@example.com": "Not invited",
    }
    assert page.css_first("textarea[name=email]").text().split("\n")[-2:] == [
        "Nobody <nobody>",
        "ART <ART@example.com>",
    ]
    invited = current_session().scalars(select(User).where(User.invited_at.is_not(None)).order_by(User.email)).all()
    assert [(found.name, found.email, found.role_names) for found in invited] == [
        ("Lena Vogt", "lena.vogt@example.com", ("author",)),
        ("Piet Hansen", "piet@example.com", ("author",)),
    ]
    fine = as_(ADA).submit("/admin/users/new/", {"email": "a@example.com\nb@example.com", "role": "author"})
    assert fine.status_code == 303


def test_too_many_addresses_are_no_invitation(app: Flask, as_: As) -> None:
    before = len(current_session().scalars(select(User)).all())
    many = "\n".join(f"p{number}@example.com" for number in range(51))
    for typed, sentence in ((many, "At most 50 people"), (" ,\n; ", "Whom should"), ("", "Whom should")):
        answer = as_(ADA).submit("/admin/users/new/", {"email": typed, "role": "author"})
        assert answer.status_code == 422
        assert sentence in answer.get_data(as_text=True)
    forged = as_(ADA).submit("/admin/users/new/", {"email": "a@example.com", "role": "nothing"})
    assert forged.status_code == 422
    assert len(current_session().scalars(select(User)).all()) == before


def test_an_invitation_is_sent_again_and_taken_back(app: Flask, as_: As) -> None:
    client = as_(ADA)
    client.submit("/admin/users/new/", {"email": "lena@example.com", "name": "Lena", "role": "author"})
    key = current_session().scalars(select(User.id).where(User.name == "Lena")).one()
    row = client.page("/admin/users/?view=invited").css_first("tbody tr")
    assert "Holds until" in row.text()
    assert client.submit("/admin/users/?view=invited", form="tbody .mh-menu form").status_code == 303
    assert len(current_session().scalars(select(Job).where(Job.name == "send_mail")).all()) == 2
    page = client.page(f"/admin/users/{key}/account/?act=withdraw")
    assert "void at once" in page.text()
    assert client.submit(f"/admin/users/{key}/account/?act=withdraw").status_code == 303
    assert current_session().get(User, key) is None


def test_closing_says_first_what_goes(app: Flask, as_: As) -> None:
    art = fresh(ART).id
    as_(ART).get("/admin/")
    page = as_(ADA).page(f"/admin/users/{art}/account/?act=deactivate")
    assert "1 sign-in" in page.text()
    assert fresh(ART).active
    assert as_(ADA).submit(f"/admin/users/{art}/account/?act=deactivate").status_code == 303
    assert not fresh(ART).active
    for act in ("reset", "invite", "reactivate", "", "explode"):
        assert as_(ADA).get(f"/admin/users/{art}/account/?act={act}").status_code == 404


def test_two_accounts_are_merged_after_a_page_that_says_what_goes(app: Flask, as_: As) -> None:
    make_post("By Art", author=ART)
    art, con = fresh(ART).id, fresh(CON).id
    client = as_(ADA)
    page = client.page(f"/admin/users/{art}/merge/")
    assert "1 thing" in page.text()
    assert page.css("select[name=into] option")[0].attributes["value"] == ""
    assert client.submit(f"/admin/users/{art}/merge/").status_code == 422
    assert client.submit(f"/admin/users/{art}/merge/", {"into": "999"}).status_code == 404
    assert client.submit(f"/admin/users/{art}/merge/", {"into": str(art)}).status_code == 409
    answer = client.submit(f"/admin/users/{art}/merge/", {"into": str(con)})
    assert answer.headers["Location"] == f"/admin/users/{con}/"
    assert current_session().get(User, art) is None
    for person, expected in ((ED, 403), (CON, 404)):
        assert as_(person).get(f"/admin/users/{con}/merge/").status_code == expected
    assert client.get(f"/admin/users/{fresh(ADA).id}/merge/").status_code == 403


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


def take_along(client: PageClient, form: str, query: str = "view=everybody") -> bytes:
    """Return the list of people as a file."""
    button = ("form", form)
    answer = client.submit(f"/admin/users/?{query}", form="form#export", button=button)
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="people-')
    assert answer.headers["Content-Disposition"].endswith(f'.{form}"')
    data = answer.get_data()
    answer.close()
    return data


def test_people_are_taken_along_as_the_list_has_them(app: Flask, as_: As) -> None:
    table = list(csv.reader(take_along(as_(ADA), "csv").decode("utf-8-sig").splitlines()))
    assert table[0] == ["Name", "Mail address", "Roles", "Groups", "Account", "Since (UTC)", "Last seen (UTC)"]
    assert [row[0] for row in table[1:]] == ["Ada", "Art", "Con", "Ed", "Sue"]
    assert table[2][:5] == ["Art", "art@example.com", "Author", "", "Active"]
    narrowed = take_along(as_(ADA), "csv", "view=everybody&role=editor&q=ed").decode()
    assert "Ed" in narrowed
    assert "Art" not in narrowed
    for secret in (fresh(ART).fs_uniquifier, "argon2"):
        assert secret not in take_along(as_(ADA), "csv").decode()


def test_a_name_is_no_formula_in_a_spreadsheet(app: Flask, as_: As) -> None:
    with transaction():
        fresh(SUE).name = '=HYPERLINK("https://evil.example","Sue")'
    assert b"\"'=HYPERLINK" in take_along(as_(ADA), "csv")
    with zipfile.ZipFile(io.BytesIO(take_along(as_(ADA), "xlsx"))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        texts = book.read("xl/sharedStrings.xml").decode() if "xl/sharedStrings.xml" in book.namelist() else sheet
    assert "<f>" not in sheet
    assert "HYPERLINK" in texts


def test_only_who_may_takes_people_along(app: Flask, as_: As) -> None:
    for person, expected in ((ED, 403), (ART, 404), (CON, 404), (SUE, 404)):
        client = as_(person)
        token = client.csrf_token("/admin/profile/")
        answer = client.post("/admin/users/export/", data={"csrf_token": token, "form": "csv"})
        assert answer.status_code == expected, person
    assert as_(ED).page("/admin/users/").css_first("form#export") is None
    client = as_(ADA)
    token = client.csrf_token("/admin/users/")
    for form in ("", "pdf", "../csv"):
        assert client.post("/admin/users/export/", data={"csrf_token": token, "form": form}).status_code == 422
    assert client.post("/admin/users/export/", data={"form": "csv"}).status_code == 400
    assert client.get("/admin/users/export/").status_code in (404, 405)


def test_the_own_address_is_changed_on_the_own_page_alone_where_both_ends_are_asked(as_: As) -> None:
    mine = user(ADA).id
    page = as_(ADA).submit(f"/admin/users/{mine}/", {"email": "elsewhere@example.com", "roles": ["admin"]})
    assert page.status_code in (200, 303, 422)
    current_session().expire_all()
    assert current_session().get_one(User, mine).email == ADA.email
