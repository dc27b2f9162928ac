"""What people come for, in a real browser: write, publish, correct, give a role; with scripts and without."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.conftest import Site, Window
from tests.factories import make_post
from tests.people import ADA, CON, ED

Open = Callable[..., Window]


def test_an_editor_writes_publishes_and_corrects_a_post(window: Open, pictures: Path) -> None:
    editor, reader = window().sign_in(ED), window()
    page = editor.page
    editor.open("/admin/posts/new/")
    page.fill("#title", "The harbour at noon")
    text = page.locator(".mh-prose")
    text.click()
    page.keyboard.type("Low water was at six.")
    page.keyboard.press("Enter")
    page.keyboard.type("## What to bring")
    page.keyboard.press("Enter")
    page.keyboard.type("- boots")
    page.keyboard.press("Enter")
    page.keyboard.type("a map")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.keyboard.type("See the timetable")
    for _letter in "timetable":
        page.keyboard.press("Shift+ArrowLeft")
    _settle(editor)
    page.keyboard.press("Control+k")
    dialog = page.locator("dialog[open]")
    dialog.locator("input").first.fill("https://example.com/ferry")
    dialog.get_by_role("button", name="Done").click()
    text.locator("a[href='https://example.com/ferry']", has_text="timetable").wait_for()
    page.wait_for_function("document.activeElement.matches('.mh-prose')")
    page.keyboard.press("End")
    _settle(editor)
    page.keyboard.press("Enter")
    text.evaluate(_DROP, [(pictures / "harbour.jpg").read_bytes().hex(), "harbour.jpg"])
    page.wait_for_selector(".mh-prose img[src*='/media/']")
    _publish(editor)

    reader.open("/posts/the-harbour-at-noon/")
    article = reader.page.locator("article")
    assert article.locator("h1").inner_text() == "The harbour at noon"
    assert article.locator("h2", has_text="What to bring").count() == 1
    assert article.locator(".prose li").all_inner_texts()[:2] == ["boots", "a map"]
    assert article.locator("a", has_text="timetable").get_attribute("href") == "https://example.com/ferry"
    picture = article.locator(".prose img").first
    picture.scroll_into_view_if_needed()
    reader.page.wait_for_function("image => image.complete && image.naturalWidth", arg=picture.element_handle())

    page.locator(".mh-prose p", has_text="Low water").click()
    page.keyboard.press("End")
    page.keyboard.type(" It rained.")
    _press(editor, "publish")
    reader.page.reload()
    assert "Low water was at six. It rained." in article.inner_text()


#: Drops a file, given as hexadecimal bytes, onto the text.
_DROP = """(element, [hex, name]) => {
  const bytes = Uint8Array.from(hex.match(/../g).map((pair) => parseInt(pair, 16)));
  const data = new DataTransfer();
  data.items.add(new File([bytes], name, {type: "image/jpeg"}));
  const last = element.lastElementChild.getBoundingClientRect();
  const middle = last.y + last.height / 2;
  const where = {clientX: last.x + 5, clientY: middle, bubbles: true, cancelable: true, dataTransfer: data};
  element.dispatchEvent(new DragEvent("drop", where));
}"""


def _settle(window: Window) -> None:
    """Let the browser tell the editor where the selection is: a person's hands are slower than that."""
    window.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def _press(window: Window, act: str) -> None:
    """Press a button of the page of an entry, and wait for the answer."""
    with window.page.expect_navigation():
        window.page.locator(f"button[name=act][value={act}]:visible:not([aria-hidden])").first.click()


def _publish(window: Window) -> None:
    _press(window, "publish")
    window.page.wait_for_selector(".mh-pill--published, .mh-pill:has-text('Published')")


def test_the_same_without_scripts(window: Open) -> None:
    editor, reader = window(scripts=False).sign_in(ED), window(scripts=False)
    page = editor.page
    editor.open("/admin/posts/new/")
    page.fill("#title", "Without scripts")
    page.fill("#body-markdown", "Low water.\n\n## What to bring\n\n- boots\n- [a map](https://example.com/map)\n")
    _publish(editor)
    reader.open("/posts/without-scripts/")
    article = reader.page.locator("article")
    assert article.locator("h2", has_text="What to bring").count() == 1
    assert article.locator("a", has_text="a map").get_attribute("href") == "https://example.com/map"
    page.fill("#body-markdown", page.input_value("#body-markdown").replace("Low water", "High water"))
    _press(editor, "publish")
    reader.page.reload()
    assert "High water." in article.inner_text()


@pytest.mark.parametrize("scripts", [True, False])
def test_an_admin_makes_a_contributor_an_author_who_may_publish_at_once(
    site: Site, window: Open, scripts: bool
) -> None:
    post = make_post("Knots", state="draft", author=CON)
    admin, writer = window(scripts=scripts).sign_in(ADA), window(scripts=scripts).sign_in(CON)
    writer.open(f"/admin/posts/{post.id}/")
    assert writer.page.locator("button[name=act][value=publish]").count() == 0
    assert writer.page.locator("button[name=act][value=submit]:visible").count() > 0

    admin.open("/admin/users/")
    admin.page.locator("a", has_text=re.compile("^Con$")).first.click()
    admin.page.check("#role-author")
    with admin.page.expect_navigation():
        admin.page.get_by_role("button", name="Save", exact=True).click()

    writer.page.reload()
    _publish(writer)
    reader = window(scripts=scripts)
    assert reader.open("/posts/knots/").status == 200


def test_a_stale_save_keeps_what_was_typed_on_the_screen(site: Site, window: Open) -> None:
    post = make_post("Knots", state="draft", author=ED)
    one, other = window(scripts=False).sign_in(ED), window(scripts=False).sign_in(ADA)
    for who in (one, other):
        who.open(f"/admin/posts/{post.id}/")
    one.page.fill("#title", "Knots, by Ed")
    _press(one, "save")
    other.page.fill("#title", "Knots, by Ada")
    with other.page.expect_response(lambda answer: answer.request.method == "POST") as answered:
        other.page.locator("button[name=act][value=save]:visible:not([aria-hidden])").first.click()
    assert answered.value.status == 409
    assert other.page.input_value("#title") == "Knots, by Ada"


PAGES = (
    "/admin/", "/admin/posts/", "/admin/posts/new/", "/admin/posts/{post}/", "/admin/posts/{post}/delete/",
    "/admin/pages/", "/admin/pages/new/", "/admin/categories/", "/admin/categories/new/", "/admin/tags/",
    "/admin/media/", "/admin/media/new/", "/admin/users/", "/admin/users/new/", "/admin/users/{user}/",
    "/admin/roles/", "/admin/roles/editor/", "/admin/profile/", "/admin/settings/", "/admin/find/?q=a",
    "/admin/nothing-here/", "/change",
)  # fmt: skip


@pytest.mark.parametrize(
    "width", [360, pytest.param(768, marks=pytest.mark.long), pytest.param(1280, marks=pytest.mark.long)]
)
def test_no_page_of_the_back_office_breaks_its_policy_or_scrolls_sideways(site: Site, window: Open, width: int) -> None:
    post = make_post("Knots", author=ED)
    admin = window(width=width).sign_in(ADA)
    for path in PAGES:
        admin.open(path.format(post=post.id, user=2))
        admin.page.wait_for_load_state("networkidle")
        assert admin.page.evaluate("document.documentElement.scrollWidth") <= width, path
