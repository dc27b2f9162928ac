"""Media files by address: who gets them, with which headers, and what variants there are."""

import io
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest
from flask_security import hash_password
from PIL import Image, ImageChops

from cms.content.actions.unpublish_entry import unpublish_entry
from cms.content.models import Entry
from cms.core.db import current_session, transaction
from cms.core.errors import NotFound
from cms.core.permissions import system_user
from cms.core.storage import NullStorage, Storages, storages
from cms.lib.clock import utcnow
from cms.lib.images import make_variant
from cms.media import variants
from cms.media.actions.delete_media import delete_media
from cms.media.actions.edit_media import edit_media
from cms.media.addresses import media_address, srcset, thumbnail_address
from cms.media.files import original_name, variant_name
from cms.media.models import MediaFile
from cms.media.picker import picker_item
from cms.media.variants import allowed_widths, ensure_variant, use_widths, variant_widths
from tests.factories import make_post
from tests.factories.media import PDF, SOUND, make_media, picture

FOR_GOOD = "public, max-age=31536000, immutable"


@pytest.fixture(autouse=True)
def closing(app):
    """Close what was sent, as a server does."""

    class Closing(app.test_client_class):
        def open(self, *given, **more):
            return super().open(*given, **more | {"buffered": True})

    app.test_client_class = Closing


@pytest.fixture(autouse=True)
def usual_widths(monkeypatch):
    """The widths of the default theme, whatever theme other tests leave behind."""
    monkeypatch.setattr(variants, "_sources", [lambda: (360, 720, 1080, 1440, 2160)])


def shown(media: MediaFile, **fields: object) -> Entry:
    """A published post with the file as its picture."""
    return make_post("The quay", featured_media_id=media.id, **fields)


def test_a_picture_of_a_published_post_is_for_everybody_and_for_good(client):
    media = make_media("Quay Street.jpg")
    shown(media)
    answer = client.get(media_address(media))
    assert answer.status_code == 200
    assert answer.mimetype == "image/jpeg"
    assert len(answer.data) == media.bytes
    assert answer.headers["Cache-Control"] == FOR_GOOD
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"] == "inline; filename=Quay-Street.jpg"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert policy.endswith("sandbox")
    assert "script-src" not in policy
    assert "unsafe" not in policy
    assert "Set-Cookie" not in answer.headers


def test_head_says_what_get_would(client):
    media = make_media()
    shown(media)
    got, asked = client.get(media_address(media)), client.head(media_address(media))
    assert asked.status_code == 200
    assert asked.data == b""
    for name in ("Content-Length", "Content-Type", "ETag", "Cache-Control"):
        assert asked.headers[name] == got.headers[name]


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_a_file_can_only_be_read(client, method):
    media = make_media()
    shown(media)
    assert getattr(client, method)(media_address(media)).status_code in {400, 404, 405}


def test_what_has_not_changed_is_not_sent_again(client):
    media = make_media("a.jpg", picture(800, 600))
    shown(media)
    for address in (media_address(media), media_address(media, 360)):
        first = client.get(address)
        again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
        assert again.status_code == 304
        assert again.data == b""
        assert again.headers["Cache-Control"] == FOR_GOOD
        assert client.get(address, headers={"If-Modified-Since": first.headers["Last-Modified"]}).status_code == 304


def test_sound_is_sent_in_parts(client):
    media = make_media("horn.mp3", SOUND)
    shown(media)
    part = client.get(media_address(media), headers={"Range": "bytes=10-19"})
    assert part.status_code == 206
    assert part.data == SOUND[10:20]
    assert part.headers["Content-Range"] == f"bytes 10-19/{len(SOUND)}"
    assert part.headers["Accept-Ranges"] == "bytes"
    assert part.mimetype == "audio/mpeg"
    assert client.get(media_address(media), headers={"Range": "bytes=9999999-"}).status_code == 416
    assert client.get(media_address(media), headers={"Range": "bytes=-5"}).data == SOUND[-5:]


