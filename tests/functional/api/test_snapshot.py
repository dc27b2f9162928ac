"""The document changes when somebody means it to."""

from __future__ import annotations

from tests.functional.api.snapshot import COMMAND, difference


def test_the_document_is_as_it_was_last_looked_at() -> None:
    changed = difference()
    shown = "\n".join(changed[:80])
    assert changed == [], (
        f"The OpenAPI document has changed. If that is meant, keep it by `make api-document` ({COMMAND}):\n{shown}"
    )
