"""Lists: what narrows, orders and cuts them, and the envelope they come in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil
from typing import Any
from urllib.parse import urlencode

from flask import request
from marshmallow import Schema, ValidationError, fields, post_load, validate
from werkzeug.wrappers import Response

from cms.api.routes import answer, below_here
from cms.core.errors import NoSuchPlace, NotFound
from cms.core.i18n import _
from cms.core.pagination import LONGEST_CURSOR, decode_cursor, foreign_cursor

MOST = 100
USUAL = 20
#: Beyond so many rows a numbered page would have the database count them all: cursors go on from there.
FURTHEST = 10_000
#: Up to here rows are always counted; beyond only who asks (`total=true`) waits for it.
COUNTED = 10_000


class Sort(fields.String):
    """What a list is sorted by: names of fields, as they are answered, `-` before one turning it round.

    `shown` names the field of each order of a query that is called otherwise there; what is loaded is the query's name.
    """

    def __init__(self, orders: Iterable[str], *, shown: Mapping[str, str] | None = None, **options: Any) -> None:
        said = shown or {}
        self.orders = {way + said.get(name, name): way + name for name in orders for way in ("", "-")}
        super().__init__(validate=validate.OneOf(list(self.orders)), **options)


class ListArguments(Schema):
    """What every list takes."""

    page = fields.Integer(
        validate=validate.Range(1, FURTHEST),
        metadata={"description": "Number of the page, from 1. Cursors (`next`) stay right while rows are added."},
    )
    per_page = fields.Integer(
        load_default=USUAL, validate=validate.Range(1, MOST), metadata={"description": "Items on a page."}
    )
    cursor = fields.String(
        validate=validate.Length(1, LONGEST_CURSOR),
        metadata={"description": "Where to go on, as `next` and `prev` name it; with it, `page` says nothing."},
    )
    total = fields.Boolean(
        metadata={"description": f"Count all items. Up to {COUNTED:,} are counted anyway; beyond, `total` is null."}
    )

    @post_load
    def _name_order(self, arguments: dict[str, Any], **_options: Any) -> dict[str, Any]:
        """Call the order that is asked for as its query does."""
        sort = self.fields.get("sort")
        if isinstance(sort, Sort) and "sort" in arguments:
            arguments["sort"] = sort.orders[arguments["sort"]]
        return arguments


class ListEnvelope(Schema):
    """A page of a list; a list's own schema adds `items`."""

    total = fields.Integer(allow_none=True, required=True, metadata={"description": "Items in all; null: not counted."})
    page = fields.Integer(allow_none=True, required=True, metadata={"description": "Number; null behind a cursor."})
    per_page = fields.Integer(required=True)
    pages = fields.Integer(allow_none=True, required=True, metadata={"description": "Pages in all; null: not counted."})
    next = fields.String(allow_none=True, required=True, metadata={"description": "Address of the next page."})
    prev = fields.String(allow_none=True, required=True, metadata={"description": "Address of the page before."})


@dataclass(frozen=True)
class Slice:
    """Which rows of a list are asked for: those behind a cursor, or those of a numbered page (by offset)."""

    limit: int
    cursor: str | None = None
    offset: int = 0
    page: int | None = 1
    count: bool = False


@dataclass(frozen=True)
class Found:
    """Rows of a list as they are shown, cursors to the neighbours, and how many there are (None: not counted)."""

    items: Sequence[Mapping[str, Any]]
    cursor_next: str | None = None
    cursor_previous: str | None = None
    total: int | None = None


def read_slice(arguments: Mapping[str, Any]) -> Slice:
    """Return which rows `ListArguments` ask for; raises NoSuchPlace where no numbered page leads."""
    limit, page, cursor = arguments["per_page"], arguments.get("page"), arguments.get("cursor")
    if cursor is not None:
        return Slice(limit, cursor, page=None, count=arguments.get("total", False))
    offset = ((page or 1) - 1) * limit
    if offset >= FURTHEST:
        raise NoSuchPlace(fields={"page": _("So far back only cursors lead: follow `next` from the first page.")})
    return Slice(limit, offset=offset, page=page or 1, count=arguments.get("total", False))


@contextmanager
def following(cut: Slice) -> Iterator[None]:
    """Have what a list cannot find be told of the cursor it was asked with: everything else of a list is there."""
    if cut.cursor is not None and decode_cursor(cut.cursor, 3) is None:
        raise foreign_cursor()
    try:
        yield
    except NotFound:
        raise foreign_cursor() from None


def count_up_to(count: Callable[[int | None], int], *, asked: bool) -> int | None:
    """Return how many rows there are: all when asked, else up to COUNTED, beyond which it is None.

    `count(most)` counts at most so many rows, all for None.
    """
    if asked:
        return count(None)
    found = count(COUNTED + 1)
    return found if found <= COUNTED else None


def answer_list(found: Found, wanted: Slice) -> Response:
    """Return a page of a list in its envelope, with its neighbours in `Link` too (RFC 8288)."""
    pages = max(1, ceil(found.total / wanted.limit)) if found.total is not None else None
    links = {"next": _address(cursor=found.cursor_next), "prev": _address(cursor=found.cursor_previous)}
    body = {
        "items": found.items,
        "total": found.total,
        "page": wanted.page,
        "per_page": wanted.limit,
        "pages": pages,
        **links,
    }
    named = [f'<{address}>; rel="{name}"' for name, address in links.items() if address]
    return answer(body, headers={"Link": ", ".join([*named, f'<{_address()}>; rel="first"'])})


def _address(*, cursor: str | None = "") -> str | None:
    """Return the address of this list behind a cursor ("": of its beginning), with what narrows it; None for none."""
    if cursor is None:
        return None
    kept = [(name, value) for name, value in request.args.items(multi=True) if name not in ("cursor", "page")]
    asked = urlencode([*kept, *([("cursor", cursor)] if cursor else [])])
    return below_here() + (f"?{asked}" if asked else "")


def names(allowed: Iterable[str], *, about: str, data_key: str | None = None) -> Names:
    """Return a field that takes names out of `allowed`, separated by commas; any other is an error that names it."""
    known = tuple(allowed)
    description = f"{about}: any of {', '.join(known)}, separated by commas."
    return Names(known, load_default=(), data_key=data_key, metadata={"description": description})


class Names(fields.Field[tuple[str, ...]]):
    """Names separated by commas, each of a list of known ones."""

    def __init__(self, known: Sequence[str], **options: Any) -> None:
        super().__init__(**options)
        self.known = known

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_more: Any) -> tuple[str, ...]:
        wanted = tuple(dict.fromkeys(name.strip() for name in str(value).split(",") if name.strip()))
        unknown = [name for name in wanted if name not in self.known]
        if unknown:
            raise ValidationError(
                str(_("%(name)s is not one of: %(known)s.", name=unknown[0][:60], known=", ".join(self.known)))
            )
        return wanted


def only(shown: Mapping[str, Any], wanted: Sequence[str]) -> Mapping[str, Any]:
    """Return the parts of a thing that `fields=` asks for, and its id; all of it when nothing was asked."""
    return {name: value for name, value in shown.items() if name in wanted or name == "id"} if wanted else shown
