"""Storage of uploaded files: the only owner of Flask-Reuploaded's upload sets.

Flask-Reuploaded says where files go and which endings a folder takes; writing is ours, because its own looks
for a free name first and writes afterwards, so that of many uploads at once some overwrite others (measured).
Here a name is taken exclusively, bytes go to a temporary file in the same folder, are flushed to the disk and
renamed: a file is there whole or not at all, whenever the power fails.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import io
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, BinaryIO, Protocol

from flask import Flask, current_app
from flask_uploads import UploadNotAllowed, UploadSet, configure_uploads, extension
from werkzeug.datastructures import FileStorage

from cms.core.errors import Unavailable
from cms.core.i18n import _
from cms.lib.clock import utcnow
from cms.lib.files import TYPES

TEMPORARY = ".tmp-"
LOCK = ".lock"
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_COPY_BYTES = 1024 * 1024


class StorageFullError(Unavailable):
    """The disk has no room for the file; nothing of it is left behind."""

    status = 507
    default = _("There is no room left to keep this file. Nothing was changed; an admin can make room.")


class StorageError(Unavailable):
    """The disk does not take or give the file."""

    default = _("The place where files are kept does not answer just now. Please try again in a moment.")


@dataclass(frozen=True)
class StoredFile:
    """A file as the storage knows it: its name with folders, its length in bytes and when it was written."""

    name: str
    bytes: int
    modified_at: datetime


class Storage(Protocol):
    """A place that keeps files under names made by the server (`ab/abcd….jpg`)."""

    def write(self, name: str, stream: BinaryIO) -> None:
        """Keep a stream, whole or not at all; FileExistsError if taken, StorageFullError, StorageError."""

    def open(self, name: str) -> BinaryIO:
        """Open a file for reading; FileNotFoundError if there is none."""

    def path(self, name: str) -> Path | None:
        """Return where the file lies on this machine's disk, None if it does not."""

    def exists(self, name: str) -> bool:
        """Tell whether there is a file of that name."""

    def make_once(self, name: str, make: Callable[[], bytes]) -> None:
        """Keep what `make` returns unless the file is there; of many callers at once one makes it."""

    def delete(self, name: str) -> None:
        """Remove a file; one that is gone already is no mistake."""

    def delete_folder(self, name: str) -> None:
        """Remove a folder with everything in it; one that is gone already is no mistake."""

    def list(self) -> Iterator[StoredFile]:
        """Go through all files, unfinished ones included."""


class ExclusiveUploadSet(UploadSet):
    """An upload set that never overwrites, never leaves half a file and takes names from the server only."""

    def save(self, storage: FileStorage, folder: str | None = None, name: str | None = None) -> str:
        """Keep the upload under `name` and return it; UploadNotAllowed for an ending that is not in the set.

        Raises ValueError without a name or for one outside the set's folder, FileExistsError for one taken.
        """
        if not name or folder is not None:
            raise ValueError("Files are stored under names made by the server.")
        target = confine(self.config.destination, name)
        if not self.file_allowed(storage, target.name):
            raise UploadNotAllowed(f"Files called {target.name} are not kept here.")
        _make_folder(target.parent)
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        try:
            _write_whole(target, storage.stream)
        except BaseException:
            target.unlink(missing_ok=True)
            raise
        return name


class LocalStorage:
    """Files on this machine's disk, in the folder of an upload set."""

    def __init__(self, files: UploadSet) -> None:
        self._files = files

    def write(self, name: str, stream: BinaryIO) -> None:
        """See `Storage.write`."""
        with _telling():
            self._files.save(FileStorage(stream, filename=name), name=name)

    def open(self, name: str) -> BinaryIO:
        """See `Storage.open`."""
        with _telling():
            return self.path(name).open("rb")

    def path(self, name: str) -> Path:
        """See `Storage.path`; raises ValueError for a name that leads out of the folder."""
        return confine(self._files.config.destination, name)

    def exists(self, name: str) -> bool:
        """See `Storage.exists`."""
        return self.path(name).is_file()

    def make_once(self, name: str, make: Callable[[], bytes]) -> None:
        """See `Storage.make_once`; the system lets go of the lock when its process dies."""
        target = self.path(name)
        if not self._files.extension_allowed(extension(target.name)):
            raise UploadNotAllowed(f"Files called {target.name} are not kept here.")
        if target.is_file():
            return
        with _telling():
            _make_folder(target.parent)
            with (target.parent / LOCK).open("ab") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                if not target.is_file():
                    _write_whole(target, io.BytesIO(make()))

    def delete(self, name: str) -> None:
        """See `Storage.delete`."""
        with _telling():
            self.path(name).unlink(missing_ok=True)

    def delete_folder(self, name: str) -> None:
        """See `Storage.delete_folder`."""
        with _telling(), contextlib.suppress(FileNotFoundError):
            shutil.rmtree(self.path(name))

    def list(self) -> Iterator[StoredFile]:
        """See `Storage.list`."""
        root = Path(self._files.config.destination)
        for folder, _folders, names in os.walk(root):
            for name in sorted(names):
                path = Path(folder, name)
                try:
                    about = path.stat()
                except FileNotFoundError:
                    continue
                written = datetime.fromtimestamp(about.st_mtime, UTC)
                yield StoredFile(path.relative_to(root).as_posix(), about.st_size, written)


