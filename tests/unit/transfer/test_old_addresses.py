"""Addresses of the old site are known again in every form that WordPress gave them."""

from __future__ import annotations

from pathlib import Path

import pytest

from cms.transfer.wordpress.addresses import SiteMap, entry_addresses, old_paths, path_of, term_addresses, without_copy
from cms.transfer.wordpress.survey import survey_export
from tests.factories.wxr import write_wxr, wxr_item


@pytest.fixture
def site_map(tmp_path: Path) -> SiteMap:
    path = write_wxr(
        tmp_path,
        wxr_item(5, link="https://old.example/2020/02/brot-b%C3%A4ckt/"),
        wxr_item(6, link="https://old.example/?p=6"),
        wxr_item(
            8,
            kind="attachment",
            fields={"wp:attachment_url": "https://old.example/wp-content/uploads/2020/02/loaf.png"},
        ),
        wxr_item(9, kind="attachment", fields={"wp:attachment_url": "https://files.example/2020/02/cup-300x200.jpg"}),
    )
    return SiteMap.of(survey_export(path))


@pytest.mark.parametrize(
    "address",
    [
        "https://old.example/2020/02/brot-b%C3%A4ckt/",
        "http://www.old.example/2020/02/brot-bäckt",
        "/2020/02/brot-bäckt/#comments",
        "https://old.example/?p=5",
        "?p=5",
        "/?page_id=5&x=1",
    ],
)
def test_an_entry_is_known_at_each_of_its_addresses(site_map: SiteMap, address: str) -> None:
    assert site_map.entry_at(address) == "5"


@pytest.mark.parametrize(
    "address", ["", "#top", "https://other.example/?p=5", "mailto:a@old.example", "http://[broken", "/2021/"]
)
def test_other_addresses_name_no_entry(site_map: SiteMap, address: str) -> None:
    assert site_map.entry_at(address) is None


@pytest.mark.parametrize(
    ("address", "upload"),
    [
        ("https://old.example/wp-content/uploads/2020/02/loaf.png", "8"),
        ("http://old.example/wp-content/uploads/2020/02/loaf-1024x683.png", "8"),
        ("/wp-content/uploads/2020/02/loaf-scaled.png", "8"),
        ("https://cdn.example/wp-content/uploads/2020/02/loaf-e1700000000000-150x150.png", "8"),
        ("//files.example/2020/02/cup-300x200.jpg", "9"),
        ("https://other.example/loaf.png", None),
        ("https://old.example/wp-content/uploads/2020/02/other.png", None),
        ("data:image/png;base64,AAAA", None),
        ("http://[broken", None),
    ],
)
def test_an_upload_is_known_by_its_copies(site_map: SiteMap, address: str, upload: str | None) -> None:
    assert site_map.upload_at(address) == upload


def test_the_paths_to_remember_are_those_of_the_old_site(site_map: SiteMap) -> None:
    addresses = entry_addresses("5", "page", "https://old.example/a/b%C3%A4r/", ["old-b%C3%A4r", "bär"])
    assert list(old_paths(addresses, site_map)) == [
        "/a/bär/",
        "/?p=5",
        "/?page_id=5",
        "/a/bär/feed/",
        "/a/old-bär/",
        "/a/bär/",
    ]
    assert list(old_paths(["https://other.example/x/", "https://old.example/", "http://[broken"], site_map)) == []


def test_terms_are_remembered_with_their_feeds() -> None:
    assert list(term_addresses("category", "news/local", "/blog", "7")) == [
        "/blog/category/news/local/",
        "/blog/category/news/local/feed/",
        "/blog/?cat=7",
    ]
    assert list(term_addresses("post_tag", "late", "")) == ["/tag/late/", "/tag/late/feed/"]


def test_paths_are_told_as_readers_know_them() -> None:
    assert path_of("https://old.example") == "/"
    assert path_of("https://old.example/b%C3%A4r/?utm=1#x") == "/bär/"
    assert path_of("/?cat=3") == "/?cat=3"
    assert without_copy("/a/b-2-300x200.png") == "/a/b-2.png"
