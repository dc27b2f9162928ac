"""Below `core.fetch`: connections that go to checked addresses only, and end in time."""

from __future__ import annotations

import contextlib
import http.client
import io
import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, cast

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.exceptions import RequestException
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from cms.core.errors import CmsError
from cms.core.i18n import _
from cms.lib.networks import Address, Rules, Target, TargetError, read_host, read_target

USER_AGENT = "Masthead"
_CHUNK = 64 * 1024

SocketAddress = tuple[Any, ...]
#: Gives the socket addresses of a host and a port, as `socket.getaddrinfo` does; raises OSError.
Resolver = Callable[[str, int], list[tuple[socket.AddressFamily, SocketAddress]]]


class FetchError(CmsError):
    """An address could not be fetched; the sentence tells nothing of what is inside the operator's network."""

    status = 502
    default = _("That address did not answer as it should. Please try again later.")


class RefusedError(FetchError):
    """An address that this program does not call."""

    status = 422
    default = _("That address is not one of a public site. Please give one that anybody can open.")


class TooSlowError(FetchError):
    """The answer was not complete in time."""

    status = 504
    default = _("That address takes too long to answer. Please try again later.")


class TooMuchError(FetchError):
    """The answer is larger than what is taken."""

    default = _("What is at that address is larger than what can be fetched.")


class RedirectError(FetchError):
    """The address leads on: too often, to an unsafe one, or with what must not be handed on."""

    default = _("That address leads on to others in a way that is not followed. Please give the last one.")


@dataclass(frozen=True, slots=True)
class Limits:
    """What holds for one request and its redirects; `end` is on the monotonic clock."""

    end: float
    bytes: int

    def seconds_left(self) -> float:
        left = self.end - time.monotonic()
        if left <= 0:
            raise TooSlowError
        return left


limits: ContextVar[Limits] = ContextVar("fetch_limits")
rules: ContextVar[tuple[Rules, Resolver]] = ContextVar("fetch_rules")


def checked(url: Any) -> Target:
    """Return what an address calls; raises RefusedError when the rules do not take it as it is written."""
    try:
        target = read_target(url if isinstance(url, str) else bytes(url).decode("ascii", "replace"))
    except TargetError:
        raise RefusedError from None
    if not rules.get()[0].takes_port(target.host, target.port):
        raise RefusedError
    return target


def resolve_name(host: str, port: int) -> list[tuple[socket.AddressFamily, SocketAddress]]:
    """Ask the system's resolver."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys((family, address) for family, _kind, _protocol, _name, address in found))


def _resolve_in_time(host: str, port: int) -> list[tuple[socket.AddressFamily, SocketAddress]]:
    """Resolve a name, waiting no longer than is left: the system's resolver knows no end of its own."""
    resolve, answer = rules.get()[1], list[Any]()

    def ask() -> None:
        try:
            answer.append(resolve(host, port))
        except (OSError, UnicodeError) as error:
            answer.append(error)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(limits.get().seconds_left())
    if not answer:
        raise TooSlowError
    if isinstance(answer[0], Exception):
        raise FetchError(_("There is no site at that address.")) from None
    return cast("list[tuple[socket.AddressFamily, SocketAddress]]", answer[0])


def _connect(name: str, port: int) -> socket.socket:
    """Resolve once, check every address found, and connect to one of these and no other."""
    try:
        host = read_host(name)
    except TargetError:
        raise RefusedError from None
    found = _resolve_in_time(host, port)
    addresses: list[Address] = [ipaddress.ip_address(str(address[0])) for _family, address in found]
    if not rules.get()[0].takes(host, port, addresses):
        raise RefusedError
    for family, address in found:
        connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            connection.settimeout(limits.get().seconds_left())
            connection.connect((address[0], port, *address[2:]))
        except OSError:
            connection.close()
        else:
            return connection
    limits.get().seconds_left()
    raise FetchError


class _Guarded:
    """What both kinds of connection have in common."""

    host: str
    port: int
    _dns_host: str
    response_class: type[http.client.HTTPResponse]

    def _new_conn(self) -> socket.socket:
        self.response_class = _Response
        return _connect(self._dns_host, self.port)


class _Connection(_Guarded, HTTPConnection):
    pass


class _TlsConnection(_Guarded, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class _Response(http.client.HTTPResponse):
    """An answer whose every byte has to come before the end, headers too."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_UntilTheEnd(sock, self.fp.detach()))


class _UntilTheEnd(io.RawIOBase):
    """Reads from a socket, each time waiting no longer than is left altogether: one byte a second gets nobody far."""

    def __init__(self, sock: socket.socket, raw: io.RawIOBase) -> None:
        self._sock, self._raw = sock, raw

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(limits.get().seconds_left())
        return cast("int | None", self._raw.readinto(buffer))

    def close(self) -> None:
        self._raw.close()
        super().close()


class GuardedAdapter(HTTPAdapter):
    """The transport of a guarded session."""

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **kwargs: Any) -> None:
        """Make connections of ours."""
        super().init_poolmanager(connections, maxsize, block, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}

    def send(
        self,
        request: Any,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:
        """Send one request and read its answer whole; raises FetchError or a RequestException."""
        checked(request.url)
        request.headers["User-Agent"] = USER_AGENT
        within = limits.get()
        with _told():
            answer = super().send(request, stream=True, timeout=within.seconds_left(), verify=verify)
            answer._content = b"".join(_pieces(answer, within.bytes))
            answer._content_consumed = True  # type: ignore[attr-defined]  # nothing is left on the wire
        return answer


def _pieces(answer: requests.Response, limit: int) -> Iterator[bytes]:
    """Give the unpacked body piece by piece, and close the connection where it goes beyond what is taken."""
    taken = 0
    for piece in answer.raw.stream(_CHUNK, decode_content=True):
        taken += len(piece)
        if taken > limit:
            answer.raw.close()
            raise TooMuchError
        yield piece


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Turn what libraries say of a slow or broken answer into a sentence for a person."""
    try:
        yield
    except (requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError):
        raise TooSlowError from None
    except (RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        if limits.get().end <= time.monotonic():
            raise TooSlowError from None
        raise FetchError from error
