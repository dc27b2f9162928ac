"""Finding media files: lists, filters, cursors, counts and uses."""

from datetime import timedelta

import pytest

from cms.core.db import current_session, transaction
from cms.core.errors import NotFound
from cms.core.pagination import encode_cursor
from cms.core.permissions import system_user
from cms.lib.clock import utcnow
from cms.media.actions.delete_media import delete_media
from cms.media.models import MediaFile
from cms.media.queries import (
    MediaFilter,
    count_media,
    count_media_uses,
    find_media,
    find_media_by_content,
    find_media_by_key,
    get_media,
    get_media_by_ids,
    list_media,
    media_totals,
    media_uses,
)
from tests.factories import make_post
from tests.factories.media import PDF, SOUND, make_media, picture


def names(batch) -> list[str]:
    return [media.filename for media in batch]


@pytest.fixture
def shelf(app):
    """Six files, the oldest first; two were uploaded in the same moment."""
    made = [
        make_media("quay.jpg", alt="The old quay"),
        make_media("ferry.png", picture(format_="PNG")),
        make_media("horn.mp3", SOUND),
        make_media("minutes.pdf", PDF),
        make_media("prices_50%.csv", b"Name;Price\n"),
        make_media("日本.jpg"),
    ]
    with transaction():
        for number, media in enumerate(made):
            kept = current_session().get_one(MediaFile, media.id)
            kept.created_at = utcnow() - timedelta(hours=10 - (number if number != 3 else 2))
        moment = current_session().get_one(MediaFile, made[2].id).created_at
        current_session().get_one(MediaFile, made[3].id).created_at = moment
    return made


def test_the_newest_come_first(shelf):
    wanted = ["日本.jpg", "prices_50.csv", "minutes.pdf", "horn.mp3", "ferry.png", "quay.jpg"]
    assert names(list_media()) == wanted


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("quay", ["quay.jpg"]),
        ("OLD quay", ["quay.jpg"]),
        ("old ferry", []),
        ("日本", ["日本.jpg"]),
        ("%", []),
        ("_", ["prices_50.csv"]),
        ("'; DROP TABLE media_files; --", []),
        ("\0", ["日本.jpg", "prices_50.csv", "minutes.pdf", "horn.mp3", "ferry.png", "quay.jpg"]),
    ],
)
def test_words_are_looked_for_in_names_and_alt_texts(shelf, q, found):
    assert names(list_media(q)) == found
    assert count_media(q) == len(found)


@pytest.mark.parametrize(
    ("kind", "number"), [("image", 3), ("audio", 1), ("video", 0), ("document", 2), (None, 6), ("x", 6), ("", 6)]
)
def test_a_list_can_be_narrowed_to_a_kind(shelf, kind, number):
    assert len(list_media(kind=kind)) == count_media(kind=kind) == number


def test_a_list_can_be_narrowed_to_what_wants_an_alt_text_and_to_ones_own(shelf, user_of, art):
    assert names(list_media(where=MediaFilter(without_alt=True))) == ["日本.jpg", "ferry.png"]
    make_media("mine.jpg", by=user_of(art))
    assert names(list_media(where=MediaFilter(uploaded_by_id=user_of(art).id))) == ["mine.jpg"]


def test_the_bin_is_a_list_of_its_own(shelf):
    with transaction():
        delete_media(current_session().get_one(MediaFile, shelf[0].id), by=system_user())
    assert "quay.jpg" not in names(list_media())
    assert names(list_media(where=MediaFilter(binned=True))) == ["quay.jpg"]
    assert get_media_by_ids([shelf[0].id, shelf[1].id]).keys() == {shelf[1].id}
    assert get_media(shelf[0].id).deleted_at is not None


def test_one_leafs_through_a_list_and_back(shelf):
    whole, seen, cursor = names(list_media()), [], None
    pages = []
    for _page in range(3):
        batch = list_media(cursor=cursor, limit=2)
        pages.append(batch)
        seen += names(batch)
        cursor = batch.cursor_next
    assert seen == whole
    assert cursor is None
    assert pages[0].cursor_previous is None
    back = list_media(cursor=pages[2].cursor_previous, limit=2)
    assert names(back) == names(pages[1])
    first = list_media(cursor=back.cursor_previous, limit=2)
    assert names(first) == names(pages[0])
    assert first.cursor_previous is None
    assert names(list_media(cursor=first.cursor_next, limit=2)) == names(pages[1])


@pytest.mark.parametrize(
    "cursor",
    [
        "", "x", "0", "9223372036854775807", "../..", "%00", "A" * 3000, encode_cursor("older", "2026", 1),
        encode_cursor("older", "2026-11-20T10:00:00", 1), encode_cursor("sideways", "2026-11-20T10:00:00+00:00", 1),
        encode_cursor("older", "2026-11-20T10:00:00+00:00", 2**70), encode_cursor("older", 1, "1"),
        encode_cursor("older", "0001-01-01T00:00:00+23:59", 1), encode_cursor("newer", "9999-12-31T23:59:59-23:59", 1),
    ],
)  # fmt: skip
def test_a_cursor_that_is_none_begins_at_the_beginning(shelf, cursor):
    assert len(list_media(cursor=cursor)) == 6


@pytest.mark.parametrize(("limit", "number"), [(-5, 1), (0, 1), (3, 3), (10**9, 6)])
def test_a_page_has_a_sane_length(shelf, limit, number):
    assert len(list_media(limit=limit)) == number


def test_a_list_costs_one_query_whatever_its_length(shelf, count_queries):
    for number in range(10):
        make_media(f"more{number}.jpg")
    with count_queries() as asked:
        for media in list_media():
            assert media.uploaded_by is None
    assert len(asked) == 1


def test_totals_are_counted_in_one_query(shelf, count_queries):
    with count_queries() as asked:
        totals = media_totals()
    assert (totals.files, totals.without_alt) == (6, 2)
    assert totals.bytes == sum(media.bytes for media in list_media())
    assert len(asked) == 1


@pytest.mark.parametrize("media_id", [0, -1, 10**6, 2**63, 10**40])
def test_an_id_that_nothing_has_finds_nothing(app, media_id):
    assert find_media(media_id) is None
    with pytest.raises(NotFound):
        get_media(media_id)


def test_a_file_is_found_by_key_and_by_content(app):
    first, second = make_media("a.jpg"), make_media("b.jpg")
    assert find_media_by_key(first.key) == first
    assert find_media_by_key("nothing") is None
    assert first.sha256 == second.sha256
    assert find_media_by_content(first.sha256) == first
    assert find_media_by_content("0" * 64) is None


def test_uses_are_told_by_everybody_who_has_some(app, user_of, art):
    media = make_media()
    assert media_uses(media) == []
    make_post("Published", featured_media_id=media.id)
    make_post("Draft", featured_media_id=media.id, state="draft")
    with transaction():
        user_of(art).picture_id = media.id
    uses = {(use.thing, use.title, use.is_public) for use in media_uses(media)}
    assert uses == {("post", "Published", True), ("post", "Draft", False), ("user", "Art", True)}
    assert count_media_uses(media) == 3
