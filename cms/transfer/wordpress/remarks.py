"""Comments, in their threads."""

from __future__ import annotations

from contextlib import nullcontext

from sqlalchemy import select

from cms.comments.actions.add_comment import CommentFields, add_comment
from cms.comments.models import Comment
from cms.content.models import Entry
from cms.core.db import current_session
from cms.core.i18n import _
from cms.transfer.models import ImportRecord
from cms.transfer.wordpress.mapping import COMMENT_KINDS, comment_state, moment, title_text
from cms.transfer.wordpress.records import Item, Remark, checksum
from cms.transfer.wordpress.run import ImportRun, Unit
from cms.transfer.wordpress.wpautop import wpautop

_AT_ONCE = 500


def import_remarks(run: ImportRun, item: Item, entry: Entry, *, unit: Unit | None = None) -> None:
    """Put those comments of an item under its entry that are not there yet.

    With `unit` the comments have a transaction of their own; without, one is open already or this is a trial.
    """
    known = _known(run, item)
    new = [remark for remark in item.remarks if remark.source_id not in known]
    run.report.unchanged["comment"] += len(item.remarks) - len(new)
    if not new:
        return
    if run.unit is None:
        run.report.created["comment"] += len(new)
        return
    entry_id = entry.id
    with unit() if unit is not None else nullcontext(current_session()) as session:
        fresh = session.get_one(Entry, entry_id)
        for remark in _threaded(new, known):
            kind = COMMENT_KINDS.get(remark.kind)
            if kind is None:
                # An order note of a shop, say, was never meant for readers.
                run.report.skip(_("comments of a plugin’s own sort (%(kind)s)", kind=remark.kind), item.title)
                continue
            above = session.get(Comment, known[remark.parent_id]) if remark.parent_id in known else None
            made = add_comment(fresh, _fields_of(run, remark, kind), answers=above, by=run.by)
            run.remember(f"comment/{remark.source_id}", "comment", made.id, checksum(remark))
            known[remark.source_id] = made.id
            run.report.created["comment"] += 1


def _known(run: ImportRun, item: Item) -> dict[str, int]:
    """Return the comments of the item that were imported before, as ids there and here."""
    names = [f"comment/{remark.source_id}" for remark in item.remarks]
    found: dict[str, int] = {}
    for start in range(0, len(names), _AT_ONCE):
        asked = select(ImportRecord.source_id, ImportRecord.thing_id).where(
            ImportRecord.source == run.source, ImportRecord.source_id.in_(names[start : start + _AT_ONCE])
        )
        found |= {name.partition("/")[2]: thing_id for name, thing_id in current_session().execute(asked)}
    return found


def _threaded(remarks: list[Remark], known: dict[str, int]) -> list[Remark]:
    """Return the comments, each after the one it answers; those of a circle come last and answer nothing."""
    there = {remark.source_id for remark in remarks}
    done: set[str] = set()
    ordered: list[Remark] = []
    waiting = remarks
    while waiting:
        ready = [
            one for one in waiting if one.parent_id not in there or one.parent_id in done or one.parent_id in known
        ]
        if not ready:
            return ordered + waiting
        done |= {remark.source_id for remark in ready}
        ordered += ready
        waiting = [remark for remark in waiting if remark.source_id not in done]
    return ordered


def _fields_of(run: ImportRun, remark: Remark, kind: str) -> CommentFields:
    return CommentFields(
        body=remark.body,
        html=wpautop(remark.body),
        author_name=title_text(remark.author_name),
        author_mail=remark.author_mail,
        author_url=remark.author_url,
        kind=kind,
        status=comment_state(remark),
        written_at=moment(remark.written_at_utc, remark.written_at, run.zone),
    )
