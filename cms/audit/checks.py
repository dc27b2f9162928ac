"""What `flask doctor` looks at in the record."""

from __future__ import annotations

from cms.audit.verifying import verify
from cms.core.checks import OK, PROBLEM, WARNING, Finding, register_check

#: Looked at by every `doctor`; all of it is looked at by `flask audit verify`.
_LAST = 1000


def _check_record() -> Finding:
    found = verify(last=_LAST)
    if found.problem is not None:
        text = f"Entry {found.problem.number} of the record: {found.problem.text}"
        return Finding(PROBLEM, text, "Run `flask audit verify`, and read docs/incidents.md.")
    if found.doubts:
        return Finding(WARNING, str(found.doubts[0]), "Run `flask audit verify --accept-head` if you know why.")
    if found.end is None:
        return Finding(OK, "The record is empty.")
    return Finding(OK, f"The last {found.checked} entries of the record hold, up to entry {found.end.number}.")


register_check("record", _check_record)
