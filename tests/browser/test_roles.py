"""A role is made from a template, looked at, saved and given; its holder sees the difference at the next click."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cms.accounts.queries import get_role
from cms.core.db import current_session
from cms.core.permissions import Grant
from tests.browser.conftest import Window
from tests.factories import make_post, make_term, user
from tests.people import ADA, CON, ED

Open = Callable[..., Window]


def press(window: Window, name: str) -> None:
    """Press a button and wait for the page that follows."""
    with window.page.expect_navigation():
        window.page.get_by_role("button", name=name, exact=True).click()


def make_category_editor(ada: Window) -> None:
    """Have Ada make a category editor of the kitchen, step by step."""
    page = ada.page
    ada.open("/admin/roles/")
    page.locator(".mh-head a", has_text="New role").click()
    page.get_by_text("Choose where, then begin").first.click()
    page.locator("#category-editor-1").check()
    page.locator("details[open] button", has_text="Begin with this").click()
    page.wait_for_url("**/new/?*template=category-editor*")
    assert page.input_value("#label") == "Category editor: Kitchen"
    page.fill("#label", "Kitchen desk")
    page.select_option("#content-page-edit", "own")
    press(ada, "Review")
    assert page.locator("h1").inner_text() == "Make the role “Kitchen desk”?"
    gained = page.locator("section[aria-labelledby=gained]").inner_text()
    assert "In the category Kitchen" in gained
    assert "Edit pages that are not published" in gained
    press(ada, "Change something")
    assert page.input_value("#label") == "Kitchen desk"
    assert page.input_value("#content-page-edit") == "own"
    page.select_option("#content-page-edit", "")
    press(ada, "Review")
    assert "Edit pages" not in page.locator("main").inner_text()
    press(ada, "Save role")
    assert page.locator("h1").inner_text() == "Kitchen desk"
    assert "Nobody holds it." in page.locator("main").inner_text()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_role_from_a_template_changes_what_somebody_sees_at_the_next_click(window: Open, scripts: bool) -> None:
    kitchen = make_term("category", "Kitchen")
    make_term("category", "Sport")
    post = make_post("A loaf", state="draft", author=ED, terms=(kitchen,))
    ada, con = window(scripts=scripts).sign_in(ADA), window(scripts=scripts).sign_in(CON)
    assert con.open(f"/admin/posts/{post.id}/").status == 404
    make_category_editor(ada)
    assert Grant("content:post:edit", f"category:{kitchen.id}") in get_role("kitchen-desk").rights

    ada.open(f"/admin/users/{user(CON).id}/")
    ada.page.check("#role-kitchen-desk")
    press(ada, "Save")
    assert con.open(f"/admin/posts/{post.id}/").status == 200
    assert con.page.input_value("#title") == "A loaf"

    ada.open("/admin/roles/kitchen-desk/")
    assert "Con" in ada.page.locator("section[aria-labelledby=holders]").inner_text()
    ada.open("/admin/roles/kitchen-desk/edit/")
    ada.page.locator("#content-post-edit").locator("xpath=following-sibling::details/summary").click()
    ada.page.locator(f"#content-post-edit-category-{kitchen.id}").uncheck()
    press(ada, "Review")
    lost = ada.page.locator("section[aria-labelledby=lost]").inner_text()
    assert "In the category Kitchen" in lost
    assert "One person holds this role: Con." in ada.page.locator("main").inner_text()
    press(ada, "Save role")
    assert con.open(f"/admin/posts/{post.id}/").status == 404
    current_session().expire_all()
    assert Grant("content:post:publish", f"category:{kitchen.id}") in get_role("kitchen-desk").rights


def test_a_group_is_filled_by_searching(window: Open) -> None:
    ada = window().sign_in(ADA)
    page = ada.page
    ada.open("/admin/groups/")
    page.get_by_role("link", name="Make the first group").click()
    page.fill("#name", "Desk")
    page.check("#role-author")
    press(ada, "Make the group")
    page.fill("#q", "con")
    press(ada, "Search")
    press(ada, "Take in")
    assert "Con" in page.locator("section[aria-labelledby=members] ul").first.inner_text()
    ada.open(f"/admin/users/{user(CON).id}/")
    assert "Through groups" in page.locator("main").inner_text()
