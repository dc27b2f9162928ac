"""Uploading: what is taken, where it lies, and that row and file agree whatever happens."""

import io
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import func, select

from cms.core import events
from cms.core.db import current_session, transaction
from cms.core.errors import Conflict, Forbidden, Invalid, TooLarge
from cms.core.permissions import system_user
from cms.core.storage import TEMPORARY, NullStorage, Storages, storages
from cms.lib.clock import utcnow
from cms.media.actions.delete_media import delete_media
from cms.media.actions.edit_media import edit_media
from cms.media.actions.erase_media import erase_media
from cms.media.actions.restore_media import restore_media
from cms.media.actions.upload_media import upload_media
from cms.media.events import MediaUploaded
from cms.media.files import open_original, original_name, variant_name
from cms.media.intake import receive_file
from cms.media.jobs import GRACE, sweep
from cms.media.models import MediaFile
from cms.media.variants import ensure_variant
from tests import needs
from tests.factories.media import PDF, SOUND, make_media, picture

TRAVERSALS = [
    "../../x.jpg", "..\\..\\x.jpg", "/etc/x.jpg", "C:\\x.jpg", "....//x.jpg", "%2e%2e%2fx.jpg", "..%5cx.jpg",
    "a/../../x.jpg", "~/x.jpg", "//x.jpg", "x.jpg/..", "\\\\host\\x.jpg", "x\0.jpg", "..", ".", "..;/x.jpg",
]  # fmt: skip


def count() -> int:
    return current_session().scalar(select(func.count()).select_from(MediaFile)) or 0


def kept(app) -> list[Path]:
    return sorted(path for path in Path(app.config["CMS_UPLOADS"]).rglob("*") if path.is_file())


def upload(data: bytes, filename: str, by=None) -> MediaFile:
    return make_media(filename, data, by=by)


def refused(data: bytes, filename: str) -> str:
    with pytest.raises(Invalid) as caught:
        upload(data, filename)
    return str(caught.value.fields["file"])


def test_an_upload_has_a_row_a_file_and_an_event(app, user_of, art, monkeypatch):
    heard = []
    monkeypatch.setitem(events._after, MediaUploaded, [heard.append])
    media = upload(picture(64, 48), "Quay Street.jpg", by=user_of(art))
    assert (media.filename, media.kind, media.media_type) == ("Quay-Street.jpg", "image", "image/jpeg")
    assert (media.width, media.height, media.animated) == (64, 48, False)
    assert media.uploaded_by_id == user_of(art).id
    assert len(media.key) == 32
    assert [event.media_id for event in heard] == [media.id]
    (path,) = kept(app)
    assert path == Path(app.config["CMS_UPLOADS"], "originals", media.key[:2], f"{media.key}.jpg")
    assert path.stat().st_size == media.bytes
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("data", "filename", "shown", "kind"),
    [
        (PDF, "minutes.pdf", "minutes.pdf", "document"),
        (SOUND, "ferry horn.mp3", "ferry-horn.mp3", "audio"),
        (b"Name;Price\n", "prices.csv", "prices.csv", "document"),
        (picture(format_="PNG"), "noext", "noext.png", "image"),
        (picture(format_="PNG"), "日本.jpg", "日本-jpg.png", "image"),
        (picture(), "日本.jpg", "日本.jpg", "image"),
        (picture(), "shell.php", "shell-php.jpg", "image"),
        (picture(), "drawing.svg", "drawing-svg.jpg", "image"),
        (picture(), "x" * 300 + ".jpg", "x" * 116 + ".jpg", "image"),
        (picture(format_="WEBP"), "360.webp", "image-360.webp", "image"),
    ],
)
def test_odd_names_are_taken_under_a_name_of_the_sniffed_kind(app, data, filename, shown, kind):
    media = upload(data, filename)
    assert (media.filename, media.kind) == (shown, kind)
    assert len(kept(app)) == 1


