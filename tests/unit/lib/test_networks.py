"""Which addresses may be called: public ones, spelled plainly, and what an operator names."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cms.lib.networks import Rules, Target, TargetError, household_of, is_public, read_allowed, read_host, read_target

PRIVATE = (
    "0.0.0.0",  # noqa: S104 -- read, not bound
    "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.254", "127.0.0.1", "127.255.255.254",
    "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.1.1",
    "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "::8.8.8.8", "64:ff9b::127.0.0.1",
    "64:ff9b::8.8.8.8", "64:ff9b:1::1", "100::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:10::1",
    "2001:20::1", "2001:db8::1", "2002:7f00:1::", "2002:808:808::1", "3fff::1", "5f00::1", "fc00::1", "fd12::1",
    "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "4000::1",
)  # fmt: skip
PUBLIC = ("1.1.1.1", "8.8.8.8", "93.184.215.14", "2606:4700:4700::1111", "2a00:1450:4001:82a::200e")


@pytest.mark.parametrize("text", PRIVATE)
def test_what_is_inside_or_stands_for_another_is_not_public(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_what_is_outside_is_public(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


@given(st.ip_addresses())
def test_nothing_is_public_that_python_calls_otherwise(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    if is_public(address):
        assert address.is_global
        assert not any((address.is_private, address.is_loopback, address.is_link_local, address.is_multicast))


@given(st.ip_addresses(v=4))
def test_no_ipv4_inside_ipv6_is_public(address: ipaddress.IPv4Address) -> None:
    number = int(address)
    for base, shift in (("::", 0), ("::ffff:0:0", 0), ("64:ff9b::", 0), ("2002::", 80), ("2001::", 0)):
        hidden = ipaddress.IPv6Address(int(ipaddress.IPv6Address(base)) | number << shift)
        assert not is_public(hidden)


def test_plain_addresses_are_read() -> None:
    assert read_target("https://Example.ORG./x?y#z") == Target("https", "example.org", 443)
    assert read_target("HTTP://example.org:8080") == Target("http", "example.org", 8080)
    assert read_target("http://bücher.example/") == Target("http", "xn--bcher-kva.example", 80)
    assert read_target("http://[2606:4700:4700:0::1111]/").host == "2606:4700:4700::1111"
    assert read_target("http://①①.①.①.①/").host == "11.1.1.1"


@pytest.mark.parametrize(
    "url",
    [
        "", "x", "//example.org", "ftp://example.org", "file:///etc/passwd", "gopher://example.org:70/_x", "data:,x",
        "javascript:alert(1)", "dict://example.org:11211/", "http:///x", "http://", "http://:80/", "http://user@example.org",
        "http://user:secret@example.org", "http://@example.org", "http://example.org:0/", "http://example.org:65536/",
        "http://example.org:x/", "http://exa mple.org", "http://example.org\r\nX: y", "http://example.org\x00.evil",
        "http://example.org\\@evil.example/", "http://2130706433/", "http://0x7f000001/", "http://017700000001/",
        "http://127.1/", "http://0177.0.0.1/", "http://0x7f.0.0.1/", "http://127.0.0.1.0x1/", "http://1.2.3.256/",
        "http://1.2.3.4.5/", "http://[::1/", "http://[::1%25eth0]/", "http://[fe80::1%eth0]/", "http://[v1.x]/",
        "http://-x.example/", "http://a..b/", "http://exa%6dple.org/", "http://\u2028example.org/",
        "http://" + "a" * 64,
        "http://" + "a." * 130 + "b/", "http://xn--/", "http://\u0660.example\ud800/",
    ],
)  # fmt: skip
def test_every_other_address_is_refused(url: str) -> None:
    with pytest.raises(TargetError):
        read_target(url)


@given(st.text())
@example("①②⑦。⓪。⓪。①")
@example("127.0.0.1\u3002")
def test_a_host_is_plain_ascii_or_refused(text: str) -> None:
    try:
        host = read_host(text)
    except TargetError:
        return
    assert host.isascii()
    assert host == host.lower()
    assert read_host(host) == host
    assert not any(character.isspace() or character in "/@\\?#%" for character in host)


def allow(*texts: str, ports: tuple[int, ...] = (80, 443)) -> Rules:
    return Rules(frozenset(ports), tuple(read_allowed(text) for text in texts))


def takes(rules: Rules, host: str, port: int, *addresses: str) -> bool:
    return rules.takes(host, port, [ipaddress.ip_address(text) for text in addresses])


def test_one_address_inside_refuses_all() -> None:
    rules = allow()
    assert takes(rules, "example.org", 80, "8.8.8.8", "2606:4700:4700::1111")
    assert not takes(rules, "example.org", 80, "8.8.8.8", "127.0.0.1")
    assert not takes(rules, "example.org", 80)
    assert not takes(rules, "example.org", 25, "8.8.8.8")


def test_an_operator_allows_a_service_by_its_name_and_port() -> None:
    rules = allow("id.intranet.example:9443")
    assert takes(rules, "id.intranet.example", 9443, "10.0.0.7")
    for host, port in (("id.intranet.example", 443), ("x.intranet.example", 9443), ("10.0.0.7", 9443)):
        assert not takes(rules, host, port, "10.0.0.7")


def test_an_operator_allows_a_network() -> None:
    rules = allow("10.20.0.0/16", "fd12::/16")
    assert takes(rules, "10.20.1.1", 443, "10.20.1.1")
    assert takes(rules, "any.example", 80, "10.20.1.1", "fd12::7", "8.8.8.8")
    for address in ("10.21.0.1", "127.0.0.1", "::ffff:10.20.1.1"):
        assert not takes(rules, "any.example", 80, address)
    assert not takes(rules, "10.20.1.1", 22, "10.20.1.1")


@pytest.mark.parametrize("address", ["169.254.169.254", "0.0.0.0", "224.0.0.1", "fe80::1", "::", "ff02::1"])  # noqa: S104 -- read, not bound
def test_some_addresses_nobody_can_allow(address: str) -> None:
    rules = allow("0.0.0.0/0", "::/0", "trap.example:80")
    assert not takes(rules, "trap.example", 80, address)


@pytest.mark.parametrize(
    "text", ["example.org", "10.0.0.1/8", "http://example.org:80", "x y:80", ":80", "*.example:80"]
)
def test_an_exception_is_a_service_or_a_network(text: str) -> None:
    with pytest.raises(ValueError, match="host:port or a network"):
        read_allowed(text)


@pytest.mark.parametrize(
    ("address", "household"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("", ""),
        ("unknown", "unknown"),
    ],
)
def test_a_household_is_one_whatever_it_chooses(address: str, household: str) -> None:
    assert household_of(address) == household
