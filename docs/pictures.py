"""Makes the pictures of the handbook anew, from a site of its own in Chromium: `make pictures`.

Each function takes one picture: it leads a person to a page and names what of it matters. The clock is the machine's,
so that times of day differ from run to run; everything else comes out alike.
"""

from __future__ import annotations

import io
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from sqlalchemy import select
from werkzeug.serving import WSGIRequestHandler, make_server

from bench.common import installation
from cms.accounts.actions import create_role, create_user
from cms.accounts.actions.change_members import change_members
from cms.accounts.actions.create_group import create_group
from cms.accounts.authenticators import begin_enrolment
from cms.accounts.models import User
from cms.accounts.passwords import hash_new_password
from cms.accounts.queries import get_role
from cms.accounts.role_templates import TEMPLATES, template_rights
from cms.content.actions.publish_entry import publish_entry
from cms.content.models import Entry
from cms.core.db import current_session, transaction
from cms.core.permissions import system_user
from cms.extensions import db
from cms.lib.clock import utcnow
from cms.settings.actions import change_settings
from tests.factories import make_post, make_term
from tests.needs import get
from tests.people import ADA, ART, CON, ED, PASSWORD, SUE, Person

IMAGES = Path(__file__).parent / "images"
WIDTH = 1280
#: In bytes; a picture that is larger has too much on it.
LARGEST = 150_000
_AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
_PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.4 Mobile/15E148 Safari/604.1"
)


def main() -> None:
    """Take every picture."""
    with site() as (app, url), sync_playwright() as playwright:
        fill(app)
        browser = playwright.chromium.launch(executable_path=get("chromium"), args=["--no-sandbox"])
        ada = Visit(browser, app, url)
        ada.sign_in(ADA)
        for take in (roles, role, why, see_as, record):
            take(ada)
        account(Visit(browser, app, url))
        browser.close()


# -- the site --------------------------------------------------------------------------------------------


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 -- named by the library
        return


