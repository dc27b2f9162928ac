"""The secrets of an installation, made by the command line and never by an import."""

import logging
import os
import secrets
import threading
from pathlib import Path

from flask import Flask

from cms.config import SECRETS, SECRETS_FILE, read_secrets

_log = logging.getLogger("cms.secrets")


def ensure_secrets(instance: Path) -> dict[str, str]:
    """Return the secrets kept in `<instance>/secrets.toml`, making the file (mode 0600) when there is none.

    Raises ConfigurationError when the file is there but cannot be used.
    """
    path = instance / SECRETS_FILE
    kept = read_secrets(instance)
    if all(name in kept for name in SECRETS):
        return kept
    made = {name: kept.get(name) or secrets.token_urlsafe(48) for name in SECRETS}
    lines = ["# Made by the first start. Keep it private, and keep it: without it nobody can sign in.\n"]
    lines += [f'{name} = "{value}"\n' for name, value in made.items()]
    instance.mkdir(parents=True, exist_ok=True)
    draft = instance / f"{SECRETS_FILE}.{os.getpid()}"
    # Written aside and moved, so that a second start at the same moment never reads half a file.
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write("".join(lines))
    try:
        if kept:
            draft.replace(path)
        else:
            os.link(draft, path)
    except FileExistsError:
        made = read_secrets(instance)
    finally:
        draft.unlink(missing_ok=True)
    return made


def keep_secrets(app: Flask) -> None:
    """Give an app without secrets of its own the lasting ones of its instance, before a command uses them."""
    temporary = app.config["TEMPORARY_SECRETS"]
    if temporary and app.config["CMS_ENV"] == "development":
        kept = ensure_secrets(app.config["CMS_INSTANCE"])
        app.config.update({name: kept[name] for name in temporary}, TEMPORARY_SECRETS=())


def init_secrets(app: Flask) -> None:
    """Warn, at the first request, of secrets that end with the process."""
    warned = threading.Event()

    @app.before_request
    def warn() -> None:
        if app.config["TEMPORARY_SECRETS"] and app.config["CMS_ENV"] == "development" and not warned.is_set():
            warned.set()
            _log.warning("Everybody is signed out when this process ends: there is no %s.", SECRETS_FILE)
            _log.warning("`flask setup` (or `make run`) makes lasting secrets.")
