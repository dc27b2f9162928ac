"""Adding a comment that was written elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from cms.comments import policies
from cms.comments.cleaning import clean_comment_html
from cms.comments.events import CommentAdded
from cms.comments.models import KINDS, STATUSES, Comment
from cms.content.models import Entry
from cms.core.db import current_session
from cms.core.errors import Invalid
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require
from cms.lib.clock import utcnow


@dataclass(frozen=True)
class CommentFields:
    """What a comment says and who wrote it; `html` is cleaned before it is kept."""

    body: str
    html: str
    author_name: str = ""
    author_mail: str = ""
    author_url: str = ""
    user_id: int | None = None
    kind: str = "comment"
    status: str = "pending"
    written_at: datetime | None = None


def add_comment(entry: Entry, fields: CommentFields, *, answers: Comment | None = None, by: Actor) -> Comment:
    """Put a comment under an entry, as the answer to another one if given, and return it.

    Raises Forbidden, and Invalid for an unknown status or kind and for an answer under another entry.
    """
    require(policies.may_moderate(by), _("You may not add comments for others. An editor can."))
    if fields.status not in STATUSES or fields.kind not in KINDS:
        raise Invalid(_("A comment of this sort is not known here."))
    if answers is not None and answers.entry_id != entry.id:
        raise Invalid(_("An answer stands under the same entry as what it answers."))
    comment = Comment(
        entry_id=entry.id,
        parent_id=answers.id if answers is not None else None,
        user_id=fields.user_id,
        kind=fields.kind,
        status=fields.status,
        author_name=" ".join(fields.author_name.split())[:255],
        author_mail=fields.author_mail.strip()[:320],
        author_url=_web_address(fields.author_url),
        body=fields.body,
        body_html=clean_comment_html(fields.html),
        written_at=fields.written_at or utcnow(),
    )
    session = current_session()
    session.add(comment)
    session.flush()
    record(CommentAdded(comment.id, entry.id, comment.status, utcnow(), by.id))
    return comment


def _web_address(text: str) -> str:
    """Return the address if it leads to a page of the web; whatever else a writer gave is left out."""
    text = text.strip()
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return text if parts.scheme in ("http", "https") and parts.netloc and len(text) <= 2000 else ""
