"""Listens to sign-ins, and asks by mail "was this you?" where somebody is in a browser we do not know."""

from __future__ import annotations

from flask import has_request_context, request
from sqlalchemy import func, select

from cms.accounts.device_names import name_device, name_program
from cms.accounts.events import SignedIn
from cms.accounts.models import Device, User
from cms.accounts.program_sign_ins import METHOD as PROGRAM
from cms.accounts.safety_letters import send_new_device_letter
from cms.core.db import current_session
from cms.core.events import on
from cms.lib.clock import utcnow


@on(SignedIn)
def tell_of_new_device(event: SignedIn) -> None:
    """Send the letter, in the transaction of the sign-in; nobody is told of their very first one."""
    if event.known_device:
        return
    session = current_session()
    session.flush()
    devices = session.scalar(select(func.count()).select_from(Device).where(Device.user_id == event.user_id)) or 0
    user = session.get(User, event.user_id)
    if user is None or devices < 2:
        return
    seen = request.user_agent.string if has_request_context() else ""
    name = name_program if event.method == PROGRAM else name_device
    send_new_device_letter(user, device=name(seen), ip=event.ip, at=utcnow())