@contextmanager
def site() -> Iterator[tuple[Flask, str]]:
    """Run a site with Ada on a free port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://localhost:{listening.getsockname()[1]}"
        with installation(CMS_BASE_URL=url) as app:
            server = make_server(
                "127.0.0.1", 0, app, threaded=True, request_handler=_Quiet, fd=os.dup(listening.fileno())
            )
            thread = threading.Thread(target=server.serve_forever, daemon=True)
            thread.start()
            yield app, url
            server.shutdown()
            thread.join(10)
            server.server_close()


def fill(app: Flask) -> None:
    """Add the people, what they wrote, a role and a group."""
    with app.app_context():
        by = system_user()
        with transaction():
            change_settings({"name": "The Harbour", "description": "News from the quay"}, by=by)
        for person in (ED, ART, CON, SUE):
            hashed = hash_new_password(PASSWORD, person.email)
            with transaction():
                found = get_role(str(person.role))
                create_user(email=person.email, name=person.name, roles=[found], password_hash=hashed, by=by)
        kitchen = make_term("category", "Kitchen")
        make_post("A kettle that whistles again", author=ART, terms=(kitchen,))
        tide = make_post("What the tide brought in", author=ED, state="draft")
        make_post("A loaf that waits", author=CON, state="in_review", terms=(kitchen,))
        make_post("Ladders, and how to lean them", author=CON, state="draft")
        category_editor = TEMPLATES[0]
        with transaction():
            create_role(
                label="Kitchen desk",
                description="Edits and publishes every post about the kitchen.",
                requires_second_factor=True,
                rights=template_rights(category_editor, [f"category:{kitchen.id}"]),
                by=_user(ADA),
            )
        with transaction():
            desk = create_group(name="Desk", roles=[get_role("kitchen-desk")], by=_user(ADA))
            change_members(desk, join=[_user(ART)], by=_user(ADA))
        with transaction():
            publish_entry(tide, by=_user(ED))
        db.session.remove()


def _user(person: Person) -> User:
    return current_session().scalars(select(User).where(User.email == person.email)).one()


# -- a visit ---------------------------------------------------------------------------------------------


class Visit:
    """A browser of somebody, and taking pictures in it."""

    def __init__(self, browser: Browser, app: Flask, url: str) -> None:
        self.browser, self.app, self.url = browser, app, url
        self.page = self.open_window()

    def open_window(self, **options: Any) -> Page:
        """Return a page of a browser that nobody has used yet."""
        context: BrowserContext = self.browser.new_context(
            viewport={"width": WIDTH, "height": 900}, color_scheme="light", reduced_motion="reduce", **options
        )
        return context.new_page()

    def go(self, path: str) -> Page:
        """Open a path of the site."""
        self.page.goto(self.url + path)
        return self.page

    def sign_in(self, person: Person, page: Page | None = None, *, lands: str = "**/admin/**") -> Page:
        """Sign in through the page."""
        page = page or self.page
        page.goto(f"{self.url}/login")
        page.fill("input[name=email]", person.email)
        page.fill("input[name=password]", PASSWORD)
        page.click("form button[type=submit]:not([data-aside])")
        page.wait_for_url(lands)
        return page

    def press(self, name: str) -> None:
        """Press a button and wait for the page that follows."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=name, exact=True).first.click()

    def keep(self, name: str, *, height: int, top: int = 0) -> None:
        """Keep `height` pixels of the page, from `top` on, as a picture for the handbook."""
        # Notices that pass, and where the pointer happens to be, belong to the moment.
        self.page.mouse.move(0, 0)
        self.page.evaluate("document.activeElement?.blur(); document.fonts.ready")
        self.page.set_viewport_size({"width": WIDTH, "height": max(height + top, 900)})
        taken = self.page.screenshot(
            clip={"x": 0, "y": top, "width": WIDTH, "height": height}, animations="disabled", caret="hide"
        )
        picture = Image.open(io.BytesIO(taken)).convert("RGB")
        small = picture.quantize(colors=96, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        path = IMAGES / f"{name}.png"
        small.save(path, optimize=True)
        size = path.stat().st_size
        click.echo(f"{name}.png: {size:,} bytes")
        if size > LARGEST:
            raise click.ClickException(f"{name}.png is larger than {LARGEST:,} bytes: show less on it.")

    def keep_part(self, name: str, selector: str) -> None:
        """Keep one part of the page, over its whole width, as a picture."""
        box = self.page.locator(selector).first.bounding_box()
        if box is None:
            raise click.ClickException(f"There is no {selector} on the page of {name}.png.")
        self.keep(name, top=max(0, int(box["y"]) - 24), height=int(box["height"]) + 48)


# -- the pictures ----------------------------------------------------------------------------------------


def roles(visit: Visit) -> None:
    """The list of roles."""
    visit.go("/admin/roles/")
    visit.keep("roles", height=640)


def role(visit: Visit) -> None:
    """A role's page; then what would change if it allowed less and something else."""
    visit.go("/admin/roles/author/")
    visit.keep("role", height=806)
    page = visit.go("/admin/roles/author/edit/")
    page.select_option("#content-post-publish", "")
    page.select_option("#content-slug-edit", "")
    page.select_option("#media-file-edit", "all")
    visit.press("Review")
    visit.keep("role-review", height=600)


def why(visit: Visit) -> None:
    """Why Con may not publish."""
    with visit.app.app_context():
        con = _user(CON).id
        entry = current_session().scalars(select(Entry.id).where(Entry.title == "A loaf that waits")).one()
    visit.go(f"/admin/why/?person={con}&act=publish&entry={entry}")
    visit.keep("why", height=620)


def see_as(visit: Visit) -> None:
    """The posts as Con finds them, under the banner."""
    page = visit.go("/admin/see-as/")
    page.select_option("#user", label="Con (Contributor)")
    visit.press("See as this person")
    visit.go("/admin/posts/")
    visit.keep("see-as", height=520)
    visit.press("See as yourself again")


def record(visit: Visit) -> None:
    """What happened lately, and one entry of it."""
    page = visit.page
    with visit.app.app_context():
        con = _user(CON).id
    visit.go(f"/admin/users/{con}/")
    page.uncheck("#role-contributor")
    page.check("#role-author")
    visit.press("Save")
    visit.go("/admin/audit/")
    visit.keep("record", height=716)
    page.get_by_role("link", name="Ada gave Con other roles").first.click()
    visit.keep("record-entry", height=640)


def account(visit: Visit) -> None:
    """Signing in and security, with where somebody is signed in; then the second step."""
    page = visit.sign_in(ED)
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": _AUTHENTICATOR})
    visit.go("/account/")
    page.fill("#passkey-name", "Ed’s laptop")
    page.click("[data-passkey=make]")
    page.wait_for_url("**/account/recovery-codes")
    visit.press("Show me new codes")
    code = page.locator("#codes code").first.inner_text()
    _have_app(visit, ED)
    phone = visit.sign_in(ED, visit.open_window(user_agent=_PHONE), lands="**/login/second-step")
    phone.goto(f"{visit.url}/login/second-step?way=recovery")
    phone.fill("#code", code)
    phone.click("main form button[type=submit]")
    phone.wait_for_url("**/account/#recovery-codes")
    visit.go("/account/")
    visit.keep("account", height=1070)
    visit.keep_part("sign-ins", "section:has(#sign-ins-title)")
    visit.page = visit.sign_in(ED, visit.open_window(), lands="**/login/second-step")
    visit.go("/login/second-step?way=app")
    visit.keep_part("second-step", ".mh-card")


def _have_app(visit: Visit, person: Person) -> None:
    """Give a person an app that is set up already."""
    with visit.app.app_context():
        with transaction():
            begin_enrolment(_user(person)).confirmed_at = utcnow()
        db.session.remove()


if __name__ == "__main__":
    main()
