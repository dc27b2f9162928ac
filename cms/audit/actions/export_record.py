"""Take entries of the record along."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from cms.audit import policies
from cms.audit.events import RecordExported
from cms.audit.queries import RecordFilter
from cms.audit.sealing import plain
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require

FORMS = ("jsonl", "csv")


def export_record(asked: RecordFilter, *, form: str, by: Actor) -> None:
    """Note that `by` takes along what is `asked` for as jsonl or csv; the surface streams it. Raises Forbidden."""
    require(policies.may_export_record(by), _("You may not take the record along. An admin can."))
    narrowed: Mapping[str, Any] = {name: plain(value) for name, value in asdict(asked).items() if value}
    record(RecordExported(form, narrowed, by.id))
