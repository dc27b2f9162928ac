"""The record in a browser: Ada gives Con another role, sees it in the record, and takes it back."""

from collections.abc import Callable

from sqlalchemy import select

from cms.accounts.actions import assign_roles
from cms.accounts.models import Role
from cms.core.db import current_session, transaction
from tests.browser.conftest import Site, Window
from tests.factories import user
from tests.people import ADA, CON


def test_ada_takes_back_a_role_from_the_record(site: Site, window: Callable[..., Window]) -> None:
    editor = current_session().scalars(select(Role).where(Role.name == "editor")).one()
    with transaction():
        assign_roles(user(CON), [editor], by=user(ADA))
    con_id = user(CON).id
    current_session().rollback()
    page = window().sign_in(ADA).page
    page.goto(f"{site.url}/admin/users/{con_id}/")
    page.get_by_role("link", name="What happened").click()
    page.get_by_role("link", name="Ada gave Con other roles").click()
    row = page.get_by_role("row", name="Roles")
    assert row.inner_text().split() == ["Roles", "Contributor", "Editor"]
    page.get_by_role("link", name="Take it back …").first.click()
    assert page.get_by_role("row", name="Roles").inner_text().split() == ["Roles", "Editor", "Contributor"]
    page.get_by_role("button", name="Take it back").click()
    page.get_by_text("This was taken back by").wait_for()
    assert user(CON).role_names == ("contributor",)
    current_session().rollback()
    page.goto(f"{site.url}/admin/audit/")
    assert page.get_by_text("Takes something back").count() == 1
    assert page.get_by_text("Taken back", exact=True).count() == 1


def test_filters_work_without_scripts_and_the_record_can_be_taken_along(
    site: Site, window: Callable[..., Window]
) -> None:
    page = window(scripts=False).sign_in(ADA).page
    page.goto(f"{site.url}/admin/audit/")
    page.locator("summary", has_text="Filter").click()
    page.get_by_label("Act").select_option("user.created")
    page.get_by_role("button", name="Apply").click()
    assert page.locator("tbody tr").count() == 5
    page.locator("summary", has_text="Take along").click()
    with page.expect_download() as loading:
        page.get_by_role("button", name="As a table (CSV)").click()
    assert loading.value.suggested_filename == "record.csv"
    assert loading.value.path().read_text("utf-8").count("user.created") == 5
