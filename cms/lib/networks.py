"""Which addresses a server may call at the wish of somebody else (OWASP ASVS 5.0, 1.3.6: no request forgery).

Pure rules: nothing here resolves a name or opens a connection.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

import idna

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

DEFAULT_PORTS = {"http": 80, "https": 443}
#: Beside what Python calls not global: the anycast of 6to4 relays (RFC 7526).
_REFUSED_4 = (ipaddress.IPv4Network("192.88.99.0/24"),)
_UNICAST_6 = ipaddress.IPv6Network("2000::/3")
#: Addresses that stand for others or for nothing: Teredo, ORCHID and benchmarks, documentation (two), 6to4, segments.
_REFUSED_6 = tuple(
    ipaddress.IPv6Network(block) for block in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16")
)
#: Nobody's service lives there, whatever an operator allows: this host, links (cloud metadata), multicast, broadcast.
_NEVER = tuple(
    ipaddress.ip_network(block)
    for block in ("0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3", "::/128", "fe80::/10", "ff00::/8", "fd00:ec2::254/128")
)
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.ASCII)
_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+", re.ASCII)
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029]")


class TargetError(ValueError):
    """An address that is never called; the message says what is wrong with it, in words that follow "it"."""


@dataclass(frozen=True, slots=True)
class Target:
    """What an address asks to call: a scheme, a host name or canonical IP, and a port."""

    scheme: str
    host: str
    port: int

    @property
    def origin(self) -> tuple[str, str, int]:
        """What must not change for credentials to be sent along (RFC 6454)."""
        return self.scheme, self.host, self.port


@dataclass(frozen=True, slots=True)
class Allowed:
    """One exception of an operator: a host name with its port, or a network."""

    host: str = ""
    port: int | None = None
    network: Network | None = None


def is_public(address: Address) -> bool:
    """Tell whether an address belongs to one machine of the public internet, and stands for no other address.

    False for IPv4 written inside IPv6 (mapped, compatible, NAT64, 6to4, Teredo): what it leads to is another matter.
    """
    if not address.is_global or address.is_multicast or address.is_reserved or address.is_unspecified:
        return False
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in block for block in _REFUSED_4)
    return address.scope_id is None and address in _UNICAST_6 and not any(address in block for block in _REFUSED_6)


def household_of(address: str) -> str:
    """Return whom an address stands for where strangers are counted: an IPv4 address, or the /64 of an IPv6 one.

    One household, office or server has a whole /64 to choose from. What is no address is returned as it is.
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(found), 64), strict=False))


def read_target(url: str) -> Target:
    """Return what an http(s) address asks to call; raises TargetError for every other and every odd spelling.

    Only one spelling of an IPv4 address is taken (four decimal numbers): resolvers read `2130706433`, `0x7f.1` and
    `0177.0.0.1` as addresses, too.
    """
    if _UNPRINTABLE.search(url) or "\\" in url:
        raise TargetError("holds a character that no address holds")
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        raise TargetError("cannot be read") from None
    if parts.scheme not in DEFAULT_PORTS:
        raise TargetError("does not begin with http:// or https://")
    if "[" in parts.netloc and ":" not in host:
        raise TargetError("holds an IPv6 address that is none")
    if "@" in parts.netloc:
        raise TargetError("holds a name or a password")
    if port == 0:
        raise TargetError("names no port")
    return Target(parts.scheme, read_host(host), port or DEFAULT_PORTS[parts.scheme])


def read_host(text: str) -> str:
    """Return a host name in lower-case ASCII (IDNA 2008, RFC 5890) or an IP in its canonical form; TargetError else."""
    host = unicodedata.normalize("NFKC", text).lower().rstrip(".")
    if ":" in host:
        try:
            if "%" not in host:  # a zone is one of this machine's own networks
                return str(ipaddress.IPv6Address(host))
        except ValueError:
            pass
        raise TargetError("holds an IPv6 address that is none")
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except idna.IDNAError:
            raise TargetError("holds a host name that is none") from None
    labels = host.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        try:
            return str(ipaddress.IPv4Address(host))
        except ValueError:
            raise TargetError("holds a number that is no plain IPv4 address") from None
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise TargetError("holds a host name that is none")
    return host


def read_allowed(text: str) -> Allowed:
    """Return an operator's exception: `host:port`, `[::1]:8443`, or a network such as `10.20.0.0/16`.

    Raises ValueError with the words that follow "must be".
    """
    try:
        if "/" in text:
            return Allowed(network=ipaddress.ip_network(text))
        target = read_target(f"http://{text}")
        # Said without a port, somebody would mean "any"; a service has one.
        if urlsplit(f"http://{text}").port is not None:
            return Allowed(host=target.host, port=target.port)
    except ValueError:
        pass
    raise ValueError("host:port or a network such as 10.20.0.0/16, separated by commas")


@dataclass(frozen=True, slots=True)
class Rules:
    """Which ports may be called, and what an operator allows although it is not public."""

    ports: frozenset[int] = frozenset({80, 443, 8080, 8443})
    allowed: tuple[Allowed, ...] = ()

    def takes_port(self, host: str, port: int) -> bool:
        """Tell whether a port of a host may be called at all."""
        return port in self.ports or self._is_named(host, port)

    def takes(self, host: str, port: int, addresses: Iterable[Address]) -> bool:
        """Tell whether every address that a host has just been resolved to may be called (False for none).

        One address that may not is enough to refuse all: whoever answers the question also chooses the order.
        """
        found = tuple(addresses)
        return bool(found) and self.takes_port(host, port) and all(self._takes(host, port, one) for one in found)

    def _takes(self, host: str, port: int, address: Address) -> bool:
        if is_public(address):
            return True
        if any(address in block for block in _NEVER if block.version == address.version):
            return False
        return self._is_named(host, port) or any(
            one.network is not None and address.version == one.network.version and address in one.network
            for one in self.allowed
        )

    def _is_named(self, host: str, port: int) -> bool:
        return any(one.host == host and one.port == port for one in self.allowed if one.host)
