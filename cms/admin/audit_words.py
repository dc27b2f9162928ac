"""The record in words: sentences, names of fields, and values as people read them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for

from cms.accounts.people import current_person
from cms.accounts.roles import DEFAULT_ROLES
from cms.admin.widgets import exact, number
from cms.audit.policies import may_list_record
from cms.audit.queries import Kept
from cms.content.states import LABELS as STATES
from cms.core.i18n import LazyString, Text, _, gettext
from cms.core.trail import find_act, list_acts
from cms.lib.sizes import format_bytes
from cms.settings.registry import REGISTRY

SUBJECTS: dict[str, LazyString] = {
    "user": _("Person"),
    "role": _("Role"),
    "group": _("Group"),
    "entry": _("Post or page"),
    "term": _("Category or tag"),
    "media": _("Media file"),
    "comment": _("Comment"),
    "settings": _("Settings"),
    "import": _("Import"),
    "audit": _("The record itself"),
}
WAYS: dict[str, LazyString] = {
    "web": _("Browser"),
    "api": _("API"),
    "command line": _("Command line"),
    "job": _("In the background"),
    "program": _("Program"),
}
_FIELDS: dict[str, LazyString] = {
    "roles": _("Roles"),
    "active": _("Account open"),
    "name": _("Name"),
    "email": _("Mail address"),
    "slug": _("Address"),
    "path": _("Address"),
    "address": _("Address"),
    "biography": _("Biography"),
    "links": _("Links"),
    "picture_id": _("Picture"),
    "time_zone": _("Time zone"),
    "language": _("Language"),
    "title": _("Title"),
    "body": _("Text"),
    "excerpt": _("Excerpt"),
    "state": _("State"),
    "visibility": _("Who may read it"),
    "password_hash": _("Password"),
    "published_at": _("Published"),
    "revised_at": _("Last changed for readers"),
    "binned_at": _("In the bin since"),
    "binned": _("In the bin"),
    "revision": _("Version that readers see"),
    "newest_revision": _("Newest version"),
    "author_ids": _("Authors"),
    "term_ids": _("Categories and tags"),
    "featured_media_id": _("Picture"),
    "seo_title": _("Title for search engines"),
    "seo_description": _("Description for search engines"),
    "parent_id": _("Lies below"),
    "description": _("Description"),
    "entry_ids": _("Entries that carried it"),
    "child_ids": _("Terms below it"),
    "filename": _("File name"),
    "alt": _("Alt text"),
    "caption": _("Caption"),
    "bytes": _("Size"),
    "kind": _("Sort"),
    "heir_id": _("What it made went to"),
    "what": _("What of it"),
    "remembered": _("Stay signed in"),
    "through": _("Removed up to entry"),
    "number": _("How many"),
    "form": _("As"),
    "narrowed": _("Narrowed to"),
    "status": _("Status"),
    "token": _("Personal token"),
    "token_id": _("Number of the token"),
    "tokens": _("Personal tokens"),
    "scopes": _("Rights"),
    "expires_at": _("Ends"),
}
_ROLES = {role.name: role.label for role in DEFAULT_ROLES}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(\+\d\d:\d\d|Z)")


@dataclass(frozen=True)
class Change:
    """A field with its value before and after, in words."""

    label: Text
    before: Text
    after: Text


def did(kept: Kept) -> str:
    """Return what was done, reading on after a name: "gave Con other roles"."""
    act = find_act(kept.act)
    if act is None:
        return gettext("did something that this program does not know any more (%(act)s)", act=kept.act)
    title = kept.title or (gettext("something without a title") if not kept.is_erased else gettext("somebody"))
    return str(act.sentence) % {"title": title}


def who(kept: Kept) -> str:
    """Return who did it: a name, or what else is known."""
    if kept.actor_id is None:
        return gettext("%(name)s at the command line", name=kept.actor) if kept.actor else gettext("The system")
    return kept.actor or gettext("Somebody")


def act_choices() -> list[tuple[str, str]]:
    """Return every act with its words, in their order."""
    return sorted(((act.name, str(act.sentence) % {"title": "…"}) for act in list_acts()), key=lambda pair: pair[1])


def subject_word(subject: str) -> Text:
    """Return what a sort of thing is called."""
    return SUBJECTS.get(subject, subject)


def field_word(name: str) -> Text:
    """Return what a field is called."""
    if name in _FIELDS:
        return _FIELDS[name]
    setting = REGISTRY.get(name)
    return setting.label if setting is not None else name.replace("_", " ").capitalize()


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Return every field of an act, those that changed and those that were told once."""
    names = [*before, *(name for name in after if name not in before)]
    return [
        Change(
            field_word(name),
            value_text(name, before[name]) if name in before else "",
            value_text(name, after[name]) if name in after else "",
        )
        for name in names
    ]


def value_text(name: str, value: Any) -> str:
    """Return a value in words."""
    if value is None or value in ("", [], {}):
        return gettext("(empty)")
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if isinstance(value, int):
        return number(value) if name != "bytes" else format_bytes(value)
    if isinstance(value, list):
        return ", ".join(value_text(name, item) for item in value)
    if isinstance(value, Mapping):
        if set(value) == {"bytes", "sha256"}:
            return format_bytes(int(value["bytes"]))
        return "; ".join(f"{field_word(key)}: {value_text(key, item)}" for key, item in value.items())
    text = str(value)
    if name == "roles" and text in _ROLES:
        return str(_ROLES[text])
    if name == "state" and text in STATES:
        return str(STATES[text])
    return exact(datetime.fromisoformat(text)) if _MOMENT.fullmatch(text) else text


def subject_address(kept: Kept) -> str | None:
    """Return where the thing of an entry is looked after; None where it has no page."""
    if kept.subject_id is None:
        return url_for("admin_settings.index") if kept.subject == "settings" else None
    kind = str(kept.after.get("kind") or "")
    if kept.subject == "entry" and kind in ("post", "page"):
        return url_for(f"admin_{kind}s.edit_view", key=kept.subject_id)
    endpoints = {"user": "admin_users", "role": "admin_roles", "group": "admin_groups", "media": "admin_media"}
    if kept.subject == "term" and kind in ("category", "tag"):
        endpoints["term"] = {"category": "admin_categories", "tag": "admin_tags"}[kind]
    endpoint = endpoints.get(kept.subject)
    return url_for(f"{endpoint}.edit_view", key=kept.subject_id) if endpoint is not None else None


def record_of(subject: str, subject_id: int | None) -> str | None:
    """Return where the record tells what happened to a thing, for those who may read it; None for others."""
    if subject_id is None or not may_list_record(current_person()):
        return None
    if subject == "user":
        return url_for("admin_audit.index", person=subject_id)
    return url_for("admin_audit.index", subject=subject, subject_id=subject_id)
