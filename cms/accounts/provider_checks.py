"""`flask doctor` on accounts elsewhere: who reads the file of providers, and whether its roles are there."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

from flask import current_app
from sqlalchemy import select

from cms.accounts.models import Role
from cms.accounts.providers.configuration import FILE
from cms.accounts.providers.known import known_providers
from cms.core.checks import OK, PROBLEM, WARNING, Finding
from cms.core.db import current_session


def providers() -> Iterator[Finding]:
    """Whether the file of providers is private, and each role that it names exists."""
    known = known_providers()
    if not known:
        return
    path = Path(current_app.config["CMS_PROVIDERS_FILE"] or current_app.config["CMS_INSTANCE"] / FILE)
    wrong = list(_wrong(path))
    yield from wrong or [Finding(OK, f"People sign in with {', '.join(one.label for one in known.values())}.")]


def _wrong(path: Path) -> Iterator[Finding]:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        yield Finding(PROBLEM, f"Others may read or change {path} ({mode:o}).", f"chmod 600 {path}")
    there = set(current_session().scalars(select(Role.name)))
    for provider in known_providers().values():
        named = {*provider.roles.values(), *([provider.default_role] if provider.create_accounts else [])}
        for name in sorted(named - there):
            remedy = f"Make the role, or correct [{provider.name}] in {path.name}."
            yield Finding(WARNING, f"{provider.label} gives people the role {name}, which does not exist.", remedy)
