"""Whatever address somebody gives, this program calls only public sites, and no site keeps it busy."""

from __future__ import annotations

import gzip
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from authlib.integrations.requests_client import OAuth2Session
from flask import Flask

from cms.core import fetch as door
from cms.core.fetch import (
    FetchError,
    GuardedSession,
    RedirectError,
    RefusedError,
    TooMuchError,
    TooSlowError,
    fetch,
    guarded_session,
)
from cms.lib.networks import read_allowed
from tests.attacks.certificates import certificate
from tests.attacks.traps import Trap, begin, say, trap

ROOT = Path(__file__).parents[2]
#: Spellings of this machine and of what is inside; {} is the port of a trap.
INSIDE = (
    "http://127.0.0.1:{}/", "http://localhost:{}/", "http://LOCALHOST.:{}/", "http://127.1:{}/", "http://127.0.1:{}/",
    "http://2130706433:{}/", "http://0x7f000001:{}/", "http://0x7f.0x0.0x0.0x1:{}/", "http://017700000001:{}/",
    "http://0177.0.0.1:{}/", "http://127.0.0.1.:{}/", "http://0.0.0.0:{}/", "http://0:{}/", "http://[::1]:{}/",
    "http://[::]:{}/", "http://[0:0:0:0:0:0:0:1]:{}/", "http://[::ffff:127.0.0.1]:{}/", "http://[::ffff:7f00:1]:{}/",
    "http://[::127.0.0.1]:{}/", "http://[64:ff9b::7f00:1]:{}/", "http://[2002:7f00:1::]:{}/",
    "http://[2001:0:7f00:1::]:{}/", "http://[fe80::1%25lo]:{}/", "http://127.0.0.1%2f@example.org:{}/",
    "http://example.org@127.0.0.1:{}/", "http://example.org:x@127.0.0.1:{}/", "http://127.0.0.1:{}\\@example.org/",
    "http://①②⑦.⓪.⓪.①:{}/", "http://127。0。0。1:{}/", "http://１２７.0.0.1:{}/", "http://127.0.0.1:{}#@example.org/",
    "http://169.254.169.254/latest/meta-data/", "http://[fd00:ec2::254]/", "http://100.64.0.1:{}/", "http://10.0.0.1:{}/",
    "http://192.168.0.1:{}/", "http://172.16.0.1:{}/", "http://224.0.0.1:{}/", "http://255.255.255.255:{}/",
    "file:///etc/passwd", "gopher://127.0.0.1:{}/_GET", "data:text/plain,x", "ftp://127.0.0.1:{}/",
    "dict://127.0.0.1:{}/stat", "http+unix://%2fvar%2frun%2fdocker.sock/", "HTTP://127.0.0.1:{}/",
    " http://127.0.0.1:{}/", "http:127.0.0.1:{}/", "http:///127.0.0.1:{}/", "//127.0.0.1:{}/", "https://127.0.0.1:{}/",
    "http://127.0.0.1:{}\r\nHost: example.org", "http://localhost\u3002:{}/", "http://ⓛocalhost:{}/",
)  # fmt: skip


Tls = Callable[[str], ssl.SSLContext]
Trusting = Callable[..., GuardedSession]
Resolved = list[tuple[socket.AddressFamily, tuple[str, int]]]


@pytest.fixture
def door_to(app: Flask) -> Callable[..., None]:
    """Allow some services of this machine, and every port that a test names."""

    def allow(*traps: Trap, networks: tuple[str, ...] = ()) -> None:
        app.config["CMS_FETCH_ALLOW"] = [
            read_allowed(text) for text in (*(f"127.0.0.1:{one.port}" for one in traps), *networks)
        ]

    return allow


