"""Import a WordPress export."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from cms.content.addresses import point
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor
from cms.settings.queries import get_settings
from cms.transfer.events import ImportFinished
from cms.transfer.queries import map_things
from cms.transfer.report import Report
from cms.transfer.wordpress.addresses import FEEDS
from cms.transfer.wordpress.elements import ElementReader, Progress
from cms.transfer.wordpress.entries import import_entry
from cms.transfer.wordpress.folder import UploadFolder
from cms.transfer.wordpress.links import settle_links
from cms.transfer.wordpress.people import import_people
from cms.transfer.wordpress.reader import read_items
from cms.transfer.wordpress.records import Item
from cms.transfer.wordpress.run import ImportRun, Unit
from cms.transfer.wordpress.survey import ENTRY_KINDS, survey_export
from cms.transfer.wordpress.terms import import_terms
from cms.transfer.wordpress.uploads import import_attachment

#: Parts of a site's machinery, of which an export tells although nobody reads them.
_INTERNAL: Final = frozenset(
    {"custom_css", "customize_changeset", "nav_menu_item", "oembed_cache", "revision", "user_request"}
    | {"wp_global_styles", "wp_navigation", "wp_template", "wp_template_part", "wp_font_face", "wp_font_family"}
)
#: How often the file is read: for the survey, for media, and for entries.
PASSES: Final = 3


def import_wordpress(
    path: Path,
    *,
    by: Actor,
    unit: Unit | None,
    media: Path | None = None,
    invite: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Import the export at `path` and return what happened; a second time, only what is new or changed there.

    `unit` opens the transaction of each item; with None nothing is written. `media` is a folder with the
    uploads. `progress` is told the bytes that were read, of `PASSES` times the file. Raises SourceError before
    anything is written when the file is no sound export.
    """
    survey = survey_export(path, progress=progress)
    run = ImportRun(survey=survey, by=by, unit=unit, invite=invite, zone=ZoneInfo(get_settings().time_zone))
    run.report.trial = unit is None
    run.report.stripped = survey.stripped
    run.folder = UploadFolder(media) if media is not None else None
    run.entries = map_things(run.source, "entry")
    import_people(run)
    import_terms(run)
    for item in read_items(ElementReader(path, progress)):
        if item.kind == "attachment":
            import_attachment(run, item)
    _import_entries(run, path, progress)
    settle_links(run)
    _remember_feeds(run)
    if run.unit is not None:
        with run.unit():
            report = run.report
            record(ImportFinished(run.source, dict(report.created), dict(report.updated), by.id))
    return run.report


def _import_entries(run: ImportRun, path: Path, progress: Progress | None) -> None:
    """Import posts and pages, and pages below others once those are here: the file is read until all are."""
    done: set[str] = set()
    waiting = _import_round(run, ElementReader(path, progress), done, None)
    while waiting:
        before = len(waiting)
        waiting = _import_round(run, ElementReader(path), done, waiting)
        if len(waiting) == before:
            # These lie below each other, or below a page that could not be taken.
            for item in _chosen(ElementReader(path), waiting):
                import_entry(run, item)
            return


def _import_round(run: ImportRun, elements: ElementReader, done: set[str], chosen: set[str] | None) -> set[str]:
    """Import the chosen entries (None: all) whose parents are here, and return the ids of the others."""
    waiting: set[str] = set()
    for item in read_items(elements) if chosen is None else _chosen(elements, chosen):
        if item.kind not in ENTRY_KINDS:
            _skip_other(run, item)
        elif item.source_id in done:
            run.report.skip(_("an item with the same number came before it"), item.title or item.source_id)
        elif item.status == "auto-draft":
            run.report.skip(_("a draft that was never saved"), item.title or item.source_id)
        elif item.kind == "page" and item.parent_id in run.survey.entries and item.parent_id not in done:
            waiting.add(item.source_id)
        else:
            done.add(item.source_id)
            import_entry(run, item)
    return waiting


def _chosen(elements: ElementReader, chosen: set[str]) -> Iterator[Item]:
    return (item for item in read_items(elements) if item.kind in ENTRY_KINDS and item.source_id in chosen)


def _skip_other(run: ImportRun, item: Item) -> None:
    if item.kind in ("attachment", "wp_block"):
        return
    if item.kind in _INTERNAL:
        reason = _("“%(kind)s”, which belongs to WordPress itself", kind=item.kind)
    else:
        reason = _("“%(kind)s”: only posts, pages and media are known here", kind=item.kind)
    run.report.skip(reason, item.title or item.source_id)


def _remember_feeds(run: ImportRun) -> None:
    if run.unit is None or not run.survey.site.url or run.find("site/feeds") is not None:
        return
    with run.unit():
        run.remember("site/feeds", "feed", 0, "")
        for old, new in FEEDS.items():
            point(f"{run.site_map.base}{old}", target=new)
