"""How acts on comments are kept."""

from __future__ import annotations

from cms.comments.events import CommentAdded
from cms.core.i18n import _
from cms.core.trail import Act, Trace, keep


def _describe(event: CommentAdded) -> Trace:
    after = {"entry_id": event.entry_id, "status": event.status}
    return Trace("comment", event.comment_id, after=after, by_id=event.by_id)


keep(
    CommentAdded,
    Act(
        "comment.added", _("added a comment"), _describe, final=_("Take the comment away where comments are moderated.")
    ),
)
