"""Categories in the back office."""

from __future__ import annotations

from cms.admin.terms import TermView, Words
from cms.core.i18n import _


class CategoryView(TermView):
    """The tree of categories."""

    kind = "category"
    words = Words(
        _("Categories"),
        _("New category"),
        _("Edit category"),
        _("Search categories"),
        _("No categories yet"),
        _("Categories are the sections of the site: a tree that readers can walk. A post may stand in several."),
    )
