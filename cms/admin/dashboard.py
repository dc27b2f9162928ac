"""The first page: what waits for this person, what went wrong, a quick draft, and the first steps of a new site."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import jsonify, redirect, request
from flask_admin import expose

from cms.accounts.redirects import is_safe_target
from cms.admin.access import person
from cms.admin.base import Answer, Closed, record_id
from cms.admin.board import make_board
from cms.admin.finding import find, find_entries
from cms.admin.look import change_look, keep_look, look
from cms.admin.messages import tell, tell_error
from cms.content.actions.create_entry import create_entry
from cms.content.moving import begin_fields
from cms.core.db import transaction
from cms.core.errors import NotFound
from cms.core.i18n import _
from cms.core.jobs.failed import retry
from cms.core.permissions import permission, signed_in
from cms.lib.document import from_markdown

LONGEST_NOTE = 20_000


class DashboardView(Closed):
    """The dashboard, and the small things that belong to no other part."""

    def __init__(self) -> None:
        super().__init__(name="Dashboard", endpoint="admin", url="/admin")

    @expose("/")
    @permission("accounts:office:enter")
    def index(self) -> Answer:
        """Show what waits."""
        return self.render("admin/dashboard.html", board=make_board(person()))

    @expose("/draft/", methods=("POST",))
    @permission("content:post:create")
    def quick_draft(self) -> Answer:
        """Keep a title and a note as a draft."""
        title = request.form.get("title", "").strip()[:500]
        note = request.form.get("note", "").replace("\r\n", "\n")[:LONGEST_NOTE]
        if not title and not note.strip():
            tell_error(_("A draft needs a title or a note."))
            return redirect(self.get_url(".index"), 303)
        with transaction():
            begun = begin_fields("post", by=person())
            create_entry("post", begun.changed(title=title, body=from_markdown(note)), by=person())
        tell(_("Draft saved."))
        return redirect(self.get_url(".index"), 303)

    @expose("/find/")
    @permission("accounts:office:enter")
    def find(self) -> Answer:
        """Search everything the person may see by name."""
        words = request.args.get("q", "").strip()[:200]
        return self.render("admin/find.html", words=words, groups=find(person(), words) if words else [])

    @expose("/find.json")
    @permission("accounts:office:enter")
    def find_entries(self) -> Answer:
        """Tell a script which entries a link could lead to."""
        return jsonify(items=find_entries(person(), request.args.get("q", "")[:200]))

    @expose("/look/", methods=("POST",))
    @signed_in
    def set_look(self) -> Answer:
        """Keep how the person likes the back office, and go back."""
        form = request.form
        chosen = change_look(look(), form.get("theme"), form.get("navigation"), form.get("rows"))
        target = urlsplit(form.get("next", ""))
        back = target.path + (f"?{target.query}" if target.query else "")
        return keep_look(redirect(back if is_safe_target(back) else "/admin/", 303), chosen)

    @expose("/retry/", methods=("POST",))
    @permission("settings:site:change")
    def retry_job(self) -> Answer:
        """Have work that failed done again."""
        key = record_id(request.form.get("id", ""))
        with transaction():
            retry(key)
        tell(_("It will be tried again in a moment."))
        return redirect(self.get_url(".index"), 303)

    @expose("/<path:rest>", methods=("GET", "POST", "PUT", "PATCH", "DELETE"))
    @signed_in
    def nothing(self, rest: str) -> Answer:
        """Answer for every address under /admin that is nobody's."""
        raise NotFound
