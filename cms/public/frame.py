"""What every page for readers begins with: settings, theme, zone, the present; and the way to render it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Literal
from zoneinfo import ZoneInfo

from flask import current_app, g, request

from cms.accounts.models import User
from cms.accounts.people import current_person
from cms.content.addresses import to_url
from cms.content.around import Around
from cms.lib.clock import utcnow
from cms.public.urls import settings_url
from cms.settings.queries import get_settings
from cms.settings.registry import SiteSettings
from cms.theming.contexts import FeedLink, HeadContext, Link, MenuItem, SiteContext
from cms.theming.engine import ThemeEngine
from cms.theming.helpers import direction_of
from cms.theming.loader import DEFAULT
from cms.theming.manifest import Value
from cms.theming.rendering import engine_for, render_page, theme_values


@dataclass(frozen=True)
class Frame:
    """What every page needs."""

    settings: SiteSettings
    base_url: str

    @cached_property
    def zone(self) -> ZoneInfo:
        """The site's zone."""
        return ZoneInfo(self.settings.time_zone)

    @cached_property
    def now(self) -> datetime:
        """The present in the site's zone."""
        return utcnow().astimezone(self.zone)

    @cached_property
    def engine(self) -> ThemeEngine:
        """The theme that renders."""
        return engine_for(self.theme_name)

    @property
    def theme_name(self) -> str:
        """The name of the theme chosen in the settings."""
        return str(getattr(self.settings, "theme", DEFAULT))

    @cached_property
    def theme(self) -> dict[str, Value]:
        """The theme's settings."""
        chosen: dict[str, object] = dict(getattr(self.settings, "theme_settings", {}))
        return theme_values(self.engine, {"accent": self.settings.accent} | chosen)

    @property
    def direction(self) -> Literal["ltr", "rtl"]:
        """Which way the site's language runs."""
        return "rtl" if direction_of(self.settings.language) == "rtl" else "ltr"

    def local(self, moment: datetime) -> datetime:
        """Return a moment in the site's zone."""
        return moment.astimezone(self.zone)

    def absolute(self, path: str) -> str:
        """Return the whole public address of a path."""
        return path if path.startswith(("https://", "http://")) else self.base_url + path


def get_frame() -> Frame:
    """Return the frame of the request in hand, made once."""
    if "frame" not in g:
        g.frame = Frame(get_settings(), str(current_app.config["CMS_BASE_URL"]))
    found: Frame = g.frame
    return found


def viewer() -> User | None:
    """Return the signed-in person; for a request without a cookie of ours nobody is looked for.

    So a stranger's request never touches the session, and its answer carries no trace of one.
    """
    config = current_app.config
    names = (config.get("SESSION_COOKIE_NAME", "session"), config.get("REMEMBER_COOKIE_NAME", "remember_token"))
    return current_person() if any(name in request.cookies for name in names) else None


def site_context(frame: Frame, around: Around, path: str = "") -> SiteContext:
    """Return the site around a page at `path` (as addresses are stored)."""
    first, privacy = around.one("first"), around.one("privacy")
    began = frame.local(first.published_at).year if first and first.published_at else None
    return SiteContext(
        name=frame.settings.name,
        description=frame.settings.description,
        language=frame.settings.language,
        direction=frame.direction,
        base_url=frame.base_url,
        navigation=tuple(
            MenuItem(label=page.title, url=to_url(page.address or "/"), current=_current(page.address or "/", path))
            for page in around.pages("menu")
            if page.id != frame.settings.home_page_id
        ),
        stylesheets=settings_url(frame.engine.theme, frame.theme),
        privacy=Link(label=privacy.title, url=to_url(privacy.address or "/")) if privacy else None,
        first_year=began,
        year=frame.now.year,
    )


def _current(address: str, path: str) -> Literal["", "page", "true"]:
    if path == address:
        return "page"
    return "true" if path.startswith(address) and address != "/" else ""


def feeds(frame: Frame) -> tuple[FeedLink, ...]:
    """Return the feeds that pages announce."""
    name = frame.settings.name
    return (
        FeedLink(title=name, url="/feed.xml", media_type="application/rss+xml"),
        FeedLink(title=f"{name} (Atom)", url="/atom.xml", media_type="application/atom+xml"),
    )


def show(names: Sequence[str], *, around: Around, head: HeadContext, path: str = "", **context: object) -> str:
    """Render the first of the templates `names` with the site's theme; `context` is what the template is about."""
    frame = get_frame()
    return render_page(
        names,
        theme=frame.theme_name,
        site=site_context(frame, around, path),
        now=frame.now,
        context={"head": head, "theme": frame.theme, **context},
    )
