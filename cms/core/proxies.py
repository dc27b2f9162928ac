"""Proxies in front of the site: as many as `CMS_TRUSTED_PROXIES` says are believed, nobody else.

Each proxy notes at the end of X-Forwarded-For whom it heard; what stands further to the left than the trusted ones
wrote is what a client made up. The scheme and the host follow the same count. X-Forwarded-Prefix, -Port, Forwarded
(RFC 7239), X-Original-URL and their kin mean nothing here, whoever sends them.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication


def init_proxies(app: Flask) -> None:
    """Believe the trusted number of proxies; without any, what their headers say has no effect."""
    count = int(app.config["CMS_TRUSTED_PROXIES"])
    if count:
        inner = _PlainAddress(app.wsgi_app)
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # the documented way to wrap an application
            inner, x_for=count, x_proto=count, x_host=count, x_port=0, x_prefix=0
        )


class _PlainAddress:
    """Has `REMOTE_ADDR` be an address: some proxies add a port, and a wrong count lets in whatever was typed."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        peer = environ.get("werkzeug.proxy_fix.orig", {}).get("REMOTE_ADDR", "")
        environ["REMOTE_ADDR"] = _address(environ.get("REMOTE_ADDR", "")) or peer
        # Two schemes or none: the one that was really spoken.
        if environ.get("wsgi.url_scheme") not in ("http", "https"):
            environ["wsgi.url_scheme"] = environ["werkzeug.proxy_fix.orig"]["wsgi.url_scheme"]
        return self._app(environ, start_response)


def _address(text: str) -> str:
    """Return the IP address in `text`, which may be followed by a port; empty when there is none."""
    text = text.strip()
    host, _bracket, _rest = text.removeprefix("[").partition("]") if text.startswith("[") else (text, "", "")
    if host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        return str(ipaddress.ip_address(host.partition("%")[0]))
    except ValueError:
        return ""
