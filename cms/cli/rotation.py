"""`flask secrets`: new keys in place of old ones, without signing anybody out or losing what was sealed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext

from cms.accounts.recovery import count_codes_of_older_keys
from cms.cli.secrets import as_texts, locked, write_secrets
from cms.config import FALLBACKS, SECRETS, SECRETS_FILE, new_secret, read_secrets
from cms.core.errors import CmsError
from cms.core.sealed import reseal_all

ROTATED = tuple(name for name in SECRETS if name != "SECURITY_PASSWORD_SALT")
_AFTERWARDS = "Reload the site now (SIGHUP, or systemctl reload masthead): until then it goes on with the older key."


@click.group("secrets")
def secrets() -> None:
    """The keys of this installation: name them, replace them, forget old ones."""


@secrets.command("show-names")
@with_appcontext
def show_names() -> None:
    """Say which keys there are, where each comes from, and how many older ones are kept; never a key itself."""
    kept = _kept()
    for name in SECRETS:
        if name in current_app.config["TEMPORARY_SECRETS"]:
            click.echo(f"{name}: none yet (`flask setup` makes one)")
            continue
        source = SECRETS_FILE if name in kept and kept[name] == current_app.config[name] else "the settings"
        click.echo(f"{name}: from {source}, {_older(name)} kept")


def _older(name: str) -> str:
    config = current_app.config
    count = len(config[FALLBACKS]) if name == "SECRET_KEY" else len(as_texts(config[name])) - 1
    return "no older one" if not count else "1 older one" if count == 1 else f"{count} older ones"


@secrets.command("rotate")
@click.argument("names", nargs=-1, type=click.Choice(SECRETS), metavar="[NAME]…")
@with_appcontext
def rotate(names: tuple[str, ...]) -> None:
    """Put a new key in place of one (SECRET_KEY unless named), and go on believing the older one.

    A key from secrets.toml is replaced there. One from the settings is yours to replace: the new lines are printed.
    """
    if "SECURITY_PASSWORD_SALT" in names:
        raise click.ClickException(
            "SECURITY_PASSWORD_SALT cannot be rotated: it is mixed into every password's hash, and Flask-Security "
            "knows one at a time. Another one would make every password wrong."
        )
    config, instance = current_app.config, _instance()
    with locked(instance):
        kept = _kept()
        for name in names or ("SECRET_KEY",):
            if name in config["TEMPORARY_SECRETS"]:
                raise click.ClickException(f"There is no lasting {name} yet: run `flask setup` first.")
            changed = _next(name)
            if name in kept and kept[name] == config[name]:
                kept |= changed
                click.echo(f"{name} has a new key in {instance / SECRETS_FILE}; the older one is still believed.")
            else:
                click.echo(f"{name} comes from the settings. Set there, in its place:")
                for variable, value in changed.items():
                    click.echo(f"{variable}={','.join(as_texts(value))}")
        if kept:
            write_secrets(instance, kept)
    click.echo(_AFTERWARDS)


def _next(name: str) -> dict[str, Any]:
    """Return what the settings say once a key has a successor."""
    config, fresh = current_app.config, new_secret(name)
    if name == "SECRET_KEY":
        return {"SECRET_KEY": fresh, FALLBACKS: [config["SECRET_KEY"], *config[FALLBACKS]]}
    return {name: fresh | config[name] if isinstance(fresh, dict) else [*fresh, *config[name]]}


@secrets.command("forget-old")
@click.option("--give-up-codes", is_flag=True, help="Also when recovery codes made with an older key stop working.")
@with_appcontext
def forget_old(give_up_codes: bool) -> None:
    """Stop believing older keys: 30 days after a rotation nobody is signed in by one any more.

    What older CMS_DATA_KEYS sealed is sealed with the newest first. Older CMS_AUDIT_KEYS stay for good: the audit
    trail is proven with them.
    """
    config, instance = current_app.config, _instance()
    newest = config["CMS_DATA_KEYS"][:1]
    if len(config["CMS_DATA_KEYS"]) > 1:
        codes = count_codes_of_older_keys()
        if codes and not give_up_codes:
            # A hash cannot be made anew from a hash.
            click.echo(f"{codes} recovery codes hold by older CMS_DATA_KEYS, which stay (see --give-up-codes).")
            newest = config["CMS_DATA_KEYS"]
        try:
            count = reseal_all()
        except CmsError as error:
            raise click.ClickException(str(error)) from None
        click.echo(f"Sealed with the newest of CMS_DATA_KEYS: {count}.")
    with locked(instance):
        kept = _kept()
        changed = {FALLBACKS: [], "CMS_DATA_KEYS": newest}
        for name, value in changed.items():
            if config[name] == value:
                continue
            if kept.get(name) == config[name]:
                kept |= {name: value}
                click.echo(f"Older keys are gone from {name}.")
            else:
                click.echo(f"{name} comes from the settings: leave only its newest there.")
        if kept:
            write_secrets(instance, kept)
    click.echo(_AFTERWARDS)


def _instance() -> Path:
    folder: Path = current_app.config["CMS_INSTANCE"]
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _kept() -> dict[str, Any]:
    return read_secrets(_instance())


COMMANDS = (secrets,)
