"""Who may do what with entries and terms."""

from __future__ import annotations

from datetime import datetime

from cms.content import states
from cms.content.models import Entry
from cms.content.places import places_of
from cms.core.i18n import _
from cms.core.permissions import ALL, CATEGORY, OWN, SECTION, Actor, Permission, may, may_some, registry
from cms.lib.clock import utcnow

_POSTS = (ALL, OWN, CATEGORY)
_PAGES = (ALL, OWN, SECTION)

registry.register(
    Permission("content:post:create", _("Begin new posts."), (ALL, CATEGORY)),
    Permission("content:post:edit", _("Edit posts that are not published, and read their drafts."), _POSTS),
    Permission("content:post:publish", _("Publish, schedule, update, unpublish and archive posts."), _POSTS),
    Permission("content:post:delete", _("Put posts into the bin and take them out again."), _POSTS),
    Permission("content:page:create", _("Begin new pages."), (ALL, SECTION)),
    Permission("content:page:edit", _("Edit pages that are not published, and read their drafts."), _PAGES),
    Permission("content:page:publish", _("Publish, schedule, update, unpublish and archive pages."), _PAGES),
    Permission("content:page:delete", _("Put pages into the bin and take them out again."), _PAGES),
    Permission("content:entry:erase", _("Delete what lies in the bin for good.")),
    Permission("content:entry:assign", _("Name the authors of entries.")),
    Permission("content:term:create", _("Make new categories and tags.")),
    Permission("content:term:edit", _("Rename, move and delete categories and tags.")),
    Permission("content:raw-html:edit", _("Write raw HTML; anybody may keep or move what is there.")),
    Permission("content:private:read", _("Read private entries on the site.")),
    Permission("content:members:read", _("Read entries for members on the site.")),
)


def may_create(user: Actor | None, kind: str) -> bool:
    """Tell whether the person may begin an entry of `kind` (post, page) somewhere."""
    return may_some(user, f"content:{kind}:create")


def may_list(user: Actor | None, kind: str) -> bool:
    """Tell whether the person sees the list of entries of `kind` in the back office."""
    return may_some(user, f"content:{kind}:edit")


def may_see(user: Actor | None, entry: Entry) -> bool:
    """Tell whether the person sees the entry in the back office, its draft and its history."""
    return _holds(user, "edit", entry)


def may_edit(user: Actor | None, entry: Entry) -> bool:
    """Tell whether the person may save the entry as it stands: nobody saves what is in the bin."""
    return entry.binned_at is None and may_edit_outside_bin(user, entry)


def may_edit_outside_bin(user: Actor | None, entry: Entry) -> bool:
    """Tell whether the person's rights reach to save the entry; what is live takes the right to publish it."""
    return may_see(user, entry) and (not states.is_live(entry) or may_publish(user, entry))


def may_publish(user: Actor | None, entry: Entry) -> bool:
    """Tell whether the person decides what readers see of the entry."""
    return _holds(user, "publish", entry)


def may_delete(user: Actor | None, entry: Entry) -> bool:
    """Tell whether the person may bin and restore the entry; what is live takes the right to publish it."""
    allowed = _holds(user, "delete", entry)
    return allowed and (entry.state not in states.LIVE or may_publish(user, entry))


def may_erase(user: Actor | None, entry: Entry) -> bool:
    """Tell whether the person may delete the entry for good."""
    return may(user, "content:entry:erase") and may_delete(user, entry)


def may_assign(user: Actor | None) -> bool:
    """Tell whether the person may name other authors."""
    return may(user, "content:entry:assign")


def may_edit_raw_html(user: Actor | None) -> bool:
    """Tell whether the person may change raw HTML blocks."""
    return may(user, "content:raw-html:edit")


def may_create_term(user: Actor | None) -> bool:
    """Tell whether the person may make a new term, also while writing."""
    return may(user, "content:term:create")


def may_edit_term(user: Actor | None) -> bool:
    """Tell whether the person may change and delete terms."""
    return may(user, "content:term:edit")


def may_read(user: Actor | None, entry: Entry, now: datetime | None = None) -> bool:
    """Tell whether the person finds the entry on the site (a password is asked for afterwards)."""
    if not states.is_out(entry, now or utcnow()):
        return False
    if entry.visibility in ("public", "password"):
        return True
    if entry.visibility == "members":
        return may(user, "content:members:read") or may_see(user, entry)
    return may(user, "content:private:read") or may_see(user, entry)


def _holds(user: Actor | None, verb: str, entry: Entry) -> bool:
    permission = f"content:{entry.kind}:{verb}"
    return may(user, permission, owner_ids=entry.owner_ids, places=lambda: places_of(entry))
