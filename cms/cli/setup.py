"""`flask setup`: everything that a new installation needs, and what an upgraded one lacks."""

import os

import click
import redis
from flask import current_app
from flask.cli import with_appcontext

from cms.accounts.roles import sync_roles
from cms.cache.store import StoreError
from cms.cli.database import migrate, told_in_a_sentence
from cms.cli.first_admin import first_sign_in
from cms.cli.secrets import keep_secrets
from cms.cli.seed import seed_new_site
from cms.core.db import transaction
from cms.extensions import cache


@click.command("setup")
@with_appcontext
def setup() -> None:
    """Make secrets, database, first administrator and demo site, each if it is missing."""
    sign_in = prepare()
    click.echo("Everything is in place.")
    if sign_in:
        click.echo(f"First sign-in: {sign_in}")


def prepare() -> str | None:
    """Do what `flask setup` does and return how the first administrator gets in, if nobody did yet.

    Doing it again changes nothing. Raises ClickException with one sentence when a folder cannot be written.
    """
    config = current_app.config
    for folder in (config["CMS_INSTANCE"], config["CMS_UPLOADS"]):
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700 if folder == config["CMS_INSTANCE"] else 0o777)
        except OSError as error:
            raise click.ClickException(f"{folder} cannot be made: {error.strerror}.") from None
        if not os.access(folder, os.W_OK | os.X_OK):
            raise click.ClickException(f"{folder} cannot be written to by this user.")
    keep_secrets(current_app)
    with told_in_a_sentence():
        if migrate():
            click.echo("The database is up to date.")
    with transaction():
        sync_roles()
    sign_in = first_sign_in()
    if config["CMS_SEED"] and config["CMS_ENV"] != "production":
        seed_new_site()
    _forget_pages()
    return sign_in


def _forget_pages() -> None:
    """Empty the page cache: what was just migrated or restored need not be what its pages were made from."""
    try:
        cache.clear()
    except (OSError, StoreError, redis.RedisError) as error:
        kind = type(error).__name__
        click.echo(f"The page cache could not be emptied ({kind}); run `flask setup` again when it works.", err=True)


COMMANDS = (setup,)
