"""A round trip to a real OpenID provider, in a real browser, under the strict policy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask

from cms.accounts.queries import find_user_by_email
from cms.core.db import current_session
from tests.browser.conftest import Site, Window
from tests.needs import needs
from tests.people import ADA, SUE
from tests.provider.real import SECRET, real_provider

pytestmark = needs("provider")
Open = Callable[..., Window]

PEOPLE = {
    "nell": {
        "email": "nell.o'brien@example.com",
        "email_verified": True,
        "name": "Nell O’Brien",
        "groups": ["writers", "harbour"],
    },
    "sue": {"email": "sue.elsewhere@example.net", "email_verified": False, "name": "Sue"},
}
SETTINGS = """
[harbour]
label = "Harbour ID"
issuer = "{issuer}"
client_id = "masthead"
client_secret = "{secret}"
create_accounts = true
sync_roles = true
[harbour.roles]
writers = "author"
"""


@pytest.fixture
def make_app(make_app: Callable[..., Flask], tmp_path: Path) -> Iterator[Callable[..., Flask]]:
    """Make a site that knows the provider, and run the provider that knows the site."""
    with ExitStack() as running:

        def make(**more: Any) -> Flask:
            back = f"{more['CMS_BASE_URL']}/login/with/harbour/answer"
            issuer = running.enter_context(real_provider(back, PEOPLE))
            path = tmp_path / "providers.toml"
            path.write_text(SETTINGS.format(issuer=issuer, secret=SECRET))
            return make_app(CMS_PROVIDERS_FILE=str(path), CMS_FETCH_ALLOW=[urlsplit(issuer).netloc], **more)

        yield make


@pytest.fixture
def issuer(site: Site) -> str:
    """Where the provider is."""
    return str(site.app.extensions["masthead_providers"].providers["harbour"].issuer)


@pytest.fixture
def open_window(window: Open, issuer: str) -> Open:
    """Open browsers that may go to the provider and nowhere else."""

    def open_one(**options: Any) -> Window:
        made = window(**options)
        made.known = (issuer,)
        return made

    return open_one


def go_elsewhere(window: Window, name: str, *, button: str = "Continue with Harbour ID") -> None:
    """Choose the provider, and say there who one is."""
    window.page.get_by_role("button", name=button).click()
    window.page.get_by_label("Name", exact=True).fill(name)
    window.page.get_by_role("button", name="Sign in").click()
    window.page.wait_for_url(lambda url: url.startswith(window.base) and "/login/with/" not in url)


@pytest.mark.parametrize("scripts", [True, False])
def test_somebody_signs_in_comes_again_and_holds_the_role_of_the_group(open_window: Open, scripts: bool) -> None:
    first = open_window(scripts=scripts)
    first.open("/login?next=/admin/posts/")
    go_elsewhere(first, "nell")
    assert urlsplit(first.page.url).path == "/admin/posts/"
    person = find_user_by_email("nell.o'brien@example.com")
    assert person is not None
    assert (person.name, person.role_names) == ("Nell O’Brien", ("author",))
    current_session().rollback()
    again = open_window(scripts=scripts, width=360, dark=True)
    again.open("/login")
    go_elsewhere(again, "nell")
    again.open("/account/")
    assert "nell.o'brien@example.com" in again.page.locator("#overview").inner_text()
    assert "Your only way in" in again.page.locator("#connected").inner_text()


def test_somebody_connects_signs_in_with_it_and_disconnects(open_window: Open) -> None:
    own = open_window().sign_in(SUE)
    own.open("/account/")
    go_elsewhere(own, "sue", button="Connect Harbour ID")
    assert own.page.get_by_role("status").inner_text() == "You can sign in with Harbour ID from now on."
    other = open_window()
    other.open("/login")
    go_elsewhere(other, "sue")
    other.open("/account/")
    assert SUE.email in other.page.locator("#overview").inner_text()
    own.page.get_by_role("button", name="Disconnect Harbour ID").click()
    assert own.page.get_by_role("status").inner_text() == "Harbour ID does not sign you in any more."
    third = open_window()
    third.open("/login")
    go_elsewhere(third, "sue")
    assert "is not connected here" in third.page.get_by_role("alert").inner_text()


def test_who_says_no_is_back_on_the_sign_in_page(open_window: Open) -> None:
    window = open_window()
    window.open("/login")
    window.page.get_by_role("button", name="Continue with Harbour ID").click()
    window.page.get_by_role("button", name="Cancel").click()
    assert urlsplit(window.page.url).path == "/login"
    assert window.page.get_by_role("alert").inner_text() == (
        "Harbour ID did not let you in. Try again, or sign in another way."
    )
    window.sign_in(ADA)


def test_the_way_back_leads_to_the_sign_in_page(open_window: Open, issuer: str) -> None:
    """The page in between leads on by itself, and is not what "back" goes to."""
    window = open_window()
    window.open("/login")
    window.page.get_by_role("button", name="Continue with Harbour ID").click()
    window.page.wait_for_url(lambda url: url.startswith(issuer))
    window.page.go_back()
    assert urlsplit(window.page.url).path == "/login"
