"""Authors become accounts that nobody can sign in with, unless they are invited."""

from __future__ import annotations

import hashlib

from cms.accounts import fields
from cms.accounts.actions.create_user import create_user
from cms.accounts.actions.invite_user import send_invitation
from cms.accounts.models import User
from cms.accounts.queries import find_role, find_user_by_email
from cms.accounts.roles import AUTHOR
from cms.content.addresses import author_path, point
from cms.core.db import current_session
from cms.core.errors import Invalid
from cms.transfer.wordpress.records import Author, checksum
from cms.transfer.wordpress.run import WOULD_BE, ImportRun

#: A domain that no mail leaves for (ICANN reserves it for private use).
_NOWHERE = "imported.internal"


def import_people(run: ImportRun) -> None:
    """Find or make an account for each author; whoever has one with the same mail address keeps it as it is."""
    for author in run.survey.authors.values():
        record = run.find(f"author/{author.login}")
        if record is not None:
            user = current_session().get(User, record.thing_id)
            if user is not None:
                run.users[author.login] = user.id
                _invite(run, user, made_here=record.thing_version is not None)
            run.report.unchanged["user"] += 1
        else:
            _add(run, author)


def _add(run: ImportRun, author: Author) -> None:
    mail = _usable_mail(author)
    known = find_user_by_email(mail)
    run.report.unchanged["user"] += known is not None
    run.report.created["user"] += known is None
    if run.unit is None:
        run.users[author.login] = known.id if known is not None else WOULD_BE
        return
    with run.unit():
        user = find_user_by_email(mail)
        made = user is None
        if user is None:
            role = find_role(AUTHOR)
            roles = [role] if role is not None else []
            user = create_user(email=mail, name=_usable_name(author), roles=roles, active=False, by=run.by)
        run.remember(f"author/{author.login}", "user", user.id, checksum(author), version=1 if made else None)
        old = author_path(author.login.lower().replace(" ", "-").replace(".", "-"))
        if old != author_path(user.slug):
            point(f"{run.site_map.base}{old}", target=author_path(user.slug))
        run.users[author.login] = user.id
    _invite(run, user, made_here=made)


def _invite(run: ImportRun, user: User, *, made_here: bool) -> None:
    if not run.invite or not made_here or user.invited_at is not None or user.password is not None:
        return
    if user.email.endswith(f"@{_NOWHERE}"):
        return
    run.report.invited += 1
    if run.unit is not None:
        with run.unit() as session:
            send_invitation(session.get_one(User, user.id), by=run.by)


def _usable_mail(author: Author) -> str:
    try:
        return fields.read_email(author.mail)
    except Invalid:
        digest = hashlib.sha256(author.login.encode()).hexdigest()
        return f"author-{digest[:12]}@{_NOWHERE}"


def _usable_name(author: Author) -> str:
    for name in (author.name, author.login, author.login.partition("@")[0]):
        try:
            return fields.read_name(name[: fields.LONGEST_NAME])
        except Invalid:
            continue
    return "Author"
