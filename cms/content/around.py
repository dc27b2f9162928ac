"""What stands around a page of the site, navigation, neighbours, related posts, found in a single query.

A cold page has a small budget of queries, so the parts are one union of ids, each part with its role.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, and_, func, literal, or_, select, union_all
from sqlalchemy.orm import joinedload, load_only

from cms.content.models import Entry, Page, Post, Term, entry_terms
from cms.content.queries import has_author, is_listed, is_out
from cms.core.db import current_session
from cms.lib.clock import utcnow

#: Pages in the navigation, and pages of one section, at most.
MENU, SECTION = 12, 60
_SHOWN = (
    Entry.id, Entry.kind, Entry.title, Entry.address, Entry.parent_id, Entry.menu_order, Entry.published_at,
    Entry.visibility, Entry.word_count, Entry.language, Entry.featured_media_id,
)  # fmt: skip


@dataclass(frozen=True)
class Around:
    """The entries around a page, by the part they play there."""

    found: Mapping[str, Sequence[Entry]] = field(default_factory=dict)

    def one(self, role: str) -> Entry | None:
        """Return the entry that plays `role` (before, after, first, privacy …), if there is one."""
        return next(iter(self.found.get(role, ())), None)

    def pages(self, role: str) -> list[Entry]:
        """Return the pages of a role (menu, children, siblings) in menu order."""
        return sorted(self.found.get(role, ()), key=lambda page: (page.menu_order, page.title, page.id))

    def posts(self, role: str) -> list[Entry]:
        """Return the posts of a role (related), newest first."""
        return sorted(self.found.get(role, ()), key=lambda post: (post.published_at or utcnow(), post.id), reverse=True)

    def above(self) -> list[Entry]:
        """Return the pages above, the topmost first."""
        return sorted(self.found.get("above", ()), key=lambda page: len(page.address or ""))


def find_around(
    *,
    post: Post | None = None,
    page: Page | None = None,
    author_id: int | None = None,
    privacy_page_id: int | None = None,
    related: int = 3,
) -> Around:
    """Find what stands around a page of the site, as everybody may see it, in one query.

    Always `menu`, `first` (the oldest post) and `privacy`; for a post `before`, `after` and `related`; for a page
    `above`, `children` and `siblings`; for an author `since`, their oldest post.
    """
    listed = is_listed(None, utcnow())
    public = and_(is_out(utcnow()), Entry.visibility == "public")
    oldest = select(Post.id).where(listed).order_by(Post.published_at, Post.id).limit(1)
    parts: dict[str, Select[int]] = {
        "menu": _in_order(select(Page.id).where(public, Page.parent_id.is_(None)), MENU),
        "first": oldest,
    }
    if privacy_page_id is not None:
        parts["privacy"] = select(Page.id).where(public, Page.id == privacy_page_id)
    if author_id is not None:
        parts["since"] = oldest.where(has_author(author_id))
    if post is not None:
        parts |= _around_post(post, listed, related)
    if page is not None:
        parts |= _around_page(page, listed)
    return Around(_load(parts))


def _around_post(post: Post, listed: Any, related: int) -> dict[str, Select[int]]:
    made: dict[str, Select[int]] = {}
    at, key = post.published_at, post.id
    if at is not None:
        earlier = or_(Post.published_at < at, and_(Post.published_at == at, Post.id < key))
        later = or_(Post.published_at > at, and_(Post.published_at == at, Post.id > key))
        falling, rising = (Post.published_at.desc(), Post.id.desc()), (Post.published_at, Post.id)
        made["before"] = select(Post.id).where(listed, earlier).order_by(*falling).limit(1)
        made["after"] = select(Post.id).where(listed, later).order_by(*rising).limit(1)
    term_ids = [term.id for term in post.terms]
    if term_ids and related:
        sharing = select(entry_terms.c.entry_id).where(entry_terms.c.term_id.in_(term_ids))
        wanted = select(Post.id).where(listed, Post.id != key, Post.id.in_(sharing))
        made["related"] = wanted.order_by(Post.published_at.desc(), Post.id.desc()).limit(related)
    return made


def _around_page(page: Page, listed: Any) -> dict[str, Select[int]]:
    children = _in_order(select(Page.id).where(listed, Page.parent_id == page.id), SECTION)
    made: dict[str, Select[int]] = {"children": children}
    if page.parent_id is not None:
        made["siblings"] = _in_order(select(Page.id).where(listed, Page.parent_id == page.parent_id), SECTION)
        names = (page.address or "/").strip("/").split("/")
        paths = [f"/{'/'.join(names[:depth])}/" for depth in range(1, len(names))]
        made["above"] = select(Page.id).where(listed, Page.address.in_(paths))
    return made


def _in_order(query: Select[int], limit: int) -> Select[int]:
    return query.order_by(Page.menu_order, Page.title, Page.id).limit(limit)


def _load(parts: Mapping[str, Select[int]]) -> dict[str, list[Entry]]:
    # Each part is a subquery of its own, because SQLite knows no LIMIT inside a union.
    wrapped = [(role, part.subquery()) for role, part in parts.items()]
    named = [select(literal(role).label("role"), inner.c.id.label("id")) for role, inner in wrapped]
    ids = union_all(*named).subquery()
    query = select(ids.c.role, Entry).join(Entry, Entry.id == ids.c.id)
    rows = current_session().execute(query.options(load_only(*_SHOWN), joinedload(Entry.featured_media))).unique()
    found: defaultdict[str, list[Entry]] = defaultdict(list)
    for role, entry in rows:
        found[role].append(entry)
    return dict(found)


def list_topics(limit: int = 12) -> list[tuple[Term, int]]:
    """Return the categories and tags with the most public posts, and how many, in one query."""
    count = func.count().label("posts")
    query = (
        select(Term, count)
        .join(entry_terms, entry_terms.c.term_id == Term.id)
        .join(Entry, Entry.id == entry_terms.c.entry_id)
        .where(Entry.kind == "post", is_listed(None, utcnow()))
        .group_by(Term.id)
        .order_by(count.desc(), Term.name)
        .limit(limit)
    )
    return [(term, posts) for term, posts in current_session().execute(query)]


def list_terms_around(term: Term) -> tuple[list[Term], list[tuple[Term, int]]]:
    """Return the terms above a term, topmost first, and those right below it with their public posts. One query.

    A term counts the posts of those below it too.
    """
    names = term.path.split("/")
    above = ["/".join(names[:depth]) for depth in range(1, len(names))]
    below = Term.path.startswith(f"{term.path}/", autoescape=True)
    counted = (
        select(func.count(entry_terms.c.entry_id.distinct()))
        .join(Entry, Entry.id == entry_terms.c.entry_id)
        .where(entry_terms.c.term_id == Term.id, Entry.kind == "post", is_listed(None, utcnow()))
        .correlate(Term)
        .scalar_subquery()
    )
    query = select(Term, counted).where(Term.kind == term.kind, or_(Term.path.in_(above), below)).order_by(Term.path)
    rows = list(current_session().execute(query))
    parents = [found for found, _posts in rows if found.path in above]
    children = [found for found, _posts in rows if found.parent_id == term.id]
    posts = {
        child.id: sum(number for found, number in rows if f"{found.path}/".startswith(f"{child.path}/"))
        for child in children
    }
    return parents, [(child, posts[child.id]) for child in children if posts[child.id]]
