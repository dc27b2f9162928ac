"""Links to entries that came later in the export than the text with the link."""

from __future__ import annotations

from cms.content.actions.relink_entry import relink_entry
from cms.content.models import Entry
from cms.core.db import current_session
from cms.transfer.models import ImportRecord
from cms.transfer.queries import list_open_links
from cms.transfer.wordpress.localise import Localiser
from cms.transfer.wordpress.run import ImportRun


def settle_links(run: ImportRun) -> None:
    """Make the links that had to wait references to the entries they lead to; what was edited here stays."""
    if run.unit is None:
        return
    for record_id in list_open_links(run.source):
        record = current_session().get_one(ImportRecord, record_id)
        entry = current_session().get(Entry, record.thing_id)
        untouched = entry is not None and entry.binned_at is None and entry.version == record.thing_version
        localiser = Localiser(run.site_map, run.media, run.entries)
        body = localiser.document(entry.body) if entry is not None and untouched else None
        with run.unit() as session:
            record = session.get_one(ImportRecord, record_id)
            record.links_open = False
            if body is None:
                continue
            fresh = session.get_one(Entry, record.thing_id)
            if body != fresh.body and fresh.version == record.thing_version:
                relink_entry(fresh, body, by=run.by)
                record.thing_version = fresh.version
