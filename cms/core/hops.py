"""How many proxies requests really pass: noted for `flask doctor`, which compares it with CMS_TRUSTED_PROXIES."""

from __future__ import annotations

import contextlib
import ipaddress
import threading
from pathlib import Path

from flask import Flask, request, request_started

from cms.lib.clock import utcnow

FOLDER = "seen"
_MOST = 9


def init_hops(app: Flask) -> None:
    """Note, once in each process for each number, how many hops X-Forwarded-For told; nothing else is kept."""
    if app.config["CMS_ENV"] == "testing" and not app.config.get("CMS_NOTE_HOPS"):
        return
    noted: set[int] = set()
    lock = threading.Lock()
    folder = Path(app.config["CMS_INSTANCE"]) / FOLDER

    def note(_app: Flask, **_more: object) -> None:
        header = request.environ.get("HTTP_X_FORWARDED_FOR", "")
        count = min(header.count(",") + 1 if header else 0, _MOST)
        if count in noted or (not count and _is_this_machine(request.remote_addr)):
            return
        with lock, contextlib.suppress(OSError):
            noted.add(count)
            folder.mkdir(mode=0o700, exist_ok=True)
            (folder / f"hops-{count}").touch(mode=0o600)

    # The application keeps it alive: signals hold their receivers weakly.
    app.extensions["masthead_hops"] = note
    request_started.connect(note, app)


def hops_seen(instance: Path, *, days: int = 30) -> set[int]:
    """Return the numbers of hops that were noted in the last days."""
    since = utcnow().timestamp() - days * 86_400
    files = (instance / FOLDER).glob("hops-?")
    return {int(path.name[-1]) for path in files if path.name[-1].isdigit() and path.stat().st_mtime >= since}


def _is_this_machine(address: str | None) -> bool:
    """Tell whether a request came from this machine itself: watchers ask past the proxy."""
    try:
        return ipaddress.ip_address(address or "").is_loopback
    except ValueError:
        return True
