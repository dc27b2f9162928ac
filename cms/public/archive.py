"""The archive: `/archive/`, `/archive/<year>/`, `/archive/<year>/<month>/`."""

from __future__ import annotations

from datetime import datetime

from flask import redirect
from werkzeug.wrappers import Response

from cms.cache.pages import cached_page
from cms.content.around import find_around
from cms.content.queries import list_months, list_posts
from cms.core.errors import NotFound
from cms.core.i18n import gettext
from cms.core.permissions import public_route
from cms.public.contexts import pagination
from cms.public.frame import Frame, get_frame, show, viewer
from cms.public.heads import list_head
from cms.public.lists import cards_and_pages, number_or_redirect
from cms.public.routes import blueprint, old_address
from cms.theming.contexts import ArchiveContext, Counted
from cms.theming.helpers import DateHelpers


@blueprint.get("/archive/")
@public_route
@cached_page
def archive() -> Response | str:
    """Show all years and their months."""
    frame = get_frame()
    months = list_months(frame.zone, viewer())
    total = sum(posts for _year, _month, posts in months)
    where = pagination(1, 1, total, "/archive/")
    context = ArchiveContext(year=None, month=None, posts=(), pagination=where, years=_years(frame, months))
    around = find_around(privacy_page_id=frame.settings.privacy_page_id)
    head = list_head(frame, gettext("Archive"), pagination=where)
    return show(["archive.html"], around=around, head=head, path="/archive/", archive=context)


@blueprint.get("/archive/<year>/")
@blueprint.get("/archive/<year>/<month>/")
@public_route
@cached_page
def period(year: str, month: str = "") -> Response | str:
    """Show the posts of a year or a month in the site's zone; one without posts has no page."""
    base = f"/archive/{year}/{month}/" if month else f"/archive/{year}/"
    if not _is_number(year, 4) or (month and not _is_number(month, 2)):
        return old_address(base)
    number = number_or_redirect(base)
    if not isinstance(number, int):
        return redirect(number, 301)
    frame = get_frame()
    found = list_posts(
        page=number,
        per_page=frame.settings.posts_per_page,
        user=viewer(),
        year=int(year),
        month=int(month) if month else None,
        zone=frame.zone,
    )
    if not found.total:
        raise NotFound()
    cards, where = cards_and_pages(found, frame, base)
    first = datetime(int(year), int(month), 1, tzinfo=frame.zone) if month else None
    months = list_months(frame.zone, viewer())
    context = ArchiveContext(
        year=int(year),
        month=first,
        posts=cards,
        pagination=where,
        months=_months(frame, months, int(year), int(month) if month else None),
        years=_years(frame, [item for item in months if item[0] != int(year)]),
    )
    dates = DateHelpers(frame.settings.language, frame.now)
    title = dates.month_year(first) if first else dates.year(int(year))
    around = find_around(privacy_page_id=frame.settings.privacy_page_id)
    head = list_head(frame, title, pagination=where, description=f"{frame.settings.name}: {title}")
    return show(["archive.html"], around=around, head=head, path=base, archive=context)


def _is_number(text: str, digits: int) -> bool:
    return len(text) == digits and text.isascii() and text.isdigit()


def _months(
    frame: Frame, months: list[tuple[int, int, int]], year: int, here: int | None
) -> tuple[tuple[datetime, str, int], ...]:
    return tuple(
        (datetime(of_year, month, 1, tzinfo=frame.zone), f"/archive/{of_year}/{month:02}/", posts)
        for of_year, month, posts in months
        if of_year == year and month != here
    )


def _years(frame: Frame, months: list[tuple[int, int, int]]) -> tuple[Counted, ...]:
    counted: dict[int, int] = {}
    for year, _month, posts in months:
        counted[year] = counted.get(year, 0) + posts
    dates = DateHelpers(frame.settings.language, frame.now)
    return tuple(Counted(label=dates.year(year), url=f"/archive/{year}/", count=counted[year]) for year in counted)
