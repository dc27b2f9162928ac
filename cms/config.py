"""The settings of one installation, read once at the start.

Later sources win: defaults, `instance/config.py`, `.env`, the environment, and last a mapping given to
`create_app()`. Reading writes nothing and opens no connection; a wrong value ends in a `ConfigurationError`
whose one sentence names the setting and never repeats a secret.
"""

import difflib
import logging
import os
import re
import runpy
import secrets
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
from dotenv import dotenv_values

from cms.lib.networks import read_allowed
from cms.lib.options import (
    Option,
    list_of,
    one_of,
    read_base_url,
    read_database_url,
    read_file,
    read_flag,
    read_folder,
    read_list,
    read_mail_address,
    read_named_keys,
    read_origins,
    read_rate,
    read_text,
    size_in_bytes,
    url_with_scheme,
    whole_number,
)

ENVIRONMENTS = ("development", "testing", "production")
#: Secrets that no installation is without; the first start makes those that nobody gave.
SECRETS = ("SECRET_KEY", "SECURITY_PASSWORD_SALT", "CMS_AUDIT_KEYS", "CMS_DATA_KEYS")
#: Beside them: keys that are not used any more and still believed.
FALLBACKS = "SECRET_KEY_FALLBACKS"
SECRETS_FILE = "secrets.toml"

_log = logging.getLogger("cms.config")
# Variables of tests and benches are not settings; a container platform links services as CMS_PORT=tcp://….
_NOT_SETTINGS = re.compile(r"CMS_(TEST|BENCH)_\w+|CMS_(SERVICE_(HOST|PORT)\w*|PORT(_\d+_(TCP|UDP)\w*))")
_WORN_OUT = re.compile(r"change.?me|secret.?key|example|default|password|your.?(secret|key)|masthead", re.IGNORECASE)


