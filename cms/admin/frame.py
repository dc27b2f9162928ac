"""The frame around every page: navigation with what the person may use, names, language, and helpers of templates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from babel import Locale
from flask import Flask, request, url_for
from flask_babel import get_locale
from jinja2 import StrictUndefined

from cms.accounts.models import User
from cms.accounts.people import current_person
from cms.accounts.policies import LIST_PEOPLE, SEE_AS, VIEW_ROLES
from cms.admin import widgets
from cms.admin.access import person
from cms.admin.assets import asset, icon, preload_fonts
from cms.admin.headers import csp_nonce
from cms.admin.look import look
from cms.admin.seeing import eyes
from cms.core.i18n import Text, _
from cms.core.permissions import may_some
from cms.lib.clock import utcnow
from cms.settings.queries import get_settings


@dataclass(frozen=True)
class Place:
    """A part of the back office: what it is called, its icon, its endpoint and the permission that shows it."""

    label: Text
    icon: str
    endpoint: str
    permission: str


@dataclass(frozen=True)
class Entry:
    """A line of the navigation."""

    label: Text
    icon: str
    address: str
    current: bool = False


@dataclass(frozen=True)
class Group:
    """Some lines of the navigation under a word."""

    label: Text
    entries: Sequence[Entry]


_PLACES: tuple[tuple[Text, tuple[Place, ...]], ...] = (
    ("", (Place(_("Dashboard"), "layout-dashboard", "admin.index", "accounts:office:enter"),)),
    (
        _("Content"),
        (
            Place(_("Posts"), "newspaper", "admin_posts.index_view", "content:post:edit"),
            Place(_("Pages"), "file-text", "admin_pages.index_view", "content:page:edit"),
            Place(_("Categories"), "folder-tree", "admin_categories.index_view", "content:term:edit"),
            Place(_("Tags"), "tags", "admin_tags.index_view", "content:term:edit"),
            Place(_("Media"), "image", "admin_media.index_view", "media:file:list"),
        ),
    ),
    (
        _("People"),
        (
            Place(_("Users"), "users", "admin_users.index_view", "accounts:user:list"),
            Place(_("Roles"), "key-round", "admin_roles.index_view", "accounts:role:view"),
            Place(_("Groups"), "user-cog", "admin_groups.index_view", "accounts:user:list"),
            Place(_("Personal data"), "shield", "admin_personal_data.index", "accounts:personal-data:export"),
        ),
    ),
    (
        _("System"),
        (
            Place(_("Settings"), "settings", "admin_settings.index", "settings:site:change"),
            Place(_("Record"), "scroll-text", "admin_audit.index", "audit:entry:list"),
        ),
    ),
)

_NEW = (
    Place(_("Post"), "newspaper", "admin_posts.create_view", "content:post:create"),
    Place(_("Page"), "file-text", "admin_pages.create_view", "content:page:create"),
    Place(_("Upload"), "upload", "admin_media.index_view", "media:file:upload"),
    Place(_("Invite somebody"), "user-plus", "admin_users.create_view", "accounts:user:invite"),
)


def navigation() -> list[Group]:
    """Return the side navigation: only what the person may use."""
    someone, here = current_person(), (request.endpoint or "").partition(".")[0]
    groups = [
        Group(label, [_entry(place, here) for place in places if may_some(someone, place.permission)])
        for label, places in _PLACES
    ]
    return [group for group in groups if group.entries]


def _entry(place: Place, here: str) -> Entry:
    current = place.endpoint.partition(".")[0] == here and (here != "admin" or request.endpoint == place.endpoint)
    return Entry(place.label, place.icon, url_for(place.endpoint), current)


def places() -> list[Entry]:
    """Return every part that the person may use, without groups (for going there by its name)."""
    return [entry for group in navigation() for entry in group.entries]


def new_things() -> list[Entry]:
    """Return what the person may begin from anywhere."""
    someone = current_person()
    return [
        Entry(place.label, place.icon, url_for(place.endpoint)) for place in _NEW if may_some(someone, place.permission)
    ]


def site_name() -> str:
    """Return the name of the site."""
    return get_settings().name


def here() -> str:
    """Return the address of this page, to come back to it; of a page that was sent, the address it was sent to."""
    return request.full_path.rstrip("?") if request.method == "GET" else request.path


def page_language() -> str:
    """Return the language the page speaks, as BCP 47."""
    locale = get_locale()
    return str(locale).replace("_", "-") if locale is not None else "en"


def page_direction() -> str:
    """Return which way the page's language is written: ltr or rtl."""
    locale = get_locale() or Locale("en")
    return str(locale.text_direction)


def me() -> User:
    """Return the signed-in person."""
    return person()


def may_see_as() -> bool:
    """Tell whether the person may see as somebody else."""
    return may_some(current_person(), SEE_AS)


def may_ask_why() -> bool:
    """Tell whether the person may ask why somebody may not do something."""
    return may_some(current_person(), VIEW_ROLES) and may_some(current_person(), LIST_PEOPLE)


def init_frame(app: Flask) -> None:
    """Give templates what the frame and the parts of pages need."""
    app.jinja_env.globals.update(
        asset=asset,
        csp_nonce=csp_nonce,
        eyes=eyes,
        here=here,
        icon=icon,
        look=look,
        may_ask_why=may_ask_why,
        may_see_as=may_see_as,
        navigation=navigation,
        new_things=new_things,
        now=utcnow,
        page_direction=page_direction,
        page_language=page_language,
        person=me,
        preload_fonts=preload_fonts,
        site_name=site_name,
        **widgets.HELPERS,
    )
    if app.config["CMS_ENV"] != "production":
        # A name that nobody gave is a mistake: it stops the page here, and says nothing on a real site.
        app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
