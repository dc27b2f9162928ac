"""Attachments become media files, taken from the folder of uploads; nothing is ever fetched."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from urllib.parse import unquote, urlsplit

from cms.content.addresses import point
from cms.core.db import current_session
from cms.core.errors import CmsError, Forbidden
from cms.core.i18n import _
from cms.media.actions.edit_media import LONGEST
from cms.media.actions.upload_media import upload_media
from cms.media.intake import receive_file
from cms.media.models import MediaFile
from cms.transfer.wordpress.addresses import old_paths, without_copy
from cms.transfer.wordpress.mapping import copies_of, plain_text
from cms.transfer.wordpress.records import Item, checksum
from cms.transfer.wordpress.run import WOULD_BE, ImportRun


def import_attachment(run: ImportRun, item: Item) -> None:
    """Take the file of an attachment in; one that is not in the folder is listed as missing."""
    attachment = run.survey.attachments[item.source_id]
    source_id = f"attachment/{item.source_id}"
    if run.find(source_id) is not None:
        run.report.unchanged["media"] += 1
        known = _imported_before(run, source_id)
        if known is not None:
            run.media[item.source_id] = known
        return
    path = run.folder.find(attachment.url, item.meta_value("_wp_attached_file")) if run.folder is not None else None
    if path is None:
        run.report.missing.setdefault(attachment.url or item.title, "")
        return
    words = (plain_text(attachment.alt), plain_text(attachment.caption))

    def remember(media_id: int) -> None:
        run.remember(source_id, "media", media_id, checksum(item))
        _remember_addresses(run, item, attachment.url, media_id)

    media_id = _take_in(run, path, attachment.url, words, remember)
    if media_id is not None:
        run.media[item.source_id] = media_id


def adopt_uploads(run: ImportRun, addresses: list[str]) -> bool:
    """Take in files that a body shows and no attachment names, where the folder has them; tell whether any was."""
    adopted = False
    for address in dict.fromkeys(addresses):
        key = without_copy(unquote(urlsplit(address).path))
        of_the_site = run.site_map.is_own(address) or "/wp-content/uploads/" in key
        path = run.folder.find(address) if run.folder is not None and of_the_site else None
        if path is None or key in run.site_map.uploads:
            continue
        source_id = f"upload/{hashlib.sha256(key.encode()).hexdigest()}"
        media_id = _imported_before(run, source_id)
        if media_id is None:
            media_id = _take_in(run, path, address, ("", ""), partial(_remember_upload, run, source_id, key))
        if media_id is not None:
            run.site_map.uploads[key] = key
            run.media[key] = media_id
            adopted = True
    return adopted


def _take_in(
    run: ImportRun, path: Path, address: str, words: tuple[str, str], remember: Callable[[int], None]
) -> int | None:
    """Upload a file and return its id; None, and a line in the report, for one that is not taken."""
    if run.unit is None:
        run.report.created["media"] += 1
        return WOULD_BE
    alt, caption = words[0][: LONGEST["alt"]], words[1][: LONGEST["caption"]]
    try:
        with path.open("rb") as stream, receive_file(stream, path.name, by=run.by) as received, run.unit():
            media: MediaFile = upload_media(received, alt=alt, caption=caption, by=run.by)
            media_id = media.id
            remember(media_id)
    except Forbidden:
        raise
    except (CmsError, OSError) as error:
        run.report.missing[address] = error.message if isinstance(error, CmsError) else str(_("it cannot be read"))
        return None
    run.report.created["media"] += 1
    return media_id


def _imported_before(run: ImportRun, source_id: str) -> int | None:
    """Return the media file that an upload became, None when there is none or somebody has deleted it here."""
    record = run.find(source_id)
    media = current_session().get(MediaFile, record.thing_id) if record is not None else None
    return media.id if media is not None and media.deleted_at is None else None


def _remember_upload(run: ImportRun, source_id: str, path: str, media_id: int) -> None:
    run.remember(source_id, "media", media_id, "")
    point(path, media_id=media_id)
    run.report.created["redirect"] += 1


def _remember_addresses(run: ImportRun, item: Item, url: str, media_id: int) -> None:
    folder = url.rpartition("/")[0]
    copies = [f"{folder}/{name}" for name in copies_of(item.meta)]
    names = ("attachment_id", "p") if item.source_id.isdecimal() else ()
    numbered = [f"{run.site_map.base}/?{name}={item.source_id}" for name in names]
    for path in dict.fromkeys(old_paths([url, item.link, *numbered, *copies], run.site_map)):
        point(path, media_id=media_id)
        run.report.created["redirect"] += 1
