"""Passkeys and codes in a real browser: Chromium's own authenticator makes them, shows them, and loses them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select, update

from cms.accounts.authenticators import PURPOSE
from cms.accounts.models import Authenticator, Passkey, Role, User
from cms.core.db import current_session, transaction
from cms.core.secrets import unseal
from cms.lib.clock import utcnow
from cms.lib.totp import code_at, step_at
from tests.browser.conftest import Site, Window
from tests.people import ART, ED, PASSWORD, Person

Windows = Callable[..., Window]
_OPTIONS = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@dataclass
class Device:
    """A browser whose machine can keep passkeys."""

    window: Window
    session: Any
    authenticator: str

    @property
    def page(self) -> Any:
        return self.window.page

    def lose(self) -> None:
        """Lose every passkey that the machine keeps."""
        self.session.send("WebAuthn.clearCredentials", {"authenticatorId": self.authenticator})

    def kept(self) -> list[Any]:
        found = self.session.send("WebAuthn.getCredentials", {"authenticatorId": self.authenticator})
        return list(found["credentials"])

    def answer_only_when_asked(self, *, willing: bool) -> None:
        """Have the person touch the sensor, or not."""
        self.session.send(
            "WebAuthn.setAutomaticPresenceSimulation", {"authenticatorId": self.authenticator, "enabled": willing}
        )


@pytest.fixture
def device(window: Windows) -> Device:
    """A browser with an authenticator of its own."""
    opened = window()
    session = opened.context.new_cdp_session(opened.page)
    session.send("WebAuthn.enable")
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": _OPTIONS})
    return Device(opened, session, made["authenticatorId"])


def sign_out(device: Device) -> None:
    device.window.open("/account/")
    device.page.click("form[action='/logout'] button")
    device.page.wait_for_url(lambda url: "/account" not in url)


def enter_password(window: Window, person: Person) -> None:
    window.open("/login")
    window.page.fill("input[name=email]", person.email)
    window.page.fill("input[name=password]", PASSWORD)
    window.page.click("form button[type=submit]")


def add_passkey(device: Device, name: str = "This laptop") -> None:
    device.page.fill("#passkey-name", name)
    device.page.click("[data-passkey=make]")
    device.page.wait_for_url("**/account/recovery-codes")


def show_codes(device: Device) -> list[str]:
    device.page.click("text=Show me new codes")
    device.page.wait_for_selector("#codes")
    return [str(code.inner_text()) for code in device.page.query_selector_all("#codes code")]


def app_code(person: Person) -> str:
    session = current_session()
    session.rollback()
    user = session.scalars(select(User).where(User.email == person.email)).one()
    row = session.get(Authenticator, user.id)
    assert row is not None
    return code_at(unseal(row.secret, purpose=PURPOSE), step_at(utcnow()))


def test_a_passkey_is_made_used_lost_and_recovered_from(site: Site, device: Device, window: Windows) -> None:
    device.window.sign_in(ART)
    device.window.open("/account/")
    add_passkey(device)
    codes = show_codes(device)
    assert len(codes) == 10
    assert len(device.kept()) == 1
    sign_out(device)

    # The browser offers it by itself, in the field for the mail address; nothing is pressed.
    device.window.open("/login")
    device.page.wait_for_url("**/admin/")
    device.window.open("/account/")
    assert "This laptop" in device.page.inner_text("#passkeys")
    sign_out(device)

    # Lost: the password alone gets nobody in, a recovery code does, once.
    device.lose()
    enter_password(device.window, ART)
    device.page.wait_for_url("**/login/second-step")
    device.page.click("text=Use a recovery code")
    device.page.fill("#code", codes[0].upper())
    device.page.click("main form button[type=submit]")
    device.page.wait_for_url("**/account/#recovery-codes")
    assert "You have 9 left." in device.page.inner_text("#recovery-codes")
    device.page.click(".mh-keys__more summary")
    device.page.click("text=Remove this passkey")
    device.page.wait_for_selector("text=The passkey opens nothing any more")
    assert current_session().scalar(select(Passkey.id)) is None


def test_a_passkey_is_pressed_for_and_a_second_step(site: Site, device: Device) -> None:
    device.window.sign_in(ART)
    device.window.open("/account/")
    add_passkey(device)
    sign_out(device)
    # The page of the password would sign in by itself, and the second step asks at once: it gets no question at first.
    device.answer_only_when_asked(willing=False)
    device.page.route("**/login/second-step/question", lambda route: route.fulfill(body=""))
    enter_password(device.window, ART)
    device.page.wait_for_selector("text=That did not work. Try again, or go another way.")
    device.page.unroute("**/login/second-step/question")
    device.answer_only_when_asked(willing=True)
    device.page.click("button[data-passkey=show]")
    device.page.wait_for_url("**/admin/")


def test_a_device_makes_no_second_passkey_for_the_same_account(site: Site, device: Device) -> None:
    device.window.sign_in(ART)
    device.window.open("/account/")
    add_passkey(device)
    device.window.open("/account/")
    device.page.click("[data-passkey=make]")
    device.page.wait_for_selector("text=This device has a passkey for your account already.")
    assert len(device.kept()) == 1


def test_an_address_of_numbers_is_explained(site: Site, window: Windows) -> None:
    opened = window()
    port = site.url.rpartition(":")[2]
    site.app.config["TRUSTED_HOSTS"] = [*site.app.config["TRUSTED_HOSTS"], "127.0.0.1"]
    opened.base = f"http://127.0.0.1:{port}"
    opened.sign_in(ART)
    opened.open("/account/")
    opened.page.click("[data-passkey=make]")
    opened.page.wait_for_selector(f"text=open the site as http://localhost:{port}")


def test_without_scripts_the_password_stays_the_way(site: Site, window: Windows, device: Device) -> None:
    device.window.sign_in(ART)
    device.window.open("/account/")
    add_passkey(device)
    plain = window(scripts=False)
    plain.open("/login")
    assert not plain.page.is_visible("[data-passkey]")
    enter_password(plain, ART)
    plain.page.wait_for_url("**/login/second-step")
    assert "Passkeys need scripts" in plain.page.inner_text("main")
    plain.sign_in(ED)
    plain.open("/account/")
    assert "allow scripts" in plain.page.inner_text("#passkeys")


def test_a_code_of_an_app_counts_once(site: Site, window: Windows) -> None:
    first = window()
    first.sign_in(ART)
    first.open("/account/")
    first.page.click("text=Set up an app")
    first.page.wait_for_selector(".mh-qr svg")
    assert first.page.eval_on_selector(".mh-qr svg", "svg => svg.getBoundingClientRect().width") > 150
    first.page.fill("#code", app_code(ART))
    first.page.click("text=Turn the app on")
    first.page.wait_for_url("**/account/recovery-codes")
    with transaction() as session:
        session.execute(update(Authenticator).values(last_step=0))
    code = app_code(ART)
    second, third = window(), window()
    for opened in (second, third):
        enter_password(opened, ART)
        opened.page.wait_for_url("**/login/second-step")
        opened.page.fill("#code", code)
        opened.page.click("main form button[type=submit]")
    second.page.wait_for_url("**/admin/")
    third.page.wait_for_selector("text=Each code holds once")


def test_a_role_that_asks_leads_through_to_the_back_office(site: Site, device: Device) -> None:
    with transaction() as session:
        session.execute(update(Role).where(Role.name == "author").values(requires_second_factor=True))
    enter_password(device.window, ART)
    device.page.wait_for_url("**/account/second-factor")
    device.window.open("/admin/")
    device.page.wait_for_url("**/account/second-factor")
    add_passkey(device)
    assert len(show_codes(device)) == 10
    device.page.click("text=I have kept them")
    device.page.wait_for_url("**/account/")
    device.window.open("/admin/")
    assert device.page.url.endswith("/admin/")