def names(**addresses: str | list[str]) -> Callable[[str, int], Resolved]:
    """Return a resolver that knows `good_example=…` as good.example; a list is what it answers one after the other."""
    left = {name.replace("_", "."): found for name, found in addresses.items()}

    def resolve(host: str, port: int) -> Resolved:
        found = left.get(host, host)
        address = found.pop(0) if isinstance(found, list) else found
        if "," in address:
            return [(socket.AF_INET, (one, port)) for one in address.split(",")]
        return [(socket.AF_INET, (address, port))]

    return resolve


@pytest.mark.parametrize("url", INSIDE)
def test_nothing_inside_is_called(app: Flask, url: str) -> None:
    with trap() as caught, trap(address="::1") as caught_6:
        app.config["CMS_FETCH_PORTS"] = [80, 443, caught.port, caught_6.port]
        for one in (caught, caught_6):
            with pytest.raises(RefusedError) as error:
                fetch(url.format(one.port))
            assert str(one.port) not in str(error.value)
            assert one.caught() == 0


def test_no_connection_is_even_tried() -> None:
    """Seen from below Python: the interpreter reports each connection and each packet, whoever asks for it."""
    code = """
import json, sys
tried = []
watched = ("socket.connect", "socket.sendto")
sys.addaudithook(lambda event, given: tried.append(repr(given)) if event in watched else None)
from cms.core.fetch import RefusedError, fetch
from cms.factory import create_app
from tests.databases import SETTINGS
app = create_app(SETTINGS | {"CMS_INSTANCE": "/nowhere", "CMS_UPLOADS": "/nowhere", "CMS_FETCH_PORTS": "80,443,9"})
with app.app_context():
    for url in json.loads(sys.argv[1]):
        try:
            fetch(url)
        except RefusedError:
            continue
        print("taken", ascii(url))
print(json.dumps(tried))
"""
    urls = json.dumps([url.format(9) for url in INSIDE])
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code, urls], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")


@pytest.mark.parametrize("port", [1, 22, 25, 3306, 5432, 6379, 11211, 65535])
def test_other_services_of_public_machines_are_not_called(app: Flask, port: int) -> None:
    with pytest.raises(RefusedError):
        fetch(f"http://1.1.1.1:{port}/")


def test_an_operator_may_allow_one_service_and_only_that(app: Flask, door_to: Callable[..., None]) -> None:
    with trap() as allowed, trap() as other:
        door_to(allowed)
        assert fetch(f"{allowed.address}/a?b=c#d").body == b"caught"
        app.config["CMS_FETCH_PORTS"] = [other.port, allowed.port]
        for url in (other.address, f"http://localhost:{allowed.port}/"):
            with pytest.raises(RefusedError):
                fetch(url)
        assert (other.caught(), allowed.caught()) == (0, 1)
        call = allowed.calls[0].decode()
        assert call.startswith("GET /a?b=c HTTP/1.1\r\n")
        assert "User-Agent: Masthead\r\n" in call


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "target", ["http://127.0.0.1:{}/", "http://[::ffff:127.0.0.1]:{}/", "//localhost:{}/", "file:///x"]
)
def test_no_redirect_leads_inside(app: Flask, door_to: Callable[..., None], status: int, target: str) -> None:
    with trap() as inside, trap(say(f"{status} Elsewhere", Location=target.format(inside.port))) as outside:
        door_to(outside)
        app.config["CMS_FETCH_PORTS"] = [outside.port, inside.port]
        with pytest.raises(RefusedError):
            fetch(outside.address)
        assert (outside.caught(), inside.caught()) == (1, 0)


@pytest.mark.parametrize("status", [300, 304, 305, 306])
def test_what_is_no_redirect_is_not_followed(app: Flask, door_to: Callable[..., None], status: int) -> None:
    with trap() as inside, trap(say(f"{status} Elsewhere", Location=inside.address)) as outside:
        door_to(outside, inside)
        assert fetch(outside.address).status == status
        assert inside.caught() == 0


