"""Pages about the API in a real browser: nothing is refused by their policies, nobody else is asked, and they fit."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.conftest import Site, Window
from tests.people import ADA

Open = Callable[..., Window]


@pytest.mark.parametrize("dark", [False, pytest.param(True, marks=pytest.mark.long)])
def test_the_api_is_tried_from_its_page_with_a_token_and_without_cookies(site: Site, window: Open, dark: bool) -> None:
    """Swagger UI draws every sort of thing it has, and asks as whoever has a token: cookies stay at home."""
    somebody = window(dark=dark).sign_in(ADA)
    page = somebody.page
    page.on("console", lambda said: said.type == "warning" and somebody.complaints.append(f"warning: {said.text}"))
    somebody.open("/api/v1/docs?url=https://example.com/other.json&configUrl=https://example.com/config.json")
    page.locator(".opblock-tag").first.wait_for()
    assert page.evaluate("document.documentElement.classList.contains('dark-mode')") is dark
    tags = page.locator(".opblock-tag")
    for number in range(tags.count()):
        tags.nth(number).click()
    page.locator(".authorize:visible").first.click()
    page.locator(".auth-container input").fill("mhp_nobody")
    page.locator(".modal-btn.authorize").click()
    page.locator(".btn-done").click()
    for method in ("get", "post", "delete"):
        operation = page.locator(f".opblock-{method}").first
        operation.locator(".opblock-summary-control").click()
        operation.locator(".opblock-body").wait_for()
    page.locator(".models-control").click()
    page.locator("section.models .model-container, section.models article").first.wait_for()
    problem = page.locator("#operations-Problems-get_problem")
    problem.locator(".opblock-summary-control").click()
    problem.locator(".try-out__btn").click()
    problem.locator("input[placeholder=code]").fill("not_found")
    with page.expect_request("**/api/v1/problems/not_found") as asked:
        problem.locator(".execute").click()
    assert asked.value.headers["authorization"] == "Bearer mhp_nobody"
    assert "cookie" not in asked.value.all_headers()
    problem.locator(".live-responses-table .response-col_status", has_text="401").wait_for()


@pytest.mark.parametrize("width", [360, 768, 1280])
@pytest.mark.parametrize("dark", [False, True])
def test_the_reference_is_read_without_scripts_at_every_width(site: Site, window: Open, width: int, dark: bool) -> None:
    reader = window(scripts=False, width=width, dark=dark)
    reader.open("/api/v1/reference")
    page = reader.page
    assert page.locator("script").count() == 0
    assert page.locator("h1").inner_text().startswith("Masthead API")
    assert page.locator(".api-operation").count() >= 10
    # What is wider than a phone scrolls by itself, not the page.
    assert page.locator("body").evaluate("() => document.scrollingElement.scrollWidth") <= width
    answer = page.locator("details.api-answer").first
    answer.locator("summary").click()
    assert answer.locator(".api-code").is_visible()


def test_the_reference_leads_to_each_operation(site: Site, window: Open) -> None:
    reader = window()
    reader.open("/api/v1/reference")
    reader.page.locator(".api-index__list ul a").last.click()
    name = reader.page.url.partition("#")[2]
    assert reader.page.locator(f"#{name}").is_visible()
    assert reader.page.locator("nav.api-head__nav a[aria-current]").inner_text() == "Reference"
