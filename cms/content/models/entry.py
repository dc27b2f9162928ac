"""Entries: posts and pages. The row holds what readers see; revisions hold what was written."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, and_
from sqlalchemy.ext.orderinglist import ordering_list
from sqlalchemy.orm import Mapped, declared_attr, foreign, mapped_column, relationship

from cms.accounts.models import User
from cms.content.models.revision import Revision
from cms.content.models.term import Category, Tag, Term, entry_terms
from cms.core.db import Base, IntegerKey, Timestamps, UtcDateTime, Versioned
from cms.media.models import MediaFile


class EntryAuthor(Base):
    """One author of an entry; `position` orders them as they are named."""

    __tablename__ = "entry_authors"

    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    position: Mapped[int] = mapped_column(default=0)

    user: Mapped[User] = relationship()


class Entry(IntegerKey, Timestamps, Versioned, Base):
    """A post or a page.

    `state` is draft, in_review, scheduled, published or archived; `binned_at` says since when it lies in the bin.
    `visibility` is public, members, password or private. `published_at` is when readers see it from, also when
    that is still to come. `address` is the path readers find it at, None while in the bin.
    """

    __tablename__ = "entries"
    __table_args__ = (
        Index("ix_entries_updated", "kind", "binned_at", "updated_at", "id"),
        # The last two, so that what readers find is counted without a look at the rows.
        Index("ix_entries_state", "kind", "state", "published_at", "id", "binned_at", "visibility"),
        Index("ix_entries_view", "kind", "state", "binned_at", "updated_at", "id"),
        Index("ix_entries_published", "kind", "published_at", "id"),
        Index("ix_entries_revised", "kind", "revised_at"),
        Index("ix_entries_title", "kind", "title", "id"),
    )

    kind: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(500), default="")
    slug: Mapped[str] = mapped_column(String(200))
    address: Mapped[str | None] = mapped_column(String(1000), unique=True)
    state: Mapped[str] = mapped_column(String(16), default="draft")
    visibility: Mapped[str] = mapped_column(String(16), default="public")
    password_hash: Mapped[str | None] = mapped_column(String(255))
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revised_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    binned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    updated_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)

    body: Mapped[dict[str, Any]] = mapped_column(JSON, deferred=True, deferred_group="body")
    body_html: Mapped[str] = mapped_column(Text, default="", deferred=True, deferred_group="body")
    body_text: Mapped[str] = mapped_column(Text, default="", deferred=True, deferred_group="body")
    renderer_version: Mapped[int] = mapped_column(default=0, index=True)
    word_count: Mapped[int] = mapped_column(default=0)
    excerpt: Mapped[str] = mapped_column(Text, default="")
    #: What lists show: the excerpt, else the beginning of the text.
    summary: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(String(35), default="")

    featured_media_id: Mapped[int | None] = mapped_column(ForeignKey("media_files.id", ondelete="SET NULL"), index=True)
    seo_title: Mapped[str] = mapped_column(String(300), default="")
    seo_description: Mapped[str] = mapped_column(Text, default="")
    canonical_url: Mapped[str] = mapped_column(String(1000), default="")
    noindex: Mapped[bool] = mapped_column(default=False)
    sticky: Mapped[bool] = mapped_column(default=False)
    menu_order: Mapped[int] = mapped_column(default=0)
    comments_open: Mapped[bool] = mapped_column(default=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("entries.id", ondelete="SET NULL"), index=True)
    meta: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, deferred=True)

    live_revision_number: Mapped[int | None]
    working_revision_number: Mapped[int] = mapped_column(default=0)

    author_links: Mapped[list[EntryAuthor]] = relationship(
        order_by=EntryAuthor.position,
        collection_class=ordering_list("position"),
        cascade="all, delete-orphan",
        passive_deletes=True,
    )
    terms: Mapped[list[Term]] = relationship(secondary=entry_terms, order_by=Term.path)
    featured_media: Mapped[MediaFile | None] = relationship(foreign_keys=[featured_media_id])
    parent: Mapped[Entry | None] = relationship(remote_side="Entry.id", foreign_keys=[parent_id])
    updated_by: Mapped[User | None] = relationship(foreign_keys=[updated_by_id])
    #: The save that readers do not see yet.
    waiting_revision: Mapped[Revision | None] = relationship(
        primaryjoin=lambda: and_(
            foreign(Revision.entry_id) == Entry.id,
            Revision.number == Entry.working_revision_number,
            Entry.working_revision_number != Entry.live_revision_number,
        ),
        viewonly=True,
    )

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 -- SQLAlchemy hands in the class
        if cls.__name__ != "Entry":
            return {}
        return {"polymorphic_on": cls.kind, "polymorphic_abstract": True, "version_id_col": cls.version}

    @property
    def authors(self) -> list[User]:
        """The authors, in the order in which they are named."""
        return [link.user for link in self.author_links]

    @property
    def owner_ids(self) -> tuple[int, ...]:
        """The ids of those whose own the entry is: its authors."""
        return tuple(link.user_id for link in self.author_links)

    @property
    def categories(self) -> list[Category]:
        """The categories, by path."""
        return [term for term in self.terms if isinstance(term, Category)]

    @property
    def tags(self) -> list[Tag]:
        """The tags, by slug."""
        return [term for term in self.terms if isinstance(term, Tag)]

    @property
    def has_newer_draft(self) -> bool:
        """Whether a save waits that readers do not see yet."""
        return self.live_revision_number is not None and self.working_revision_number != self.live_revision_number

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id} {self.address}>"


class Post(Entry):
    """A post: dated, in feeds and lists."""

    __mapper_args__ = {"polymorphic_identity": "post"}  # noqa: RUF012 -- SQLAlchemy reads it


class Page(Entry):
    """A page: in a tree, outside the stream of posts."""

    __mapper_args__ = {"polymorphic_identity": "page"}  # noqa: RUF012 -- SQLAlchemy reads it
