"""What all lists with numbered pages share."""

from __future__ import annotations

from typing import TypeVar

from flask import request

from cms.content.models import Entry
from cms.core.pagination import Page as PageOf
from cms.public.contexts import pagination, post_card
from cms.public.frame import Frame
from cms.public.urls import page_number
from cms.theming.contexts import Pagination, PostCard

Kind = TypeVar("Kind", bound=Entry)


def number_or_redirect(base: str) -> int | str:
    """Return the number of the page that is asked for, or the address to go to instead of `?page=1`.

    Raises NotFound for anything that is no page number.
    """
    number = page_number()
    return base if number == 1 and "page" in request.args else number


def cards_and_pages(found: PageOf[Kind], frame: Frame, base: str) -> tuple[tuple[PostCard, ...], Pagination]:
    """Return a page of posts as a theme is given it, and where in the list it is."""
    cards = tuple(post_card(post, frame) for post in found)
    return cards, pagination(found.number, found.pages, found.total, base)