# fmt: off
OPTIONS = (
    Option("CMS_ENV", "CMS_ENV", one_of(*ENVIRONMENTS), "development",
           "What this installation is for: development, testing or production."),
    Option("CMS_INSTANCE", "CMS_INSTANCE", read_folder, "instance",
           "Folder of the database, secrets, cache and mails kept by this installation."),
    Option("CMS_UPLOADS", "CMS_UPLOADS", read_folder, "uploads",
           "Folder of uploaded files and their variants."),
    Option("CMS_BASE_URL", "CMS_BASE_URL", read_base_url, None,
           "Public address of the site; http://localhost:PORT unless given, https in production."),
    Option("PORT", "PORT", whole_number(1, 65535), "8000",
           "Port that the server listens on.", aliases=("CMS_PORT",)),
    Option("CMS_BIND", "CMS_BIND", read_text, "127.0.0.1",
           "Network address that the server listens on; 0.0.0.0 inside a container."),
    Option("CMS_WORKERS", "CMS_WORKERS", whole_number(1, 64), "2",
           "Number of server processes."),
    Option("CMS_THREADS", "CMS_THREADS", whole_number(1, 256), "8",
           "Threads of each server process."),
    Option("SECRET_KEY", "SECRET_KEY", read_text, None,
           "Signs sessions and links in mails; at least 32 random characters.",
           aliases=("CMS_SECRET_KEY",), secret=True),
    Option("SECRET_KEY_FALLBACKS", "SECRET_KEY_FALLBACKS", read_list, "",
           "Older SECRET_KEYs that are still believed, separated by commas.",
           aliases=("CMS_SECRET_KEY_FALLBACKS",), secret=True),
    Option("SECURITY_PASSWORD_SALT", "SECURITY_PASSWORD_SALT", read_text, None,
           "Mixed into password hashes; at least 16 random characters, never changed later.",
           aliases=("CMS_SECURITY_PASSWORD_SALT",), secret=True),
    Option("CMS_AUDIT_KEYS", "CMS_AUDIT_KEYS", read_named_keys, None,
           "Keys that chain the audit trail, as name:key, the newest first; at least 32 random characters each.",
           secret=True),
    Option("CMS_DATA_KEYS", "CMS_DATA_KEYS", read_list, None,
           "Keys that seal secrets in the database, the newest first; at least 32 random characters each.",
           secret=True),
    Option("CMS_DATABASE_URL", "SQLALCHEMY_DATABASE_URI", read_database_url, None,
           "Database: sqlite:///… or postgresql://…; a SQLite file in the instance folder unless given.",
           aliases=("DATABASE_URL",), secret=True),
    Option("CMS_REDIS_URL", "CMS_REDIS_URL", url_with_scheme("redis", "rediss", "unix"), None,
           "Redis server that keeps what several machines share: the page cache, and how often the API was asked.",
           aliases=("REDIS_URL",), secret=True),
    Option("CACHE_TYPE", "CACHE_TYPE", read_text, "shared",
           "Store of the page cache: shared (by all processes), NullCache, or another Flask-Caching type.",
           aliases=("CMS_CACHE_TYPE",)),
    Option("CMS_MAIL_URL", "CMS_MAIL_URL", url_with_scheme("smtp", "smtps", "folder", "null"), None,
           "Where mails go: smtp://user:password@host:587, smtps://…, folder:///path or null://.",
           secret=True),
    Option("CMS_MAIL_SENDER", "CMS_MAIL_SENDER", read_mail_address, None,
           "Sender of mails; noreply@ the host of CMS_BASE_URL unless given."),
    Option("CMS_ADMIN_EMAIL", "CMS_ADMIN_EMAIL", read_mail_address, None,
           "Mail address of the first administrator, used once on a new installation."),
    Option("CMS_ADMIN_PASSWORD", "CMS_ADMIN_PASSWORD", read_text, None,
           "Password of the first administrator; a link to set one is printed unless given.", secret=True),
    Option("CMS_SEED", "CMS_SEED", read_flag, "1",
           "Whether a new installation starts with a demo site."),
    Option("CMS_TRUSTED_PROXIES", "CMS_TRUSTED_PROXIES", whole_number(0, 10), "0",
           "Number of proxies in front whose X-Forwarded headers are believed."),
    Option("CMS_TRUSTED_HOSTS", "TRUSTED_HOSTS", read_list, "",
           "Further host names that the site answers to, separated by commas."),
    Option("CMS_MAX_UPLOAD_BYTES", "CMS_MAX_UPLOAD_BYTES", size_in_bytes(1024, 16 * 1024**3), "256M",
           "Largest file that may be uploaded."),
    Option("CMS_MAX_FORM_BYTES", "CMS_MAX_FORM_BYTES", size_in_bytes(128 * 1024, 1024**3), "16M",
           "Largest form without files that the back office takes."),
    Option("CMS_MAX_IMAGE_PIXELS", "CMS_MAX_IMAGE_PIXELS", whole_number(10_000, 500_000_000), "50000000",
           "Largest picture that may be uploaded, width times height."),
    Option("CMS_REQUEST_SECONDS", "CMS_REQUEST_SECONDS", whole_number(1, 3600), "60",
           "Longest time, in seconds, that the server works on one request."),
    Option("CMS_FETCH_ALLOW", "CMS_FETCH_ALLOW", list_of(read_allowed), "",
           "Services that are not public and may be called all the same: host:port or networks, separated by commas."),
    Option("CMS_FETCH_PORTS", "CMS_FETCH_PORTS", list_of(whole_number(1, 65535)), "80,443,8080,8443",
           "Ports of other sites that may be called, separated by commas."),
    Option("CMS_FETCH_CA", "CMS_FETCH_CA", read_file, None,
           "File of certificates (PEM) that other sites are checked against, in place of the usual ones."),
    Option("CMS_API_RATE", "CMS_API_RATE", read_rate, "600 per minute",
           "How often a token may ask the API, such as 600 per minute, or off; a change counts as five."),
    Option("CMS_API_RATE_STRANGERS", "CMS_API_RATE_STRANGERS", read_rate, "120 per minute",
           "How often an address may ask the API without a token, such as 120 per minute, or off."),
    Option("CMS_API_ORIGINS", "CMS_API_ORIGINS", read_origins, "",
           "Origins of other sites whose pages may use the API, separated by commas, or * for all."),
    Option("CMS_PROVIDERS_FILE", "CMS_PROVIDERS_FILE", read_file, None,
           "File that names the providers people sign in with; providers.toml in the instance folder unless given."),
    Option("CMS_BACKUP_STAMP", "CMS_BACKUP_STAMP", read_text, None,
           "File that each backup touches, so that `flask doctor` knows its age."),
    Option("CMS_LOG_LEVEL", "CMS_LOG_LEVEL", one_of("DEBUG", "INFO", "WARNING", "ERROR"), "INFO",
           "How much is written to the log."),
    Option("CMS_LOG_FORMAT", "CMS_LOG_FORMAT", one_of("json", "text"), None,
           "Form of the log's lines: json for machines (in production), text for people (elsewhere)."),
    Option("CMS_LOG_REQUESTS", "CMS_LOG_REQUESTS", read_flag, None,
           "Whether each request gets a line in the log; in development it does."),
)
# fmt: on
_OPTION = {option.variable: option for option in OPTIONS}
_KNOWN = frozenset(name for option in OPTIONS for name in option.names)


