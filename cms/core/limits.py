"""How much one request may bring. A route takes little unless it says otherwise, and what is too much is not read.

Servers and proxies have limits of their own in front (deploy/nginx.conf, cms/cli/gunicorn_conf.py); these hold under
any server.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import Flask, current_app, request
from werkzeug.routing import IntegerConverter, Map

from cms.core.db import LARGEST_KEY
from cms.core.errors import CmsError, TooLarge
from cms.core.i18n import Text, _
from cms.core.stamps import stamp_of

View = TypeVar("View", bound=Callable[..., object])

#: Bytes of a body where nothing long is written: signing in, searching, a password, a report.
SMALL = 64 * 1024
#: Bytes where some longer things are sent at once (a profile, a list of links), and where many are (a hundred people).
SOME, MANY = 256 * 1024, 8 * 1024 * 1024
#: Fields of a form where nothing long is written.
FEW_PARTS = 200
#: Bytes of an address with its query; gunicorn takes a line of 8,190 around it, nginx as shipped one of 8 KB.
LONGEST_ADDRESS = 8000
#: Characters of one thing in it: of any alphabet, written as up to twelve bytes each.
LONGEST_IN_ADDRESS = 640
#: Bytes of all headers together.
MOST_HEADERS = 64 * 1024
_FILES = "files"
_LONG = "long"
_long_forms: list[Callable[[], bool]] = []


class AddressTooLong(CmsError):  # noqa: N818 -- named for the answer it becomes
    """The address asked for is longer than any of ours."""

    status = 414
    code = "address_too_long"
    default = _("This address is too long. Please shorten it, for example what stands after the question mark.")


class HeadersTooLarge(CmsError):  # noqa: N818 -- named for the answer it becomes
    """More headers were sent than a browser has a reason to send."""

    status = 431
    code = "headers_too_large"
    default = _("Your browser sent too much along with this request. Deleting the cookies of this site helps.")


def takes_at_most(size: int) -> Callable[[View], View]:
    """Declare that a route takes bodies of at most `size` bytes."""

    def stamp(view: View) -> View:
        view.__cms_takes__ = size  # type: ignore[attr-defined]  # the stamp is read by `_most`
        return view

    return stamp


def takes_files(view: View) -> View:
    """Declare that a route takes files, up to `CMS_MAX_UPLOAD_BYTES`."""
    view.__cms_takes__ = _FILES  # type: ignore[attr-defined]  # the stamp is read by `_most`
    return view


def takes_long_texts(view: View) -> View:
    """Declare that a route takes whole texts, up to `CMS_MAX_FORM_BYTES`."""
    view.__cms_takes__ = _LONG  # type: ignore[attr-defined]  # the stamp is read by `_most`
    return view


def allow_long_forms(when: Callable[[], bool]) -> None:
    """Declare for which requests forms may be long (`CMS_MAX_FORM_BYTES`): where whole texts are written."""
    if when not in _long_forms:
        _long_forms.append(when)


class _Key(IntegerConverter):
    """`<int:…>` of an address: a key, so that what is larger than any key leads nowhere (404)."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=LARGEST_KEY)


def init_limits(app: Flask) -> None:
    """Refuse what is too large before anybody reads it: 413, 414 or 431, with a sentence."""
    app.url_map.converters["int"] = _Key
    app.before_request(check_size)


def check_size() -> None:
    """Raise the error for a request that is too large, and limit what may be read of the others."""
    address = len(request.environ.get("PATH_INFO", "")) + len(request.environ.get("QUERY_STRING", ""))
    if address > LONGEST_ADDRESS:
        raise AddressTooLong
    if sum(len(name) + len(value) for name, value in request.headers) > MOST_HEADERS:
        raise HeadersTooLarge
    most = _most()
    request.max_content_length = most
    if most <= SMALL:
        request.max_form_memory_size = most
        request.max_form_parts = FEW_PARTS
    if (request.content_length or 0) > most:
        raise TooLarge(_sentence(most))


def _most() -> int:
    """Return how many bytes the route in hand takes; what is no route at all takes little."""
    view = current_app.view_functions.get(request.endpoint or "")
    stamp = stamp_of(view, request.method, "__cms_takes__")
    if stamp == _LONG:
        return int(current_app.config["CMS_MAX_FORM_BYTES"])
    if stamp == _FILES:
        return int(current_app.config["MAX_CONTENT_LENGTH"])
    if isinstance(stamp, int):
        return stamp
    return int(current_app.config["CMS_MAX_FORM_BYTES"]) if any(when() for when in _long_forms) else SMALL


def _sentence(most: int) -> Text:
    if most < 1024 * 1024:
        return _("This is too large: at most %(size)s KB can be taken here. Nothing was changed.", size=most // 1024)
    return _("This is too large: at most %(size)s MB can be taken here. Nothing was changed.", size=most // 1024**2)
