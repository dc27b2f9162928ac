"""Reading single configuration values from text.

A *reader* turns what an operator wrote into a typed value and raises `ValueError` with the words that follow
"must be" ("a whole number from 1 to 64"), so that the caller can build one sentence naming the setting.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

Reader = Callable[[str], Any]

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})
_UNITS = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3}
_SIZE = re.compile(r"(\d+)\s*([kmg]?)(?:i?b)?", re.IGNORECASE)
_NAMED_KEY = re.compile(r"([A-Za-z0-9-]{1,32}):(\S+)")
_RATE = re.compile(r"([1-9]\d{0,8}) per (second|minute|hour|day)")
#: As browsers send them (RFC 6454, 6.2): lower case, international names in ASCII, no path.
_ORIGIN = re.compile(r"https?://(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[1-9]\d{0,4})?")
_OWN_PORTS = {"http": ":80", "https": ":443"}
_ADDRESS = re.compile(r"(?:[^<>@\r\n]*<)?[^\s<>@]+@[^\s<>@]+>?")


@dataclass(frozen=True, slots=True)
class Option:
    """One setting: its environment variable, its key in `app.config`, how it is read, and its help text."""

    variable: str
    key: str
    read: Reader
    default: str | None
    help: str
    aliases: tuple[str, ...] = ()
    secret: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Every name under which the setting may be given, the documented one first."""
        return tuple(dict.fromkeys((self.variable, *self.aliases, self.key)))


def read_text(text: str) -> str:
    """Return the text as it is."""
    return text


def read_flag(text: str) -> bool:
    """Return True for 1, true, yes, on and False for 0, false, no, off; raise ValueError otherwise."""
    word = text.strip().lower()
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise ValueError("1 or 0 (also true, false, yes, no, on, off)")


def one_of(*words: str) -> Reader:
    """Return a reader that accepts only the given words."""

    def read(text: str) -> str:
        if text in words:
            return text
        raise ValueError(f"one of {', '.join(words)}")

    return read


def whole_number(low: int, high: int) -> Reader:
    """Return a reader for whole numbers from low to high, both included."""

    def read(text: str) -> int:
        # isdecimal() first: int() would also take "1_000", " 7 " and digits of other scripts.
        if text.isascii() and text.isdecimal() and low <= int(text) <= high:
            return int(text)
        raise ValueError(f"a whole number from {low} to {high}")

    return read


def size_in_bytes(low: int, high: int) -> Reader:
    """Return a reader for sizes such as 1048576, 512K, 64M or 2GiB (powers of 1024), as a number of bytes."""

    def read(text: str) -> int:
        match = _SIZE.fullmatch(text.strip())
        size = int(match[1]) * _UNITS[match[2].lower()] if match else -1
        if low <= size <= high:
            return size
        raise ValueError(f"a size from {low} to {high} bytes, for example 64M")

    return read


def read_folder(text: str) -> Path:
    """Return the folder, with `~` expanded."""
    return Path(text).expanduser()


def read_list(text: str) -> list[str]:
    """Return the comma-separated words of the text, without blanks."""
    return [word for word in (part.strip() for part in text.split(",")) if word]


def list_of(read: Reader) -> Reader:
    """Return a reader of values separated by commas, each read by `read`."""

    def read_all(text: str) -> list[Any]:
        return [read(word) for word in read_list(text)]

    return read_all


def read_file(text: str) -> str:
    """Return the path of a file that is there; raise ValueError otherwise."""
    if Path(text).is_file():
        return text
    raise ValueError("the path of a file that is there")


def read_named_keys(text: str) -> dict[str, str]:
    """Return `name:key` pairs, separated by commas, in their order; raise ValueError for anything else."""
    found = [_NAMED_KEY.fullmatch(pair) for pair in read_list(text)]
    named = {match[1]: match[2] for match in found if match}
    if not named or len(named) != len(found):
        raise ValueError("pairs such as name:key, each with a name of its own, separated by commas")
    return named


def read_rate(text: str) -> str:
    """Return `<number> per <second, minute, hour or day>`, or nothing for "off"; raise ValueError otherwise."""
    words = " ".join(text.lower().split())
    if words != "off" and not _RATE.fullmatch(words):
        raise ValueError("a number per second, minute, hour or day (such as 600 per minute), or off")
    return "" if words == "off" else words


def read_origins(text: str) -> list[str]:
    """Return the origins of other sites as browsers name them, or `["*"]` for all; raise ValueError otherwise."""
    origins = read_list(text)
    return origins if origins == ["*"] else [_read_origin(origin) for origin in origins]


def _read_origin(text: str) -> str:
    """Return one origin, without the port that its scheme has anyway: browsers never name that."""
    if not _ORIGIN.fullmatch(text):
        raise ValueError(
            "origins such as https://app.example.org, in lower case and without a path, separated by commas, or * alone"
        )
    return text.removesuffix(_OWN_PORTS[text.partition(":")[0]])


def read_base_url(text: str) -> str:
    """Return an http(s) address without a trailing slash, query or fragment; raise ValueError otherwise."""
    try:
        parts = urlsplit(text)
        usable = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable or parts.scheme not in {"http", "https"} or parts.query or parts.fragment or parts.username:
        raise ValueError("an address such as https://www.example.org")
    if parts.path.strip("/"):
        raise ValueError("an address without a path, such as https://www.example.org")
    return f"{parts.scheme}://{parts.netloc}"


def url_with_scheme(*schemes: str) -> Reader:
    """Return a reader for addresses with one of the given schemes."""

    def read(text: str) -> str:
        try:
            scheme = urlsplit(text).scheme
        except ValueError:
            scheme = ""
        if scheme not in schemes or "://" not in text:
            raise ValueError(f"an address that begins with {', '.join(f'{word}://' for word in schemes)}")
        return text

    return read


def read_database_url(text: str) -> str:
    """Return an SQLAlchemy address for SQLite or PostgreSQL; `postgres://` becomes `postgresql+psycopg://`."""
    scheme, separator, rest = text.partition("://")
    if scheme in {"postgres", "postgresql"}:
        scheme = "postgresql+psycopg"
    if not separator or scheme not in {"sqlite", "postgresql+psycopg"}:
        raise ValueError("an address that begins with sqlite:/// or postgresql://")
    return f"{scheme}://{rest}"


def read_mail_address(text: str) -> str:
    """Return `name@host` or `Name <name@host>`; raise ValueError for anything else."""
    if _ADDRESS.fullmatch(text) and text.count("<") == text.count(">"):
        return text
    raise ValueError("a mail address such as hello@example.org")
