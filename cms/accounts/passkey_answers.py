"""Answers of passkeys, and whether they are right (Web Authentication Level 3, 7.1 and 7.2).

The origin is that of CMS_BASE_URL, letter by letter; the user has to be verified; counters only rise.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.structs import AuthenticatorTransport

from cms.accounts.factor_events import PasskeyCopied
from cms.accounts.factor_letters import send_passkey_copied_letter
from cms.accounts.models import Passkey, User
from cms.accounts.passkey_questions import ALGORITHMS, REGISTER, take_question
from cms.accounts.passkeys import relying_party
from cms.core.db import current_session
from cms.core.errors import CmsError, Invalid
from cms.core.events import record
from cms.core.i18n import _
from cms.lib.clock import utcnow

_log = logging.getLogger("cms.accounts.passkeys")


class PasskeyRefused(Invalid):
    """What a browser answered is not right; says what to do."""

    default = _("This passkey does not open an account here. Use another one, or your password.")


@dataclass(frozen=True)
class NewPasskey:
    """A passkey that a browser has made, and that was found right."""

    credential_id: str
    public_key: str
    sign_count: int
    transports: Sequence[str]
    aaguid: str
    backed_up: bool


@dataclass(frozen=True)
class Shown:
    """A passkey that was shown and found right; `copied` when its counter ran backwards, so that it must not count."""

    passkey: Passkey
    user: User
    copied: bool


def verify_new_passkey(answer: object, user: User, *, now: datetime | None = None) -> NewPasskey:
    """Return the passkey that a browser made when `user` was asked to; within a transaction.

    Raises QuestionGone and PasskeyRefused.
    """
    credential = _read(answer)
    challenge = take_question(REGISTER, user.id, _challenge_in(credential), now or utcnow())
    host, origin = relying_party()
    try:
        made = verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=host,
            expected_origin=origin,
            require_user_verification=True,
            supported_pub_key_algs=ALGORITHMS,
        )
    except Exception as error:  # noqa: BLE001 -- whatever is wrong with it, it comes from outside
        raise _refused(error) from None
    told = credential["response"].get("transports")
    known = {item.value for item in AuthenticatorTransport}
    return NewPasskey(
        credential_id=bytes_to_base64url(made.credential_id),
        public_key=bytes_to_base64url(made.credential_public_key),
        sign_count=made.sign_count,
        transports=[name for name in told if name in known][:8] if isinstance(told, list) else [],
        aaguid=made.aaguid,
        backed_up=made.credential_backed_up,
    )


def verify_passkey_answer(
    answer: object, *, purpose: str, user: User | None = None, now: datetime | None = None
) -> Shown:
    """Return the passkey that a browser showed when it was asked for `purpose`, and of `user` if somebody was named.

    Within a transaction, which is to be committed also when the passkey looks copied (`Shown.copied`): its person is
    told by mail, and the caller refuses it afterwards (`refuse_copied`). Raises QuestionGone and PasskeyRefused.
    """
    moment, credential = now or utcnow(), _read(answer)
    challenge = take_question(purpose, user.id if user is not None else None, _challenge_in(credential), moment)
    passkey = current_session().scalar(select(Passkey).where(Passkey.credential_id == credential["id"]))
    owner = current_session().get(User, passkey.user_id) if passkey is not None else None
    if passkey is None or owner is None or not owner.active or (user is not None and owner.id != user.id):
        raise PasskeyRefused
    handle = credential["response"].get("userHandle")
    # Whoever was not named before is named by the authenticator (7.2, step 6).
    if (handle or user is None) and str(handle).rstrip("=") != owner.passkey_handle:
        raise PasskeyRefused
    count = _verify(credential, passkey, challenge)
    return Shown(passkey, owner, not _count_on(passkey, owner, count, moment))


def _verify(credential: dict[str, Any], passkey: Passkey, challenge: bytes) -> tuple[int, bool]:
    host, origin = relying_party()
    try:
        shown = verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=host,
            expected_origin=origin,
            credential_public_key=base64url_to_bytes(passkey.public_key),
            # Compared below, once the signature is known to be right.
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except Exception as error:  # noqa: BLE001 -- whatever is wrong with it, it comes from outside
        raise _refused(error) from None
    return shown.new_sign_count, shown.credential_backed_up


def _count_on(passkey: Passkey, owner: User, told: tuple[int, bool], now: datetime) -> bool:
    """Keep the counter of an authenticator, which only rises (7.2, step 22); False when it did not."""
    count, backed_up = told
    before = passkey.sign_count
    rises = count > before or count == before == 0
    if rises:
        counted = current_session().execute(
            update(Passkey)
            .where(Passkey.id == passkey.id, Passkey.sign_count == before)
            .values(sign_count=count, last_used_at=now, backed_up=backed_up)
        )
        if counted.rowcount:  # type: ignore[attr-defined]  # an UPDATE gives a CursorResult
            return True
    _log.warning("the passkey %s counted from %s to %s and was refused", passkey.id, before, count)
    send_passkey_copied_letter(owner, passkey.name)
    record(PasskeyCopied(owner.id, passkey.id, passkey.name))
    return False


def refuse_copied(shown: Shown) -> None:
    """Raise PasskeyRefused for a passkey whose counter ran backwards; after the transaction that noted it."""
    if shown.copied:
        raise PasskeyRefused(
            _("This passkey looks like a copy and was refused. Sign in otherwise, remove it, and add it again.")
        )


def _read(answer: object) -> dict[str, Any]:
    """Return what a browser sent, if it is an object with the texts that are looked at here; raises PasskeyRefused."""
    if isinstance(answer, dict) and isinstance(answer.get("id"), str) and isinstance(answer.get("response"), dict):
        return answer
    raise PasskeyRefused


def _challenge_in(credential: dict[str, Any]) -> str:
    """Return the challenge that a browser says it was asked with; raises PasskeyRefused."""
    try:
        data = json.loads(base64url_to_bytes(credential["response"]["clientDataJSON"]))
        # A page of another site that frames ours has no business here; ours are not framed.
        challenge = "" if data.get("crossOrigin") else data["challenge"]
    except Exception as error:  # noqa: BLE001 -- whatever is wrong with it, it comes from outside
        raise _refused(error) from None
    if not isinstance(challenge, str) or not challenge.isascii() or not challenge:
        raise PasskeyRefused
    return challenge


def _refused(error: Exception) -> CmsError:
    """Return what is said of an answer the library refuses, or stumbles over: whatever it is, it comes from outside."""
    _log.info("a passkey was refused: %s", type(error).__name__)
    return PasskeyRefused()
