import pytest

from cms.lib.errors import LibError
from cms.lib.mail_addresses import read_mail_address


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Ada@Chronicle.EXAMPLE", "ada@chronicle.example"),
        (" ada@chronicle.example\t", "ada@chronicle.example"),
        ("o'brien+news@chronicle.example", "o'brien+news@chronicle.example"),
        ("ada@localhost", "ada@localhost"),
        ("ada@mail.internal", "ada@mail.internal"),
        ("ada@office.lan", "ada@office.lan"),
        ("ada@bücher.example", "ada@bücher.example"),
        ("a\u0308da@chronicle.example", "\u00e4da@chronicle.example"),
    ],
)
def test_an_address_is_kept_in_one_form(written: str, kept: str) -> None:
    assert read_mail_address(written) == kept


@pytest.mark.parametrize(
    "written",
    [
        "",
        "@",
        "ada",
        "ada@",
        "@chronicle.example",
        "ada@.local",
        "a..b@chronicle.example",
        "ada@chronicle.example, ed@chronicle.example",
        "ada@chronicle.example;ed@chronicle.example",
        "Ada <ada@chronicle.example>",
        "ada@chronicle.example\r\nBcc: ed@chronicle.example",
        "ada\n@chronicle.example",
        "ada\u2028@chronicle.example",
        "ada\u0000@chronicle.example",
        "ada@[127.0.0.1]",
        '"ada ada"@chronicle.example',
        "ada@chronicle.example@evil.example",
        "a" * 65 + "@chronicle.example",
        "ada@" + "a" * 300 + ".example",
    ],
)
def test_what_is_no_address_is_refused(written: str) -> None:
    with pytest.raises(LibError):
        read_mail_address(written)
