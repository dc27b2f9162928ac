import io
import os
import signal
import subprocess
import sys
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from flask_uploads import UploadNotAllowed
from werkzeug.datastructures import FileStorage

from cms.core.errors import Unavailable
from cms.core.storage import (
    ORIGINALS,
    TEMPORARY,
    VARIANTS,
    LocalStorage,
    NullStorage,
    Storage,
    StorageError,
    StorageFullError,
    confine,
    init_storage,
    storages,
)
from tests import needs

TRAVERSALS = [
    "../x.jpg", "../../x.jpg", "ab/../../x.jpg", "ab/../../../etc/x.jpg", "/etc/x.jpg", "//etc/x.jpg", "..",
    "ab/..", ".", "", "../originals_secret/x.jpg", "ab/../../originals_secret/x.jpg", "x\0.jpg", "../variants/x.webp",
    "./../x.jpg", "ab/./../../x.jpg",
]  # fmt: skip


@pytest.fixture
def uploads(tmp_path):
    return tmp_path / "uploads"


@pytest.fixture
def small_app(uploads):
    app = Flask("tests", root_path=str(needs.ROOT))
    app.config.update(CMS_UPLOADS=uploads)
    init_storage(app)
    with app.app_context():
        yield app


@pytest.fixture(params=["local", "null"])
def storage(request, small_app) -> Storage:
    return NullStorage() if request.param == "null" else storages().originals


def files_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_what_is_written_is_read_and_listed(storage):
    storage.write("ab/one.jpg", io.BytesIO(b"one"))
    storage.write("cd/two.pdf", io.BytesIO(b"two!"))
    with storage.open("ab/one.jpg") as stream:
        assert stream.read() == b"one"
    assert storage.exists("cd/two.pdf")
    assert {(stored.name, stored.bytes) for stored in storage.list()} == {("ab/one.jpg", 3), ("cd/two.pdf", 4)}
    assert all(stored.modified_at.tzinfo for stored in storage.list())


def test_a_name_is_taken_once(storage):
    storage.write("ab/one.jpg", io.BytesIO(b"first"))
    with pytest.raises(FileExistsError):
        storage.write("ab/one.jpg", io.BytesIO(b"second"))
    with storage.open("ab/one.jpg") as stream:
        assert stream.read() == b"first"


def test_what_is_gone_is_gone_and_removing_it_again_is_no_mistake(storage):
    storage.write("ab/one.jpg", io.BytesIO(b"one"))
    storage.delete("ab/one.jpg")
    storage.delete("ab/one.jpg")
    assert not storage.exists("ab/one.jpg")
    with pytest.raises(FileNotFoundError):
        storage.open("ab/one.jpg")


def test_a_folder_goes_with_what_is_in_it_and_nothing_else(storage):
    storage.write("ab/k1/360.webp", io.BytesIO(b"1"))
    storage.write("ab/k1/720.webp", io.BytesIO(b"2"))
    storage.write("ab/k11/360.webp", io.BytesIO(b"3"))
    storage.delete_folder("ab/k1")
    storage.delete_folder("ab/k1")
    assert [stored.name for stored in storage.list()] == ["ab/k11/360.webp"]


def test_something_is_made_only_if_it_is_not_there(storage):
    made = []

    def make() -> bytes:
        made.append(1)
        return b"made"

    storage.make_once("ab/k/360.webp", make)
    storage.make_once("ab/k/360.webp", make)
    assert made == [1]
    with storage.open("ab/k/360.webp") as stream:
        assert stream.read() == b"made"


def test_a_failed_making_leaves_nothing_and_can_be_tried_again(storage):
    def fail() -> bytes:
        raise ValueError("no picture")

    with pytest.raises(ValueError, match="no picture"):
        storage.make_once("ab/k/360.webp", fail)
    assert not storage.exists("ab/k/360.webp")
    storage.make_once("ab/k/360.webp", lambda: b"made")
    assert storage.exists("ab/k/360.webp")


