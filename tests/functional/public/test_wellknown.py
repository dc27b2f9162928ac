"""`/.well-known/`: who hears of a hole in the site, and where a password is changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from cms.core.db import transaction
from cms.core.errors import Invalid
from cms.core.permissions import system_user
from cms.lib.clock import utcnow
from cms.settings.actions import change_settings
from tests.clients import PageClient
from tests.people import ADA, Person

As = Callable[[Person], PageClient]
PLACE = "/.well-known/security.txt"


def contact(value: str) -> None:
    with transaction():
        change_settings({"security_contact": value}, by=system_user())


def test_there_is_no_file_until_somebody_is_named(client: PageClient) -> None:
    assert client.get(PLACE).status_code == 404
    contact("desk@chronicle.example")
    assert client.get(PLACE).status_code == 200
    contact("")
    assert client.get(PLACE).status_code == 404


@pytest.mark.parametrize(
    ("entered", "told"),
    [
        ("desk@chronicle.example", "mailto:desk@chronicle.example"),
        ("o'brien+holes@chronicle.example", "mailto:o%27brien%2Bholes@chronicle.example"),
        ("https://chronicle.example/holes", "https://chronicle.example/holes"),
    ],
)
def test_the_file_is_as_rfc_9116_has_it(client: PageClient, entered: str, told: str) -> None:
    contact(entered)
    answer = client.get(PLACE)
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in answer.get_data(as_text=True).splitlines())
    assert set(fields) == {"Contact", "Expires", "Preferred-Languages", "Canonical"}
    assert fields["Contact"] == told
    assert fields["Canonical"] == f"http://localhost{PLACE}"
    expires = datetime.strptime(fields["Expires"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert timedelta(days=30) < expires - utcnow() < timedelta(days=365)
    assert fields["Preferred-Languages"].split(", ")[0] == "en-GB"


@pytest.mark.parametrize(
    "entered",
    ["desk", "http://chronicle.example", "javascript:alert(1)", "https://", "https://a b.example/", "https:evil",
     "https://chronicle.example/\nContact: mailto:x@evil.example", f"https://chronicle.example/{'x' * 400}"],
)  # fmt: skip
def test_what_cannot_be_written_to_is_no_contact(client: PageClient, entered: str) -> None:
    with pytest.raises(Invalid):
        contact(entered)


def test_an_admin_sets_the_contact(as_: As) -> None:
    sent = {"security_contact": "desk@chronicle.example"}
    assert as_(ADA).submit("/admin/settings/", sent, form="form#settings").status_code == 303
    assert "mailto:desk@chronicle.example" in as_(ADA).get(PLACE).get_data(as_text=True)


def test_password_managers_find_the_page_where_a_password_is_changed(client: PageClient, as_: As) -> None:
    answer = client.get("/.well-known/change-password")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/change")
    assert as_(ADA).get("/.well-known/change-password", follow_redirects=True).status_code == 200
    # They try whether the site answers everything, which would make the above worthless.
    probe = "/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200"
    assert client.get(probe).status_code == 404
