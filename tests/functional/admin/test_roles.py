"""The role editor: enter, look at what would change, save; nobody reaches more by it than they hold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from cms.accounts.actions import assign_roles, create_role, edit_role
from cms.accounts.models import Role, SignIn
from cms.accounts.policies import ASSIGN, EDIT_ROLES, ENTER, LIST_PEOPLE, VIEW_ROLES
from cms.accounts.queries import find_role, get_role
from cms.core.db import current_session, transaction
from cms.core.permissions import Grant, system_user
from cms.lib.clock import utcnow
from tests.clients import PageClient, form_values
from tests.factories import make_page, make_post, make_term, user
from tests.people import ADA, ART, CON, ED, NOBODY, PASSWORD, SUE, Person

As = Callable[[Person], PageClient]
NEW = "/admin/roles/new/?blank=1"


def parsed(answer: TestResponse) -> LexborHTMLParser:
    """Return the parsed page of an answer."""
    return LexborHTMLParser(answer.get_data(as_text=True))


def send(client: PageClient, answer: TestResponse, act: str, path: str, **more: Any) -> TestResponse:
    """Send the form of a page again by one of its buttons, as a browser would."""
    form = parsed(answer).css("form[method=post]:not([data-aside])")[-1]
    values = form_values(form)
    values.add("act", act)
    for name, value in more.items():
        values.setlist(name, [value])
    return client.post(path, data=values)


def review(client: PageClient, path: str, fields: dict[str, Any]) -> TestResponse:
    """Fill in the form of a role and look at what would change."""
    return client.submit(path, fields, button=("act", "review"))


def roles() -> set[str]:
    """Return the names of all roles."""
    current_session().expire_all()
    return set(current_session().scalars(select(Role.name)))


def make_manager(*more: Grant) -> None:
    """Make of Con somebody who edits roles and holds `more` besides."""
    rights = [Grant(right) for right in (ENTER, EDIT_ROLES, ASSIGN, VIEW_ROLES, LIST_PEOPLE)]
    with transaction():
        role = create_role(label="Manager", rights=[*rights, *more], by=system_user())
        assign_roles(user(CON), [role], by=system_user())


def test_list_tells_rights_people_and_second_factor(app: Flask, as_: As) -> None:
    with transaction():
        create_role(label="Desk", requires_second_factor=True, rights=[Grant(ENTER)], by=system_user())
    rows = {
        row.css_first(".mh-row__title").text(): [cell.text(strip=True) for cell in row.css("td")[1:]]
        for row in as_(ADA).page("/admin/roles/").css("tbody tr")
    }
    assert list(rows) == ["Admin", "Editor", "Author", "Contributor", "Subscriber", "Desk"]
    assert rows["Desk"] == ["Required", "1right", "0people"]
    assert rows["Author"][0] == "Not required"
    assert rows["Author"][2] == "1person"


def test_a_role_is_made_in_two_steps(app: Flask, as_: As) -> None:
    client = as_(ADA)
    fields = {
        "label": "Night desk",
        "description": "At night.",
        "requires_second_factor": "y",
        "right:accounts:office:enter": "all",
        "right:content:post:edit": "own",
    }
    page = review(client, NEW, fields)
    text = page.get_data(as_text=True)
    assert page.status_code == 200
    assert "Make the role “Night desk”?" in text
    assert "Enter the back office." in text
    assert "Nobody holds it yet." in text
    assert roles() == {"admin", "editor", "author", "contributor", "subscriber"}
    saved = send(client, page, "save", NEW)
    assert (saved.status_code, saved.headers["Location"]) == (303, "/admin/roles/night-desk/")
    role = get_role("night-desk")
    assert (role.label, role.description, role.requires_second_factor) == ("Night desk", "At night.", True)
    assert role.rights == {Grant(ENTER), Grant("content:post:edit", "own")}


def test_nothing_typed_is_lost_on_the_way_back(app: Flask, as_: As) -> None:
    kitchen = make_term("category", "Kitchen")
    client = as_(ADA)
    fields = {
        "label": "Cooks' <desk> & more",
        "description": 'For "cooks".',
        "requires_second_factor": "y",
        "right:content:post:edit": ["own", f"category:{kitchen.id}"],
        "right:content:term:edit": "all",
    }
    page = review(client, NEW, fields)
    back = send(client, page, "edit", NEW)
    assert back.status_code == 200
    form = parsed(back).css_first("form[method=post]:not([data-aside])")
    values = form_values(form)
    assert values["label"] == "Cooks' <desk> & more"
    assert values["description"] == 'For "cooks".'
    assert values["requires_second_factor"] == "y"
    assert values.getlist("right:content:post:edit") == ["own", f"category:{kitchen.id}"]
    assert values.getlist("right:content:term:edit") == ["all"]
    assert find_role("cooks-desk-more") is None


def test_the_review_tells_what_is_gained_and_lost_and_by_whom(app: Flask, as_: As) -> None:
    client, path = as_(ADA), "/admin/roles/author/edit/"
    page = review(client, path, {"right:content:post:publish": "", "right:content:page:create": "all"})
    found = parsed(page)
    gained = found.css_first("section[aria-labelledby=gained]").text()
    lost = found.css_first("section[aria-labelledby=lost]").text()
    assert "Begin new pages." in gained
    assert "Publish, schedule, update, unpublish and archive posts." in lost
    assert "Their own" in lost
    assert "One person holds this role: Art." in found.text()
    assert send(client, page, "save", path).status_code == 303
    rights = get_role("author").rights
    assert Grant("content:page:create") in rights
    assert not any(right.permission == "content:post:publish" for right in rights)


def test_a_narrower_right_is_lost_in_part(app: Flask, as_: As) -> None:
    page = review(as_(ADA), "/admin/roles/editor/edit/", {"right:content:post:publish": "own"})
    lost = parsed(page).css_first("section[aria-labelledby=lost]").text()
    assert "From now on: Their own" in lost
    assert parsed(page).css_first("section[aria-labelledby=gained]") is None


def test_a_review_without_a_change_says_so(app: Flask, as_: As) -> None:
    page = review(as_(ADA), "/admin/roles/author/edit/", {})
    assert "Nothing would change" in page.get_data(as_text=True)


def test_a_review_warns_of_a_role_that_does_not_open_the_office(app: Flask, as_: As) -> None:
    page = review(as_(ADA), NEW, {"label": "Odd", "right:content:post:edit": "own"})
    assert "cannot enter the back office" in page.get_data(as_text=True)
    page = review(as_(ADA), "/admin/roles/author/edit/", {"requires_second_factor": "y"})
    assert "has no second factor yet" in page.get_data(as_text=True)


def test_a_change_holds_at_the_next_click(app: Flask, as_: As) -> None:
    art, ada = as_(ART), as_(ADA)
    assert art.get("/admin/posts/new/").status_code == 200
    page = review(ada, "/admin/roles/author/edit/", {"right:content:post:create": []})
    assert art.get("/admin/posts/new/").status_code == 200
    send(ada, page, "save", "/admin/roles/author/edit/")
    assert art.get("/admin/posts/new/").status_code in (403, 404)


def test_two_who_edit_a_role_lose_nothing(app: Flask, as_: As) -> None:
    client, path = as_(ADA), "/admin/roles/author/edit/"
    page = review(client, path, {"description": "Mine", "right:content:page:create": "all"})
    with transaction():
        role = get_role("author")
        edit_role(role, label=role.label, description="Theirs", requires_second_factor=False, by=system_user())
    answer = send(client, page, "save", path)
    assert answer.status_code == 409
    text = answer.get_data(as_text=True)
    assert "Somebody else changed this role meanwhile." in text
    values = form_values(parsed(answer).css_first("form[method=post]:not([data-aside])"))
    assert (values["description"], values["right:content:page:create"]) == ("Mine", "all")
    assert get_role("author").description == "Theirs"
    again = send(client, answer, "review", path)
    words = parsed(again).css_first("section[aria-labelledby=words]").text()
    assert "Before: Theirs" in words
    assert "Mine" in words
    assert send(client, again, "save", path).status_code == 303
    assert get_role("author").description == "Mine"


@pytest.mark.parametrize(
    "fields",
    [
        {"right:content:post:fly": "all"},
        {"right:content:post:create": "own"},
        {"right:content:post:edit": "category:999"},
        {"right:content:post:edit": "section:1"},
        {"right:": "all"},
        {"right:content:post:edit": "x" * 3000},
        {"label": "Admin"},
        {"label": ""},
        {"label": "x" * 100},
        {"description": "x" * 600},
        {"right:content:post:edit": [f"category:{number}" for number in range(900)]},
    ],
)
def test_what_cannot_be_taken_is_told_in_a_sentence(app: Flask, as_: As, fields: dict[str, Any]) -> None:
    for act in ("review", "save"):
        answer = as_(ADA).submit(NEW, {"label": "Odd", **fields}, button=("act", act))
        assert answer.status_code == 422
        assert parsed(answer).css_first("#errors li") is not None
    assert roles() == {"admin", "editor", "author", "contributor", "subscriber"}


def test_ten_thousand_fields_are_refused(app: Flask, as_: As) -> None:
    fields = {f"right:content:post:edit{number}": "all" for number in range(10_000)}
    answer = as_(ADA).submit(NEW, {"label": "Odd", **fields})
    assert answer.status_code in (413, 422)
    assert len(roles()) == 5


def test_templates_begin_with_what_a_job_needs(app: Flask, as_: As) -> None:
    kitchen, sport = make_term("category", "Kitchen"), make_term("category", "Sport")
    about = make_page("About")
    client = as_(ADA)
    start = client.page("/admin/roles/new/")
    assert [item.text() for item in start.css(".mh-items .mh-row__title")][:2] == ["Category editor", "Section editor"]
    path = f"/admin/roles/new/?template=category-editor&place=category:{kitchen.id}"
    values = form_values(client.page(path).css_first("form[method=post]:not([data-aside])"))
    assert values["label"] == "Category editor: Kitchen"
    assert values.getlist("right:content:post:publish") == ["", f"category:{kitchen.id}"]
    assert send(client, review(client, path, {}), "save", path).status_code == 303
    role = get_role("category-editor-kitchen")
    assert Grant("content:post:publish", f"category:{kitchen.id}") in role.rights
    assert not any(str(sport.id) == right.extent.partition(":")[2] for right in role.rights)
    path = f"/admin/roles/new/?template=section-editor&place=section:{about.id}"
    send(client, review(client, path, {}), "save", path)
    assert Grant("content:page:edit", f"section:{about.id}") in get_role("section-editor-about").rights
    for key in ("reviewer", "picture-editor", "people-manager", "seo-editor"):
        assert client.get(f"/admin/roles/new/?template={key}").status_code == 200
    for wrong in ("template=nothing", "copy=nothing", "template=", "copy="):
        assert client.get(f"/admin/roles/new/?{wrong}").status_code == 404


def test_a_template_gives_what_it_says(app: Flask, as_: As) -> None:
    kitchen = make_term("category", "Kitchen")
    sport = make_term("category", "Sport")
    inside = make_post("A loaf", state="draft", author=ED, terms=(kitchen,))
    outside = make_post("A goal", state="draft", author=ED, terms=(sport,))
    path = f"/admin/roles/new/?template=category-editor&place=category:{kitchen.id}"
    send(as_(ADA), review(as_(ADA), path, {}), "save", path)
    with transaction():
        assign_roles(user(CON), [get_role("category-editor-kitchen")], by=user(ADA))
    con = as_(CON)
    assert con.get(f"/admin/posts/{inside.id}/").status_code == 200
    assert con.get(f"/admin/posts/{outside.id}/").status_code == 404


def test_a_copy_begins_with_all_of_it(app: Flask, as_: As) -> None:
    client, path = as_(ADA), "/admin/roles/new/?copy=author"
    page = review(client, path, {"label": "Stringer"})
    assert send(client, page, "save", path).status_code == 303
    assert get_role("stringer").rights == get_role("author").rights


def test_roles_are_compared_side_by_side(app: Flask, as_: As) -> None:
    page = as_(CON).page("/admin/roles/compare/?a=author&b=contributor")
    rows = {
        row.css_first(".mh-row__title").text(): [cell.text(strip=True) for cell in row.css("td")[1:]]
        for row in page.css("tbody tr")
        if row.css_first("td")
    }
    publish = rows["Publish, schedule, update, unpublish and archive posts."]
    assert publish == ["AuthorTheir own", "ContributorNo"]
    assert "Enter the back office." not in rows
    same = as_(CON).page("/admin/roles/compare/?a=author&b=author").text()
    assert "Both allow the same." in same
    assert as_(CON).get("/admin/roles/compare/?a=author&b=nothing").status_code == 404


def test_the_page_of_a_role_tells_who_has_it_to_who_sees_people(app: Flask, as_: As) -> None:
    assert "Art" in as_(ED).page("/admin/roles/author/").css_first("section[aria-labelledby=holders]").text()
    assert as_(CON).page("/admin/roles/author/").css_first("section[aria-labelledby=holders]") is None
    assert as_(ED).page("/admin/roles/author/").css_first("a[href$='/edit/']") is None


def test_deleting_a_role_counts_first_and_gives_another(app: Flask, as_: As) -> None:
    with transaction():
        desk = create_role(label="Desk", rights=[Grant(ENTER)], by=system_user())
        assign_roles(user(SUE), [desk], by=system_user())
    client = as_(ADA)
    page = client.page("/admin/roles/desk/delete/")
    assert "1 person" in page.text()
    assert "Sue" in page.css_first(".mh-goes").text()
    bad = client.submit("/admin/roles/desk/delete/", {"replacement": "nothing"})
    assert bad.status_code == 422
    assert client.submit("/admin/roles/desk/delete/", {"replacement": "contributor"}).status_code == 303
    current_session().expire_all()
    assert [role.name for role in user(SUE).roles] == ["contributor"]
    assert find_role("desk") is None


def test_default_roles_stay(app: Flask, as_: As) -> None:
    client = as_(ADA)
    token = client.csrf_token("/admin/posts/new/")
    for name in ("admin", "author"):
        assert client.get(f"/admin/roles/{name}/delete/").status_code == 403
        assert client.post(f"/admin/roles/{name}/delete/", data={"csrf_token": token}).status_code == 409
    page = client.page("/admin/roles/admin/edit/")
    assert page.css_first("select[name^=right]") is None
    forged = {"right:content:post:create": "", "description": "Everything"}
    answer = review(client, "/admin/roles/admin/edit/", forged)
    assert send(client, answer, "save", "/admin/roles/admin/edit/").status_code == 303
    assert Grant("content:post:create") in get_role("admin").rights
    assert get_role("admin").description == "Everything"


@pytest.mark.parametrize("person", [ED, ART, CON, SUE, NOBODY], ids=lambda person: person.name)
def test_only_who_may_edit_roles_sees_forms(app: Flask, as_: As, person: Person) -> None:
    client = as_(person)
    expected = {"Sue": 404, "Nobody": 302}.get(person.name, 403)
    for path in ("/admin/roles/new/", NEW, "/admin/roles/author/edit/", "/admin/roles/author/delete/"):
        assert client.get(path).status_code == expected, path
    token = client.csrf_token("/admin/profile/" if person is not NOBODY else "/login")
    for path in (NEW, "/admin/roles/author/edit/", "/admin/roles/author/delete/"):
        answer = client.post(path, data={"csrf_token": token, "label": "Mine", "act": "save"})
        assert answer.status_code == expected, path
    assert len(roles()) == 5


def test_forms_offer_only_what_the_person_may_grant(app: Flask, as_: As) -> None:
    make_manager(Grant("content:post:edit", "own"))
    con = as_(CON)
    form = con.page(NEW).css_first("form[method=post]:not([data-aside])")
    names = {field.attributes.get("name") for field in form.css("input, select")}
    assert "right:content:post:edit" in names
    assert "right:content:post:publish" not in names
    assert "right:settings:site:change" not in names
    for fields in (
        {"right:settings:site:change": "all"},
        {"right:content:post:edit": "all"},
        {"right:content:post:publish": "own"},
    ):
        for act in ("review", "save"):
            answer = con.submit(NEW, {"label": "Higher", **fields}, button=("act", act))
            assert answer.status_code == 403
    assert find_role("higher") is None
    assert con.get("/admin/roles/editor/edit/").status_code == 403
    left_out = con.page("/admin/roles/new/?template=people-manager").text()
    assert "left out" in left_out


def test_a_role_needs_the_token_of_a_form(app: Flask, as_: As) -> None:
    client = as_(ADA)
    values = {"label": "Odd", "act": "save"}
    assert client.post(NEW, data=values).status_code == 400
    assert client.post(NEW, data=values, headers={"Sec-Fetch-Site": "cross-site"}).status_code in (400, 403)
    assert find_role("odd") is None


def test_who_signed_in_long_ago_confirms_first_and_loses_nothing(app: Flask, as_: As) -> None:
    client = as_(ADA)
    page = review(client, NEW, {"label": "Desk", "right:content:post:edit": "own"})
    with transaction() as session:
        session.execute(update(SignIn).values(confirmed_at=utcnow() - timedelta(hours=1)))
    asked = send(client, page, "save", NEW)
    assert asked.status_code == 403
    assert find_role("desk") is None
    form = parsed(asked).css_first("form[method=post]:not([data-aside])")
    values = form_values(form)
    assert (values["label"], values["right:content:post:edit"], values["act"]) == ("Desk", "own", "save")
    values["masthead-confirm-password"] = PASSWORD
    assert client.post(NEW, data=values).status_code == 303
    assert get_role("desk").rights == {Grant("content:post:edit", "own")}
