"""My profile: what readers are told about me, and how I work."""

from __future__ import annotations

from typing import Any

from flask import redirect
from flask_admin import expose
from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, NumberRange, Optional

from cms.accounts import policies
from cms.accounts.actions import edit_profile
from cms.accounts.fields import read_links
from cms.accounts.models import User
from cms.accounts.queries import get_user
from cms.admin.access import person
from cms.admin.base import Answer, Closed, around_form, note_errors
from cms.admin.choices import languages, offer, zones
from cms.admin.messages import tell
from cms.content.addresses import author_path
from cms.core.db import LARGEST_KEY, transaction
from cms.core.errors import Invalid
from cms.core.i18n import _
from cms.core.permissions import may_some, permission
from cms.media import policies as media_policies
from cms.media.addresses import thumbnail_address
from cms.media.queries import find_media


class ProfileForm(FlaskForm):
    """What a person can change about themselves."""

    name = StringField(_("Name"), [Length(max=120)])
    slug = StringField(_("Address of the author page"), [Length(max=120)])
    biography = TextAreaField(_("About me"), [Length(max=10_000)])
    picture_id = IntegerField(_("Picture"), [Optional(), NumberRange(1, LARGEST_KEY)], id="picture_id")
    links = TextAreaField(_("Links"), [Length(max=8000)])
    language = SelectField(_("Language of the back office"), validate_choice=False)
    time_zone = SelectField(_("Time zone"), validate_choice=False)


class ProfileView(Closed):
    """The page of the signed-in person about themselves."""

    def __init__(self) -> None:
        super().__init__(name="Profile", endpoint="admin_profile", url="profile")

    @expose("/", methods=("GET", "POST"))
    @permission(policies.EDIT)
    def index(self) -> Answer:
        """Show the form, or keep what was typed."""
        form, me = ProfileForm(), person()
        offer(form.language, [("", _("As the site")), *languages()])
        offer(form.time_zone, [("", _("As the site")), *zones()])
        if form.validate_on_submit():
            try:
                with transaction():
                    edit_profile(get_user(me.id), _typed(form), by=person())
            except Invalid as error:
                note_errors(form, error)
            else:
                tell(_("Saved."))
                return redirect(self.get_url(".index"), 303)
        elif not form.is_submitted():
            _fill(form, me)
        return self.render("admin/profile.html", form=form, **_context(form, person())), 422 if form.errors else 200


def _fill(form: ProfileForm, me: User) -> None:
    for name in ("name", "slug", "biography", "picture_id", "language", "time_zone"):
        form[name].data = getattr(me, name)
    form.links.data = "\n".join(f"{link['label']} {link['url']}" for link in me.links)


def _typed(form: ProfileForm) -> dict[str, object]:
    """Return what was typed, links taken apart: a name, then the address, one a line."""
    lines = [line.strip().rpartition(" ") for line in (form.links.data or "").splitlines() if line.strip()]
    links = [{"label": label.strip(), "url": url} for label, _space, url in lines]
    try:
        read_links(links)
    except Invalid as error:
        raise Invalid(fields={"links": error.message}) from error
    typed: dict[str, object] = {
        name: form[name].data or "" for name in ("name", "slug", "biography", "language", "time_zone")
    }
    return {**typed, "picture_id": form.picture_id.data, "links": links}


def _context(form: ProfileForm, me: User) -> dict[str, Any]:
    picture = find_media(form.picture_id.data or 0)
    if picture is not None and picture.id != me.picture_id and not media_policies.may_see(me, picture):
        picture = None
    back = "/admin/" if policies.may_enter_office(me) else "/"
    return {
        **around_form(_("My profile"), _("Save"), back),
        "picture": picture,
        "picture_address": thumbnail_address(picture) if picture is not None else None,
        "may_use_media": may_some(me, "media:file:list"),
        "public_address": author_path(me.slug),
    }
