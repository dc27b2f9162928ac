"""The law of the page store: no reader ever gets a page older than the last answered change."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
import stat
import time
from pathlib import Path
from typing import Any

import pytest

from cms.cache.store import LONGEST_WRITE, SharedStore, StoreError


@pytest.fixture
def store(tmp_path: Path) -> SharedStore:
    """A new store."""
    return SharedStore(str(tmp_path / "cache"))


def test_page_is_served_until_a_tag_is_stamped(store: SharedStore) -> None:
    store.save("a", b"page", start=store.start(), tags=["all-entries"])
    assert store.load("a") == b"page"
    store.stamp(["all-terms"])
    assert store.load("a") == b"page"
    store.stamp(["all-entries"])
    assert store.load("a") is None


def test_a_slow_reader_cannot_store_an_old_page(store: SharedStore) -> None:
    start = store.start()
    store.stamp(["all-entries"])
    store.save("a", b"old", start=start, tags=["all-entries"])
    assert store.load("a") is None


def test_an_announced_change_hides_pages_until_it_is_stamped(store: SharedStore) -> None:
    store.save("a", b"page", start=store.start(), tags=["all-entries"])
    writer = store.announce(["all-entries"])
    assert store.load("a") is None
    store.stamp(["all-entries"], writer)
    store.save("a", b"new", start=store.start(), tags=["all-entries"])
    assert store.load("a") == b"new"


def test_a_writer_that_died_leaves_a_cold_page_and_then_a_stamp(
    store: SharedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.save("a", b"old", start=store.start(), tags=["all-entries"])
    store.announce(["all-entries"])
    late = time.time() + LONGEST_WRITE + 1
    monkeypatch.setattr("cms.cache.store.time.time", lambda: late)
    store.stamp(["all-terms"], store.announce(["all-terms"]))
    assert store.load("a") is None
    store.save("a", b"new", start=store.start(), tags=["all-entries"])
    assert store.load("a") == b"new"


def test_page_ends_with_its_horizon(store: SharedStore) -> None:
    store.save("a", b"page", start=store.start(), tags=[], expires=time.time() + 60)
    assert store.load("a") == b"page"
    store.save("a", b"page", start=store.start(), tags=[], expires=time.time() - 1)
    assert store.load("a") is None


def test_clear_forgets_also_what_is_being_rendered(store: SharedStore) -> None:
    start = store.start()
    store.set("name", {"of": ["a", "user"]})
    assert store.get("name") == {"of": ["a", "user"]}
    store.clear()
    store.save("a", b"page", start=start, tags=[])
    assert store.load("a") is None
    assert store.get("name") is None


def test_nothing_but_plain_values_is_kept(store: SharedStore) -> None:
    with pytest.raises(TypeError):
        store.set("a", object())


def test_a_file_that_is_no_database_is_replaced(store: SharedStore, tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "pages.db").write_bytes(b"\x80\x04canary" * 1000)
    store.save("a", b"page", start=store.start(), tags=[])
    assert store.load("a") == b"page"


def test_the_folder_is_private(store: SharedStore, tmp_path: Path) -> None:
    store.start()
    assert stat.S_IMODE((tmp_path / "cache").stat().st_mode) == 0o700


def test_a_store_that_was_thrown_away_does_not_come_back_in_another_process(tmp_path: Path) -> None:
    one, other = SharedStore(str(tmp_path)), SharedStore(str(tmp_path))
    one.save("a", b"old", start=one.start(), tags=["t"])
    old_start = other.start()
    (tmp_path / "pages.db").unlink()
    one.stamp(["t"])
    other.save("a", b"old", start=old_start, tags=["t"])
    assert other.load("a") is None


def _lock(store: SharedStore) -> sqlite3.Connection:
    """Hold the store's write lock, as a process that hangs would."""
    store.start()
    holder = sqlite3.connect(store._path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    store._connection().execute("PRAGMA busy_timeout=10")
    return holder


def test_a_change_waits_when_the_store_can_neither_be_written_nor_thrown_away(
    store: SharedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError("read-only")

    monkeypatch.setattr(Path, "rename", refuse)
    holder = _lock(store)
    with pytest.raises(StoreError):
        store.announce(["all-entries"])
    holder.close()


def test_a_store_that_cannot_be_written_is_thrown_away_and_the_change_goes_on(store: SharedStore) -> None:
    store.save("a", b"old", start=store.start(), tags=["all-entries"])
    old_start = store.start()
    holder = _lock(store)
    writer = store.announce(["all-entries"])
    store.save("a", b"old", start=old_start, tags=["all-entries"])
    assert store.load("a") is None
    # The announcement stands in the new store too.
    store.save("a", b"before the commit", start=store.start(), tags=["all-entries"])
    assert store.load("a") is None
    store.stamp(["all-entries"], writer)
    assert store.load("a") is None
    store.save("a", b"new", start=store.start(), tags=["all-entries"])
    assert store.load("a") == b"new"
    holder.close()


def _hold(folder: str, held: Any, go: Any) -> None:
    store = SharedStore(folder)
    for number in range(20):
        store.save(f"old {number}", b"old" * 500, start=store.start(), tags=["t"])
    held.set()
    go.wait(60)


def test_a_new_store_works_beside_a_process_that_still_holds_the_old_one(tmp_path: Path) -> None:
    context, folder = multiprocessing.get_context("spawn"), str(tmp_path / "cache")
    held, go = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(folder, held, go), daemon=True)
    other.start()
    assert held.wait(60)
    store = SharedStore(folder)
    holder = _lock(store)
    writer = store.announce(["t"])
    store.stamp(["t"], writer)
    store.save("a", b"new", start=store.start(), tags=["t"])
    assert store.load("a") == b"new"
    go.set()
    other.join(30)
    holder.close()
    assert SharedStore(folder).load("a") == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["cache"]


def test_without_a_place_for_the_store_nothing_is_kept_and_nothing_fails(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    store = SharedStore(str(tmp_path / "cache"))
    assert store.load("a") is None
    start = store.start()
    assert start is None
    store.save("a", b"page", start=start, tags=[])
    store.stamp(["t"], store.announce(["t"]))
    assert not store.set("name", 1)
    assert (tmp_path / "cache").read_text() == "a file where the folder should be"


def test_a_dead_writers_pages_do_not_stay_cold_while_nobody_writes(
    store: SharedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.announce(["all-entries"])
    late = time.time() + LONGEST_WRITE + 1
    monkeypatch.setattr("cms.cache.store.time.time", lambda: late)
    for _reader in range(2):
        store.save("a", b"page", start=store.start(), tags=["all-entries"])
    assert store.load("a") == b"page"


def test_a_file_replaced_while_it_is_opened_is_not_taken_for_the_new_one(
    store: SharedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.start()
    real, folder, other = SharedStore._prepare, store._path.parent, SharedStore(str(store._path.parent))
    replaced: list[bool] = []

    def prepare(self: SharedStore, connection: sqlite3.Connection) -> None:
        real(self, connection)
        if not replaced:
            replaced.append(True)
            folder.rename(folder.with_name("gone"))
            other.start()

    slow = SharedStore(str(folder))
    monkeypatch.setattr(SharedStore, "_prepare", prepare)
    assert slow.start() == other.start()


def test_a_child_leaves_its_parents_connection_alone(store: SharedStore) -> None:
    store.save("a", b"page", start=store.start(), tags=["t"])
    child = os.fork()
    if child == 0:
        store.stamp(["t"])
        os._exit(0 if store.load("a") is None and store._inherited else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert store.load("a") is None
    store.save("a", b"new", start=store.start(), tags=["t"])
    assert store.load("a") == b"new"


def _write(folder: str, truth: str, rounds: int) -> None:
    store = SharedStore(folder)
    for number in range(1, rounds + 1):
        writer = store.announce(["t"])
        Path(f"{truth}.new").write_text(str(number))
        os.replace(f"{truth}.new", truth)  # noqa: PTH105 -- the commit of this little database
        store.stamp(["t"], writer)
        Path(f"{truth}.answering").write_text(str(number))
        os.replace(f"{truth}.answering", f"{truth}.answered")  # noqa: PTH105 -- see above


def _read(folder: str, truth: str, until: int, found: Any) -> None:
    store, stale, reads = SharedStore(folder), 0, 0
    while True:
        answered = int(Path(f"{truth}.answered").read_text())
        page = store.load("p")
        if page is None:
            start = store.start()
            page = Path(truth).read_bytes()
            store.save("p", page, start=start, tags=["t"])
        reads += 1
        stale += int(page) < answered
        if answered >= until:
            break
    found.put((reads, stale))


def test_one_writer_and_three_readers_see_nothing_stale(tmp_path: Path) -> None:
    context, rounds = multiprocessing.get_context("spawn"), 300
    truth = str(tmp_path / "truth")
    Path(truth).write_text("0")
    Path(f"{truth}.answered").write_text("0")
    found = context.Queue()
    readers = [context.Process(target=_read, args=(str(tmp_path), truth, rounds, found)) for _ in range(3)]
    writer = context.Process(target=_write, args=(str(tmp_path), truth, rounds))
    for process in (*readers, writer):
        process.start()
    results = [found.get(timeout=120) for _ in readers]
    for process in (*readers, writer):
        process.join(30)
    assert sum(reads for reads, _stale in results) > rounds
    assert sum(stale for _reads, stale in results) == 0
