"""Codes of authenticator apps (RFC 6238): time-based, SHA-1, 6 digits, steps of 30 seconds."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from datetime import datetime
from urllib.parse import quote

STEP_SECONDS = 30
DIGITS = 6
#: Steps by which a clock may be wrong, either way.
TOLERANCE = 1
_SPACES = re.compile(r"[\s-]+")


def new_secret() -> str:
    """Return a fresh secret of 160 bits (RFC 4226, 4) as base32, 32 letters."""
    return base64.b32encode(secrets.token_bytes(20)).decode("ascii")


def step_at(moment: datetime) -> int:
    """Return the number of the step that an aware time lies in."""
    return int(moment.timestamp()) // STEP_SECONDS


def code_at(secret: str, step: int) -> str:
    """Return the code of a step (RFC 4226, 5.3), with its leading zeros."""
    digest = hmac.digest(base64.b32decode(secret), step.to_bytes(8, "big"), hashlib.sha1)
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def matching_step(secret: str, code: str, moment: datetime, *, after: int = 0) -> int | None:
    """Return the step whose code was typed, of those around `moment`; None when there is none.

    Steps up to `after` were used before and do not count (RFC 6238, 5.2). Spaces and hyphens are overlooked; every
    step is compared, in a time that does not tell which one it was.
    """
    typed, now = _SPACES.sub("", code), step_at(moment)
    if not re.fullmatch(r"[0-9]{6}", typed, re.ASCII):
        return None
    found: int | None = None
    for step in range(now - TOLERANCE, now + TOLERANCE + 1):
        same = hmac.compare_digest(code_at(secret, step), typed)
        if same and step > after and found is None:
            found = step
    return found


def enrolment_address(secret: str, *, issuer: str, account: str) -> str:
    """Return the address that apps read from a QR code (Google's "Key Uri Format")."""
    site = quote(issuer.replace(":", " "), safe="")
    return f"otpauth://totp/{site}:{quote(account, safe='@')}?secret={secret}&issuer={site}"
