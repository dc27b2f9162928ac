"""Taking out of what is written down (logs, reports) what nobody should read there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

GONE = "[redacted]"
#: Names of fields whose values are secrets, wherever they stand.
_SECRET_NAME = re.compile(
    r"pass(?:word|wd|code)?$|passw|secret|token(?!_id$)|cookie|authori[sz]ation|csrf|api[_-]?key|session(?!_id$)|otp|salt|signature"
    r"|credential|private_?key|fs_uniquifier",
    re.IGNORECASE,
)
# Each part has a longest length, so that no text takes long.
_MAIL = re.compile(r"([A-Za-z0-9_])[\w.+'’=-]{0,80}@([A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?)")
_ASSIGNED = re.compile(
    r"(?i)\b((?:[a-z_-]{0,20}(?:passw(?:or)?d|secret|token|api[_-]?key|otp|csrf)[a-z_-]{0,20})[\"']?\s{0,2}[=:]\s{0,2})"
    r"(?:\"[^\"]{0,2000}\"?|'[^']{0,2000}'?|[^\s&,;\"']{1,2000})"
)
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s{1,3}[\w.~+/=-]{6,4000}")
_IN_ADDRESS = re.compile(r"(?<=://)[^/\s@]{1,500}@")
# What itsdangerous signs, and JSON Web Tokens: three parts, of mixed letters and digits.
_TOKEN = re.compile(
    r"(?<![\w.-])(?=[\w.-]{0,60}[A-Z])(?=[\w.-]{0,60}[a-z])(?=[\w.-]{0,60}\d)[\w-]{4,2000}\.[\w-]{6,2000}\.[\w.-]{20,2000}"
)
# Personal tokens (cms.accounts.personal_tokens).
_PERSONAL = re.compile(r"mhp_[\w-]{6,200}")


def is_secret_name(name: str) -> bool:
    """Tell whether a field of this name holds a secret."""
    return _SECRET_NAME.search(name) is not None


def redact_text(text: str, *, mails: bool = True) -> str:
    """Return the text without passwords, tokens and names in addresses; mail addresses lose all but their first letter.

    `mails` keeps them: a record of who did what names people.
    """
    text = _IN_ADDRESS.sub(f"{GONE}@", text)
    text = _BEARER.sub(rf"\1 {GONE}", text)
    text = _ASSIGNED.sub(rf"\1{GONE}", text)
    text = _PERSONAL.sub(GONE, _TOKEN.sub(GONE, text))
    return _MAIL.sub(r"\1…@\2", text) if mails else text


def redact(value: Any, *, mails: bool = True, depth: int = 4) -> Any:
    """Return a value as it may be written: numbers as they are, texts cleaned, what is named like a secret gone."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if depth == 0:
        return GONE
    if isinstance(value, Mapping):
        return {
            str(key): GONE if is_secret_name(str(key)) else redact(one, mails=mails, depth=depth - 1)
            for key, one in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [redact(one, mails=mails, depth=depth - 1) for one in value]
    return redact_text(str(value), mails=mails)
