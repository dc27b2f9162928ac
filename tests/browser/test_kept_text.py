"""Nothing typed is ever lost: what a save could not take is kept in the browser and offered again."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator

from tests.browser.conftest import Site, Window
from tests.factories import make_post
from tests.factories.media import make_media
from tests.people import ADA, ED

Open = Callable[..., Window]
NOTE = ".mh-note:has-text('What you typed here')"
NEW = "/admin/posts/new/"


def _write(window: Window, title: str, text: str) -> None:
    window.page.fill("#title", title)
    window.page.locator(".mh-prose").click()
    window.page.keyboard.press("Control+End")
    window.page.keyboard.type(text)


def _press(window: Window, act: str) -> None:
    with window.page.expect_navigation():
        window.page.locator(f"button[name=act][value={act}]:visible:not([aria-hidden])").first.click()


def _end_session(window: Window) -> None:
    """Sign somebody out behind their back, as another device would."""
    window.context.clear_cookies()


def _note(window: Window, path: str) -> Locator:
    window.open(path)
    window.page.wait_for_selector(".mh-prose")
    return window.page.locator(NOTE)


def _kept(window: Window) -> int:
    """Return how many copies lie in the browser."""
    script = "Object.keys(localStorage).filter((key) => key.startsWith('mh-typed:')).length"
    return int(window.page.evaluate(script))


def _stored(window: Window) -> str:
    return str(window.page.evaluate("JSON.stringify(Object.entries(localStorage))"))


def test_what_a_lost_session_did_not_save_comes_back(site: Site, window: Open) -> None:
    path = f"/admin/posts/{make_post('Knots', state='draft', author=ED).id}/"
    picture = make_media("harbour.jpg")
    ed = window().sign_in(ED)
    assert _note(ed, path).count() == 0
    ed.page.locator("[name=featured_media_id]").evaluate("(field, id) => (field.value = id)", picture.id)
    _write(ed, "Knots and bends", " The bowline holds.")
    ed.page.select_option("[name=visibility]", "password")
    ed.page.fill("[name=password]", "a secret of the readers")
    ed.page.locator("[data-tokens] input[type=text]").fill("harbour, ropes")
    _end_session(ed)
    _press(ed, "save")
    assert "/login" in ed.page.url

    ed.sign_in(ED)
    assert _note(ed, path).is_visible()
    assert ed.page.input_value("#title") == "Knots"
    assert "a secret of the readers" not in _stored(ed)
    assert "csrf_token" not in _stored(ed)
    ed.page.get_by_role("button", name="Bring it back").click()
    assert ed.page.input_value("#title") == "Knots and bends"
    assert "The bowline holds." in ed.page.locator(".mh-prose").inner_text()
    assert ed.page.input_value("[name=visibility]") == "password"
    assert ed.page.locator("[data-tokens-shown]").inner_text().replace("×", "").split() == ["harbour", "ropes"]
    assert ed.page.input_value("[name=featured_media_id]") == str(picture.id)
    ed.page.locator("[data-picture-name]", has_text="harbour.jpg").wait_for(state="attached")
    assert ed.page.locator(NOTE).count() == 0
    ed.page.select_option("[name=visibility]", "public")
    _press(ed, "save")
    assert "#" not in ed.page.url

    assert _note(ed, path).count() == 0
    assert _kept(ed) == 0
    assert ed.page.input_value("#title") == "Knots and bends"
    assert "The bowline holds." in ed.page.locator(".mh-prose").inner_text()


def test_a_post_that_was_never_saved_comes_back_too(window: Open) -> None:
    ed = window().sign_in(ED)
    ed.open(NEW)
    _write(ed, "The harbour at noon", "Low water was at six.")
    _end_session(ed)
    _press(ed, "publish")
    ed.sign_in(ED)
    note = _note(ed, NEW)
    # Typing on before answering the note takes nothing away.
    _write(ed, "Another", "Another text.")
    _press(ed, "save")
    assert _note(ed, NEW).count() == 1
    note.get_by_role("button", name="Bring it back").click()
    assert ed.page.input_value("#title") == "The harbour at noon"
    assert ed.page.locator(".mh-prose").inner_text().strip() == "Low water was at six."
    _press(ed, "publish")
    ed.page.wait_for_selector(".mh-pill--published, .mh-pill:has-text('Published')")
    assert _note(ed, NEW).count() == 0
    assert _kept(ed) == 0


def test_a_save_that_went_well_leaves_no_note(window: Open) -> None:
    ed = window().sign_in(ED)
    ed.open(NEW)
    _write(ed, "Knots", "The bowline.")
    _press(ed, "save")
    path = ed.page.url.removeprefix(ed.base)
    assert path.startswith("/admin/posts/")
    assert "#" not in path
    for text in (" The sheet bend.", " The hitch."):
        _write(ed, "Knots", text)
        _press(ed, "save")
    assert _note(ed, path).count() == 0
    assert _note(ed, NEW).count() == 0
    assert _kept(ed) == 0


def test_a_save_that_was_refused_keeps_its_copy_until_the_next(site: Site, window: Open) -> None:
    path = f"/admin/posts/{make_post('Knots', state='draft', author=ED).id}/"
    ed = window().sign_in(ED)
    ed.open(path)
    ed.page.locator("#title").evaluate("field => field.removeAttribute('maxlength')")
    _write(ed, "x" * 501, " The bowline holds.")
    _press(ed, "save")
    assert ed.page.locator("#errors").is_visible()
    assert ed.page.locator(NOTE).count() == 0
    assert _kept(ed) == 1
    ed.page.fill("#title", "Knots and bends")
    _press(ed, "save")
    assert _note(ed, path).count() == 0
    assert _kept(ed) == 0


def test_what_comes_back_never_replaces_what_somebody_saved_since(site: Site, window: Open) -> None:
    path = f"/admin/posts/{make_post('Knots', state='draft', author=ED).id}/"
    ed, ada = window().sign_in(ED), window().sign_in(ADA)
    ed.open(path)
    _write(ed, "Knots, by Ed", " Ed was here.")
    _end_session(ed)
    _press(ed, "save")
    ada.open(path)
    _write(ada, "Knots, by Ada", " Ada was here.")
    _press(ada, "save")
    ed.sign_in(ED)
    _note(ed, path).get_by_role("button", name="Bring it back").click()
    _press(ed, "save")
    assert ed.page.get_by_role("button", name="Save mine").is_visible()
    assert ed.page.input_value("#title") == "Knots, by Ed"


def test_forgetting_and_signing_out_leave_nothing_behind(site: Site, window: Open) -> None:
    path = f"/admin/posts/{make_post('Knots', state='draft', author=ED).id}/"
    ed = window().sign_in(ED)
    for _again in range(2):
        ed.open(path)
        _write(ed, "Knots and bends", " The bowline holds.")
        _end_session(ed)
        _press(ed, "save")
        ed.sign_in(ED)
    assert _kept(ed) == 2
    note = _note(ed, path)
    note.get_by_role("button", name="Forget it").click()
    assert note.is_visible()
    assert _kept(ed) == 1
    ed.open("/admin/")
    ed.page.locator(".mh-topbar summary:has(.mh-avatar)").click()
    with ed.page.expect_navigation():
        ed.page.get_by_role("button", name="Sign out").click()
    assert _kept(ed) == 0


def test_nobody_else_is_offered_what_somebody_typed(site: Site, window: Open) -> None:
    path = f"/admin/posts/{make_post('Knots', state='draft', author=ED).id}/"
    machine = window().sign_in(ED)
    machine.open(path)
    _write(machine, "Knots, by Ed", " Ed was here.")
    _end_session(machine)
    _press(machine, "save")
    machine.sign_in(ADA)
    assert _note(machine, path).count() == 0


#: Makes each copy one of a text that was typed as Markdown.
_AS_MARKDOWN = """() => {
  for (const [key, text] of Object.entries(localStorage)) {
    const copy = JSON.parse(text);
    const other = copy.fields.filter(([name]) => name !== "body_json");
    copy.fields = [...other, ["body_markdown", "Low *water*"]];
    localStorage.setItem(key, JSON.stringify(copy));
  }
}"""


def test_what_has_no_field_any_more_can_be_copied(site: Site, window: Open) -> None:
    path = f"/admin/posts/{make_post('Knots', state='draft', author=ED).id}/"
    ed = window().sign_in(ED)
    ed.open(path)
    _write(ed, "Knots and bends", " The bowline holds.")
    _end_session(ed)
    _press(ed, "save")
    ed.page.evaluate(_AS_MARKDOWN)
    ed.sign_in(ED)
    _note(ed, path).get_by_role("button", name="Bring it back").click()
    assert ed.page.input_value("#title") == "Knots and bends"
    assert ed.page.get_by_label("What was typed").input_value() == "Low *water*"
    ed.page.get_by_role("button", name="Forget it").click()
    assert ed.page.get_by_label("What was typed").count() == 0


def test_a_browser_that_keeps_nothing_saves_all_the_same(site: Site, window: Open) -> None:
    path = f"/admin/posts/{make_post('Knots', state='draft', author=ED).id}/"
    ed = window()
    ed.page.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('No', 'SecurityError'); }});"
    )
    ed.sign_in(ED).open(path)
    _write(ed, "Knots and bends", " The bowline holds.")
    _press(ed, "save")
    assert ed.page.input_value("#title") == "Knots and bends"
    assert ed.page.locator(NOTE).count() == 0
