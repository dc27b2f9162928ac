"""Posts and pages: made, brought up to date, or left as they were edited here."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from sqlalchemy import select

from cms.accounts.passwords import hash_password
from cms.content import states
from cms.content.actions.bin_entry import bin_entry
from cms.content.actions.create_entry import create_entry
from cms.content.actions.edit_entry import edit_entry
from cms.content.actions.schedule_entry import schedule_entry
from cms.content.actions.submit_entry import submit_entry
from cms.content.actions.unpublish_entry import unpublish_entry
from cms.content.addresses import point
from cms.content.fields import EntryFields
from cms.content.models import Entry
from cms.core.db import current_session
from cms.core.errors import CmsError, Forbidden
from cms.core.i18n import _
from cms.lib.clock import utcnow
from cms.lib.errors import LibError
from cms.transfer.models import ImportRecord
from cms.transfer.wordpress.addresses import dated_archives, entry_addresses, old_paths
from cms.transfer.wordpress.body import to_document
from cms.transfer.wordpress.localise import Localiser
from cms.transfer.wordpress.mapping import (
    Standing,
    kept_meta,
    number,
    plain_text,
    slug_text,
    standing_of,
    title_text,
)
from cms.transfer.wordpress.records import Item, checksum
from cms.transfer.wordpress.remarks import import_remarks
from cms.transfer.wordpress.run import WOULD_BE, ImportRun
from cms.transfer.wordpress.surroundings import Surroundings
from cms.transfer.wordpress.uploads import adopt_uploads

_LONGEST_TITLE = 500


def import_entry(run: ImportRun, item: Item) -> None:
    """Import one post or page with its comments in one transaction; what cannot be taken is skipped, whole."""
    record = run.find(f"entry/{item.source_id}")
    try:
        if record is None:
            _create(run, item)
        else:
            _bring_up_to_date(run, item, record)
    except Forbidden:
        raise
    except (CmsError, LibError) as error:
        reason = error.message if isinstance(error, CmsError) else _("its text cannot be read")
        run.report.skip(reason, _named(item))


def _create(run: ImportRun, item: Item) -> None:
    fields, links_open = _fields_of(run, item)
    standing = standing_of(item, run.zone)
    if run.unit is None:
        run.entries[item.source_id] = WOULD_BE
        run.report.created["comment"] += len(item.remarks)
    else:
        with run.unit():
            entry = create_entry(item.kind, fields, by=run.by)
            _bring_to(run, entry, standing)
            _remember(run, item, entry, links_open=links_open)
            _remember_addresses(run, item, entry)
            import_remarks(run, item, entry)
            run.entries[item.source_id] = entry.id
    run.report.created[item.kind] += 1


def _bring_up_to_date(run: ImportRun, item: Item, record: ImportRecord) -> None:
    entry = current_session().get(Entry, record.thing_id)
    if entry is None:
        run.report.skip(_("deleted here since the last import"), _named(item))
        return
    run.entries[item.source_id] = entry.id
    if record.checksum == _checksum(item):
        run.report.unchanged[item.kind] += 1
    elif entry.version != record.thing_version:
        run.report.kept.append(_named(item))
    else:
        _update(run, item, entry.id)
        return
    import_remarks(run, item, entry, unit=run.unit)


def _update(run: ImportRun, item: Item, entry_id: int) -> None:
    fields, links_open = _fields_of(run, item)
    if run.unit is not None:
        with run.unit() as session:
            entry = session.get_one(Entry, entry_id)
            if entry.binned_at is not None:
                run.report.kept.append(_named(item))
                return
            edit_entry(entry, fields, by=run.by)
            _bring_to(run, entry, standing_of(item, run.zone))
            _remember(run, item, entry, links_open=links_open)
            import_remarks(run, item, entry)
    run.report.updated[item.kind] += 1


def _bring_to(run: ImportRun, entry: Entry, standing: Standing) -> None:
    """Give an entry the state, and the moment of publication, that it had."""
    if standing.state == "published":
        schedule_entry(entry, at=standing.published_at or utcnow(), by=run.by)
        return
    if states.is_live(entry):
        unpublish_entry(entry, by=run.by)
    if standing.state == "in_review" and entry.state == states.DRAFT:
        submit_entry(entry, by=run.by)
    elif standing.state == "binned":
        bin_entry(entry, by=run.by)


def _remember(run: ImportRun, item: Item, entry: Entry, *, links_open: bool) -> None:
    current_session().flush()
    record = run.remember(f"entry/{item.source_id}", "entry", entry.id, _checksum(item), version=entry.version)
    record.links_open = links_open


def _checksum(item: Item) -> str:
    # Comments are remembered one by one: a new one makes no new version of the text.
    return checksum(replace(item, remarks=()))


def _fields_of(run: ImportRun, item: Item) -> tuple[EntryFields, bool]:
    """Return what the item becomes, and whether its body links to entries that are still to come."""
    around = Surroundings(item.source_id, run.library)
    document = to_document(item.content, around, footnotes=item.meta_value("footnotes"))
    localiser = Localiser(run.site_map, run.media, run.entries, address=item.link)
    body = localiser.document(document)
    if localiser.missing and adopt_uploads(run, localiser.missing):
        localiser = Localiser(run.site_map, run.media, run.entries, address=item.link)
        body = localiser.document(document)
    for address in localiser.missing:
        run.report.missing.setdefault(address, "")
    run.report.left_out.update(around.left_out)
    standing = standing_of(item, run.zone)
    fields = EntryFields(
        title=title_text(item.title)[:_LONGEST_TITLE],
        slug=slug_text(item.slug),
        body=body,
        excerpt=plain_text(item.excerpt),
        visibility=standing.visibility,
        # Hashing takes long on purpose, so it comes before the transaction.
        password_hash=str(hash_password(item.password)) if standing.visibility == "password" else None,
        author_ids=_authors_of(run, item),
        term_ids=tuple(dict.fromkeys(_terms_of(run, item))),
        featured_media_id=_picture_of(run, item),
        seo_description=plain_text(_seo(item, "_yoast_wpseo_metadesc")),
        seo_title=title_text(_seo(item, "_yoast_wpseo_title"))[:300],
        noindex=item.meta_value("_yoast_wpseo_meta-robots-noindex") == "1",
        sticky=item.sticky,
        menu_order=number(item.menu_order),
        comments_open=item.comments_open,
        parent_id=run.entries.get(item.parent_id) if item.kind == "page" and run.unit is not None else None,
        meta={"wordpress": {"id": item.source_id, "meta": kept_meta(item.meta)}},
    )
    # A link to something that this export does not hold leads to an old address, for good.
    return fields, bool(localiser.awaited & run.survey.entries.keys())


def _seo(item: Item, key: str) -> str:
    text = item.meta_value(key)
    # Such a text is a pattern ("%%title%% %%sep%% …") that only the plugin could fill.
    return "" if "%%" in text else text


def _authors_of(run: ImportRun, item: Item) -> tuple[int, ...]:
    named = [term.slug for term in item.terms if term.taxonomy == "author"]
    logins = [slug if slug in run.users else slug.removeprefix("cap-") for slug in named]
    found = [run.users[login] for login in logins if login in run.users]
    if not found and item.creator in run.users:
        found = [run.users[item.creator]]
    return tuple(dict.fromkeys(found))


def _terms_of(run: ImportRun, item: Item) -> list[int]:
    keys = ((term.taxonomy, term.slug) for term in item.terms)
    return [run.terms[key] for key in keys if key in run.terms]


def _picture_of(run: ImportRun, item: Item) -> int | None:
    thumbnail = item.meta_value("_thumbnail_id")
    if not thumbnail or thumbnail in run.media:
        return run.media.get(thumbnail)
    attachment = run.survey.attachments.get(thumbnail)
    # An attachment that is in the export is in the report already.
    if attachment is None:
        run.report.missing.setdefault(
            f"{_named(item)}: {thumbnail}", str(_("its featured picture is not in the export"))
        )
    return None


def _remember_addresses(run: ImportRun, item: Item, entry: Entry) -> None:
    old_slugs = [value for key, value in item.meta if key == "_wp_old_slug"]
    addresses = entry_addresses(item.source_id, item.kind, item.link, old_slugs, run.site_map.base)
    session = current_session()
    for path in dict.fromkeys(old_paths(addresses, run.site_map)):
        if session.scalar(select(Entry.id).where(Entry.address == path)) is None:
            point(path, entry_id=entry.id)
            run.report.created["redirect"] += 1
    for path, target in dated_archives(item.link, run.site_map.base).items():
        if path not in run.archives and session.scalar(select(Entry.id).where(Entry.address == path)) is None:
            point(path, target=target)
            run.archives.add(path)
            run.report.created["redirect"] += 1


def _named(item: Item) -> str:
    return title_text(item.title) or urlsplit(item.link).path or item.source_id
