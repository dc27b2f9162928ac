"""The folder with the uploads of the old site, searched by the end of a path and never left."""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path
from urllib.parse import unquote, urlsplit

from cms.transfer.wordpress.addresses import without_copy


class UploadFolder:
    """Finds uploads by their address: the file whose path has most in common with it from the end."""

    def __init__(self, root: Path) -> None:
        self._by_name: defaultdict[str, list[Path]] = defaultdict(list)
        base = root.resolve()
        # Links are not followed: they could lead out of the folder.
        for folder, _folders, names in os.walk(base):
            for name in names:
                path = Path(folder, name)
                if not path.is_symlink() and path.is_file():
                    self._by_name[name].append(path.relative_to(base))
        self._base = base

    def find(self, *addresses: str) -> Path | None:
        """Return the file of the first address (or path) that is here, preferring originals to smaller copies."""
        for address in addresses:
            try:
                path = unquote(urlsplit(address).path)
            except ValueError:
                continue
            for wanted in dict.fromkeys((without_copy(path), path)):
                if found := self._nearest(wanted):
                    return self._base / found
        return None

    def _nearest(self, wanted: str) -> Path | None:
        parts = [part for part in wanted.split("/") if part]
        candidates = self._by_name.get(parts[-1], []) if parts else []
        return max(candidates, key=lambda path: _in_common(path.parts, parts), default=None)


def _in_common(path: tuple[str, ...], wanted: list[str]) -> int:
    count = 0
    for ours, theirs in zip(reversed(path), reversed(wanted), strict=False):
        if ours != theirs:
            break
        count += 1
    return count
