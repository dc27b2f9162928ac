"""Why not: a person, an act, perhaps an entry; one sentence with the rule, and who could change it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request
from flask_admin import expose

from cms.accounts import policies
from cms.accounts.lists import PersonFilter, list_people
from cms.accounts.models import User
from cms.accounts.queries import find_user
from cms.accounts.reasons import Reason, why_not_granted
from cms.admin.access import person
from cms.admin.base import Answer, Closed
from cms.content.models import Entry
from cms.content.policies import may_see
from cms.content.queries import find_entry
from cms.content.reasons import ACTS, why_not
from cms.core.db import read_key
from cms.core.i18n import Text, _
from cms.core.permissions import permission, registry

_SHOWN = 200


@dataclass(frozen=True)
class Choice:
    """A line of a list to choose from."""

    value: str
    label: Text
    chosen: bool


@dataclass(frozen=True)
class Verdict:
    """What is answered: may, or may not and why."""

    allowed: bool
    sentence: Text
    remedy: Text = ""
    who: tuple[str, ...] = ()


class WhyView(Closed):
    """The page that asks and answers."""

    def __init__(self) -> None:
        super().__init__(name="Why not", endpoint="admin_why", url="why")

    @expose("/")
    @permission(policies.VIEW_ROLES)
    def index(self) -> Answer:
        """Answer why somebody may not do something; without the right to see people one asks about oneself."""
        asked = _asked_person()
        act = request.args.get("act", "publish")[:120]
        entry, problem = _asked_entry(act)
        verdict = None
        if asked is not None and not problem and "act" in request.args:
            verdict = _verdict(asked, act, entry)
        context = {
            "people": _people(asked),
            "acts": [Choice(name, one.label, name == act) for name, one in ACTS.items()],
            "rights": [Choice(right.name, right.sentence, right.name == act) for right in registry],
            "entry": request.args.get("entry", "")[:20],
            "entry_title": entry.title if entry is not None else "",
            "problem": problem,
            "verdict": verdict,
        }
        return self.render("admin/why.html", **context), 422 if problem and "act" in request.args else 200


def _number(name: str) -> int:
    return read_key(request.args.get(name, "").strip().removeprefix("#")) or 0


def _asked_person() -> User | None:
    if "person" not in request.args:
        return person()
    found = find_user(_number("person"))
    return found if found is not None and policies.may_see_user(person(), found) else None


def _asked_entry(act: str) -> tuple[Entry | None, Text]:
    """Return the entry that is meant, and what is wrong with the question; rights alone need no entry."""
    if act in registry:
        return None, ""
    if act not in ACTS:
        return None, _("Choose what should be done.")
    if not request.args.get("entry", "").strip():
        return None, _("Name the entry by its number; its page shows it in the address.")
    entry = find_entry(_number("entry"))
    if entry is None or not may_see(person(), entry):
        return None, _("There is no such entry, or it is not for you to see.")
    return entry, ""


def _verdict(asked: User, act: str, entry: Entry | None) -> Verdict:
    found: Reason | None = why_not_granted(asked, act) if entry is None else why_not(asked, act, entry)
    if found is None:
        return Verdict(True, _("%(name)s may do this.", name=asked.name))
    return Verdict(False, found.sentence, found.remedy, found.who)


def _people(asked: User | None) -> Sequence[Choice]:
    me = person()
    if not policies.may_list_people(me):
        return [Choice(str(me.id), me.name, True)]
    listed = list(list_people(PersonFilter(view="everybody"), user=me, limit=_SHOWN))
    if asked is not None and all(user.id != asked.id for user in listed):
        listed.insert(0, asked)
    return [Choice(str(user.id), user.name, asked is not None and user.id == asked.id) for user in listed]
