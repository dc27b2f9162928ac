"""The OpenAPI document as it was last looked at: `python -m tests.functional.api.snapshot` tells what has changed.

With `--write` what is there now becomes the snapshot. The difference belongs into the change that makes it, where
whoever reviews sees what clients will see.
"""

from __future__ import annotations

import difflib
import json
import sys
from pathlib import Path

import cms.factory  # noqa: F401 -- what the document names is registered by the features
from cms.api.spec import build_document

FILE = Path(__file__).with_name("openapi.json")
COMMAND = "python -m tests.functional.api.snapshot --write"


def written() -> str:
    """Return the document as the snapshot has it: one thing a line, names in order."""
    return json.dumps(build_document(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def difference() -> list[str]:
    """Return the lines that came and went since the snapshot."""
    before = FILE.read_text("utf-8") if FILE.is_file() else ""
    return list(difflib.unified_diff(before.splitlines(), written().splitlines(), "snapshot", "now", lineterm="", n=2))


def main() -> None:
    """Tell what has changed; with `--write`, keep it."""
    print("\n".join(difference()) or "The document is as the snapshot has it.")
    if "--write" in sys.argv[1:]:
        FILE.write_text(written(), "utf-8")


if __name__ == "__main__":
    main()
