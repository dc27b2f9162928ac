"""`flask audit`: prove that the record is whole, take it along, and remove what is too old."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, time, timedelta

import click
from flask.cli import with_appcontext

from cms.audit.actions.export_record import FORMS, export_record
from cms.audit.actions.prune_record import AT_ONCE, prune_record
from cms.audit.exporting import csv_table, json_lines
from cms.audit.head import accept_head as accept_end
from cms.audit.queries import RecordFilter
from cms.audit.verifying import verify
from cms.audit.writing import clear_leftovers
from cms.core.db import transaction
from cms.core.permissions import system_user
from cms.lib.clock import utcnow

#: What `verify` ends with: whole; something for a person to judge; broken.
WHOLE, DOUBTFUL, BROKEN = 0, 1, 3


def _day(text: str) -> datetime:
    """Return the beginning of a day, UTC; raises ValueError, which click tells."""
    return datetime.combine(date.fromisoformat(text), time.min, UTC)


@click.group("audit")
def audit() -> None:
    """The record of what everybody did."""


@audit.command("verify")
@click.option("--accept-head", is_flag=True, help="Take the last entry there is as the end that has to be there.")
@click.option("--last", type=click.IntRange(1), help="Look at so many of the last entries only.")
@with_appcontext
def verify_command(accept_head: bool, last: int | None) -> None:
    """Prove that no entry was changed or removed: ends with 0 if so, 1 if somebody has to judge, 3 if not.

    The first entry that is wrong is named, with what is wrong with it. `--accept-head` is for after a restored
    backup, and for a machine that has noted nothing yet.
    """
    found = verify(last=last)
    if found.problem is not None and not (accept_head and found.problem.is_end):
        click.echo(f"Entry {found.problem.number}: {found.problem.kind}. {found.problem.text}", err=True)
        click.echo(f"{found.checked} entries before it hold.", err=True)
        sys.exit(BROKEN)
    if accept_head:
        with transaction():
            clear_leftovers()
        accept_end(found.end)
    else:
        for doubt in found.doubts:
            click.echo(str(doubt), err=True)
    if found.end is None:
        click.echo("The record is empty.")
    else:
        click.echo(f"{found.checked} entries hold, from {found.first} to {found.end.number}. Hash: {found.end.hash}")
    if found.doubts and not accept_head:
        click.echo("If you know why, take what is there as whole: flask audit verify --accept-head", err=True)
        sys.exit(DOUBTFUL)


@audit.command("export")
@click.option("--format", "form", type=click.Choice(FORMS), default="jsonl", show_default=True)
@click.option("--since", type=_day, metavar="YYYY-MM-DD", help="From this day on (UTC).")
@click.option("--until", type=_day, metavar="YYYY-MM-DD", help="Before this day (UTC).")
@with_appcontext
def export_command(form: str, since: datetime | None, until: datetime | None) -> None:
    """Write entries to standard output, the oldest first; an entry of its own says that it was done."""
    asked = RecordFilter(since=since, until=until)
    with transaction():
        export_record(asked, form=form, by=system_user())
    for part in (csv_table if form == "csv" else json_lines)(asked):
        click.echo(part, nl=False)


@audit.command("prune")
@click.option("--days", type=click.IntRange(1), required=True, help="Keep entries that are not older than this.")
@click.confirmation_option(prompt="Removed entries are nowhere else. Go on?")
@with_appcontext
def prune_command(days: int) -> None:
    """Remove entries that are older than so many days; an entry says up to where."""
    before, removed, total = utcnow() - timedelta(days=days), AT_ONCE, 0
    while removed == AT_ONCE:
        with transaction():
            removed = prune_record(before=before, by=system_user())
        total += removed
    click.echo(f"{total} entries removed.")


COMMANDS = (audit,)
