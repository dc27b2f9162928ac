"""Reading single configuration values."""

from pathlib import Path

import pytest

from cms.lib import options


@pytest.mark.parametrize(("text", "value"), [("1", True), ("yes", True), ("ON", True), ("0", False), ("no", False)])
def test_flag_is_read(text: str, value: bool) -> None:
    assert options.read_flag(text) is value


@pytest.mark.parametrize("text", ["", "maybe", "2", "truee"])
def test_anything_else_is_not_a_flag(text: str) -> None:
    with pytest.raises(ValueError, match="1 or 0"):
        options.read_flag(text)


@pytest.mark.parametrize("text", ["x", "0", "65536", "-1", " 80", "8_0", "٨٠", "80.0", ""])
def test_port_is_a_plain_number_within_its_range(text: str) -> None:
    with pytest.raises(ValueError, match="a whole number from 1 to 65535"):
        options.whole_number(1, 65535)(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [("1024", 1024), ("1k", 1024), ("2 MiB", 2 * 1024**2), ("3M", 3 * 1024**2), ("1GB", 1024**3)],
)
def test_size_may_have_a_unit(text: str, value: int) -> None:
    assert options.size_in_bytes(1, 1024**4)(text) == value


@pytest.mark.parametrize("text", ["", "big", "1T", "-1", "1.5M"])
def test_wrong_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a size from"):
        options.size_in_bytes(1, 1024**4)(text)


def test_folder_may_begin_at_home() -> None:
    assert options.read_folder("/srv/site") == Path("/srv/site")
    assert options.read_folder("~/site") == Path.home() / "site"


def test_base_url_loses_its_slash() -> None:
    assert options.read_base_url("https://www.example.org/") == "https://www.example.org"
    assert options.read_base_url("http://[::1]:8000") == "http://[::1]:8000"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "example.org",
        "ftp://example.org",
        "https://",
        "https://example.org/blog",
        "https://a:b@example.org",
        "https://example.org:port",
        "https://example.org?x=1",
        "http://[::1",
    ],
)
def test_other_base_urls_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="an address"):
        options.read_base_url(text)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgres_address_names_its_driver(scheme: str) -> None:
    assert options.read_database_url(f"{scheme}://ada@host/site") == "postgresql+psycopg://ada@host/site"


@pytest.mark.parametrize("text", ["", "mysql://host/site", "site.db", "sqlite:site.db"])
def test_other_databases_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="sqlite:///"):
        options.read_database_url(text)


@pytest.mark.parametrize("text", ["ada@example.org", "Ada <ada@example.org>"])
def test_mail_address_is_kept(text: str) -> None:
    assert options.read_mail_address(text) == text


@pytest.mark.parametrize("text", ["ada", "a@b\nBcc: c@d", "Ada <ada@example.org", "@", "a b@c"])
def test_other_mail_addresses_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a mail address"):
        options.read_mail_address(text)


def test_list_is_separated_by_commas() -> None:
    assert options.read_list(" a.example, ,b.example") == ["a.example", "b.example"]


def test_mail_url_keeps_to_its_schemes() -> None:
    read = options.url_with_scheme("smtp", "null")
    assert read("null://") == "null://"
    for text in ("http://host", "smtp:host", "smtp", "http://[::1"):
        with pytest.raises(ValueError, match="smtp://, null://"):
            read(text)


def test_rate_is_a_number_in_a_window() -> None:
    assert options.read_rate("600 per minute") == "600 per minute"
    assert options.read_rate(" 5  Per Hour ") == "5 per hour"
    assert options.read_rate("off") == ""


@pytest.mark.parametrize(
    "text", ["", "600", "0 per minute", "-1 per day", "1.5 per day", "600/minute", "6 per week", "٣ per day"]
)
def test_other_rates_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="600 per minute"):
        options.read_rate(text)


def test_origins_are_those_that_browsers_send() -> None:
    assert options.read_origins("https://app.example.org, http://localhost:5173,http://[::1]:8000") == [
        "https://app.example.org", "http://localhost:5173", "http://[::1]:8000",
    ]  # fmt: skip
    assert options.read_origins("https://a.example:443,http://b.example:80,http://c.example:443") == [
        "https://a.example", "http://b.example", "http://c.example:443",
    ]  # fmt: skip
    assert options.read_origins("*") == ["*"]


@pytest.mark.parametrize(
    "text",
    [
        "null", "example.org", "https://", "https://App.example.org", "https://a.example/", "https://a.example/app",
        "https://*.example.org", "*,https://a.example", "ftp://a.example", "https://a@b.example", "https://ä.example",
        "https://a.example:0", "https://a.example?x", "https://a.example:443:443", "chrome-extension://abc",
    ],
)  # fmt: skip
def test_other_origins_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"https://app\.example\.org"):
        options.read_origins(text)
