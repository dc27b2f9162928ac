"""Tags in the back office."""

from __future__ import annotations

from cms.admin.terms import TermView, Words
from cms.core.i18n import _


class TagView(TermView):
    """The tags."""

    kind = "tag"
    words = Words(
        _("Tags"),
        _("New tag"),
        _("Edit tag"),
        _("Search tags"),
        _("No tags yet"),
        _("Tags say what a post touches. They are also made while writing."),
    )