@pytest.mark.parametrize("filename", TRAVERSALS)
def test_a_name_that_wants_to_lead_elsewhere_leads_nowhere(app, tmp_path, filename):
    before = {path for path in tmp_path.rglob("*") if "originals" not in path.parts}
    media = upload(picture(), filename)
    assert not set(media.filename) & set("/\\\0")
    assert [path.name for path in kept(app)] == [f"{media.key}.jpg"]
    new = {path for path in tmp_path.rglob("*") if "originals" not in path.parts} - before
    ours = {"uploads", "masthead.db-wal", "masthead.db-shm", "audit-head.json", "audit-head.lock"}
    assert {path.name for path in new} <= ours


@pytest.mark.parametrize(
    ("data", "filename", "words"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "a.svg", "SVG can hold scripts"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "a.png", "SVG can hold scripts"),
        (b"\x1f\x8b\x08\0" + bytes(40), "a.svgz", "SVG can hold scripts"),
        (b"<html><script>alert(1)</script>", "a.jpg", "web page"),
        (b"<?php system('id');", "a.php.jpg", "web page"),
        (b"alert(1)", "a.js", "none of the kinds"),
        (b"", "a.jpg", "empty"),
        (picture()[:300], "a.jpg", "damaged"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "a.png", "damaged"),
        (b"BM" + bytes(100), "a.bmp", "do not show BMP"),
    ],
)
def test_what_is_not_taken_is_refused_in_a_sentence_and_leaves_nothing(app, data, filename, words):
    assert words in refused(data, filename)
    assert kept(app) == []
    assert count() == 0


def test_the_largest_size_is_told_in_the_refusal(make_app):
    app = make_app(CMS_MAX_UPLOAD_BYTES="64K")
    with app.app_context():
        with pytest.raises(TooLarge, match=r"at most 64 KB") as caught:
            upload(PDF + bytes(65_536), "big.pdf")
        assert caught.value.status == 413
        assert upload(PDF + bytes(65_536 - len(PDF)), "fits.pdf").bytes == 65_536


def test_the_largest_picture_is_told_in_the_refusal(make_app):
    app = make_app(CMS_MAX_IMAGE_PIXELS="1000000")
    with app.app_context():
        assert "1 million pixels" in refused(picture(1001, 1000), "big.jpg")
        assert upload(picture(1000, 1000), "fits.jpg").width == 1000


@pytest.mark.parametrize("who", ["con", "sue"])
def test_nobody_uploads_without_the_right_to(app, request, user_of, who):
    person = user_of(request.getfixturevalue(who))
    with pytest.raises(Forbidden, match="may not upload"):
        upload(picture(), "a.jpg", by=person)
    assert kept(app) == []


def test_a_transaction_that_is_given_up_takes_the_file_along(app):
    def give_up() -> None:
        with receive_file(io.BytesIO(picture()), "a.jpg", by=system_user()) as received, transaction():
            upload_media(received, by=system_user())
            assert len(kept(app)) == 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        give_up()
    assert kept(app) == []
    assert count() == 0


def test_a_file_received_inside_a_transaction_that_is_given_up_goes_too(app):
    def give_up() -> None:
        with transaction():
            with receive_file(io.BytesIO(picture()), "a.jpg", by=system_user()) as received:
                upload_media(received, by=system_user())
            assert len(kept(app)) == 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        give_up()
    assert kept(app) == []


def test_a_file_received_inside_a_transaction_stays_when_it_commits(app):
    with transaction(), receive_file(io.BytesIO(picture()), "a.jpg", by=system_user()) as received:
        upload_media(received, by=system_user())
    assert len(kept(app)) == count() == 1


def test_a_file_that_nobody_gave_a_row_goes(app):
    with receive_file(io.BytesIO(picture()), "a.jpg", by=system_user()):
        assert len(kept(app)) == 1
    assert kept(app) == []