@pytest.mark.parametrize("filename", ["minutes.pdf", "日本 2026.pdf", 'odd"; filename=x.html;.pdf'])
def test_documents_are_downloads_under_their_names(client, filename):
    media = make_media(filename, PDF)
    shown(media)
    answer = client.get(media_address(media))
    disposition = answer.headers["Content-Disposition"]
    assert answer.mimetype == "application/pdf"
    assert disposition.startswith("attachment; ")
    assert disposition.count("filename=") == 1
    shown_name = disposition.partition("filename*=UTF-8''")[2] or disposition.partition("filename=")[2].strip('"')
    assert unquote(shown_name) == media.filename


def test_text_is_a_download_too_and_is_told_to_be_text(client):
    media = make_media("prices.csv", b"=HYPERLINK(1)\n" * 200)
    shown(media)
    answer = client.get(media_address(media), headers={"Accept-Encoding": "gzip, br"})
    assert answer.headers["Content-Disposition"] == "attachment; filename=prices.csv"
    assert answer.mimetype == "text/csv"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_an_unused_file_is_nobodys_but_those_who_may_choose_it(as_, nobody, sue, con, art, ed, ada):
    media = make_media()
    for person in (nobody, sue):
        assert as_(person).get(media_address(media)).status_code == 404
    for person in (con, art, ed, ada):
        answer = as_(person).get(media_address(media))
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize("state", ["draft", "in_review", "scheduled", "archived", "binned"])
def test_the_media_of_what_is_not_published_is_not_there_for_strangers(client, as_, ed, sue, state):
    media = make_media("a.jpg", picture(800, 600))
    shown(media, state=state)
    missing = client.get(f"/media/{'0' * 32}/a.jpg")
    for address in (media_address(media), media_address(media, 360), f"/media/{media.key}/other-name.jpg"):
        for reader in (client, as_(sue)):
            answer = reader.get(address)
            assert answer.status_code == 404
            assert media.filename not in answer.headers.get("Location", "")
            assert answer.headers.get("Cache-Control") == missing.headers.get("Cache-Control")
        assert as_(ed).get(address, follow_redirects=True).status_code == 200


def test_an_unpublished_post_takes_its_media_along(client):
    media = make_media()
    entry = shown(media)
    assert client.get(media_address(media)).status_code == 200
    with transaction():
        unpublish_entry(current_session().get_one(Entry, entry.id), by=system_user())
    assert client.get(media_address(media)).status_code == 404
    other = shown(media)
    assert other.id != entry.id
    assert client.get(media_address(media)).status_code == 200


def test_a_scheduled_post_brings_its_media_when_its_time_comes(client):
    media = make_media()
    entry = shown(media, state="scheduled", at=utcnow() + timedelta(hours=1))
    assert client.get(media_address(media)).status_code == 404
    with transaction():
        current_session().get_one(Entry, entry.id).published_at = utcnow() - timedelta(seconds=1)
    assert client.get(media_address(media)).status_code == 200


def test_the_media_of_a_post_for_members_is_for_members(client, as_, sue):
    media = make_media()
    shown(media, visibility="members")
    assert client.get(media_address(media)).status_code == 404
    answer = as_(sue).get(media_address(media))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_the_media_of_a_private_post_is_for_editors(client, as_, sue, ed):
    media = make_media()
    shown(media, visibility="private")
    assert client.get(media_address(media)).status_code == 404
    assert as_(sue).get(media_address(media)).status_code == 404
    assert as_(ed).get(media_address(media)).status_code == 200


def test_the_media_of_a_post_with_a_password_is_for_who_has_given_it(client, app):
    media = make_media("a.jpg", picture(800, 600))
    post = shown(media, visibility="password", password_hash=hash_password("low tide"))
    addresses = (media_address(media), media_address(media, 360))
    assert [client.get(address).status_code for address in addresses] == [404, 404]
    client.post(post.address, data={"password": "high tide"})
    assert client.get(addresses[0]).status_code == 404
    assert client.post(post.address, data={"password": "low tide"}).status_code == 303
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "private, no-store"
    assert app.test_client().get(addresses[0]).status_code == 404


def test_a_picture_in_the_text_counts_as_much(client):
    media = make_media()
    body = {
        "type": "doc",
        "content": [{"type": "image", "attrs": {"id": "p000000001", "mediaId": media.id, "alt": "A quay"}}],
    }
    make_post("With a picture", body=body)
    assert client.get(media_address(media)).status_code == 200