def chain(hops: int) -> Callable[[socket.socket, bytes], None]:
    """Return an answer that leads on `hops` times within its own site."""

    def answer(connection: socket.socket, call: bytes) -> None:
        number = int(call.split()[1].strip(b"/") or b"0")
        here = say("200 OK", b"there") if number == hops else say("302 On", Location=f"/{number + 1}")
        here(connection, call)

    return answer


def test_three_redirects_are_followed_and_a_fourth_is_not(app: Flask, door_to: Callable[..., None]) -> None:
    with trap(chain(3)) as three, trap(chain(4)) as four:
        door_to(three, four)
        assert fetch(three.address).url == f"{three.address}/3"
        with pytest.raises(RedirectError):
            fetch(four.address)


def test_credentials_stay_with_the_site_they_are_for(app: Flask, door_to: Callable[..., None]) -> None:
    headers = {"Authorization": "Bearer s3cret", "Cookie": "sid=s3cret", "X-Api-Key": "s3cret", "Accept": "text/html"}
    with trap() as other, trap(say("302 On", Location=other.address, Set_Cookie="sid=s3cret")) as first:
        door_to(first, other)
        fetch(first.address, headers=headers)
        assert first.calls[0].count(b"s3cret") == 3
        assert b"s3cret" not in other.calls[0]
        assert b"Accept: text/html" in other.calls[0]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_what_is_sent_is_not_sent_on_to_another_site(app: Flask, door_to: Callable[..., None], status: int) -> None:
    with trap() as other, trap(say(f"{status} On", Location=other.address)) as first:
        door_to(first, other)
        if status in (307, 308):
            with pytest.raises(RedirectError):
                fetch(first.address, method="POST", data={"client_secret": "s3cret"})
            assert other.caught() == 0
        else:
            fetch(first.address, method="POST", data={"client_secret": "s3cret"})
            assert b"s3cret" not in other.calls[0]


def test_a_name_is_resolved_once_and_the_checked_address_is_called(app: Flask, door_to: Callable[..., None]) -> None:
    """DNS rebinding: a public address for who checks, one inside for who calls."""
    with trap() as inside:
        app.config["CMS_FETCH_PORTS"] = [inside.port]
        asked = ["203.0.113.7", "127.0.0.1"]
        url = f"http://rebind.example:{inside.port}/"
        with pytest.raises(RefusedError):
            guarded_session(resolve=names(rebind_example=["127.0.0.1"])).get(url)
        with pytest.raises(RefusedError):
            guarded_session(resolve=names(rebind_example="8.8.8.8,127.0.0.1")).get(url)
        # Here the first answer may be called (it is an allowed network, where nobody answers), and the second not.
        door_to(networks=("203.0.113.0/24",))
        calls: list[str] = []

        def resolve(host: str, port: int) -> Resolved:
            calls.append(host)
            return names(rebind_example=asked)(host, port)

        with pytest.raises(FetchError) as error:
            guarded_session(resolve=resolve, deadline=0.3).get(url)
        assert not isinstance(error.value, RefusedError)
        assert (calls, asked, inside.caught()) == (["rebind.example"], ["127.0.0.1"], 0)


