"""One thing done with many entries: which are meant, asking first, doing it, telling what was left alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import redirect, request, url_for

from cms.accounts.models import User
from cms.admin.access import person
from cms.admin.base import Answer, ServiceModelView
from cms.admin.confirming import Confirm, Line
from cms.admin.entry_acts import PLAIN
from cms.admin.entry_list import NAMES, read_filter
from cms.admin.entry_marks import title_of
from cms.admin.lists import Address
from cms.admin.messages import tell, tell_error, tell_with_undo
from cms.admin.widgets import number
from cms.content import states
from cms.content.lists import get_entry, list_entries
from cms.content.models import Entry
from cms.core.db import read_key, transaction
from cms.core.errors import Forbidden, Invalid, NotFound
from cms.core.i18n import Text, _, _n, gettext
from cms.lib.clock import utcnow

#: More is done in several goes: a transaction must not keep others waiting.
MOST = 500
#: As many as fit into the cookie that carries the button.
MOST_UNDONE = 60
_ASKED_FIRST = ("bin", "erase")
_LIST_ACTS = ("publish", "archive", "bin", "restore", "erase")


@dataclass(frozen=True)
class Meant:
    """An act and the ids it is meant for."""

    act: str
    ids: Sequence[int]


def bulk_answer(view: ServiceModelView, kind: str) -> Answer:
    """Carry out what the form of a list says, asking first where something goes away."""
    meant = _read(kind)
    if not meant.ids:
        tell_error(_("Nothing was ticked, so nothing was done."))
        return redirect(url_for(f"admin_{kind}s.index_view"), 303)
    if meant.act in _ASKED_FIRST and request.form.get("confirmed") != "1":
        entries = [entry for entry in (_find(kind, key) for key in meant.ids) if entry is not None]
        if not entries:
            raise NotFound
        return view.render("admin/confirm.html", confirm=confirm_removal(entries, kind, meant))
    done, refused = _carry_out(kind, meant, person())
    _tell(kind, meant.act, done, refused)
    return redirect(_list_address(kind, in_bin=meant.act == "erase"), 303)


def _read(kind: str) -> Meant:
    row, colon, key = request.form.get("row", "").partition(":")
    act = row if colon else request.form.get("act", "")
    if act not in _LIST_ACTS:
        raise Invalid(_("There is no such button. Reload the page and try again."))
    if colon:
        return Meant(act, _ids([key]))
    if request.form.get("every") == "1":
        return Meant(act, _every(kind))
    return Meant(act, _ids(request.form.getlist("id")))


def _ids(texts: Sequence[str]) -> list[int]:
    return list(dict.fromkeys(key for key in map(read_key, texts) if key is not None))[:MOST]


def _every(kind: str) -> list[int]:
    """Return the ids of all entries that the list the form came from would show, at most MOST."""
    sent = {name: request.form.get(f"match_{name}", "") for name in NAMES}
    wanted = read_filter(kind, Address("", {name: value for name, value in sent.items() if value}))
    found, cursor = list[int](), None
    while len(found) < MOST:
        batch = list_entries(wanted, user=person(), cursor=cursor, limit=200)
        found += [entry.id for entry in batch]
        cursor = batch.cursor_next
        if cursor is None:
            break
    return found[:MOST]


def _find(kind: str, key: int) -> Entry | None:
    try:
        return get_entry(kind, key, user=person())
    except NotFound:
        return None


def _carry_out(kind: str, meant: Meant, me: User) -> tuple[list[int], list[str]]:
    """Do it in one transaction; entries whose state or policy does not allow it are left alone and told."""
    done, refused = list[int](), list[str]()
    with transaction() as session:
        for key in meant.ids:
            entry = _find(kind, key)
            if entry is None:
                continue
            title = title_of(entry)
            try:
                # What is refused half-way leaves nothing behind.
                with session.begin_nested():
                    PLAIN[meant.act](entry, by=me)
                done.append(key)
            except (Forbidden, Invalid) as error:
                refused.append(f"{title}: {error.message}")
    return done, refused


def _tell(kind: str, act: str, done: Sequence[int], refused: Sequence[str]) -> None:
    if refused:
        shown = " ".join(refused[:3])
        tell_error(_n("%(num)s was left alone. %(why)s", "%(num)s were left alone. %(why)s", len(refused), why=shown))
    if not done:
        return
    if act in _ASKED_FIRST:
        tell_removed(kind, done, binned=act == "bin")
    else:
        tell(_told(act, len(done)))


def _told(act: str, count: int) -> Text:
    return {
        "publish": _n("One entry published.", "%(num)s entries published.", count),
        "archive": _n("One entry archived.", "%(num)s entries archived.", count),
        "restore": _n("One entry restored.", "%(num)s entries restored.", count),
    }[act]


def tell_removed(kind: str, ids: Sequence[int], *, binned: bool) -> None:
    """Tell what went away; what is in the bin can come back with a button."""
    if not binned:
        tell(_n("One entry deleted for good.", "%(num)s entries deleted for good.", len(ids)))
        return
    sentence = _n("One entry moved to the bin.", "%(num)s entries moved to the bin.", len(ids))
    if len(ids) > MOST_UNDONE:
        tell(sentence)
        return
    fields = [("act", "restore"), *(("id", str(key)) for key in ids)]
    tell_with_undo(sentence, url_for(f"admin_{kind}s.action_view"), fields)


def confirm_removal(entries: Sequence[Entry], kind: str, meant: Meant | None = None) -> Confirm:
    """Return the page that says what goes and what stays when entries are binned, or deleted for good."""
    erased = meant.act == "erase" if meant is not None else entries[0].binned_at is not None
    one, count = entries[0], len(entries)
    name = (
        gettext("“%(title)s”", title=title_of(one)) if count == 1 else gettext("%(count)s entries", count=number(count))
    )
    verb = _("Delete for good") if erased else _("Move to bin")
    fields: list[tuple[str, str]] = []
    if meant is not None:
        fields = [("act", meant.act), ("confirmed", "1"), *(("id", str(entry.id)) for entry in entries)]
    back = _list_address(kind, in_bin=erased)
    return Confirm(
        title=_("Delete %(what)s for good?", what=name) if erased else _("Move %(what)s to the bin?", what=name),
        trail=[(_("Posts") if kind == "post" else _("Pages"), back)],
        verb=verb,
        icon="trash-2",
        lines=_erased_lines(entries) if erased else _binned_lines(entries, kind),
        address=url_for(f"admin_{kind}s.action_view")
        if meant is not None
        else url_for(f"admin_{kind}s.delete_view", key=one.id),
        fields=fields,
        back=back,
        keep=_("Keep it") if count == 1 else _("Keep them"),
        undo=None if erased else _("You can take this back: right after, in the notice, or at any time from the bin."),
    )


def _list_address(kind: str, *, in_bin: bool) -> str:
    return url_for(f"admin_{kind}s.index_view", state="bin" if in_bin else None)


def _binned_lines(entries: Sequence[Entry], kind: str) -> list[Line]:
    now = utcnow()
    out = [entry for entry in entries if states.is_out(entry, now)]
    lines = list[Line]()
    if out:
        where = ", ".join(str(entry.address) for entry in out[:3])
        text = _("%(where)s answers “not found” from then on", where=where)
        lines.append(Line(_n("It leaves the site at once", "%(num)s leave the site at once", len(out)), text))
        lines.append(Line(_("Links to it will lead nowhere"), warn=True))
    else:
        lines.append(Line(_("It leaves the lists"), _("Readers did not see it, so nothing changes for them.")))
    if kind == "page":
        lines.append(
            Line(_("Pages below it move to the top"), _("Their old addresses lead to the new ones."), warn=True)
        )
    lines.append(Line(_("Its pictures and all its versions stay"), _("Pictures remain in Media."), kept=True))
    return lines


def _erased_lines(entries: Sequence[Entry]) -> list[Line]:
    versions = sum(entry.working_revision_number for entry in entries)
    amount = _n("%(num)s version", "%(num)s versions", versions)
    return [
        Line(_("The text and its whole history are gone"), amount=amount),
        Line(_("Comments on it are gone with it")),
        Line(_("Its old addresses lead nowhere"), warn=True),
        Line(_("Its pictures stay"), _("They remain in Media."), kept=True),
    ]
