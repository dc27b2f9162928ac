"""The secrets of an installation, made by the command line and never by an import."""

import contextlib
import fcntl
import json
import logging
import os
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from flask import Flask

from cms.config import FALLBACKS, SECRETS, SECRETS_FILE, new_secret, read_secrets

_log = logging.getLogger("cms.secrets")
_HEAD = "# Made by the first start. Keep it private, and keep it: without it nobody can sign in.\n"


def ensure_secrets(instance: Path) -> dict[str, Any]:
    """Return the secrets kept in `<instance>/secrets.toml`, making the file (mode 0600) or what it lacks.

    Raises ConfigurationError when the file is there but cannot be used.
    """
    instance.mkdir(parents=True, exist_ok=True)
    with locked(instance):
        kept = read_secrets(instance)
        made = {name: new_secret(name) for name in SECRETS if name not in kept}
        if made:
            write_secrets(instance, kept | made)
        return kept | made


@contextlib.contextmanager
def locked(instance: Path) -> Iterator[None]:
    """Keep every other start waiting, so that two at the same moment do not make two different keys."""
    folder = os.open(instance, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def write_secrets(instance: Path, secrets: Mapping[str, Any]) -> None:
    """Write the file anew: aside (mode 0600), to the disk, then moved, so that nobody ever reads half of it."""
    draft = instance / f"{SECRETS_FILE}.{os.getpid()}"
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(_HEAD + "".join(f"{name} = {_toml(value)}\n" for name, value in secrets.items()))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(instance / SECRETS_FILE)


def as_texts(value: Any) -> list[str]:
    """Return the single keys of a secret, as they stand in the file and in the environment."""
    if isinstance(value, Mapping):
        return [f"{name}:{key}" for name, key in value.items()]
    return [str(part) for part in value] if isinstance(value, list | tuple) else [str(value)]


def _toml(value: Any) -> str:
    # Texts, numbers, truth values and lists of them are written alike in JSON and TOML.
    return json.dumps(as_texts(value) if isinstance(value, Mapping) else value, ensure_ascii=False)


def keep_secrets(app: Flask) -> None:
    """Give an app without secrets of its own the lasting ones of its instance, before a command uses them."""
    temporary = app.config["TEMPORARY_SECRETS"]
    if temporary and app.config["CMS_ENV"] != "testing":
        kept = ensure_secrets(app.config["CMS_INSTANCE"])
        app.config.update({name: kept[name] for name in temporary}, TEMPORARY_SECRETS=())
        if "SECRET_KEY" in temporary:
            app.config[FALLBACKS] = kept.get(FALLBACKS, [])


def init_secrets(app: Flask) -> None:
    """Warn, at the first request, of secrets that end with the process."""
    warned = threading.Event()

    @app.before_request
    def warn() -> None:
        if app.config["TEMPORARY_SECRETS"] and app.config["CMS_ENV"] == "development" and not warned.is_set():
            warned.set()
            _log.warning("Everybody is signed out when this process ends: there is no %s.", SECRETS_FILE)
            _log.warning("`flask setup` (or `make run`) makes lasting secrets.")