def test_the_portrait_of_a_person_is_for_everybody(client, user_of, art):
    media = make_media()
    with transaction():
        user_of(art).picture_id = media.id
    assert client.get(media_address(media)).status_code == 200
    with transaction():
        user_of(art).active = False
    assert client.get(media_address(media)).status_code == 404


def test_a_file_in_the_bin_is_there_for_its_keepers_alone(client, as_, ed):
    media = make_media()
    shown(media)
    with transaction():
        delete_media(current_session().get_one(MediaFile, media.id), by=system_user())
    assert client.get(media_address(media)).status_code == 404
    assert as_(ed).get(media_address(media)).headers["Cache-Control"] == "private, no-store"


def test_an_older_name_leads_to_the_present_one(client):
    media = make_media("old.jpg")
    shown(media)
    old = media_address(media)
    with transaction():
        edit_media(current_session().get_one(MediaFile, media.id), by=system_user(), filename="new")
    answer = client.get(old)
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/media/{media.key}/new.jpg"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert client.get(answer.headers["Location"]).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/media/", "/media/x", "/media/x/y.jpg", "/media/../../etc/passwd", "/media/..%2f..%2fetc/passwd",
        "/media/%00/x.jpg", f"/media/{'F' * 32}/x.jpg", f"/media/{'0' * 33}/x.jpg", "/media/" + "9" * 400 + "/x.jpg",
    ],
)  # fmt: skip
def test_what_is_no_address_leads_nowhere(client, path):
    assert client.get(path).status_code == 404


def test_a_lost_file_is_not_there_and_breaks_nothing(client, caplog):
    media = make_media("a.jpg", picture(800, 600))
    shown(media)
    storages().originals.delete(original_name(media.key, "jpg"))
    assert client.get(media_address(media)).status_code == 404
    assert client.get(media_address(media, 360)).status_code == 404
    assert f"has lost media file {media.id}" in caplog.text


def test_files_that_lie_on_no_disk_are_served_as_well(app, client):
    app.extensions["masthead_storage"] = Storages(NullStorage(), NullStorage())
    media = make_media("horn.mp3", SOUND)
    shown(media)
    assert client.get(media_address(media)).data == SOUND
    assert client.get(media_address(media), headers={"Range": "bytes=1-2"}).data == SOUND[1:3]


# -- variants ----------------------------------------------------------------------------------------------


def test_a_variant_is_made_once_and_served_for_good(client, monkeypatch):
    media = make_media("Quay.jpg", picture(1000, 500))
    shown(media)
    made = []

    def counting(*given, **more):
        made.append(given[2])
        return make_variant(*given, **more)

    monkeypatch.setattr(variants, "make_variant", counting)
    for _again in range(3):
        answer = client.get(f"/media/{media.key}/720.webp")
        assert answer.status_code == 200
    assert made == [720]
    assert answer.mimetype == "image/webp"
    assert answer.headers["Cache-Control"] == FOR_GOOD
    assert answer.headers["Content-Disposition"] == "inline; filename=Quay-720.webp"
    image = Image.open(io.BytesIO(answer.data))
    assert (image.format, image.size) == ("WEBP", (720, 360))
    assert storages().variants.exists(variant_name(media.key, 720))


def test_16_who_ask_at_once_get_one_variant(app, monkeypatch):
    media = make_media("a.jpg", picture(1000, 500))
    shown(media)
    address, made, ready = f"/media/{media.key}/360.webp", [], threading.Barrier(16)

    def counting(*given, **more):
        made.append(1)
        return make_variant(*given, **more)

    monkeypatch.setattr(variants, "make_variant", counting)

    def ask(_number: int) -> tuple[int, bytes]:
        ready.wait()
        answer = app.test_client().get(address)
        return answer.status_code, answer.data

    with ThreadPoolExecutor(16) as pool:
        got = set(pool.map(ask, range(16)))
    assert len(got) == 1
    status, data = got.pop()
    assert status == 200
    assert Image.open(io.BytesIO(data)).size == (360, 180)
    assert len(made) == 1


