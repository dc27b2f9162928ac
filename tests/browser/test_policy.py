"""Every page, with everything on it used, keeps to its policy: nothing refused, no text made HTML, no other host asked.

What a page complains about fails the test in `conftest.py`; here are the pages, and the hands that use them.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask_security.utils import hash_password
from playwright.sync_api import Page
from werkzeug.exceptions import HTTPException

from cms.accounts.links import reset_token
from cms.core.db import transaction
from cms.core.permissions import system_user
from cms.public import reports
from cms.settings.actions import change_settings
from tests.browser.conftest import Site, Window
from tests.factories import make_page, make_post, make_term, user
from tests.factories.media import make_media
from tests.people import ADA, ED, SUE

Open = Callable[..., Window]
ROOT = Path(__file__).parents[2]


@pytest.fixture
def told() -> Iterator[list[str]]:
    """What browsers reported to us, which at the end is nothing."""
    lines: list[str] = []

    class _Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    handler, log = _Keep(), logging.getLogger("cms.reports")
    log.addHandler(handler)
    yield lines
    log.removeHandler(handler)


@pytest.fixture
def quiet(told: list[str]) -> Iterator[None]:
    """Fail when a browser has reported anything."""
    yield
    assert told == []


def every_block() -> dict[str, Any]:
    text = (ROOT / "frontend" / "test" / "documents" / "every-block.json").read_text("utf-8")
    # A picture of another host is not loaded, whoever put it there; a browser would say so on every page.
    return dict(json.loads(re.sub(r'"src": ?"https?://[^"]*"', '"src": "/theme/icon.svg"', text)))


PUBLIC = (
    "/", "/posts/every-block/", "/posts/locked/", "/about/", "/category/kitchen/", "/tag/bread/", "/author/ed/",
    "/archive/", "/search?q=a", "/nothing-here/", "/login", "/reset", "/reset/x", "/invitation/x", "/register",
    "/theme/icon.svg", "/robots.txt", "/.well-known/security.txt",
)  # fmt: skip


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("dark", [False, pytest.param(True, marks=pytest.mark.long)])
def test_pages_for_readers_and_for_signing_in(site: Site, window: Open, dark: bool) -> None:
    terms = [make_term("category", "Kitchen"), make_term("tag", "Bread")]
    make_post("Every block", body=every_block(), terms=terms, featured_media_id=make_media().id)
    make_post("Locked", visibility="password", password_hash=hash_password("sesame"))
    make_page("About")
    with transaction():
        change_settings({"registration_open": True, "security_contact": "desk@example.com"}, by=system_user())
        link = f"/reset/{reset_token(user(SUE))}"
    reader = window(dark=dark)
    closed = ("/logout", "/register?csrf_token=x", f"/reset/{'x' * 9000}")
    for path in (*PUBLIC, link, *closed):
        reader.open(path)
        reader.page.wait_for_load_state("networkidle")
        use(reader.page)
    reader.open("/posts/every-block/")
    with reader.page.expect_response("**/appearance.css*"):
        reader.page.locator("button[name=theme]:visible").first.click()
    reader.open("/posts/locked/")
    reader.page.fill("input[name=password]", "sesame")
    reader.page.keyboard.press("Enter")
    reader.page.wait_for_load_state("networkidle")


def use(page: Page) -> None:
    """Open what is folded, walk through what takes the focus, and go down to the end."""
    page.evaluate("for (const fold of document.querySelectorAll('details > summary')) fold.click()")
    for _step in range(6):
        page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    page.mouse.wheel(0, 20_000)


@pytest.mark.usefixtures("quiet")
def test_every_page_of_the_back_office(site: Site, window: Open) -> None:
    """Each page that a link leads to is opened, for each route once, and used."""
    media = make_media()
    for state in ("draft", "published"):
        make_post(f"A {state}", state=state, body=every_block(), terms=[make_term("tag", state)])
    make_page("About", featured_media_id=media.id)
    make_term("category", "Kitchen")
    admin = window().sign_in(ADA)
    admin.page.on("console", lambda said: said.type == "warning" and admin.complaints.append(f"warning: {said.text}"))
    waiting, seen = ["/admin/", "/change", "/verify", "/logout"], set[str]()
    while waiting:
        path = waiting.pop(0)
        name = endpoint(site, path)
        # What ends in `.csv` and the like is a file, no page.
        if name is None or name in seen or "." in path:
            continue
        seen.add(name)
        if admin.open(path) is None:
            continue
        admin.page.wait_for_load_state("networkidle")
        use(admin.page)
        links = admin.page.evaluate("[...document.querySelectorAll('a[href]')].map((link) => link.pathname)")
        waiting += [link for link in dict.fromkeys(links) if link.startswith("/admin/")]
    assert len(seen) >= 25
    assert {"admin_posts.edit_view", "admin_media.edit_view", "admin_users.edit_view", "admin_settings.index"} <= seen


def endpoint(site: Site, path: str) -> str | None:
    """Return the name of the route that answers a path."""
    try:
        return str(site.app.url_map.bind("localhost").match(path)[0])
    except HTTPException:
        return None


PASTED = """<meta charset="utf-8"><style>p { color: red }</style><p style="color:red;text-align:center" onclick="x()">
One <span style="font-weight:700">bold</span> <a href="https://example.com/" onmouseover="x()">link</a></p>
<table><tr><td style="background:red">cell</td></tr></table><img src="https://elsewhere.example/x.png" onerror="x()">
<script>x()</script><svg onload="x()"></svg><iframe srcdoc="<script>x()</script>"></iframe>"""
_PASTE = """(element, html) => {
  const data = new DataTransfer();
  data.setData("text/html", html);
  data.setData("text/plain", "pasted");
  element.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""
_DROP = """(element, bytes) => {
  const data = new DataTransfer();
  data.items.add(new File([Uint8Array.from(bytes)], "harbour.jpg", { type: "image/jpeg" }));
  const { x, y } = element.getBoundingClientRect();
  const place = { clientX: x + 20, clientY: y + 20, bubbles: true, cancelable: true };
  element.dispatchEvent(new DragEvent("drop", { dataTransfer: data, ...place }));
}"""


@pytest.mark.usefixtures("quiet")
def test_the_editor_with_all_that_it_offers(site: Site, window: Open, pictures: Path) -> None:
    make_media()
    post = make_post("Knots", state="draft", body=every_block())
    editor = window().sign_in(ED)
    page = editor.page
    page.on("console", lambda said: said.type == "warning" and editor.complaints.append(f"warning: {said.text}"))
    page.on("dialog", lambda dialog: dialog.accept())
    editor.open(f"/admin/posts/{post.id}/")
    text = page.locator(".mh-prose").first
    text.wait_for()
    for opener in page.locator(".mh-toolbar [aria-haspopup=menu]").all():
        walk_menu(page, opener)
    for button in page.locator(".mh-toolbar__btn:not([aria-haspopup]):visible:not(:disabled)").all():
        start(page)
        button.click()
        answer_dialog(page)
    for shortcut in ("/table", "/code", "```py ", "## ", "- ", "> ", "[ ] ", "1. ", "---", "**b** ", "`c` "):
        start(page)
        page.keyboard.type(shortcut)
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        answer_dialog(page)
    for block in page.locator(".mh-prose > *").all()[:60]:
        touch(page, block)
    start(page)
    text.evaluate(_PASTE, PASTED)
    text.evaluate(_PASTE, '<p data-pm-slice="0 0 []" style="color:red" onclick="x()">Our own words</p>')
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+c")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Control+v")
    with page.expect_response("**/upload.json"):
        text.evaluate(_DROP, list((pictures / "harbour.jpg").read_bytes()))
    page.locator("[data-calm]").click()
    page.keyboard.press("Escape")
    with page.expect_navigation():
        page.locator("button[name=act][value=save]:visible:not([aria-hidden])").first.click()
    assert page.locator(".mh-prose img[src*='/media/']").count() > 0


