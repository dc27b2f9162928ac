"""What programs send about an entry, made into its fields; the actions decide whether it may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cms.accounts.passwords import hash_password
from cms.api.v1.bodies import read_body
from cms.content.fields import EntryFields
from cms.content.term_lists import kinds_of_terms
from cms.core.errors import Invalid
from cms.core.i18n import _
from cms.lib.document import normalise

_PLAIN = (
    "title", "slug", "excerpt", "language", "visibility", "featured_media_id", "seo_title", "seo_description",
    "canonical_url", "noindex", "comments_open",
)  # fmt: skip
_OF_KIND = {"post": ("sticky",), "page": ("parent_id", "menu_order")}


def hash_sent(sent: Mapping[str, Any]) -> str | None:
    """Return the hash of a password that was sent, None for none; outside every transaction, which must not wait."""
    password = sent.get("password")
    return hash_password(password) if password else None


def read_fields(
    sent: Mapping[str, Any], before: EntryFields, *, kind: str, hashed: str | None, whole: bool = False
) -> EntryFields:
    """Return `before` with what was sent put in; `whole` brings back to its default what was not sent (PUT).

    Authors, slug and password stay as they were unless others are named. Raises Invalid naming each wrong field.
    """
    fresh, names = EntryFields(), (*_PLAIN, *_OF_KIND[kind])
    changes: dict[str, Any] = {name: getattr(fresh, name) for name in names if name != "slug"} if whole else {}
    changes |= {name: sent[name] for name in names if name in sent}
    if "body" in sent:
        previous = normalise(before.body)
        changes["body"] = read_body(sent["body"], sent.get("body_format"), previous=previous)
    elif "body_format" in sent:
        raise Invalid(fields={"body": _("There is a form, but no text. Send both, or neither.")})
    elif whole:
        changes["body"] = fresh.body
    if sent.get("author_ids"):
        changes["author_ids"] = tuple(dict.fromkeys(sent["author_ids"]))
    if kind == "post":
        changes["term_ids"] = _term_ids(sent, before, whole)
    return _with_password(before.changed(**changes), sent, before, hashed)


def _with_password(
    fields: EntryFields, sent: Mapping[str, Any], before: EntryFields, hashed: str | None
) -> EntryFields:
    if fields.visibility != "password":
        if sent.get("password"):
            raise Invalid(fields={"password": _("A password goes with the visibility `password`.")})
        return fields.changed(password_hash=None)
    return fields.changed(password_hash=hashed or before.password_hash)


def _term_ids(sent: Mapping[str, Any], before: EntryFields, whole: bool) -> tuple[int, ...]:
    """Return the chosen categories and tags: those that were sent, and of a sort that was not, those of before."""
    wanted = {"category": _chosen(sent, "category_ids", whole), "tag": _chosen(sent, "tag_ids", whole)}
    if all(ids is None for ids in wanted.values()):
        return before.term_ids
    asked = {term_id for ids in wanted.values() for term_id in ids or ()} | set(before.term_ids)
    kinds = kinds_of_terms(asked)
    chosen: list[int] = []
    for kind, ids in wanted.items():
        if ids is None:
            chosen += [term_id for term_id in before.term_ids if kinds.get(term_id) == kind]
        elif any(kinds.get(term_id) != kind for term_id in ids):
            name = "category_ids" if kind == "category" else "tag_ids"
            raise Invalid(fields={name: _("One of the chosen terms does not exist any more.")})
        else:
            chosen += ids
    return tuple(dict.fromkeys(chosen))


def _chosen(sent: Mapping[str, Any], name: str, whole: bool) -> Sequence[int] | None:
    given: Sequence[int] | None = sent.get(name)
    return () if given is None and whole else given
