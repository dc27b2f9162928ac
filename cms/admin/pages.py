"""Pages in the back office."""

from __future__ import annotations

from cms.admin.entries import EntryView
from cms.admin.entry_form import PageForm


class PageView(EntryView):
    """The tree of pages, and the page one is written on."""

    kind = "page"
    entry_form = PageForm
    permissions = {  # noqa: RUF012 -- declared as ClassVar in the base
        "index_view": "content:page:edit",
        "export_csv": "content:page:edit",
        "export_xlsx": "content:page:edit",
        "create_view": "content:page:create",
        "edit_view": "content:page:edit",
        "delete_view": "content:page:delete",
        "action_view": "content:page:edit",
    }
