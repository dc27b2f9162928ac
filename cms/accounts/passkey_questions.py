"""Questions for a passkey (Web Authentication Level 3): to make one, or to show one.

A question is kept in the browser's signed session, so that asking costs nothing; that it was answered is kept in the
database, so that it is answered once. The user has to be verified (a finger, a face, a code), and nothing is asked
about the maker of the authenticator.
"""

from __future__ import annotations

import hmac
import secrets
import time
from datetime import datetime, timedelta
from typing import Any

from flask import session
from webauthn import generate_authentication_options, generate_registration_options
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, options_to_json_dict
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from cms.accounts.challenges import use_once
from cms.accounts.models import Passkey, User
from cms.accounts.passkeys import list_passkeys, relying_party
from cms.core.db import current_session
from cms.core.errors import Invalid
from cms.core.i18n import _
from cms.settings.queries import get_settings

#: What a question is for; an answer to one of them is none to another.
REGISTER, SIGN_IN, SECOND_STEP, CONFIRM = "register", "sign-in", "second-step", "confirm"
LASTS = timedelta(minutes=5)
ALGORITHMS = [
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
_USED = "passkey_used"
_ASKED = "masthead_passkeys"
#: Open questions of one browser: a sign-in page in each of some tabs.
_MOST_ASKED = 4
_VERIFIED = UserVerificationRequirement.REQUIRED


class QuestionGone(Invalid):
    """A browser answered what it was not asked, or too late, or twice."""

    default = _("That took too long, or another tab was faster. Please try again.")


def ask_for_new(user: User) -> dict[str, Any]:
    """Return what a browser is asked to make a passkey of `user` with; theirs that exist are not made twice.

    The person is given a handle within the open transaction, unless they have one.
    """
    if user.passkey_handle is None:
        user.passkey_handle = bytes_to_base64url(secrets.token_bytes(64))
        current_session().flush()
    host, _origin = relying_party()
    options = generate_registration_options(
        rp_id=host,
        rp_name=get_settings().name,
        user_id=base64url_to_bytes(user.passkey_handle),
        user_name=user.email,
        user_display_name=user.name,
        challenge=_ask(REGISTER, user.id),
        timeout=int(LASTS.total_seconds() * 1000),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=_VERIFIED
        ),
        exclude_credentials=[_describe(passkey) for passkey in list_passkeys(user.id)],
        supported_pub_key_algs=ALGORITHMS,
    )
    return options_to_json_dict(options)


def ask_for_passkey(purpose: str, user: User | None = None) -> dict[str, Any]:
    """Return what a browser is asked to show a passkey with: one of `user`, or any that it has for this site."""
    host, _origin = relying_party()
    known = [_describe(passkey) for passkey in list_passkeys(user.id)] if user is not None else None
    options = generate_authentication_options(
        rp_id=host,
        challenge=_ask(purpose, user.id if user is not None else None),
        timeout=int(LASTS.total_seconds() * 1000),
        allow_credentials=known,
        user_verification=_VERIFIED,
    )
    return options_to_json_dict(options)


def _describe(passkey: Passkey) -> PublicKeyCredentialDescriptor:
    known = {item.value: item for item in AuthenticatorTransport}
    transports = [known[name] for name in passkey.transports if name in known]
    return PublicKeyCredentialDescriptor(id=base64url_to_bytes(passkey.credential_id), transports=transports or None)


def _ask(purpose: str, user_id: int | None) -> bytes:
    challenge = secrets.token_bytes(32)
    asked = [item for item in session.get(_ASKED, []) if isinstance(item, list)]
    session[_ASKED] = [
        *asked[1 - _MOST_ASKED :],
        [purpose, bytes_to_base64url(challenge), user_id, int(time.time())],
    ]
    return challenge


def take_question(purpose: str, user_id: int | None, answered: str, now: datetime) -> bytes:
    """Return the challenge that this browser was asked with, used up; raises QuestionGone. Within a transaction."""
    asked: list[Any] = session.get(_ASKED, [])
    found = next((item for item in asked if hmac.compare_digest(str(item[1]), answered)), None)
    if found is None or found[0] != purpose or found[2] != user_id:
        raise QuestionGone
    if found[3] + LASTS.total_seconds() < now.timestamp() or not use_once(_USED, answered, lasts=LASTS, now=now):
        raise QuestionGone
    session[_ASKED] = [item for item in asked if item is not found]
    return base64url_to_bytes(answered)
