"""`flask doctor` on settings: the environment, keys, cookies, proxies and hosts."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from flask import current_app

from cms.cli.secrets import as_texts
from cms.config import FALLBACKS, SECRETS, SECRETS_FILE, is_weak, read_secrets
from cms.core.checks import OK, PROBLEM, WARNING, Finding, register_check
from cms.core.hops import hops_seen

_DAY = 86_400
#: After this many days nobody is signed in by an older key.
_FORGET_AFTER = 30
_ROTATE_AFTER = 365


def environment() -> Iterator[Finding]:
    """What the installation takes itself for, and whether the debugger is on."""
    config = current_app.config
    base = urlsplit(config["CMS_BASE_URL"])
    local = base.hostname in ("localhost", "127.0.0.1", "::1")
    if config["CMS_ENV"] == "production":
        yield Finding(OK, "CMS_ENV is production.")
    else:
        level = WARNING if local else PROBLEM
        yield Finding(level, f"CMS_ENV is {config['CMS_ENV']}.", "Set CMS_ENV=production for a site that others open.")
    flag = os.environ.get("FLASK_DEBUG", "").lower()
    if current_app.debug or config.get("DEBUG") or flag not in ("", "0", "false", "no"):
        yield Finding(PROBLEM, "The debugger is on: whoever sees a fault can run code.", "Unset FLASK_DEBUG and DEBUG.")
    else:
        yield Finding(OK, "The debugger is off.")


def keys() -> Iterator[Finding]:
    """Whether each key is there to stay, strong, and not too old."""
    config = current_app.config
    for name in SECRETS:
        longest = 16 if name == "SECURITY_PASSWORD_SALT" else 32
        parts = [text.partition(":")[2] if name == "CMS_AUDIT_KEYS" else text for text in as_texts(config[name])]
        if name in config["TEMPORARY_SECRETS"]:
            yield Finding(PROBLEM, f"There is no lasting {name}.", "Run `flask setup`.")
        elif any(is_weak(part, longest) for part in parts):
            remedy = (
                "It cannot be changed without making every password wrong: plan a reset of all passwords."
                if name == "SECURITY_PASSWORD_SALT"
                else f"Run `flask secrets rotate {name}`."
            )
            yield Finding(PROBLEM, f"{name} is weak: short, repetitive, or one that documentation uses.", remedy)
        else:
            yield Finding(OK, f"{name} is strong.")
    yield from _age(config["CMS_INSTANCE"])


def _age(instance: Path) -> Iterator[Finding]:
    kept = read_secrets(instance)
    if kept.get("SECRET_KEY") != current_app.config["SECRET_KEY"]:
        yield Finding(OK, "SECRET_KEY comes from the settings, which do not tell its age.")
        return
    days = int((time.time() - (instance / SECRETS_FILE).stat().st_mtime) / _DAY)
    told = f"{SECRETS_FILE} was last changed {days} days ago"
    if current_app.config[FALLBACKS] and days > _FORGET_AFTER:
        yield Finding(WARNING, f"{told}, and older keys are still believed.", "Run `flask secrets forget-old`.")
    elif days > _ROTATE_AFTER:
        yield Finding(WARNING, f"{told}.", "Run `flask secrets rotate` once a year.")
    else:
        yield Finding(OK, f"{told}.")


def cookies() -> Iterator[Finding]:
    """Whether cookies are closed, and the site speaks https."""
    config = current_app.config
    if urlsplit(config["CMS_BASE_URL"]).scheme == "https":
        yield Finding(OK, "The site's address is https.")
    else:
        level = PROBLEM if config["CMS_ENV"] == "production" else WARNING
        yield Finding(
            level, "The site's address is http: everybody on the way reads along.", "Set an https CMS_BASE_URL."
        )
        return
    wanted = {
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": True,
        "REMEMBER_COOKIE_SECURE": True,
        "REMEMBER_COOKIE_HTTPONLY": True,
    }
    wrong = [name for name, value in wanted.items() if config.get(name) is not value]
    wrong += [
        name for name in ("SESSION_COOKIE_SAMESITE", "REMEMBER_COOKIE_SAMESITE") if config.get(name) in (None, "None")
    ]
    if not str(config["SESSION_COOKIE_NAME"]).startswith("__Host-"):
        wrong.append("SESSION_COOKIE_NAME")
    if wrong:
        yield Finding(PROBLEM, f"Cookies are open: {', '.join(wrong)}.", "Take these out of instance/config.py.")
    else:
        yield Finding(OK, "Cookies are Secure, HttpOnly, SameSite and bound to the host.")


def proxies() -> Iterator[Finding]:
    """Whether as many proxies are trusted as requests pass."""
    trusted = current_app.config["CMS_TRUSTED_PROXIES"]
    seen = hops_seen(Path(current_app.config["CMS_INSTANCE"]))
    if not seen:
        yield Finding(OK, f"CMS_TRUSTED_PROXIES is {trusted}; no request was noted in 30 days to compare it with.")
    elif not trusted and max(seen):
        text = "Requests come through a proxy, and CMS_TRUSTED_PROXIES is 0: everybody seems to come from the proxy."
        yield Finding(WARNING, text, "Set CMS_TRUSTED_PROXIES to the number of proxies in front.")
    elif min(seen) < trusted:
        text = f"CMS_TRUSTED_PROXIES is {trusted}, and some requests passed {min(seen)}: these make up their address."
        yield Finding(PROBLEM, text, "Lower it to the number of proxies in front, and let nobody come past them.")
    else:
        yield Finding(OK, f"CMS_TRUSTED_PROXIES is {trusted}, as requests show.")
    if trusted == 0 and current_app.config["CMS_ENV"] == "production":
        text = "No proxy is trusted: the site needs one that speaks TLS and keeps slow clients away."
        yield Finding(WARNING, text, "Put deploy/nginx.conf in front and set CMS_TRUSTED_PROXIES=1.")
    bind = current_app.config["CMS_BIND"]
    if bind not in ("127.0.0.1", "::1", "localhost"):
        yield Finding(WARNING, f"The server listens on {bind}.", "Let nobody but the proxy reach it, or set CMS_BIND.")


def hosts() -> Finding:
    """Whether the names that the site answers to are names."""
    names = current_app.config["TRUSTED_HOSTS"]
    wide = [name for name in names if not name or name.startswith(".") or "*" in name]
    if wide:
        remedy = "List each name in CMS_TRUSTED_HOSTS."
        return Finding(PROBLEM, f"The site answers to any name of a kind: {', '.join(wide)}.", remedy)
    return Finding(OK, f"The site answers to {', '.join(names)}.")


def register() -> None:
    """Have `flask doctor` look at the settings."""
    register_check("environment", environment, database=False)
    register_check("keys", keys, database=False)
    register_check("cookies", cookies, database=False)
    register_check("proxies", proxies, database=False)
    register_check("hosts", hosts, database=False)
