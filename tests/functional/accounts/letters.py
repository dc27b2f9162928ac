"""The mails that wait in the outbox."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import select

from cms.core.db import current_session
from cms.core.jobs import Job, run_due


def letters() -> list[dict[str, Any]]:
    """Return every mail recorded so far, the oldest first; work that writes mails is done before."""
    run_due()
    session = current_session()
    session.rollback()
    return [job.payload for job in session.scalars(select(Job).where(Job.name == "send_mail").order_by(Job.id))]


def link_in(letter: dict[str, Any]) -> str:
    """Return the path of the first link in a mail that carries a token."""
    found = re.search(r"^http://localhost(/\S+)$", letter["text"], re.MULTILINE)
    assert found is not None, letter["text"]
    return found.group(1)


def without_what_varies(page: str, *texts: str) -> str:
    """Return a page without its nonce, its form token and `texts`, to be compared with another."""
    page = re.sub(r'nonce="[^"]+"', "", page)
    page = re.sub(r'name="csrf_token" value="[^"]+"', "", page)
    for text in texts:
        page = page.replace(text, "")
    return page