def test_readers_get_the_original_while_no_variant_can_be_written(app, client, caplog):
    media = make_media("a.jpg", picture(1000, 500))
    shown(media)
    Path(app.config["CMS_UPLOADS"], "variants").write_text("in the way")
    answer = client.get(f"/media/{media.key}/360.webp")
    assert answer.status_code == 302
    assert answer.headers["Location"] == media_address(media)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "no variant of media file" in caplog.text
    Path(app.config["CMS_UPLOADS"], "variants").unlink()
    assert client.get(f"/media/{media.key}/360.webp").status_code == 200


@pytest.mark.parametrize("name", ["361.webp", "0360.webp", "1.webp", "99999.webp", "2160.webp", "1080.webp"])
def test_only_the_widths_of_the_theme_below_the_pictures_own_exist(client, name):
    media = make_media("a.jpg", picture(1000, 500))
    shown(media)
    answer = client.get(f"/media/{media.key}/{name}")
    # A name with a leading zero is no width but an odd name of the file, and leads to its own.
    assert answer.status_code == (302 if name.startswith("0") else 404)
    assert not list(storages().variants.list())


def test_widths_follow_the_theme_and_lists_keep_their_own(app):
    media = make_media("a.jpg", picture(1000, 500))
    assert variant_widths(media) == (360, 720)
    use_widths(lambda: (500, 900, 5, 100_000))
    assert allowed_widths() == (360, 500, 900)
    assert variant_widths(media) == (360, 500, 900)
    with pytest.raises(NotFound):
        ensure_variant(media, 720)


def test_what_moves_is_its_own_variant(client):
    frames = [Image.new("RGB", (800, 600), colour) for colour in ("red", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=100)
    media = make_media("wave.gif", out.getvalue())
    shown(media)
    assert media.animated
    assert variant_widths(media) == ()
    assert srcset(media) == ""
    assert media_address(media, 360) == media_address(media) == thumbnail_address(media)
    assert client.get(f"/media/{media.key}/360.webp").status_code == 404


def test_a_sideways_photograph_has_an_upright_variant(client):
    exif = Image.Exif()
    exif[0x0112] = 6
    upright = Image.open(io.BytesIO(picture(900, 600)))
    out = io.BytesIO()
    upright.transpose(Image.Transpose.ROTATE_90).save(out, "JPEG", exif=exif)
    media = make_media("a.jpg", out.getvalue())
    shown(media)
    got = Image.open(io.BytesIO(client.get(media_address(media, 360)).data))
    assert got.size == (360, 240)
    difference = ImageChops.difference(got.convert("RGB"), upright.resize((360, 240))).convert("L")
    assert sum(number * count for number, count in enumerate(difference.histogram())) / (360 * 240) < 6


def test_addresses_name_the_best_copy(app):
    media = make_media("日本.jpg", picture(1000, 500))
    original = f"/media/{media.key}/%E6%97%A5%E6%9C%AC.jpg"
    assert media_address(media) == original
    assert media_address(media, 100) == f"/media/{media.key}/360.webp"
    assert media_address(media, 361) == f"/media/{media.key}/720.webp"
    assert media_address(media, 721) == original
    small = f"/media/{media.key}/360.webp 360w, /media/{media.key}/720.webp 720w"
    assert srcset(media) == f"{small}, {original} 1000w"
    assert srcset(make_media("b.jpg", picture(200, 100))) == ""
    wide = make_media("c.png", picture(3000, 20, "PNG"))
    assert srcset(wide).endswith("2160.webp 2160w")
    assert thumbnail_address(make_media("d.pdf", PDF)) is None


def test_the_picker_is_told_what_it_shows(app):
    media = make_media("a.jpg", picture(1000, 500), alt="A quay")
    assert picker_item(media) == {
        "id": media.id,
        "url": f"/media/{media.key}/a.jpg",
        "thumbnail": f"/media/{media.key}/360.webp",
        "filename": "a.jpg",
        "alt": "A quay",
        "kind": "image",
        "media_type": "image/jpeg",
        "bytes": media.bytes,
        "width": 1000,
        "height": 500,
    }


def test_a_public_file_costs_two_queries_however_much_there_is(client, count_queries):
    media = make_media("a.jpg", picture(800, 600))
    for _number in range(5):
        shown(media)
    address = media_address(media, 360)
    client.get(address)
    with count_queries() as asked:
        assert client.get(address).status_code == 200
    assert len(asked) <= 2, asked
