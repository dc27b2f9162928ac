"""`flask import wordpress`: media, links and old addresses."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from cms.content.models import Entry
from cms.core.db import current_session, transaction
from cms.core.permissions import system_user
from cms.lib.document import references
from cms.media.actions.delete_media import delete_media
from cms.media.models import MediaFile
from tests.clients import PageClient
from tests.factories.media import SOUND, picture
from tests.factories.wxr import wxr_category, wxr_item
from tests.functional.cli.conftest import Import, everything

SITE = "https://old.example"
UPLOADS = f"{SITE}/wp-content/uploads"
SIZES = (
    'a:3:{s:5:"width";i:80;s:4:"file";s:16:"2020/02/loaf.jpg";s:5:"sizes";a:1:{s:6:"medium";'
    'a:1:{s:4:"file";s:14:"loaf-40x30.jpg";}}}'
)


@pytest.fixture
def uploads(tmp_path: Path) -> Path:
    """The folder of uploads of the old site, somewhere inside another folder."""
    folder = tmp_path / "backup" / "wp-content" / "uploads" / "2020" / "02"
    folder.mkdir(parents=True)
    (folder / "loaf.jpg").write_bytes(picture(80, 60))
    (folder / "cup.png").write_bytes(picture(50, 50, "PNG"))
    (folder / "song.mp3").write_bytes(SOUND)
    (folder / "bad.jpg").write_bytes(b"<?php system($_GET['c']); ?>")
    (folder / "drawing.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'><script>x</script></svg>")
    elsewhere = tmp_path / "backup" / "wp-content" / "uploads" / "2019" / "01"
    elsewhere.mkdir(parents=True)
    (elsewhere / "loaf.jpg").write_bytes(picture(10, 10))
    (elsewhere / "passwd").symlink_to("/etc/passwd")
    return tmp_path / "backup"


def attachment(
    number: int, url: str, *, parent: int = 0, meta: tuple[tuple[str, str], ...] = (), caption: str = ""
) -> str:
    fields = {"wp:attachment_url": url, "wp:post_parent": str(parent), "excerpt:encoded": caption}
    link = f"{SITE}/2020/02/entry-1/attachment-{number}/"
    return wxr_item(number, kind="attachment", status="inherit", fields=fields, meta=meta, link=link)


LOAF = attachment(
    50,
    f"{UPLOADS}/2020/02/loaf.jpg",
    parent=1,
    meta=(("_wp_attachment_image_alt", "A loaf"), ("_wp_attachment_metadata", SIZES)),
    caption="Out of the <b>oven</b>",
)


def entry_called(title: str) -> Entry:
    return current_session().scalars(select(Entry).where(Entry.title == title)).one()


def media_called(filename: str) -> MediaFile:
    return current_session().scalars(select(MediaFile).where(MediaFile.filename == filename)).one()


def test_attachments_come_from_the_folder(run_import: Import, uploads: Path, client: PageClient) -> None:
    body = f'<img class="wp-image-50 size-medium" src="{UPLOADS}/2020/02/loaf-40x30.jpg" alt="Warm">'
    run_import(LOAF, wxr_item(1, body, meta=[("_thumbnail_id", "50")]), options=("--media", str(uploads)))
    media = media_called("loaf.jpg")
    assert (media.width, media.alt, media.caption) == (80, "A loaf", "Out of the oven")
    entry = entry_called("Entry 1")
    assert entry.featured_media_id == media.id
    assert set(references(entry.body).media_ids) == {media.id}
    page = client.page(entry.address or "")
    sources = [image.attributes["src"] for image in page.css("article img")]
    assert sources
    assert all(source and source.startswith("/media/") for source in sources)
    with client.get(sources[0] or "") as answer:
        assert answer.status_code == 200


def test_addresses_of_uploads_lead_to_the_files(run_import: Import, uploads: Path, client: PageClient) -> None:
    run_import(LOAF, wxr_item(1, "", meta=[("_thumbnail_id", "50")]), options=("--media", str(uploads)))
    for path in (
        "/wp-content/uploads/2020/02/loaf.jpg",
        "/wp-content/uploads/2020/02/loaf-40x30.jpg",
        "/2020/02/entry-1/attachment-50/",
        "/?attachment_id=50",
    ):
        answer = client.get(path)
        assert (answer.status_code, answer.location[:7]) == (301, "/media/"), path
        with client.get(answer.location) as file:
            assert file.status_code == 200


def test_what_is_missing_becomes_a_link_and_is_listed(run_import: Import, client: PageClient) -> None:
    result = run_import(
        LOAF,
        wxr_item(
            1,
            f'Words <img src="{UPLOADS}/2020/02/loaf.jpg" alt="A loaf"> after\n\n'
            '[caption width="3"]<img src="https://cdn.other.example/cup.png"> Blue cup[/caption]\n\n'
            '[gallery]\n\n[audio src="/wp-content/uploads/song.mp3"]\n\n'
            '[video src="https://films.other.example/film.mp4" poster="https://films.other.example/poster.jpg"]\n\n'
            '<form><img src="https://pixel.other.example/x.gif"><input></form>',
        ),
    )
    page = client.get(entry_called("Entry 1").address or "").text
    for address in (
        f"{UPLOADS}/2020/02/loaf.jpg",
        "https://cdn.other.example/cup.png",
        f"{UPLOADS}/song.mp3",
        "https://films.other.example/film.mp4",
        "https://pixel.other.example/x.gif",
    ):
        assert f"  - {address}" in result.output
        assert f'href="{address}"' in page
    assert "Blue cup" in page
    for tag in ('src="http', "srcset=", 'poster="http', "url(http"):
        assert tag not in page


def test_files_that_are_not_taken_are_listed_with_the_reason(run_import: Import, uploads: Path) -> None:
    result = run_import(
        attachment(51, f"{UPLOADS}/2020/02/bad.jpg"),
        attachment(52, f"{UPLOADS}/2020/02/drawing.svg"),
        attachment(53, "file:///etc/passwd"),
        attachment(54, "http://127.0.0.1:9/x.png"),
        attachment(55, f"{UPLOADS}/2020/02/../../../../etc/hostname"),
        attachment(56, f"{UPLOADS}/2020/02/song.mp3"),
        options=("--media", str(uploads)),
    )
    assert [media.filename for media in current_session().scalars(select(MediaFile))] == ["song.mp3"]
    assert "bad.jpg (" in result.output
    assert "drawing.svg (" in result.output
    assert "  - file:///etc/passwd\n" in result.output
    assert "  - http://127.0.0.1:9/x.png\n" in result.output


def test_files_that_no_attachment_names_are_taken_in_where_they_are_shown(run_import: Import, uploads: Path) -> None:
    body = f'<img src="{UPLOADS}/2020/02/cup-300x300.png"><img src="/wp-content/uploads/2019/01/loaf.jpg">'
    result = run_import(wxr_item(1, body), wxr_item(2, body), options=("--media", str(uploads)))
    assert "Media files: 2 created" in result.output
    assert "Media that are not here" not in result.output
    widths = {media.filename: media.width for media in current_session().scalars(select(MediaFile))}
    assert widths == {"cup.png": 50, "loaf.jpg": 10}
    before = everything()
    run_import(wxr_item(1, body), wxr_item(2, body), options=("--media", str(uploads)))
    assert everything() == before


def test_a_gallery_shows_what_was_uploaded_to_its_post(run_import: Import, uploads: Path) -> None:
    cup = attachment(51, f"{UPLOADS}/2020/02/cup.png", parent=1)
    run_import(LOAF, cup, wxr_item(1, '[gallery columns="2"]'), options=("--media", str(uploads)))
    (gallery,) = entry_called("Entry 1").body["content"]
    assert gallery["type"] == "gallery"
    assert [image["attrs"]["mediaId"] for image in gallery["content"]] == [
        media_called("loaf.jpg").id,
        media_called("cup.png").id,
    ]


def test_a_file_deleted_here_does_not_come_back(run_import: Import, uploads: Path) -> None:
    options = ("--media", str(uploads))
    run_import(LOAF, options=options)
    with transaction():
        delete_media(media_called("loaf.jpg"), by=system_user())
    result = run_import(LOAF, options=options)
    assert "Media files: 0 created" in result.output


def test_links_between_entries_become_references(run_import: Import, client: PageClient) -> None:
    run_import(
        wxr_item(1, '<a href="https://old.example/2020/02/entry-2/#part">later</a> <a href="?p=1">self</a>'),
        wxr_item(2, f'<a href="http://www.old.example/2020/02/entry-1">earlier</a> <a href="{SITE}/gone/">gone</a>'),
        wxr_item(3, '<a href="../entry-2/">beside</a> <a href="mailto:a@old.example">mail</a>', status="draft"),
    )
    first, second, third = (entry_called(f"Entry {number}") for number in (1, 2, 3))
    assert f"cms:entry/{second.id}#part" in first.body_html
    assert set(references(second.body).entry_ids) == {first.id}
    assert set(references(third.body).entry_ids) == {second.id}
    page = client.page(first.address or "")
    assert [link.attributes["href"] for link in page.css(".prose a")] == ["/posts/entry-2/#part", "/posts/entry-1/"]
    assert first.revised_at == first.published_at, "a settled link is no new version"
    assert first.working_revision_number == 1


def test_every_old_address_leads_on(run_import: Import, client: PageClient) -> None:
    run_import(
        wxr_category("news", "News"),
        wxr_category("local", "Local", parent="news", number=8),
        wxr_item(
            1, terms=[("category", "local", "Local"), ("post_tag", "bread", "Bread")], meta=[("_wp_old_slug", "brot")]
        ),
        wxr_item(2, kind="page", link=f"{SITE}/about/us/", fields={"wp:post_name": "us"}),
        wxr_item(3, status="draft", link=f"{SITE}/?p=3"),
        wxr_item(4, link=f"{SITE}/entry-4.html"),
    )
    for old, new in {
        "/2020/02/entry-1/": "/posts/entry-1/",
        "/2020/02/entry-1": "/posts/entry-1/",
        "/2020/02/entry-1/feed/": "/posts/entry-1/",
        "/2020/02/brot/": "/posts/entry-1/",
        "/?p=1": "/posts/entry-1/",
        "/about/us/": "/us/",
        "/?page_id=2": "/us/",
        "/?p=2": "/us/",
        "/entry-4.html": "/posts/entry-4/",
        "/category/news/local/feed/": "/category/news/local/",
        "/tag/bread/feed/": "/tag/bread/",
        "/?cat=7": "/category/news/",
        "/feed/": "/feed.xml",
        "/feed/atom/": "/atom.xml",
        "/?feed=rss2": "/feed.xml",
        "/2020/02/": "/archive/2020/02/",
        "/2020/": "/archive/2020/",
    }.items():
        answer = client.get(old)
        assert (answer.status_code, answer.location) == (301, new), old
        assert client.get(new).status_code == 200, new
    assert client.get("/?p=3").status_code != 301, "an address of a draft tells nobody that it exists"


def test_an_old_address_never_hides_an_entry(run_import: Import, client: PageClient) -> None:
    run_import(
        wxr_item(1, "The page.", kind="page", link=f"{SITE}/entry-1/"),
        wxr_item(2, "The post.", link=f"{SITE}/entry-1/"),
    )
    assert "The page." in client.get("/entry-1/").text
