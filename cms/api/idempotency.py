"""Sending something twice without its being done twice: `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header).

The first request with a key is answered as ever, and its answer is kept in the same transaction as what it did: both
are there or neither. Whoever sends the same again within a day gets the same answer, marked `Idempotency-Replayed`.
Nothing is kept of errors, for then nothing was done. Keys belong to a person, so that they hold when a program has
signed in anew in between; strangers have none.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable
from functools import wraps
from typing import IO, Any, TypeVar, cast

from flask import current_app, request
from werkzeug.wrappers import Response

from cms.accounts.people import current_person, current_token_id
from cms.core.db import held_commit, in_transaction
from cms.core.errors import CmsError
from cms.core.i18n import _
from cms.core.idempotency import (
    AnsweredAlready,
    IdempotentRequest,
    InProgress,
    claim,
    find_answered,
    keep_answer,
    keep_nothing,
    person_owner,
)

View = TypeVar("View", bound=Callable[..., Any])

HEADER, REPLAYED = "Idempotency-Key", "Idempotency-Replayed"
#: What declares that a view takes keys.
STAMP = "__cms_idempotent__"
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
#: What is kept of an answer beside its status and body; the rest is each answer's own.
_KEPT = ("Content-Type", "Cache-Control", "ETag", "Link", "Location", "Vary")
_CHUNK = 1024 * 1024


class WrongKey(CmsError):  # noqa: N818 -- named for the answer it becomes
    """The header is no key."""

    status = 400
    code = "idempotency_key_malformed"
    default = _("Send one Idempotency-Key of 1 to 255 visible ASCII characters, or none.")


class KeyReused(CmsError):  # noqa: N818 -- named for the answer it becomes
    """The key came with another request before."""

    status = 422
    code = "idempotency_key_reused"
    default = _("This Idempotency-Key came with another request before. Nothing was done; send a new key.")


def idempotent(view: View) -> View:
    """Have a view that makes something take an `Idempotency-Key`; stands directly below its permission.

    For views that open one transaction, which is what they do: it is committed when the answer is there, and given up
    with it. Never for answers that hold a secret, since they are kept, nor for views that count tries, which an error
    would take back.
    """

    @wraps(view)
    def once(*given: Any, **named: Any) -> Any:
        person, key = current_person(), _read_key()
        if person is None or key is None:
            return current_app.ensure_sync(view)(*given, **named)
        owner, key_hash, fingerprint = person_owner(person.id), hashlib.sha256(key).hexdigest(), _fingerprint()
        return _find(owner, key_hash, fingerprint) or _answer(
            lambda: current_app.ensure_sync(view)(*given, **named), owner, key_hash, fingerprint
        )

    setattr(once, STAMP, True)
    return cast(View, once)


def _read_key() -> bytes | None:
    """Return the key of the request in hand; None without one, or from a stranger. Raises WrongKey."""
    keys = request.headers.getlist(HEADER)
    if not keys or current_person() is None:
        return None
    if len(keys) > 1 or not _KEY.fullmatch(keys[0]):
        raise WrongKey
    return keys[0].encode()


def _find(owner: str, key_hash: str, fingerprint: str) -> Response | None:
    """Return the answer that is kept for a request like this; raises KeyReused and InProgress."""
    kept = find_answered(owner, key_hash)
    if kept is None:
        return None
    if kept.fingerprint != fingerprint:
        raise KeyReused
    return _replay(kept)


def _replay(kept: IdempotentRequest) -> Response:
    if kept.status is None:
        raise InProgress
    return Response(kept.body, status=kept.status, headers={**kept.headers, REPLAYED: "true"})


def _answer(act: Callable[[], Any], owner: str, key_hash: str, fingerprint: str) -> Response:
    """Have it done and return its answer, or that of another request like this that was faster."""
    claimed = 0

    def first() -> None:
        nonlocal claimed
        claimed = claim(owner, key_hash, fingerprint)

    try:
        with held_commit(first):
            made = current_app.make_response(act())
            if in_transaction():
                _keep(claimed, made)
    except AnsweredAlready:
        found = _find(owner, key_hash, fingerprint)
        if found is None:
            raise InProgress from None
        return found
    return made


def _keep(claimed: int, made: Response) -> None:
    if made.status_code >= 400:
        keep_nothing(claimed)
        return
    headers = {name: made.headers[name] for name in _KEPT if name in made.headers}
    keep_answer(claimed, status=made.status_code, headers=headers, body=made.get_data())


def _fingerprint() -> str:
    """Return what tells one request from another: its method, address, token, `If-Match` and content.

    A sign-in may be renewed in between; another personal token allows something else, so it has to ask for itself.
    The site's key goes in, so that nobody who reads the table guesses at a password that was sent.
    """
    asked = hmac.new(str(current_app.config["SECRET_KEY"]).encode(), b"masthead-idempotency", hashlib.sha256)
    asked_with = (request.query_string.decode("latin-1"), str(current_token_id()), str(request.headers.get("If-Match")))
    for part in (request.method, request.path, *asked_with):
        asked.update(f"{len(part)}:{part}".encode())
    if request.mimetype == "multipart/form-data":
        _add_parts(asked)
    else:
        asked.update(f"{request.mimetype}:".encode())
        asked.update(request.get_data(cache=True))
    return asked.hexdigest()


def _add_parts(asked: hmac.HMAC) -> None:
    """Add fields and files by what is in them: what stands between them is another each time."""
    for name, value in request.form.items(multi=True):
        asked.update(f"{len(name)}:{name}{len(value)}:{value}".encode())
    for name, file in request.files.items(multi=True):
        told = f"{file.filename} {file.mimetype} {_digest(file.stream)}"
        asked.update(f"{len(name)}:{name}{len(told)}:{told}".encode())


def _digest(stream: IO[bytes]) -> str:
    found = hashlib.sha256()
    while chunk := stream.read(_CHUNK):
        found.update(chunk)
    stream.seek(0)
    return found.hexdigest()
