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


def test_a_change_waits_when_the_store_can_neither_be_written_nor_thrown_away(
    store: SharedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.start()

    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError("read-only")

    monkeypatch.setattr(Path, "unlink", refuse)
    holder = sqlite3.connect(store._path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    store._connection().execute("PRAGMA busy_timeout=10")
    with pytest.raises(StoreError):
        store.announce(["all-entries"])
    holder.rollback()


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
