"""An application for the server's own tests: one path hangs, the others answer."""

import os
import threading
from collections.abc import Iterable
from typing import Any


def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer with the process that answers, or with the length of the body."""
    path = environ["PATH_INFO"]
    if path == "/hang":
        threading.Event().wait()
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(len(body) if path == "/length" else os.getpid()).encode()]