def test_a_listener_that_fails_after_the_commit_does_not_cost_the_file(app, monkeypatch):
    def fail(_event: MediaUploaded) -> None:
        raise ZeroDivisionError

    monkeypatch.setitem(events._after, MediaUploaded, [fail])
    upload(picture(), "a.jpg")
    assert len(kept(app)) == count() == 1


def test_32_uploads_of_one_name_at_once_are_all_distinct_and_intact(app):
    colours = [(number * 7, 255 - number * 7, 99) for number in range(32)]
    ready = threading.Barrier(32)

    def send(number: int) -> int:
        out = io.BytesIO()
        Image.new("RGB", (30, 20), colours[number]).save(out, "PNG")
        with app.app_context():
            ready.wait()
            return make_media("same.png", out.getvalue()).id

    with ThreadPoolExecutor(32) as pool:
        ids = list(pool.map(send, range(32)))
    assert len(set(ids)) == 32
    assert len(kept(app)) == 32
    for number, media_id in enumerate(ids):
        media = current_session().get_one(MediaFile, media_id)
        assert media.filename == "same.png"
        with open_original(media) as stream, Image.open(stream) as image:
            assert image.convert("RGB").getpixel((3, 3)) == colours[number]


def test_a_killed_upload_leaves_no_row_and_its_file_goes_with_the_sweep(app, tmp_path):
    program = """
import io, sys
from cms.core.permissions import system_user
from cms.factory import create_app
from cms.media.intake import receive_file
from tests import databases
from tests.factories.media import picture
from pathlib import Path
app = create_app(databases.settings(Path(sys.argv[1])))
with app.app_context(), receive_file(io.BytesIO(picture()), "a.jpg", by=system_user()):
    print("stored", flush=True)
    sys.stdin.read()
"""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CMS_")}
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)],
        cwd=needs.ROOT, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "stored\n"
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    assert len(kept(app)) == 1
    assert count() == 0
    assert sweep().removed == 0
    assert sweep(now=utcnow() + GRACE + timedelta(hours=1)).removed == 1
    assert kept(app) == []


def test_the_sweep_removes_what_nobody_owns_and_nothing_else(app):
    media = upload(picture(800, 600), "mine.jpg")
    ensure_variant(media, 360)
    orphan = "0123456789abcdef" * 2
    storages().originals.write(original_name(orphan, "jpg"), io.BytesIO(b"left behind"))
    storages().variants.make_once(variant_name(orphan, 360), lambda: b"left behind")
    folder = Path(app.config["CMS_UPLOADS"], "originals", media.key[:2])
    (folder / f"{TEMPORARY}0123456789abcdef").write_bytes(b"half")
    (folder / "notes-of-an-operator.txt").write_text("mine")
    report = sweep(now=utcnow() + timedelta(days=2))
    # The two files, the lock beside the variant, and the unfinished one.
    assert (report.removed, report.left, report.lost_ids) == (4, 0, ())
    names = {path.name for path in kept(app)}
    assert names == {f"{media.key}.jpg", "360.webp", ".lock", "notes-of-an-operator.txt"}


def test_the_sweep_tells_what_the_storage_has_lost(app):
    media = upload(picture(), "mine.jpg")
    storages().originals.delete(original_name(media.key, "jpg"))
    assert sweep().lost_ids == (media.id,)


def test_the_sweep_does_not_empty_the_uploads_of_another_database(app):
    for number in range(150):
        storages().originals.write(original_name(f"{number:032x}", "jpg"), io.BytesIO(b"of another site"))
    report = sweep(now=utcnow() + timedelta(days=2))
    assert (report.removed, report.left) == (0, 150)
    assert len(kept(app)) == 150