def test_joining_an_application_writes_nothing(small_app, uploads):
    assert not uploads.exists()
    assert ORIGINALS.config.destination == str(uploads / "originals")
    assert VARIANTS.config.destination == str(uploads / "variants")


def test_files_and_folders_are_for_their_owner_alone(small_app, uploads):
    storages().originals.write("ab/one.jpg", io.BytesIO(b"one"))
    assert (uploads / "originals" / "ab" / "one.jpg").stat().st_mode & 0o777 == 0o600
    assert (uploads / "originals" / "ab").stat().st_mode & 0o777 == 0o700
    assert files_in(uploads) == [uploads / "originals" / "ab" / "one.jpg"]


@pytest.mark.parametrize("name", TRAVERSALS)
def test_no_name_leads_out_of_the_folder(small_app, uploads, name):
    for act in (
        lambda: storages().originals.write(name, io.BytesIO(b"x")),
        lambda: storages().originals.open(name),
        lambda: storages().originals.delete(name),
        lambda: storages().originals.delete_folder(name),
        lambda: storages().variants.make_once(name, lambda: b"x"),
    ):
        with pytest.raises(ValueError, match=r"."):
            act()
    assert files_in(uploads.parent) == []


def test_a_link_does_not_lead_out_of_the_folder(small_app, uploads, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (uploads / "originals").mkdir(parents=True)
    (uploads / "originals" / "ab").symlink_to(outside)
    with pytest.raises(ValueError, match="leads out"):
        storages().originals.write("ab/one.jpg", io.BytesIO(b"one"))
    assert files_in(outside) == []


def test_a_folder_that_is_a_link_itself_may_be_used(tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "uploads").symlink_to(tmp_path / "disk")
    assert confine(str(tmp_path / "uploads"), "ab/x.jpg") == tmp_path / "disk" / "ab" / "x.jpg"


@pytest.mark.parametrize("name", ["ab/x.svg", "ab/x.html", "ab/x.php", "ab/x", "ab/x.jpg.svg", "ab/.svg"])
def test_only_known_endings_are_stored(small_app, uploads, name):
    with pytest.raises(UploadNotAllowed):
        storages().originals.write(name, io.BytesIO(b"x"))
    with pytest.raises(UploadNotAllowed):
        storages().variants.make_once(name, lambda: b"x")
    assert files_in(uploads) == []


def test_an_upload_set_takes_no_name_from_the_upload(small_app, uploads):
    with pytest.raises(ValueError, match="names made by the server"):
        ORIGINALS.save(FileStorage(io.BytesIO(b"x"), filename="mine.jpg"))
    with pytest.raises(ValueError, match="names made by the server"):
        ORIGINALS.save(FileStorage(io.BytesIO(b"x"), filename="mine.jpg"), folder="ab", name="x.jpg")
    assert files_in(uploads) == []


def test_of_32_writers_of_one_name_one_wins_and_its_file_is_whole(small_app, uploads):
    def write(number: int) -> bool:
        with small_app.app_context():
            try:
                storages().originals.write("ab/same.jpg", io.BytesIO(bytes([number]) * 200_000))
            except FileExistsError:
                return False
            return True

    with ThreadPoolExecutor(32) as pool:
        won = list(pool.map(write, range(32)))
    assert won.count(True) == 1
    assert (uploads / "originals/ab/same.jpg").read_bytes() == bytes([won.index(True)]) * 200_000
    assert len(files_in(uploads)) == 1


def test_of_16_who_ask_at_once_one_makes_it(small_app):
    made, everybody = [], threading.Barrier(16)

    def make() -> bytes:
        made.append(threading.get_ident())
        return b"made" * 100_000

    def ask(_number: int) -> bytes:
        with small_app.app_context():
            everybody.wait()
            storages().variants.make_once("ab/k/360.webp", make)
            with storages().variants.open("ab/k/360.webp") as stream:
                return stream.read()

    with ThreadPoolExecutor(16) as pool:
        got = set(pool.map(ask, range(16)))
    assert got == {b"made" * 100_000}
    assert len(made) == 1


PROGRAM = """
import errno, io, os, resource, sys
from flask import Flask
from cms.core.errors import Unavailable
from cms.core.storage import init_storage, storages
app = Flask("tests", root_path=".")
app.config.update(CMS_UPLOADS=sys.argv[1])
init_storage(app)
with app.app_context():
"""


def start(uploads: Path, body: str, **options: object) -> subprocess.Popen[str]:
    program = PROGRAM + textwrap.indent(textwrap.dedent(body), "    ")
    return subprocess.Popen(
        [sys.executable, "-c", program, str(uploads)],
        cwd=needs.ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options,
    )  # fmt: skip


def test_of_several_processes_one_makes_it(uploads, tmp_path):
    log = tmp_path / "log"
    body = f"""
    def make():
        with open({str(log)!r}, "a") as out:
            out.write("made\\n")
        return bytes(1_000_000)
    storages().variants.make_once("ab/k/360.webp", make)
    """
    running = [start(uploads, body) for _number in range(6)]
    assert [process.communicate(timeout=60)[1] for process in running] == [""] * 6
    assert log.read_text() == "made\n"


def test_a_disk_that_takes_no_more_is_told_in_a_sentence_and_nothing_stays(uploads):
    # The kernel itself refuses to let a file grow beyond the limit, as a full disk does.
    body = """
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
    for act in (
        lambda: storages().originals.write("ab/big.jpg", io.BytesIO(bytes(5_000_000))),
        lambda: storages().variants.make_once("ab/k/360.webp", lambda: bytes(5_000_000)),
    ):
        try:
            act()
        except Unavailable as error:
            print(type(error).__name__, error.status)
    storages().originals.write("ab/small.jpg", io.BytesIO(b"small"))
    """
    out, errors = start(uploads, body).communicate(timeout=60)
    assert errors == ""
    assert out.splitlines() == ["StorageFullError 507"] * 2
    assert [path.name for path in files_in(uploads) if path.name != ".lock"] == ["small.jpg"]


@pytest.mark.parametrize(("number", "error"), [(28, StorageFullError), (122, StorageFullError), (5, StorageError)])
def test_what_the_disk_says_becomes_a_sentence(small_app, uploads, number, error):
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError(number, os.strerror(number))

    with pytest.raises(error) as caught:
        storages().originals.write("ab/one.jpg", Failing())
    assert isinstance(caught.value, Unavailable)
    assert files_in(uploads) == []


def test_a_place_that_is_no_folder_is_told_in_a_sentence(small_app, uploads):
    uploads.write_text("in the way")
    with pytest.raises(StorageError):
        storages().originals.write("ab/one.jpg", io.BytesIO(b"one"))


def test_a_killed_writer_leaves_no_half_file_and_no_lock(uploads, small_app):
    body = """
    class Endless(io.BytesIO):
        def read(self, size=-1):
            print("reading", flush=True)
            return bytes(1_000_000)
    storages().variants.make_once("ab/k/360.webp", lambda: (print("making", flush=True), sys.stdin.read()))
    """
    process = start(uploads, body, stdin=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == "making\n"
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    assert not storages().variants.exists("ab/k/360.webp")
    storages().variants.make_once("ab/k/360.webp", lambda: b"made after all")
    assert storages().variants.exists("ab/k/360.webp")


def test_a_writer_killed_in_the_middle_leaves_only_what_the_sweep_knows(uploads):
    body = """
    class Endless(io.BytesIO):
        count = 0
        def read(self, size=-1):
            self.count += 1
            if self.count == 3:
                print("writing", flush=True)
                sys.stdin.read()
            return bytes(1_000_000)
    storages().originals.write("ab/one.jpg", Endless())
    """
    process = start(uploads, body, stdin=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == "writing\n"
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    left = {path.name: path.stat().st_size for path in files_in(uploads)}
    assert left.pop("one.jpg") == 0
    assert [name.startswith(TEMPORARY) for name in left] == [True]


def test_the_local_storage_is_the_one_in_use(small_app):
    assert isinstance(storages().originals, LocalStorage)
    assert isinstance(storages().variants, LocalStorage)