class ConfigurationError(click.ClickException):
    """The settings do not allow a start; the message is one sentence, which `flask` prints without a traceback."""


def load_settings(
    config: str | Mapping[str, Any] | None = None, *, root: Path, environ: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return `app.config` for an environment's name, or for a mapping that overrides all other sources.

    "testing" (and a mapping with TESTING set) reads neither `.env` nor `instance/config.py`, so that a test
    run does not depend on one machine. Raises ConfigurationError for a wrong, unknown or missing value.
    """
    environ = os.environ if environ is None else environ
    override: dict[str, Any] = dict(config) if isinstance(config, Mapping) else {}
    if isinstance(config, str):
        override["CMS_ENV"] = config
    elif override.get("TESTING"):
        override.setdefault("CMS_ENV", "testing")
    outer: list[Mapping[str, Any]] = [_known_only(environ), override]
    if _value(_OPTION["CMS_ENV"], outer) != "testing":
        outer.insert(0, _known_only(_read_dotenv(root / ".env")))
    env = _value(_OPTION["CMS_ENV"], outer)
    instance = (root / _value(_OPTION["CMS_INSTANCE"], outer)).absolute()
    file = {} if env == "testing" else _read_config_file(instance / "config.py")
    _refuse_unknown([*file, *override])
    sources = [file, *outer]
    settings = _flask_defaults() | file | {key: value for key, value in override.items() if key.isupper()}
    settings |= {option.key: _value(option, sources) for option in OPTIONS}
    settings |= {"CMS_ENV": env, "CMS_INSTANCE": instance}
    settings["CMS_UPLOADS"] = (root / settings["CMS_UPLOADS"]).absolute()
    _fill_secrets(settings, instance, of_a_command=environ.get("FLASK_RUN_FROM_CLI") == "true")
    _derive(settings, given={name for source in sources for name in source})
    if env == "production":
        _check_production(settings, debug=environ.get("FLASK_DEBUG", ""))
    return settings


def _value(option: Option, sources: Sequence[Mapping[str, Any]]) -> Any:
    """Return the option's value from the last source that has it, or its default."""
    for source in reversed(sources):
        for name in option.names:
            text = _as_text(source.get(name))
            if not text:
                continue
            try:
                return option.read(text)
            except ValueError as error:
                shown = "" if option.secret else f", not {text!r}"
                raise ConfigurationError(f"{name} must be {error}{shown}.") from None
    return None if option.default is None else option.read(option.default)


def _as_text(raw: Any) -> str:
    """Return a ready value of a mapping (a Path, a number, a list) as text, so that all are checked alike."""
    if raw is None:
        return ""
    if isinstance(raw, bool):
        return str(int(raw))
    if isinstance(raw, Mapping):
        raw = [f"{name}:{key}" for name, key in raw.items()]
    return ",".join(map(str, raw)) if isinstance(raw, list | tuple) else str(raw)


def _known_only(source: Mapping[str, str]) -> dict[str, str]:
    """Return the settings among environment variables; raise ConfigurationError for a mistyped CMS_ name."""
    _refuse_unknown(source)
    return {name: text for name, text in source.items() if name in _KNOWN and not text.startswith("tcp://")}


def _refuse_unknown(names: Iterable[str]) -> None:
    """Raise ConfigurationError for a CMS_ name that is close to a setting's; other strangers are logged."""
    for name in names:
        if not name.startswith("CMS_") or name in _KNOWN or _NOT_SETTINGS.fullmatch(name):
            continue
        near = difflib.get_close_matches(name, _KNOWN, n=1, cutoff=0.7)
        if near:
            raise ConfigurationError(f"{name} is not a setting; did you mean {near[0]}?")
        _log.warning("%s is not a setting of this program and is ignored.", name)


def _read_dotenv(path: Path) -> dict[str, str]:
    """Return the variables of a `.env` file, or nothing when there is none."""
    if not path.is_file():
        return {}
    return {name: value for name, value in dotenv_values(path).items() if value is not None}


def _read_config_file(path: Path) -> dict[str, Any]:
    """Return the upper-case names that a Python settings file defines, or nothing when there is none."""
    if not path.is_file():
        return {}
    try:
        names = runpy.run_path(str(path))
    except Exception as error:  # whatever an operator's file raises is a wrong setting, told in one sentence
        raise ConfigurationError(f"{path} cannot be read: {type(error).__name__}: {error}.") from error
    return {name: value for name, value in names.items() if name.isupper()}


def _flask_defaults() -> dict[str, Any]:
    """Return what Flask and its extensions need to know and nobody needs to choose."""
    return {
        "TESTING": False,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_PATH": "/",
        "PERMANENT_SESSION_LIFETIME": timedelta(days=14),
        "MAX_FORM_PARTS": 2000,
        # A form lives as long as the session: somebody may write for a day before they press Save.
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": True,
        "SQLALCHEMY_RECORD_QUERIES": False,
    }


def _fill_secrets(settings: dict[str, Any], instance: Path, *, of_a_command: bool) -> None:
    """Complete missing secrets from the instance's file, else for this process only.

    TEMPORARY_SECRETS names those that end with the process: `flask setup` and `flask serve` make lasting ones.
    In production only a file made for it counts, and nothing but a command may go on without.
    """
    env = settings["CMS_ENV"]
    missing = [name for name in SECRETS if not settings[name]]
    settings["TEMPORARY_SECRETS"] = ()
    if not missing or env == "testing":
        kept: dict[str, Any] = {}
    else:
        kept = read_secrets(instance)
    if env == "production" and (not kept.pop("MADE_FOR_PRODUCTION", False)):
        return
    for name in missing:
        settings[name] = kept.get(name)
    if "SECRET_KEY" in missing:
        settings[FALLBACKS] = settings[FALLBACKS] or kept.get(FALLBACKS, [])
    if env == "production" and not of_a_command:
        return
    settings["TEMPORARY_SECRETS"] = tuple(name for name in missing if not settings[name])
    settings |= {name: new_secret(name) for name in settings["TEMPORARY_SECRETS"]}


def new_secret(name: str) -> Any:
    """Return a fresh random value for one of SECRETS, in the form it has in `app.config`."""
    key = secrets.token_urlsafe(48)
    if name == "CMS_AUDIT_KEYS":
        return {secrets.token_hex(4): key}
    return [key] if name == "CMS_DATA_KEYS" else key


def read_secrets(instance: Path) -> dict[str, Any]:
    """Return the secrets kept in an instance folder as `app.config` has them; none when there is no file.

    Raises ConfigurationError when the file is there but cannot be used: new secrets would lock all out.
    """
    path = instance / SECRETS_FILE
    if not path.exists():
        return {}
    try:
        kept = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        raise ConfigurationError(f"{path} cannot be read: it must be a TOML file that this user may read.") from None
    known = {name: _value(_OPTION[name], [{name: kept.get(name)}]) for name in (*SECRETS, FALLBACKS)}
    return {name: value for name, value in (kept | known).items() if value}


def _derive(settings: dict[str, Any], *, given: set[str]) -> None:
    """Fill in the settings that follow from others."""
    env, instance = settings["CMS_ENV"], settings["CMS_INSTANCE"]
    settings["CMS_BASE_URL"] = settings["CMS_BASE_URL"] or f"http://localhost:{settings['PORT']}"
    base = urlsplit(settings["CMS_BASE_URL"])
    secure = base.scheme == "https"
    settings["SQLALCHEMY_DATABASE_URI"] = settings["SQLALCHEMY_DATABASE_URI"] or f"sqlite:///{instance / 'masthead.db'}"
    if settings["CMS_MAIL_URL"] is None and env != "production":
        settings["CMS_MAIL_URL"] = "null://" if env == "testing" else f"folder://{instance / 'mail'}"
    settings["CMS_LOG_FORMAT"] = settings["CMS_LOG_FORMAT"] or ("json" if env == "production" else "text")
    if settings["CMS_LOG_REQUESTS"] is None:
        settings["CMS_LOG_REQUESTS"] = env == "development"
    settings["CMS_MAIL_SENDER"] = settings["CMS_MAIL_SENDER"] or f"noreply@{base.hostname}"
    local = [] if env == "production" else ["localhost", "127.0.0.1", "[::1]"]
    settings["TRUSTED_HOSTS"] = list(dict.fromkeys([base.hostname, *settings["TRUSTED_HOSTS"], *local]))
    if env == "testing":
        settings["TESTING"] = True
    if "CACHE_TYPE" not in given and env == "testing":
        settings["CACHE_TYPE"] = "NullCache"
    if env == "testing":
        # Tests ask faster than any program would; those of the limits say so.
        settings |= {name: "" for name in ("CMS_API_RATE", "CMS_API_RATE_STRANGERS") if name not in given}
    follows = {
        "PREFERRED_URL_SCHEME": base.scheme,
        "SESSION_COOKIE_SECURE": secure,
        "MAX_FORM_MEMORY_SIZE": settings["CMS_MAX_FORM_BYTES"],
        "SESSION_COOKIE_NAME": "__Host-masthead" if secure else "masthead",
        # Room for the other fields of the form around one file of the largest size.
        "MAX_CONTENT_LENGTH": settings["CMS_MAX_UPLOAD_BYTES"] + 1024 * 1024,
    }
    for name, value in follows.items():
        settings.setdefault(name, value)


def _check_production(settings: Mapping[str, Any], *, debug: str) -> None:
    """Raise ConfigurationError naming everything that a production site may not start without."""
    lacking = []
    if is_weak(settings["SECRET_KEY"], 32):
        lacking.append("SECRET_KEY (at least 32 random characters)")
    if is_weak(settings["SECURITY_PASSWORD_SALT"], 16):
        lacking.append("SECURITY_PASSWORD_SALT (at least 16 random characters)")
    for name in ("CMS_AUDIT_KEYS", "CMS_DATA_KEYS"):
        keys = settings[name] or [None]
        if any(is_weak(key, 32) for key in (keys.values() if isinstance(keys, dict) else keys)):
            lacking.append(f"{name} (`python3 -m cms.cli.make_secrets` prints new secrets)")
    if not settings["CMS_MAIL_URL"]:
        lacking.append("CMS_MAIL_URL")
    if not settings["CMS_BASE_URL"].startswith("https://"):
        lacking.append("CMS_BASE_URL (an https address)")
    if lacking:
        raise ConfigurationError(f"CMS_ENV=production does not start without {', '.join(lacking)}.")
    if settings.get("DEBUG") or debug.lower() not in {"", "0", "false", "no"}:
        raise ConfigurationError("FLASK_DEBUG must be off when CMS_ENV is production.")


def is_weak(secret: str | None, length: int) -> bool:
    """Whether a secret is missing, short, repetitive or one of those that documentation uses."""
    return not secret or len(secret) < length or len(set(secret)) < 8 or bool(_WORN_OUT.search(secret))
