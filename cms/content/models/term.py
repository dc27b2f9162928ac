"""Terms: categories (a tree) and tags."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from cms.core.db import Base, IntegerKey, Timestamps, Versioned

entry_terms = Table(
    "entry_terms",
    Base.metadata,
    Column("entry_id", ForeignKey("entries.id", ondelete="CASCADE"), primary_key=True),
    Column("term_id", ForeignKey("terms.id", ondelete="CASCADE"), primary_key=True, index=True),
)


class Term(IntegerKey, Timestamps, Versioned, Base):
    """A category or a tag; `path` is its slug after those of its parents (`walks/coast`)."""

    __tablename__ = "terms"
    __table_args__ = (Index("uq_terms_kind_path", "kind", "path", unique=True),)

    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(200))
    slug: Mapped[str] = mapped_column(String(200))
    path: Mapped[str] = mapped_column(String(1000))
    description: Mapped[str] = mapped_column(Text, default="")
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("terms.id", ondelete="SET NULL"), index=True)

    parent: Mapped[Term | None] = relationship(remote_side="Term.id", foreign_keys=[parent_id])

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 -- SQLAlchemy hands in the class
        if cls.__name__ != "Term":
            return {}
        return {"polymorphic_on": cls.kind, "polymorphic_abstract": True, "version_id_col": cls.version}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id} {self.path}>"


class Category(Term):
    """A category; categories form a tree."""

    __mapper_args__ = {"polymorphic_identity": "category"}  # noqa: RUF012 -- SQLAlchemy reads it


class Tag(Term):
    """A tag."""

    __mapper_args__ = {"polymorphic_identity": "tag"}  # noqa: RUF012 -- SQLAlchemy reads it