def test_each_hop_is_resolved_and_checked_anew(app: Flask) -> None:
    with trap(say("302 On", Location="/again")) as caught:
        app.config["CMS_FETCH_PORTS"] = [caught.port]
        app.config["CMS_FETCH_ALLOW"] = [read_allowed("127.0.0.0/8")]
        answers = ["127.0.0.1", "10.0.0.1"]
        with pytest.raises(RefusedError):
            guarded_session(resolve=names(rebind_example=answers)).get(f"http://rebind.example:{caught.port}/")
        assert (caught.caught(), answers) == (1, [])


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
NEVER = {
    "says nothing": begin(b"", b""),
    "stops in its status line": begin(b"HTTP/1.1 20", b""),
    "drips its status line": begin(b"H", b"T", 0.01),
    "drips its headers": begin(HEAD, b"X", 0.01),
    "drips header after header": begin(HEAD, b"A: b\r\n", 0.05),
    "drips its body": begin(HEAD + b"Content-Length: 1000000\r\n\r\n", b"x", 0.01),
    "drips chunks": begin(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n", 0.01),
    "stops in its body": begin(HEAD + b"Content-Length: 10\r\n\r\nx", b""),
}
TOO_MUCH = {
    "sends without end": begin(HEAD + b"\r\n", b"x" * 65536),
    "sends chunks without end": begin(
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"x" * 65536 + b"\r\n"
    ),
    "is a bomb": say("200 OK", gzip.compress(bytes(200_000_000), 9), Content_Encoding="gzip"),
    "is a bomb in a bomb": say(
        "200 OK", zlib.compress(gzip.compress(bytes(200_000_000), 9), 9), Content_Encoding="gzip, deflate"
    ),
    "is a little too large": say("200 OK", bytes(5 * 1024 * 1024 + 1)),
}


@pytest.mark.parametrize("fault", NEVER)
def test_no_site_holds_a_worker_longer_than_is_given(app: Flask, door_to: Callable[..., None], fault: str) -> None:
    with trap(NEVER[fault]) as slow:
        door_to(slow)
        before = time.monotonic()
        with pytest.raises(TooSlowError):
            fetch(slow.address, deadline=0.5)
        assert time.monotonic() - before < 5


@pytest.mark.parametrize("fault", TOO_MUCH)
def test_no_site_fills_the_memory(app: Flask, door_to: Callable[..., None], fault: str) -> None:
    with trap(TOO_MUCH[fault]) as large:
        door_to(large)
        with pytest.raises(TooMuchError):
            fetch(large.address)


def test_what_is_within_the_limits_arrives(app: Flask, door_to: Callable[..., None]) -> None:
    body = bytes(range(256)) * 4096 * 5
    with trap(say("200 OK", gzip.compress(body), Content_Encoding="gzip")) as large:
        door_to(large)
        assert fetch(large.address).body == body
        with pytest.raises(TooMuchError):
            fetch(large.address, limit=len(body) - 1)


def test_redirects_share_one_deadline(app: Flask, door_to: Callable[..., None]) -> None:
    with trap(begin(HEAD, b"A: b\r\n", 0.05)) as slow, trap(say("302 On", Location=slow.address)) as first:
        door_to(first, slow)
        with pytest.raises(TooSlowError):
            fetch(first.address, deadline=0.5)


def test_a_resolver_that_hangs_is_not_waited_for(app: Flask) -> None:
    hanging = threading.Event()

    def resolve(host: str, port: int) -> Resolved:
        hanging.wait(20)
        return []

    with pytest.raises(TooSlowError):
        guarded_session(resolve=resolve, deadline=0.2).get("http://slow.example/")
    hanging.set()


@pytest.mark.parametrize("limit", [("limit", 10**12), ("deadline", 10**6)])
def test_nobody_asks_for_more_than_the_most(app: Flask, limit: tuple[str, int]) -> None:
    session = guarded_session(**{limit[0]: limit[1]})  # type: ignore[arg-type]
    assert (session.limit, session.deadline) == (door.LIMIT, door.DEADLINE) == (5 * 1024 * 1024, 10.0)


def test_no_proxy_and_no_password_of_the_environment_is_used(
    app: Flask, door_to: Callable[..., None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login ada password s3cret\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    with trap() as proxy, trap() as site:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.address)
        door_to(site, proxy)
        fetch(site.address)
        assert (proxy.caught(), site.caught()) == (0, 1)
        assert b"Authorization" not in site.calls[0]


@pytest.fixture
def tls(tmp_path: Path) -> Tls:
    """Make a server's side for a name, with a certificate of one authority."""

    def make(name: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate(tmp_path, name))
        return context

    return make


@pytest.fixture
def trusting(app: Flask, tmp_path: Path, tls: Tls) -> Trusting:
    """Make sessions that believe the tests' authority and may call a trap by a name."""
    tls("any.example")
    app.config["CMS_FETCH_CA"] = str(tmp_path / "ca.pem")

    def make(*traps: Trap, **known: str) -> GuardedSession:
        hosts = [name.replace("_", ".") for name in known]
        app.config["CMS_FETCH_ALLOW"] = [read_allowed(f"{host}:{one.port}") for host in hosts for one in traps]
        return guarded_session(resolve=names(**known))

    return make


def test_the_certificate_is_checked_against_the_name(trusting: Trusting, tls: Tls) -> None:
    context = tls("good.example")
    told: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: told.append(name)  # type: ignore[assignment]
    with trap(tls=context) as site:
        session = trusting(site, good_example="127.0.0.1", bad_example="127.0.0.1")
        assert session.get(f"https://good.example:{site.port}/").content == b"caught"
        assert told == ["good.example"]
        assert f"Host: good.example:{site.port}".encode() in site.calls[0]
        for ask in (session.get, lambda url: session.get(url, verify=False)):
            with pytest.raises(FetchError):
                ask(f"https://bad.example:{site.port}/")
        assert len(site.calls) == 1


def test_nobody_is_led_from_a_closed_line_to_an_open_one(trusting: Trusting, tls: Tls) -> None:
    with (
        trap() as plain,
        trap(say("302 On", Location=f"http://good.example:{plain.port}/"), tls=tls("good.example")) as closed,
    ):
        session = trusting(closed, plain, good_example="127.0.0.1")
        with pytest.raises(RedirectError):
            session.get(f"https://good.example:{closed.port}/")
        assert (len(closed.calls), plain.caught()) == (1, 0)


def test_a_tls_server_that_drips_is_not_waited_for(trusting: Trusting, tls: Tls) -> None:
    for answer, context in (
        (begin(HEAD, b"X", 0.01), tls("good.example")),
        (begin(b"\x16\x03\x03\x40", b"\0", 0.01), None),
    ):
        with trap(answer, tls=context) as site:
            session = trusting(site, good_example="127.0.0.1")
            session.deadline = 0.5
            with pytest.raises(FetchError):
                session.get(f"https://good.example:{site.port}/")


def test_nothing_can_be_mounted_beside_the_guard(app: Flask) -> None:
    with trap() as inside:
        app.config["CMS_FETCH_PORTS"] = [inside.port]
        session = guarded_session()
        session.mount(inside.address, requests.adapters.HTTPAdapter())
        with pytest.raises(RefusedError):
            session.get(inside.address)
        assert inside.caught() == 0


def test_a_session_of_authlib_goes_out_by_the_same_door(app: Flask, door_to: Callable[..., None]) -> None:
    class Ours(GuardedSession, OAuth2Session):
        pass

    token = json.dumps({"access_token": "t", "token_type": "Bearer"}).encode()
    with trap(say("200 OK", token, Content_Type="application/json")) as provider, trap() as inside:
        door_to(provider)
        app.config["CMS_FETCH_PORTS"] = [inside.port]
        session = Ours("client", "secret")
        assert session.fetch_token(f"{provider.address}/token", code="c", grant_type="authorization_code")
        with pytest.raises(RefusedError):
            session.fetch_token(f"{inside.address}/token", code="c", grant_type="authorization_code")
        with pytest.raises(RefusedError):
            session.get(f"{inside.address}/user")
        assert inside.caught() == 0


def test_faults_tell_nothing_of_the_inside(app: Flask, door_to: Callable[..., None]) -> None:
    with trap() as gone:
        pass
    door_to(gone)
    for url in (gone.address, "http://no-such-name.invalid/"):
        with pytest.raises(FetchError) as error:
            fetch(url)
        assert not any(
            word in str(error.value) for word in ("127.0.0.1", str(gone.port), "refused", "Errno", "invalid")
        )
