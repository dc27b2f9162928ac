"""Settings of the site."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from flask import redirect
from flask_admin import expose
from flask_wtf import FlaskForm
from wtforms import BooleanField, ColorField, EmailField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from cms.accounts.freshness import require_fresh
from cms.admin.access import person
from cms.admin.base import Answer, Closed, note_errors
from cms.admin.choices import languages, offer, zones
from cms.admin.messages import tell
from cms.content.lists import list_page_tree
from cms.core.db import transaction
from cms.core.errors import Invalid
from cms.core.i18n import Text, _, gettext
from cms.core.mail import send_mail
from cms.core.permissions import permission
from cms.settings.actions import change_settings
from cms.settings.policies import CHANGE_SETTINGS
from cms.settings.queries import get_settings
from cms.settings.registry import REGISTRY, SECTIONS, THAT_MATTER

#: Fields that stand side by side.
PAIRS = {"language": "time_zone"}


@dataclass(frozen=True)
class Section:
    """A part of the form."""

    name: str
    label: Text
    text: Text
    fields: Sequence[str]
    has_errors: bool


def _about(key: str) -> dict[str, Any]:
    return {"label": REGISTRY[key].label, "description": REGISTRY[key].help}


class SettingsForm(FlaskForm):
    """One field for each setting; what it may be is decided by the registry."""

    name = StringField(validators=[Length(max=500)], **_about("name"))
    description = TextAreaField(validators=[Length(max=2000)], **_about("description"))
    language = SelectField(validate_choice=False, **_about("language"))
    time_zone = SelectField(validate_choice=False, **_about("time_zone"))
    accent = ColorField(**_about("accent"))
    security_contact = StringField(validators=[Length(max=500)], **_about("security_contact"))
    home_page_id = SelectField(validate_choice=False, **_about("home_page_id"))
    posts_per_page = IntegerField(validators=[Optional()], **_about("posts_per_page"))
    registration_open = BooleanField(**_about("registration_open"))
    invitation_days = IntegerField(validators=[Optional()], **_about("invitation_days"))
    mail_code_on_new_device = BooleanField(**_about("mail_code_on_new_device"))
    mail_sender = EmailField(validators=[Length(max=255)], **_about("mail_sender"))
    privacy_page_id = SelectField(validate_choice=False, **_about("privacy_page_id"))
    keep_addresses_days = IntegerField(validators=[Optional()], **_about("keep_addresses_days"))
    audit_keep_days = IntegerField(validators=[Optional()], **_about("audit_keep_days"))


class SettingsView(Closed):
    """The form of all settings, and a mail to see whether mail works."""

    def __init__(self) -> None:
        super().__init__(name="Settings", endpoint="admin_settings", url="settings")

    @expose("/", methods=("GET", "POST"))
    @permission(CHANGE_SETTINGS)
    def index(self) -> Answer:
        """Show the settings, or change them."""
        form = SettingsForm()
        _set_choices(form)
        if form.validate_on_submit():
            now = get_settings()
            if any(getattr(now, key) != form[key].data for key in THAT_MATTER if key in form):
                require_fresh()
            try:
                with transaction():
                    change_settings(_typed(form), by=person())
            except Invalid as error:
                note_errors(form, error)
            else:
                tell(_("Settings saved."))
                return redirect(self.get_url(".index"), 303)
        elif not form.is_submitted():
            for key, value in asdict(get_settings()).items():
                form[key].data = value if value is not None else ""
        page = self.render("admin/settings.html", form=form, sections=_sections(form), pairs=PAIRS)
        return page, 422 if form.errors else 200

    @expose("/test-mail/", methods=("POST",))
    @permission(CHANGE_SETTINGS)
    def send_test(self) -> Answer:
        """Send a mail to the person who asks, from the saved sender."""
        name = get_settings().name
        text = gettext("This mail was sent from the settings of %(name)s. If you read it, mail works.", name=name)
        to = person().email
        with transaction():
            send_mail(to, gettext("A test mail from %(name)s", name=name), text)
        tell(_("A test mail is on its way to %(to)s. If it does not leave, the dashboard tells why.", to=to))
        return redirect(f"{self.get_url('.index')}#section-mail", 303)


def _set_choices(form: SettingsForm) -> None:
    now = get_settings()
    offer(form.language, languages(now.language))
    offer(form.time_zone, zones())
    public = [page for page in list_page_tree(person()) if page.state == "published"]
    pages = [(str(page.id), page.title or str(page.address)) for page in public]
    offer(form.home_page_id, [("", _("The newest posts")), *pages])
    offer(form.privacy_page_id, [("", _("None")), *pages])


def _typed(form: SettingsForm) -> dict[str, object]:
    typed: dict[str, object] = {key: form[key].data for key in REGISTRY}
    # What is no number is told as one that was left out.
    numbers = [key for key in REGISTRY if isinstance(form[key], IntegerField)]
    return typed | {key: "" for key in numbers if typed[key] is None}


def _sections(form: SettingsForm) -> list[Section]:
    return [
        Section(name, label, text, keys, any(form[key].errors for key in keys))
        for name, (label, text) in SECTIONS.items()
        if (keys := [key for key, setting in REGISTRY.items() if setting.section == name])
    ]
