"""`flask doctor` on files: who may read and write them, what lies among uploads, how much room there is, backups."""

from __future__ import annotations

import os
import shutil
import stat
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from flask import current_app

from cms.cli.database import sqlite_file
from cms.config import SECRETS_FILE
from cms.core.checks import OK, PROBLEM, WARNING, Finding, register_check

_DAY = 86_400
#: Files among uploads that are looked at.
_MOST_FILES = 200_000
_TOLD = 3
_MEBIBYTE = 1024 * 1024
_LITTLE, _NOTHING = 1024 * _MEBIBYTE, 100 * _MEBIBYTE
_OTHERS = stat.S_IRWXO


def permissions() -> Iterator[Finding]:
    """Whether anybody but the site's own user reads what is private."""
    instance = Path(current_app.config["CMS_INSTANCE"])
    database = sqlite_file()
    private = [
        (instance, 0o027, "700"),
        (instance / SECRETS_FILE, 0o077, "600"),
        (instance / "config.py", 0o027, "600"),
        (instance / "mail", 0o077, "700"),
        (instance / "backups", 0o077, "700"),
        (Path(current_app.root_path).parent / ".env", 0o027, "600"),
    ]
    if database is not None:
        private += [(Path(f"{database}{end}"), 0o027, "600") for end in ("", "-wal", "-shm")]
    production = current_app.config["CMS_ENV"] == "production"
    open_ones = [
        # A folder that others may list, with private files in it, is no trouble on one's own machine.
        Finding(
            WARNING if path == instance and not production else PROBLEM,
            f"Others may read or change {path} ({mode & 0o777:o}).",
            f"chmod {wanted} {path}",
        )
        for path, forbidden, wanted in private
        if (mode := _mode(path)) is not None and mode & forbidden
    ]
    yield from open_ones or [Finding(OK, "Database, secrets and settings are private.")]
    for folder in (instance, Path(current_app.config["CMS_UPLOADS"])):
        if not folder.is_dir():
            yield Finding(PROBLEM, f"There is no folder {folder}.", "Run `flask setup`.")
        elif not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            yield Finding(PROBLEM, f"{folder} cannot be written to by this user.", "chown it to the site's user.")


def _mode(path: Path) -> int | None:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return None


def uploads() -> Iterator[Finding]:
    """Whether anything among uploads could be run, or leads elsewhere."""
    folder = Path(current_app.config["CMS_UPLOADS"])
    if not folder.is_dir():
        return
    files = (Path(root, name) for root, folders, names in os.walk(folder) for name in (*names, *folders))
    wrong, count = [], 0
    for path in islice(files, _MOST_FILES):
        count += 1
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            wrong.append(f"{path} is a link")
        elif stat.S_ISREG(mode) and mode & 0o111:
            wrong.append(f"{path} can be run")
    if wrong:
        more = f" and {len(wrong) - _TOLD} more" if len(wrong) > _TOLD else ""
        remedy = "Look where they come from; then chmod a-x, or remove them."
        yield Finding(PROBLEM, f"Among uploads: {'; '.join(wrong[:_TOLD])}{more}.", remedy)
    else:
        yield Finding(OK, f"Nothing among {count} uploaded files and folders can be run.")
    if _mode(folder) is not None and (_mode(folder) or 0) & stat.S_IWOTH:
        yield Finding(PROBLEM, f"Anybody on this machine may write to {folder}.", f"chmod o-w {folder}")


def disk() -> Iterator[Finding]:
    """Whether there is room."""
    for name in ("CMS_INSTANCE", "CMS_UPLOADS"):
        folder = Path(current_app.config[name])
        if not folder.is_dir():
            continue
        usage = shutil.disk_usage(folder)
        told = f"{usage.free // _MEBIBYTE:,} MB of {usage.total // _MEBIBYTE:,} MB are free where {folder} is."
        if usage.free < _NOTHING:
            yield Finding(PROBLEM, told, "Make room now: saving fails when there is none.")
        elif usage.free < _LITTLE or usage.free < usage.total * 0.05:
            yield Finding(WARNING, told, "Make room.")
        else:
            yield Finding(OK, told)


def backups() -> Finding:
    """How old the newest backup is, as far as anybody tells."""
    stamp = current_app.config["CMS_BACKUP_STAMP"]
    paths = [Path(stamp)] if stamp else list((Path(current_app.config["CMS_INSTANCE"]) / "backups").glob("*"))
    times = [path.stat().st_mtime for path in paths if path.is_file()]
    if not times:
        remedy = "Make one (docs/operators.md), and have it touch the file that CMS_BACKUP_STAMP names."
        return Finding(WARNING, "No backup is known.", remedy)
    days = (time.time() - max(times)) / _DAY
    told = f"The newest backup that is known is {days:.0f} days old."
    if days > 30:
        return Finding(PROBLEM, told, "Make one now, and see why it is not made by itself.")
    return Finding(WARNING, told, "Make one every day.") if days > 2 else Finding(OK, told)


def register() -> None:
    """Have `flask doctor` look at files."""
    register_check("permissions", permissions, database=False)
    register_check("uploads", uploads, database=False)
    register_check("disk", disk, database=False)
    register_check("backups", backups, database=False)
