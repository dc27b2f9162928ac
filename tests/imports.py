"""The exports of other people's sites: which there are, and what each entry of them became here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from cms.content.models import Entry
from cms.content.queries import is_out
from cms.core.db import current_session
from cms.lib.clock import utcnow
from cms.transfer.models import ImportRecord
from cms.transfer.wordpress.elements import ElementReader
from cms.transfer.wordpress.reader import read_items
from cms.transfer.wordpress.records import Item
from tests import needs


def exports() -> dict[str, bool]:
    """Return the names of the shared WordPress exports, and whether each should be taken."""
    folder = needs.find("data")
    if folder is None:
        return {"": False}
    expected = json.loads(Path(folder, "wxr/expected.json").read_text("utf-8"))
    return {name: told["well_formed"] and told["ver"] in ("1.0", "1.1", "1.2") for name, told in expected.items()}


def size(name: str) -> int:
    """Return the bytes of a shared export."""
    return Path(needs.get("data"), name).stat().st_size


@dataclass(frozen=True)
class Imported:
    """A post or page as it was there, and where readers find it here."""

    item: Item
    entry_id: int
    title: str
    address: str


def published(path: Path) -> Iterator[Imported]:
    """Yield every entry of an imported file that readers see."""
    session = current_session()
    records = session.scalars(select(ImportRecord).where(ImportRecord.thing == "entry"))
    here = {record.source_id.removeprefix("entry/"): record.thing_id for record in records}
    seen = select(Entry).where(is_out(utcnow()), Entry.visibility == "public")
    entries = {entry.id: entry for entry in session.scalars(seen)}
    for item in read_items(ElementReader(path)):
        entry = entries.get(here.get(item.source_id, 0)) if item.kind in ("post", "page") else None
        if entry is not None:
            yield Imported(item, entry.id, entry.title, entry.address or "")