def test_the_null_storage_serves_the_same_steps(app):
    app.extensions["masthead_storage"] = Storages(NullStorage(), NullStorage())
    media = upload(picture(800, 600), "a.jpg")
    ensure_variant(media, 360)
    with transaction():
        delete_media(current_session().get_one(MediaFile, media.id), by=system_user())
        erase_media(current_session().get_one(MediaFile, media.id), by=system_user())
    assert not list(storages().originals.list())
    assert not list(storages().variants.list())
    assert kept(app) == []


def test_texts_and_name_can_be_changed_but_not_the_ending(app, user_of, art):
    media = upload(picture(), "a.jpg", by=user_of(art))
    version = media.version
    with transaction():
        media = current_session().get_one(MediaFile, media.id)
        edit_media(media, by=user_of(art), alt=" A\n quay ", caption="The quay", filename="../q.svg", version=version)
    assert (media.alt, media.caption, media.filename) == ("A quay", "The quay", "q-svg.jpg")
    with pytest.raises(Conflict), transaction():
        edit_media(current_session().get_one(MediaFile, media.id), by=user_of(art), alt="B", version=version)


def test_an_alt_text_without_end_is_refused(app):
    media = upload(picture(), "a.jpg")
    with pytest.raises(Invalid) as caught, transaction():
        edit_media(current_session().get_one(MediaFile, media.id), by=system_user(), alt="x" * 1001)
    assert set(caught.value.fields) == {"alt"}


def test_only_owners_and_editors_touch_a_file(app, user_of, art, ed, con, sue):
    media_id = upload(picture(), "a.jpg", by=user_of(ed)).id
    for person in (art, con, sue):
        for act in (
            lambda media, by: edit_media(media, by=by, alt="mine now"),
            lambda media, by: delete_media(media, by=by),
            lambda media, by: restore_media(media, by=by),
            lambda media, by: erase_media(media, by=by),
        ):
            with pytest.raises(Forbidden), transaction():
                act(current_session().get_one(MediaFile, media_id), user_of(person))
    own = upload(picture(), "b.jpg", by=user_of(art)).id
    with transaction():
        delete_media(current_session().get_one(MediaFile, own), by=user_of(art))
    with pytest.raises(Forbidden, match="for good"), transaction():
        erase_media(current_session().get_one(MediaFile, own), by=user_of(art))


def test_a_file_goes_through_the_bin_and_back_or_for_good(app, user_of, ed):
    media_id = upload(picture(800, 600), "a.jpg").id
    ensure_variant(current_session().get_one(MediaFile, media_id), 360)
    with pytest.raises(Invalid, match="in the bin"), transaction():
        erase_media(current_session().get_one(MediaFile, media_id), by=user_of(ed))
    with transaction():
        delete_media(current_session().get_one(MediaFile, media_id), by=user_of(ed))
    assert current_session().get_one(MediaFile, media_id).deleted_at is not None
    with transaction():
        restore_media(current_session().get_one(MediaFile, media_id), by=user_of(ed))
    assert current_session().get_one(MediaFile, media_id).deleted_at is None
    with transaction():
        delete_media(current_session().get_one(MediaFile, media_id), by=user_of(ed))
        erase_media(current_session().get_one(MediaFile, media_id), by=user_of(ed))
    assert count() == 0
    assert kept(app) == []


def test_an_erasing_that_is_given_up_costs_nothing(app):
    media_id = upload(picture(), "a.jpg").id

    def give_up() -> None:
        with transaction():
            delete_media(current_session().get_one(MediaFile, media_id), by=system_user())
            erase_media(current_session().get_one(MediaFile, media_id), by=system_user())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        give_up()
    assert len(kept(app)) == count() == 1


@needs.needs("postgres")
def test_uploads_work_on_postgres(make_app, postgres_url):
    app = make_app(CMS_DATABASE_URL=postgres_url)
    with app.app_context():
        media = upload(picture(), "a.jpg")
        assert sweep(now=utcnow() + timedelta(days=2)).removed == 0
        assert media.created_at.tzinfo is not None
