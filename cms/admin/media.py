"""Media in the back office: the grid, uploads, the details of a file, and what the editor's picker asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import urlencode

from flask import jsonify, redirect, request
from flask_admin import expose
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import Length

from cms.admin.access import person
from cms.admin.base import Answer, ServiceModelView, record_id
from cms.admin.entry_form import read_version
from cms.admin.media_page import confirm_removal, media_page, read_filter
from cms.admin.messages import tell, tell_error, tell_with_undo
from cms.core.db import after_commit, transaction
from cms.core.errors import CmsError, Forbidden, Invalid, NotFound, OutcomeUnknown
from cms.core.i18n import _, _n
from cms.core.limits import takes_files
from cms.core.permissions import permission
from cms.media import policies
from cms.media.actions.delete_media import delete_media
from cms.media.actions.edit_media import edit_media
from cms.media.actions.erase_media import erase_media
from cms.media.actions.restore_media import restore_media
from cms.media.actions.upload_media import upload_media
from cms.media.intake import receive_file
from cms.media.models import MediaFile
from cms.media.picker import PickerItem, picker_item
from cms.media.queries import KINDS, get_media, get_media_by_ids, list_media

#: Files that one form without scripts may send.
MOST_AT_ONCE = 20
PICKER_SIZE = 36
MOST_IDS = 500


class MediaForm(FlaskForm):
    """What can be said about a file."""

    version = HiddenField()
    alt = TextAreaField(_("Alt text"), [Length(max=1000)])
    caption = TextAreaField(_("Caption"), [Length(max=2000)])
    filename = StringField(_("Name"), [Length(max=200)])


class MediaView(ServiceModelView):
    """Pictures and files."""

    form = MediaForm
    column_list = ("filename", "kind", "alt", "created_at")
    list_template = "admin/media.html"
    edit_template = "admin/media.html"
    permissions: ClassVar[Mapping[str, str]] = {
        "index_view": "media:file:list",
        "create_view": "media:file:upload",
        "edit_view": "media:file:list",
        "delete_view": "media:file:delete",
        "action_view": "media:file:delete",
    }

    def get_one(self, id: Any) -> MediaFile:  # noqa: A002 -- the name Flask-Admin calls it by
        """Return the file if the person sees it; NotFound otherwise."""
        media = get_media(record_id(id))
        if not policies.may_see(person(), media):
            raise NotFound
        return media

    def list_page(self) -> Answer:
        """Show the grid."""
        return self.render(self.list_template, page=media_page(person(), None), form=None)

    @expose("/new/", methods=("GET", "POST"))
    def create_view(self) -> Answer:
        """Uploads happen on the grid itself."""
        return redirect(f"{self.get_url('.index_view')}#upload", 303)

    # -- details ---------------------------------------------------------------------------------------------

    def edit_form(self, obj: Any = None) -> MediaForm:
        """Return the form of a file's details."""
        if request.method == "POST" and not policies.may_edit(person(), obj):
            raise Forbidden(_("You may not change this file. Whoever uploaded it, or an editor, can."))
        form = MediaForm(obj=obj)
        if not form.is_submitted():
            form.version.data = str(obj.version)
        return form

    def form_context(self, form: Any, model: Any | None) -> dict[str, Any]:
        """Return the grid with the file's details beside it."""
        return {"page": media_page(person(), model)}

    def update_model(self, form: Any, model: Any) -> bool:
        """Save what is said about a file."""
        edit_media(
            model,
            alt=form.alt.data if model.kind == "image" else None,
            caption=form.caption.data,
            filename=form.filename.data,
            version=read_version(form),
            by=person(),
        )
        after_commit(lambda: tell(_("Saved.")))
        return True

    def after_update(self, key: int) -> Answer:
        """Stay at the file, in the same part of the grid."""
        # Put together by hand: parameters handed on to url_for() might have one of its own names.
        kept = f"?{urlencode(list(request.args.items(multi=True)))}" if request.args else ""
        return redirect(f"{self.get_url('.edit_view', key=key)}{kept}#detail", 303)

    # -- away and back ---------------------------------------------------------------------------------------

    def confirm_delete(self, model: Any) -> Answer:
        """Say where the file is used before it goes."""
        if not policies.may_delete(person(), model):
            raise Forbidden(_("You may not delete this file. Whoever uploaded it, or an editor, can."))
        return self.render("admin/confirm.html", confirm=confirm_removal(model, person()))

    def delete_model(self, model: Any) -> bool:
        """Put a file into the bin; from there, delete it for good."""
        if model.deleted_at is not None:
            erase_media(model, by=person())
            after_commit(lambda: tell(_("The file is deleted for good.")))
            return True
        delete_media(model, by=person())
        fields = [("act", "restore"), ("id", str(model.id))]
        address = self.get_url(".action_view")
        after_commit(lambda: tell_with_undo(_("The file moved to the bin."), address, fields))
        return True

    def bulk(self) -> Answer:
        """Take a file out of the bin."""
        if request.form.get("act") != "restore":
            raise Invalid(_("There is no such button. Reload the page and try again."))
        with transaction():
            restore_media(self.get_one(request.form.get("id")), by=person())
        tell(_("The file is back."))
        return redirect(self.get_url(".index_view"), 303)

    # -- uploads ---------------------------------------------------------------------------------------------

    @expose("/upload/", methods=("POST",))
    @takes_files
    @permission("media:file:upload")
    def upload(self) -> Answer:
        """Take files from a form."""
        files = [item for item in request.files.getlist("file") if item.filename][:MOST_AT_ONCE]
        taken = 0
        for item in files:
            try:
                self._take(item)
                taken += 1
            except OutcomeUnknown as error:
                tell_error(_("%(name)s: %(why)s", name=str(item.filename)[:80], why=error.message))
            except CmsError as error:
                tell_error(_("%(name)s was not taken. %(why)s", name=str(item.filename)[:80], why=error.message))
        if taken:
            tell(_n("One file uploaded.", "%(num)s files uploaded.", taken))
        elif not files:
            tell_error(_("Choose a file first."))
        return redirect(self.get_url(".index_view"), 303)

    @expose("/upload.json", methods=("POST",))
    @takes_files
    @permission("media:file:upload")
    def upload_json(self) -> Answer:
        """Take one file from a script and tell what became of it."""
        item = request.files.get("file")
        if item is None or not item.filename:
            return jsonify(error=str(_("No file arrived."))), 422
        try:
            return jsonify(self._take(item))
        except CmsError as error:
            return jsonify(error=error.message), error.status

    def _take(self, item: Any) -> PickerItem:
        with receive_file(item.stream, item.filename, by=person()) as received, transaction():
            return picker_item(upload_media(received, by=person()))

    @expose("/picker.json")
    @permission("media:file:list")
    def picker_json(self) -> Answer:
        """Tell a script which files can be chosen, by `q`, `kind` and `cursor`, or which those in `ids` are."""
        if "ids" in request.args:
            wanted = [record_id(text) for text in request.args["ids"].split(",")[:MOST_IDS] if text]
            return jsonify(items=[picker_item(media) for media in get_media_by_ids(wanted).values()], next=None)
        kind = request.args.get("kind", "")
        where = read_filter(request.args.get("q", "")[:200], kind if kind in KINDS else "")
        batch = list_media(where=where, cursor=request.args.get("cursor"), limit=PICKER_SIZE)
        return jsonify(items=[picker_item(media) for media in batch], next=batch.cursor_next)
