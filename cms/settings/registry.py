"""Every setting of the site: what it is called, what it means, its default and how an entry is read."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from cms.core.errors import Invalid
from cms.core.i18n import LazyString, _
from cms.settings import values
from cms.settings.values import Reader


@dataclass(frozen=True)
class SiteSettings:
    """All settings at one moment."""

    name: str = "Masthead"
    description: str = ""
    #: BCP 47.
    language: str = "en-GB"
    #: IANA name.
    time_zone: str = "UTC"
    #: The page at `/`; None: the newest posts.
    home_page_id: int | None = None
    posts_per_page: int = 10
    registration_open: bool = False
    #: How many days an invitation holds.
    invitation_days: int = 7
    #: Whether a code is mailed to who signs in, without a second factor, in a browser we do not know.
    mail_code_on_new_device: bool = True
    #: A mail address or an https address; empty: there is no security.txt.
    security_contact: str = ""
    #: Empty: `CMS_MAIL_SENDER`.
    mail_sender: str = ""
    privacy_page_id: int | None = None
    #: For how many days network addresses of sign-ins are kept; 0: for ever.
    keep_addresses_days: int = 90
    #: For how many days entries of the record are kept; 0: for ever.
    audit_keep_days: int = 730
    #: `#rrggbb`; the theme takes hue and strength from it and keeps its own contrast.
    accent: str = "#0b7a55"


@dataclass(frozen=True)
class Setting:
    """What is known about one setting."""

    key: str
    section: str
    label: LazyString
    help: LazyString
    read: Reader = field(repr=False)

    @property
    def default(self) -> Any:
        """The value before anybody changed it."""
        return getattr(SiteSettings(), self.key)


#: Sections in the order of the form, each with its title and what it is about.
SECTIONS: dict[str, tuple[LazyString, LazyString]] = {
    "site": (_("Site"), _("What readers, search engines and feeds are told.")),
    "reading": (_("Reading"), _("What readers find on the front page and in lists.")),
    "people": (_("Sign-up"), _("Who may make an account, and how long an invitation holds.")),
    "signing_in": (_("Signing in"), _("What is asked for besides the password.")),
    "mail": (_("Mail"), _("Invitations, resets and notices are sent from here.")),
    "privacy": (_("Privacy"), _("What people are told about their data, and how long traces of them are kept.")),
}

_ALL = (
    Setting("name", "site", _("Name"), _("Shown at the top of every page."), values.line(120, required=True)),
    Setting(
        "description",
        "site",
        _("Description"),
        _("One sentence. Shown in search results and at the head of the feed."),
        values.line(160),
    ),
    Setting("language", "site", _("Language"), _("The language most of the site is written in."), values.language),
    Setting(
        "time_zone",
        "site",
        _("Time zone"),
        _("All dates and times are shown, and entered, in this zone."),
        values.time_zone,
    ),
    Setting("accent", "site", _("Accent colour"), _("The one colour of the theme."), values.colour),
    Setting(
        "security_contact",
        "site",
        _("Security contact"),
        _("Who finds a hole in the site writes here: a mail address, or a page that begins with https://."),
        values.security_contact,
    ),
    Setting(
        "home_page_id",
        "reading",
        _("Front page"),
        _("The newest posts, or a page you choose."),
        values.optional_id,
    ),
    Setting(
        "posts_per_page",
        "reading",
        _("Posts on a page"),
        _("How many posts a list shows before it turns the page."),
        values.whole_number(1, 100),
    ),
    Setting(
        "registration_open",
        "people",
        _("Readers may make an account"),
        _("They choose a name, confirm their mail address and become subscribers."),
        values.flag,
    ),
    Setting(
        "invitation_days",
        "people",
        _("Days an invitation holds"),
        _("Who comes later asks for another; 1 to 30."),
        values.whole_number(1, 30),
    ),
    Setting(
        "mail_code_on_new_device",
        "signing_in",
        _("Mail a code to people on new devices"),
        _("Asked for once in each browser, of people without a passkey or an app; only while mails leave the house."),
        values.flag,
    ),
    Setting(
        "mail_sender",
        "mail",
        _("Sender"),
        _("Mails come from this address. Empty: the one set for this installation."),
        values.optional_mail_address,
    ),
    Setting(
        "privacy_page_id",
        "privacy",
        _("Privacy page"),
        _("Linked at the foot of every page and where people enter data."),
        values.optional_id,
    ),
    Setting(
        "keep_addresses_days",
        "privacy",
        _("Days that network addresses are kept"),
        _("Where somebody signed in from is forgotten after that; 0 keeps it."),
        values.whole_number(0, 3650),
    ),
    Setting(
        "audit_keep_days",
        "privacy",
        _("Days that the record is kept"),
        _("Who did what, and when. Older entries are removed; 0 keeps all of them."),
        values.whole_number(0, 36500),
    ),
)
#: Settings by which somebody could let others in, or have them forgotten: changed by who has just shown who they are.
THAT_MATTER = ("registration_open", "mail_code_on_new_device", "audit_keep_days")
REGISTRY: dict[str, Setting] = {setting.key: setting for setting in _ALL}
if set(REGISTRY) != {item.name for item in fields(SiteSettings)}:
    raise RuntimeError("Each setting needs a field in SiteSettings and an entry in the registry.")


def from_stored(stored: dict[str, Any]) -> SiteSettings:
    """Return settings from stored values; what is not stored, unknown or unreadable today has its default."""
    kept: dict[str, Any] = {}
    for key, value in stored.items():
        setting = REGISTRY.get(key)
        if setting is None:
            continue
        try:
            kept[key] = setting.read(value)
        except Invalid:
            # A zone or language may vanish from a later database of them; the site goes on with the default.
            continue
    return SiteSettings(**kept)
