"""Mail addresses: whether one can be written to, and the one form in which it is kept."""

from __future__ import annotations

import re

import email_validator

from cms.lib.errors import LibError

#: Names of private networks (RFC 6761, RFC 6762, RFC 8375), which a site on an intranet needs.
_PRIVATE = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*(?:local|localhost|internal|lan|test|home\.arpa)"
)
#: RFC 5321, 4.5.3.1.3, less the angle brackets.
LONGEST = 254


def read_mail_address(text: str) -> str:
    """Return `text` as a mail address (RFC 5322 dot-atom) in lower case and Unicode normal form C.

    Nothing is looked up. `Ada@` and `ada@` are one person to providers and to whoever types them.
    Raises LibError for display names, comments, several addresses, control characters and anything else.
    """
    address = text.strip(" \t")
    local, _at, domain = address.rpartition("@")
    private = _PRIVATE.fullmatch(domain.lower())
    try:
        found = email_validator.validate_email(
            f"{local}@example.com" if private else address,
            check_deliverability=False,
            globally_deliverable=False,
            strict=True,
        )
    except email_validator.EmailNotValidError:
        raise LibError("mail_address.invalid") from None
    kept = f"{found.local_part}@{domain if private else found.domain}".lower()
    if len(kept.encode()) > LONGEST:
        raise LibError("mail_address.invalid")
    return kept
