"""gunicorn's processes, with words of ours for requests that never reach the application."""

from __future__ import annotations

import json
import secrets
from http import HTTPStatus
from typing import Any

from gunicorn import util
from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine, ParseException
from gunicorn.workers.gthread import ThreadWorker

#: As the API's errors name them (`cms.api.problems`). Who asks is a program: which address was meant, nobody knows yet.
_TOLD = {
    LimitRequestLine: (414, "address_too_long", "This address is too long. Please shorten it."),
    LimitRequestHeaders: (431, "headers_too_large", "More headers came with this request than are taken. Send fewer."),
    ParseException: (400, "bad_request", "This request cannot be read."),
}


class Worker(ThreadWorker):
    """A process with threads that answers what it cannot read in the shape of all errors (RFC 9457)."""

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answer a request that cannot be read, and note it; what went wrong otherwise is gunicorn's to tell."""
        told = next((words for kind, words in _TOLD.items() if isinstance(exc, kind)), None)
        if told is None:
            super().handle_error(req, client, addr, exc)
            return
        number = secrets.token_hex(6)
        self.log.warning("a request could not be read [%s]: %s", number, type(exc).__name__)
        try:
            util.write_nonblock(client, _answer(*told, number))
        except OSError:
            self.log.debug("nobody waits for the answer")


def _answer(status: int, code: str, sentence: str, number: str) -> bytes:
    title = HTTPStatus(status).phrase
    body = json.dumps(
        {
            "type": "about:blank",
            "title": title,
            "status": status,
            "detail": sentence,
            "code": code,
            "errors": {},
            "message": sentence,
            "request_id": number,
        }
    ).encode()
    headers = {
        "Connection": "close",
        "Content-Type": "application/problem+json",
        "Content-Length": len(body),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "X-Request-ID": number,
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status} {title}\r\n{head}\r\n".encode() + body