def start(page: Page) -> None:
    """Put the cursor into a new line at the end of the text."""
    page.evaluate(
        """() => {
          const { mastheadEditor: editor } = document.querySelector("[data-editor]");
          editor.commands.insertContentAt(editor.state.doc.content.size, { type: "paragraph" });
          editor.commands.focus("end");
        }"""
    )


def walk_menu(page: Page, opener: Any) -> None:
    """Choose each item of a menu, one after the other."""
    start(page)
    opener.click()
    count = page.locator(".mh-popmenu:popover-open button:not(:disabled)").count()
    page.keyboard.press("Escape")
    assert count
    for number in range(count):
        start(page)
        opener.click()
        page.locator(".mh-popmenu:popover-open button:not(:disabled)").nth(number).click()
        answer_dialog(page)


def answer_dialog(page: Page) -> None:
    """Fill in and send the dialog that has opened, if one has."""
    dialog = page.locator("dialog[open]")
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    if dialog.count() == 0:
        return
    tiles = dialog.locator(".mh-picker")
    if tiles.count():
        page.wait_for_load_state("networkidle")
        if dialog.locator(".mh-tile button").count():
            dialog.locator(".mh-tile button").first.click()
    for box in dialog.locator("input[type=url]:visible, input[name=href]:visible").all():
        box.fill("https://www.youtube.com/watch?v=dQw4w9WgXcQ")
    for box in dialog.locator("textarea:visible").all():
        box.fill("<b onclick='x()'>raw</b><style>p{color:red}</style><script>x()</script>")
    submit = dialog.locator("button[type=submit]:visible")
    if submit.count():
        submit.click()
    if dialog.count():
        page.keyboard.press("Escape")
    dialog.wait_for(state="detached")


_OPEN_DETAILS = """() => {
  const buttons = [...document.querySelectorAll(".mh-blockbar button[aria-label='Details']")];
  const shown = buttons.find((button) => button.checkVisibility({visibilityProperty: true}));
  shown?.click();
  return shown !== undefined;
}"""


def touch(page: Page, block: Any) -> None:
    """Choose a block, and open what can be said about it."""
    if not block.is_visible():
        return
    block.click(position={"x": 3, "y": 3}, force=True)
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    # In one go: what was done before (a picture that arrives) may choose another block between a look and a click.
    if page.evaluate(_OPEN_DETAILS):
        answer_dialog(page)


def test_a_browser_that_refuses_something_tells_us(site: Site, window: Open, told: list[str]) -> None:
    """Else the silence of the tests above would say nothing."""
    reports.allowance = reports.Allowance(5)
    reader = window()
    reader.open("/login")
    with reader.context.expect_event("requestfinished", lambda asked: urlsplit(asked.url).path == "/csp-reports"):
        reader.page.evaluate("() => { try { document.body.innerHTML = '<b>x</b>' } catch {} }")
    assert any("trusted-types-sink" in line and "security.login" in line for line in told), told
    assert len(reader.complaints) >= 1
    reader.complaints.clear()
