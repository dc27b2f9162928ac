"""Two browsers of one person: what one ends, the other feels with its next click."""

from __future__ import annotations

from collections.abc import Callable

from tests.browser.conftest import Window
from tests.people import ADA


def test_a_browser_that_is_ended_elsewhere_is_out_with_its_next_click(window: Callable[..., Window]) -> None:
    here, there = window().sign_in(ADA), window(scripts=False).sign_in(ADA)
    there.open("/admin/posts/")
    assert there.page.locator("h1").inner_text() == "Posts"
    here.open("/account/")
    section = here.page.locator("#sign-ins")
    assert section.get_by_text("Chrome on Linux").count() == 2
    assert section.get_by_text("this browser").count() == 1
    section.get_by_role("button", name="End it").click()
    here.page.get_by_text("That sign-in is ended.").wait_for()
    assert section.get_by_role("button", name="End it").count() == 0
    there.page.reload()
    assert "/login" in there.page.url
    here.open("/admin/posts/")
    assert here.page.locator("h1").inner_text() == "Posts"


def test_all_others_end_at_once_without_scripts_too(window: Callable[..., Window]) -> None:
    here, others = window(scripts=False).sign_in(ADA), [window().sign_in(ADA) for _ in range(2)]
    here.open("/account/")
    here.page.locator("#sign-ins").get_by_role("button", name="End all others").click()
    assert here.page.get_by_text("2 other sign-ins are ended.").count() == 1
    for other in others:
        other.page.reload()
        assert "/login" in other.page.url
