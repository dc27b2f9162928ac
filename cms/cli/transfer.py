"""`flask import wordpress`: bring the content of another site in."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from flask.cli import with_appcontext

from cms.core.db import transaction
from cms.core.errors import CmsError
from cms.core.permissions import system_user
from cms.transfer.actions.import_wordpress import PASSES, import_wordpress


@click.group("import")
def import_group() -> None:
    """Bring content in from other programs."""


@import_group.command("wordpress")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@click.option(
    "--media",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with the old site's uploads (wp-content/uploads, or any folder around it).",
)
@click.option("--dry-run", is_flag=True, help="Say what would happen and write nothing.")
@click.option("--invite", is_flag=True, help="Mail an invitation to the authors whose accounts are made.")
@with_appcontext
def import_wordpress_command(file: Path, media: Path | None, dry_run: bool, invite: bool) -> None:
    """Import a WordPress export (WXR 1.0 to 1.2); doing it again only adds what is new."""
    size = file.stat().st_size * PASSES
    try:
        with click.progressbar(length=size, label="Importing", file=sys.stderr) as bar:
            report = import_wordpress(
                file,
                by=system_user(),
                unit=None if dry_run else transaction,
                media=media,
                invite=invite,
                progress=bar.update,
            )
    except CmsError as error:
        raise click.ClickException(error.message) from error
    for line in report.lines():
        click.echo(str(line))


COMMANDS = (import_group,)
