"""What is held about somebody, as a ZIP of JSON lists and files."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from typing import IO

from cms.core.privacy import DataSubject, Holding, holdings

_README = """What is held about {email}

Each .json file is a list of what one part of the site holds; times are in UTC (ISO 8601). `media/` has the files
that were uploaded. Passwords and the secrets of passkeys and apps are left out: they open the account.
"""


def write_archive(subject: DataSubject, into: IO[bytes]) -> None:
    """Write everything that is held about `subject` into `into`; outside a transaction, for it may take long.

    Who may have it is asked before (`actions.export_user`).
    """
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", _README.format(email=subject.email))
        for holding in holdings():
            with archive.open(f"{holding.key}.json", "w") as file:
                for line in _json(holding, subject):
                    file.write(line.encode())
        for holding in holdings():
            _add_files(archive, holding, subject)


def _json(holding: Holding, subject: DataSubject) -> Iterator[str]:
    """A row at a time: who wrote ten thousand posts has them without filling the memory."""
    between = "[\n"
    for row in holding.rows(subject):
        yield between + json.dumps(row, ensure_ascii=False, indent=1)
        between = ",\n"
    yield "[]\n" if between == "[\n" else "\n]\n"


def _add_files(archive: zipfile.ZipFile, holding: Holding, subject: DataSubject) -> None:
    for held in holding.files(subject) if holding.files is not None else ():
        try:
            source = held.open()
        except FileNotFoundError:
            continue
        with source, archive.open(held.path, "w", force_zip64=True) as target:
            while block := source.read(1024 * 1024):
                target.write(block)