@dataclass
class NullStorage:
    """The twin that touches no disk: files live as long as the process."""

    files: dict[str, tuple[bytes, datetime]] = field(default_factory=dict)

    def write(self, name: str, stream: BinaryIO) -> None:
        """See `Storage.write`."""
        if name in self.files:
            raise FileExistsError(name)
        self.files[name] = (stream.read(), utcnow())

    def open(self, name: str) -> BinaryIO:
        """See `Storage.open`."""
        if name not in self.files:
            raise FileNotFoundError(name)
        return io.BytesIO(self.files[name][0])

    def path(self, name: str) -> Path | None:
        """See `Storage.path`."""
        return None

    def exists(self, name: str) -> bool:
        """See `Storage.exists`."""
        return name in self.files

    def make_once(self, name: str, make: Callable[[], bytes]) -> None:
        """See `Storage.make_once`."""
        if name not in self.files:
            self.files[name] = (make(), utcnow())

    def delete(self, name: str) -> None:
        """See `Storage.delete`."""
        self.files.pop(name, None)

    def delete_folder(self, name: str) -> None:
        """See `Storage.delete_folder`."""
        for known in [known for known in self.files if known.startswith(f"{name}/")]:
            del self.files[known]

    def list(self) -> Iterator[StoredFile]:
        """See `Storage.list`."""
        for name, (data, written) in sorted(self.files.items()):
            yield StoredFile(name, len(data), written)


def confine(root: str, name: str) -> Path:
    """Return the path of `name` below `root`; raises ValueError if it would be elsewhere, links followed."""
    base = os.path.realpath(root)
    target = os.path.realpath(Path(base, name))
    # commonpath, not startswith: /uploads_of_others begins with /uploads as well.
    if ".." in name.split("/") or target == base or os.path.commonpath([base, target]) != base:
        raise ValueError("The name leads out of the folder of uploads.")
    return Path(target)


def _make_folder(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _write_whole(target: Path, stream: IO[bytes]) -> None:
    """Write a temporary file beside `target`, flush it to the disk and put it in the place of `target`."""
    temporary = target.with_name(f"{TEMPORARY}{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as out:
            shutil.copyfileobj(stream, out, _COPY_BYTES)
            out.flush()
            os.fsync(out.fileno())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextlib.contextmanager
def _telling() -> Iterator[None]:
    """Turn what the disk says into an error with a sentence; a missing or taken name stays what it is."""
    try:
        yield
    except (FileExistsError, FileNotFoundError):
        raise
    except OSError as error:
        raise (StorageFullError() if error.errno in _FULL else StorageError()) from error


@dataclass(frozen=True)
class Storages:
    """The two places of an installation: uploads as they are served, and what is made from them."""

    originals: Storage
    variants: Storage


def _folder(name: str) -> Callable[[Flask], str]:
    return lambda app: str(Path(app.config["CMS_UPLOADS"], name))


ORIGINALS = ExclusiveUploadSet("originals", tuple(TYPES), default_dest=_folder("originals"))
VARIANTS = ExclusiveUploadSet("variants", ("webp",), default_dest=_folder("variants"))


def init_storage(app: Flask) -> None:
    """Join the storage to the application; folders are made with the first file."""
    configure_uploads(app, (ORIGINALS, VARIANTS))
    app.extensions["masthead_storage"] = Storages(LocalStorage(ORIGINALS), LocalStorage(VARIANTS))


def storages() -> Storages:
    """Return the storages of the current application."""
    found: Storages = current_app.extensions["masthead_storage"]
    return found


@dataclass(frozen=True)
class UploadLimits:
    """The largest file in bytes and the largest picture in pixels (width times height)."""

    bytes: int
    pixels: int


def upload_limits() -> UploadLimits:
    """Return the limits of the current application."""
    config = current_app.config
    return UploadLimits(config["CMS_MAX_UPLOAD_BYTES"], config["CMS_MAX_IMAGE_PIXELS"])
