"""Old addresses."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from cms.core.db import Base, IntegerKey, Timestamps


class Redirect(IntegerKey, Timestamps, Base):
    """An old address (path, with `?query` where that names the page) and what lives elsewhere now.

    Exactly one of entry, term, media file and target says where; the address is found when asked for.
    """

    __tablename__ = "redirects"

    path: Mapped[str] = mapped_column(String(1000), unique=True)
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("entries.id", ondelete="CASCADE"), index=True)
    term_id: Mapped[int | None] = mapped_column(ForeignKey("terms.id", ondelete="CASCADE"), index=True)
    media_id: Mapped[int | None] = mapped_column(ForeignKey("media_files.id", ondelete="CASCADE"), index=True)
    target: Mapped[str | None] = mapped_column(String(1000))
