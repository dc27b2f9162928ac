"""What `flask doctor` looks at: features register a check each, and tell what they found and what to do about it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from cms.lib.redaction import redact_text

OK, WARNING, PROBLEM = "ok", "warning", "problem"
_log = logging.getLogger("cms.doctor")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found: how bad it is (ok, warning, problem), in words, and what to do about it."""

    level: str
    text: str
    remedy: str = ""


#: Looks without changing anything, and may take a few seconds; raises nothing that it expects.
Check = Callable[[], Finding | Iterable[Finding]]
_checks: dict[str, tuple[Check, bool]] = {}


def register_check(name: str, check: Check, *, database: bool = True) -> None:
    """Have `flask doctor` do a check, whose findings are told under `name`.

    `database` says that it asks the database, and is left out when that does not answer.
    """
    _checks[name] = (check, database)


def run_checks(*, database: bool = True) -> Iterator[tuple[str, Finding]]:
    """Do every check, in the order they were registered, and give what was found, without secrets."""
    for name, (check, needs_database) in _checks.items():
        if needs_database and not database:
            continue
        for finding in _done(name, check):
            yield name, Finding(finding.level, redact_text(finding.text), finding.remedy)


def _done(name: str, check: Check) -> list[Finding]:
    try:
        found = check()
        return [found] if isinstance(found, Finding) else list(found)
    except Exception as error:  # noqa: BLE001 -- a check that fails is a finding; the others go on
        _log.debug("the check of %s failed", name, exc_info=True)
        text = f"This could not be looked at ({type(error).__name__})."
        return [Finding(PROBLEM, text, "Run it again with CMS_LOG_LEVEL=DEBUG to see why.")]
