"""`flask doctor`: looks at an installation and says what to do; changes nothing, and prints no secret."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import click
from flask.cli import with_appcontext

from cms.accounts import checks as accounts
from cms.cli import checks_files, checks_services, checks_settings
from cms.core.checks import OK, PROBLEM, WARNING, run_checks

_COLOURS = {OK: "green", WARNING: "yellow", PROBLEM: "red"}


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON, for a watcher.")
@with_appcontext
def doctor(as_json: bool) -> None:
    """Look at this installation and say what to do; ends with status 1 when there is a problem."""
    found = list(run_checks(database=checks_services.answers()))
    counts = {level: sum(one.level == level for _name, one in found) for level in _COLOURS}
    if as_json:
        findings = [{"check": name, **asdict(one)} for name, one in found]
        click.echo(json.dumps({"findings": findings, "counts": counts}, indent=2))
    else:
        for name, one in found:
            remedy = f" {click.style('→', dim=True)} {one.remedy}" if one.remedy else ""
            click.echo(f"{click.style(f'{one.level:<8}', fg=_COLOURS[one.level])} {name}: {one.text}{remedy}")
        click.echo(f"{counts[OK]} well, {counts[WARNING]} to look at, {counts[PROBLEM]} to mend.")
    if counts[PROBLEM]:
        sys.exit(1)


for _register in (checks_settings, checks_files, checks_services, accounts):
    _register.register()

COMMANDS = (doctor,)
