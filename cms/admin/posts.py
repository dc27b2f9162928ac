"""Posts in the back office."""

from __future__ import annotations

from cms.admin.entries import EntryView
from cms.admin.entry_form import PostForm


class PostView(EntryView):
    """The list of posts, and the page one is written on."""

    kind = "post"
    entry_form = PostForm
    permissions = {  # noqa: RUF012 -- declared as ClassVar in the base
        "index_view": "content:post:edit",
        "export_csv": "content:post:edit",
        "export_xlsx": "content:post:edit",
        "create_view": "content:post:create",
        "edit_view": "content:post:edit",
        "delete_view": "content:post:delete",
        "action_view": "content:post:edit",
    }
