from __future__ import annotations

import pytest
from flask import Flask

from cms.core.errors import Invalid
from cms.settings import values
from cms.settings.registry import REGISTRY, SECTIONS, SiteSettings, from_stored

pytestmark = pytest.mark.usefixtures("app")


@pytest.mark.parametrize(
    ("reader", "entered", "kept"),
    [
        (values.line(20, required=True), "  The  Harbour\nNews ", "The Harbour News"),
        (values.line(20), "a\u202eb\u200bc\x07", "abc"),
        (values.time_zone, "europe/berlin", "Europe/Berlin"),
        (values.time_zone, "UTC", "UTC"),
        (values.optional_zone, "", ""),
        (values.language, "en_gb", "en-GB"),
        (values.language, "DE", "de"),
        (values.language, "zh-hant-TW", "zh-Hant-TW"),
        (values.optional_language, " ", ""),
        (values.whole_number(1, 100), "10", 10),
        (values.whole_number(1, 100), 100, 100),
        (values.optional_id, "", None),
        (values.optional_id, "7", 7),
        (values.flag, "on", True),
        (values.flag, None, False),
        (values.mail_address, " Desk@Chronicle.example ", "desk@chronicle.example"),
        (values.optional_mail_address, "", ""),
        (values.colour, "#ABC", "#aabbcc"),
        (values.colour, "#0B7A55", "#0b7a55"),
    ],
)
def test_what_can_be_taken_is_kept_in_one_form(reader: values.Reader, entered: object, kept: object) -> None:
    read = reader(entered)
    assert read == kept
    assert type(read) is type(kept)


@pytest.mark.parametrize(
    ("reader", "entered"),
    [
        (values.line(5, required=True), ""),
        (values.line(5, required=True), " \u200b "),
        (values.line(5), "abcdef"),
        (values.line(5), ["a"]),
        (values.time_zone, "Mars/Olympus"),
        (values.time_zone, "../../etc/passwd"),
        (values.language, "klingon"),
        (values.language, "en-<script>"),
        (values.whole_number(1, 100), "0"),
        (values.whole_number(1, 100), "101"),
        (values.whole_number(1, 100), "1e2"),
        (values.whole_number(1, 100), "９"),
        (values.whole_number(1, 100), True),
        (values.whole_number(1, 100), None),
        (values.optional_id, "-1"),
        (values.optional_id, True),
        (values.optional_id, "99999999999999999999"),
        (values.flag, "maybe"),
        (values.mail_address, "desk.chronicle.example"),
        (values.mail_address, "desk@chronicle.example\r\nBcc: x@y.z"),
        (values.colour, "red"),
        (values.colour, "#0b7a55;background:url(//x)"),
    ],
)
def test_what_cannot_be_taken_is_told_in_a_sentence(reader: values.Reader, entered: object) -> None:
    with pytest.raises(Invalid) as caught:
        reader(entered)
    assert caught.value.message.endswith((".", "?"))


def test_a_zone_that_is_nearly_one_is_suggested() -> None:
    with pytest.raises(Invalid, match=r"No zone is called “Berlim”\. Did you mean Europe/Berlin\?"):
        values.time_zone("Berlim")


def test_every_setting_reads_its_own_default() -> None:
    for key, setting in REGISTRY.items():
        assert setting.read(setting.default) == setting.default, key
        assert setting.section in SECTIONS
        assert str(setting.label)


def test_stored_nonsense_falls_back_to_the_default(app: Flask) -> None:
    stored = {"time_zone": "Gone/Forever", "posts_per_page": "many", "no_such_setting": 1, "name": "The Chronicle"}
    assert from_stored(stored) == SiteSettings(name="The Chronicle")
