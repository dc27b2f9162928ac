"""No forgotten file, no tool of ours, no word of the inside; every answer carries closed headers (cases 55, 56)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, render_template_string
from flask.sessions import SecureCookieSessionInterface
from flask_security.utils import hash_password
from werkzeug.test import TestResponse

from cms.config import ConfigurationError
from cms.core.headers import FILE_POLICY, PERMISSIONS
from cms.core.permissions import public_route
from tests.clients import PageClient
from tests.factories import make_post
from tests.factories.media import make_media
from tests.people import ADA, NOBODY, PASSWORD, Person

As = Callable[[Person], PageClient]
ROOT = Path(__file__).parents[2]
FORGOTTEN = (
    ".git/HEAD", ".git/config", ".gitignore", ".env", ".env.example", ".htaccess", ".htpasswd", ".DS_Store",
    ".svn/entries", ".vscode/settings.json", ".ssh/id_rsa", ".bash_history", ".ci/run", "app.py", "app.pyc",
    "config.py", "wsgi.py", "requirements.txt", "pyproject.toml", "Makefile", "Dockerfile", "docker-compose.yml",
    "package.json", "README.md", "CHANGELOG.md", "PLAN.md", "instance/", "instance/masthead.db",
    "instance/secrets.toml", "instance/config.py", "masthead.db", "masthead.db-wal", "db.sqlite", "database.sql",
    "dump.sql", "backup.zip", "backup.tar.gz", "site.tar", "uploads/", "uploads/originals/", "media/", "static/",
    "static/admin/", "static/admin/manifest.json~", "theme/", "theme/default/", "theme/default/theme.toml",
    "theme/default/../theme.toml", "theme/default/..%2ftheme.toml", "static/admin/..%2f..%2fbase.py",
    "static/admin/../base.py", "templates/", "cms/factory.py", "migrations/env.py", "tests/", "docs/", "console",
    "debug", "debug/default/view", "_debug_toolbar/", "admin/rediscli/", "admin/fileadmin/", "server-status",
    "server-info", "phpinfo.php", "info.php", "wp-config.php", "wp-config.php.bak", "xmlrpc.php", "actuator/env",
    "actuator/heapdump", "metrics", "swagger.json", "openapi.json", "graphql", "api/", "api/v1/config",
    "?__debugger__=yes&cmd=resource&f=debugger.js", "WEB-INF/web.xml", "crossdomain.xml", "elmah.axd", "trace.axd",
)  # fmt: skip
INSIDE = ("Traceback", "werkzeug", "site-packages", "/cms/", "jinja2", "sqlite", "SECRET_KEY", "debugger", "Index of")


def test_no_forgotten_file_is_served(app: Flask, client: PageClient, as_: As) -> None:
    for path, asker in product(FORGOTTEN, (client, as_(ADA))):
        answer = asker.get(f"/{path}", buffered=True)
        text = answer.get_data(as_text=True)
        if path.startswith("?"):
            assert answer.mimetype == "text/html"
        elif path.startswith("admin/"):
            assert answer.status_code in (302, 404), path
        else:
            assert answer.status_code == 404, (path, answer.status)
        assert [word for word in INSIDE if word in text] == [], path


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "DEBUG", "PROPFIND", "CONNECT", "OPTIONS", "get", "X" * 300])
def test_odd_methods_are_refused(app: Flask, client: PageClient, method: str) -> None:
    for path in ("/", "/login", "/posts/loaf/", "/static/admin/manifest.json"):
        answer = client.open(path, method=method, headers={"X-Secret": "canary"}, buffered=True)
        assert answer.status_code in (200, 404, 405), (path, answer.status)
        assert "canary" not in answer.get_data(as_text=True)
        if method not in ("OPTIONS", "get"):
            assert answer.status_code in (404, 405)


@pytest.fixture
def production(make_app: Callable[..., Flask]) -> Iterator[Flask]:
    """A site as the world sees it."""
    app = make_app(
        TESTING=False,
        CMS_ENV="production",
        SECRET_KEY="b8Vt0wq1Zs7Kx3Lm9Pn5Rj2Hy6Gd4Fc0a",
        SECURITY_PASSWORD_SALT="q7Wm2Kx9Lp4Zs8Rt",
        CMS_AUDIT_KEYS="first:zR8mKq2Lw7Xc4Vb9Nt1Yp6Hj3Gd5Fs0aQe",
        CMS_DATA_KEYS="Tq3Wn8Zb5Kx1Lm9Rv4Cy7Hp2Jd6Gf0Sa8Ue",
        CMS_BASE_URL="https://chronicle.example",
        CMS_MAIL_URL="null://",
        PROPAGATE_EXCEPTIONS=False,
    )
    with app.app_context():
        yield app


def test_a_fault_tells_a_number_and_nothing_else(production: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_given: object, **_more: object) -> None:
        raise RuntimeError("canary of the inside")

    monkeypatch.setattr("cms.public.home.get_frame", broken)
    client = production.test_client()
    answer = client.get("/", base_url="https://chronicle.example")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 500
    assert "canary" not in text
    assert [word for word in INSIDE if word in text] == []
    assert answer.headers["X-Request-ID"] in text
    assert production.debug is False


def test_a_fault_in_a_template_tells_no_more(production: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither does one in the page about faults, nor one that a script hears as JSON."""

    @public_route
    def broken() -> str:
        return render_template_string("{{ canary.of.the.inside }}{% for x in 1 %}{% endfor %}")

    for rule in ("/broken", "/broken.json"):
        production.add_url_rule(rule, rule.strip("/"), broken)
    client = production.test_client()

    def ask(path: str, **headers: str) -> tuple[str, str]:
        answer = client.get(path, base_url="https://chronicle.example", headers=headers)
        assert answer.status_code == 500
        text = answer.get_data(as_text=True)
        assert [word for word in (*INSIDE, "canary", "RuntimeError", "UndefinedError") if word in text] == []
        assert answer.headers["X-Request-ID"] in text
        assert "no-store" in answer.headers["Cache-Control"]
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        return answer.mimetype, text

    assert ask("/broken")[0] == "text/html"
    for kind, text in (ask("/broken.json"), ask("/broken", Accept="application/json")):
        assert kind == "application/json"
        assert set(json.loads(text)) == {"error", "request_id"}

    def breaks_too(*_given: object, **_more: object) -> None:
        raise RuntimeError("canary of the inside")

    monkeypatch.setattr("cms.public.errors.show", breaks_too)
    kind, text = ask("/broken")
    assert kind == "text/plain"
    assert len(text) < 40


ANSWERS = (
    "/", "/posts/loaf/", "/search?q=loaf", "/feed.xml", "/sitemap.xml", "/robots.txt", "/nothing/", "/login", "/reset",
    "/admin/", "/theme/icon.svg", "/static/admin/manifest.json", "/appearance.css", "/healthz", "/readyz",
    "/media/{key}/{name}", "/invitation/x", "/change",
)  # fmt: skip


def test_every_answer_is_closed(production: Flask) -> None:
    """ASVS 5.0, V3: no sniffing, no framing, nothing inline, no other host, HTTPS for a year, no word of the server."""
    media = make_media()
    make_post("Loaf", featured_media_id=media.id)
    client = production.test_client()
    for path in ANSWERS:
        where = path.format(key=media.key, name=media.filename)
        answer = client.get(where, base_url="https://chronicle.example", buffered=True)
        headers, policy = answer.headers, answer.headers["Content-Security-Policy"]
        assert answer.status_code in (200, 302, 404, 410), path
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains", path
        assert headers.get("Referrer-Policy", "no-referrer") != "unsafe-url", path
        assert policy.startswith("default-src 'none'"), path
        assert "unsafe" not in policy, path
        assert not re.search(r"[\s:]\*|https?:(?!//)|data:(?<!img-src 'self' data:)", policy), policy
        assert "frame-ancestors" in policy, path
        assert "Access-Control-Allow-Origin" not in headers, path
        assert "X-Powered-By" not in headers, path
        assert "X-Cache" not in headers, path
        assert "charset=utf-8" in headers["Content-Type"] or not headers["Content-Type"].startswith("text/"), path


#: What each kind of answer says beside its policy.
PAGE = {"Cross-Origin-Opener-Policy": "same-origin", "Permissions-Policy": PERMISSIONS, "Origin-Agent-Cluster": "?1"}
PRIVATE = PAGE | {"Cache-Control": "no-store, private", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin"}
OURS = {"Cross-Origin-Resource-Policy": "same-origin"}
KINDS = (
    ("/", PAGE | OURS),
    ("/posts/loaf/", PAGE | OURS),
    ("/search?q=loaf", PAGE | OURS),
    ("/nothing/", PAGE | OURS),
    ("/login", PRIVATE | OURS),
    ("/reset/x", PRIVATE | OURS),
    ("/change", PRIVATE | OURS),
    ("/admin/", PRIVATE | OURS),
    ("/admin/nothing/", PRIVATE | OURS),
    ("/admin/find.json", OURS | {"Cache-Control": "no-store, private", "X-Frame-Options": "DENY"}),
    ("/feed.xml", OURS),
    ("/theme/icon.svg", OURS),
    ("/media/{key}/{name}", {"Cross-Origin-Resource-Policy": "cross-origin", "Content-Security-Policy": FILE_POLICY}),
)


@pytest.mark.parametrize(("path", "wanted"), KINDS, ids=[path for path, _wanted in KINDS])
def test_each_kind_of_answer_has_its_headers(app: Flask, as_: As, path: str, wanted: dict[str, str]) -> None:
    media = make_media()
    make_post("Loaf", featured_media_id=media.id)
    where = path.format(key=media.key, name=media.filename)
    for person in (NOBODY, ADA):
        answer = as_(person).get(where, buffered=True)
        if answer.status_code == 302:
            continue
        assert {name: answer.headers.get(name) for name in wanted} == wanted
        policy = dict(part.partition(" ")[::2] for part in answer.headers["Content-Security-Policy"].split("; "))
        if answer.mimetype != "text/html":
            assert "script-src" not in policy
            continue
        assert policy["require-trusted-types-for"] == "'script'"
        assert policy["report-uri"] == "/csp-reports"
        assert policy["object-src"] == policy["base-uri"] == "'none'"
        if "X-Frame-Options" in wanted:
            assert re.fullmatch(r"'nonce-[\w-]{22}'", policy["script-src"])
            assert policy["frame-ancestors"] == "'none'"
        else:
            assert policy["script-src"] == "localhost/theme/"
        edits = path.startswith("/admin/")
        assert policy["trusted-types"] == ("masthead-paste ProseMirrorClipboard" if edits else "'none'")


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "127.0.0.1:8000"])
def test_a_numeric_host_has_the_scripts_of_its_own_origin(app: Flask, client: PageClient, host: str) -> None:
    """Policies know no paths there, so naming one would leave the page without its script."""
    policy = client.get("/", headers={"Host": host}).headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy


def test_pages_that_are_kept_hold_no_nonce(make_app: Callable[..., Flask]) -> None:
    app = make_app(CACHE_TYPE="shared")
    with app.app_context():
        make_post("Loaf")
    told = [app.test_client().get("/posts/loaf/") for _time in range(2)]
    assert [answer.headers["X-Cache"] for answer in told] == ["miss", "hit"]
    assert told[0].headers["Content-Security-Policy"] == told[1].headers["Content-Security-Policy"]
    assert all("nonce" not in str(answer.headers) + answer.get_data(as_text=True) for answer in told)


def test_every_cookie_is_for_this_host_over_https_alone(make_app: Callable[..., Flask]) -> None:
    """All that the site keeps in a browser: session, "stay signed in", the look, the appearance, an opened post."""
    app = make_app(CMS_BASE_URL="https://chronicle.example")
    with app.app_context():
        make_post("Locked", visibility="password", password_hash=hash_password("sesame"))
    client = app.test_client()
    assert isinstance(client, PageClient)
    set_cookies: list[str] = []

    def ask(method: str, path: str, **more: Any) -> TestResponse:
        answer = client.open(path, method=method, base_url="https://chronicle.example", **more)
        set_cookies.extend(answer.headers.getlist("Set-Cookie"))
        return answer

    def token(path: str) -> dict[str, str]:
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', ask("GET", path).get_data(as_text=True))
        assert found is not None
        return {"csrf_token": found[1]}

    same = {"Origin": "https://chronicle.example", "Referer": "https://chronicle.example/login"}
    ask("POST", "/appearance", data={"theme": "dark"}, headers=same)
    ask("POST", "/appearance", data={"theme": "auto"}, headers=same)
    assert ask("POST", "/posts/locked/", data={"password": "sesame"}, headers=same).status_code == 303
    fields = {"email": ADA.email, "password": PASSWORD, "remember": "y", **token("/login")}
    assert ask("POST", "/login", data=fields, headers=same).status_code == 302
    look = {"theme": "dark", **token("/admin/profile/")}
    assert ask("POST", "/admin/look/", data=look, headers=same).status_code == 303
    assert ask("POST", "/logout", data=token("/admin/profile/"), headers=same).status_code == 302
    names = {line.partition("=")[0] for line in set_cookies}
    assert names >= {f"__Host-{name}" for name in COOKIES}, names
    for line in set_cookies:
        parts = [part.strip().lower() for part in line.split(";")]
        assert line.startswith("__Host-"), line
        assert {"secure", "httponly", "path=/", "samesite=lax"} <= set(parts), line
        assert not [part for part in parts if part.startswith("domain")], line


COOKIES = ("masthead", "masthead-remember", "mh_look", "appearance", "masthead_pass")


def test_cookies_are_set_in_one_place() -> None:
    """`core/cookies.py` gives them their name and their flags."""
    setting = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "cms").rglob("*.py")
        if re.search(r"\.(?:set|delete)_cookie\(", path.read_text("utf-8"))
    ]
    assert setting == ["cms/core/cookies.py"]


def test_no_other_origin_may_read(app: Flask, client: PageClient) -> None:
    for path in ("/", "/admin/find.json", "/feed.xml", "/login"):
        asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
        for method in ("GET", "OPTIONS"):
            answer = client.open(path, method=method, headers=asked)
            assert not [name for name, _value in answer.headers if name.lower().startswith("access-control")], path


def test_a_nonce_is_used_once(app: Flask, client: PageClient, as_: As) -> None:
    seen = set()
    for asker, path in ((client, "/login"), (as_(ADA), "/admin/"), (as_(ADA), "/admin/nothing/")):
        for _round in range(4):
            (nonce,) = re.findall(r"'nonce-([\w-]{22,})'", asker.get(path).headers["Content-Security-Policy"])
            seen.add(nonce)
    assert len(seen) == 12


def test_sign_in_pages_hold_nothing_inline(app: Flask, client: PageClient) -> None:
    """Flask-Security's own pages bring a style without a nonce; ours bring none."""
    for path in ("/login", "/reset", "/reset/x", "/invitation/x", "/register"):
        answer = client.get(path, follow_redirects=True)
        text = answer.get_data(as_text=True)
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\bsrc=)", text), path
        assert "bootstrap" not in answer.headers["Content-Security-Policy"], path


WORN_OUT = (
    "", "secret", "SECRET", "secret_key", "SECRET_KEY", "secret-key", "secretkey", "changeme", "change-me", "change_me",
    "dev", "development", "test", "testing", "password", "admin", "flask", "super-secret", "supersecret", "x",
    "your-secret-key", "you-will-never-guess", "masthead", "A0Zr98j/3yX R~XHH!jmN]LWX/,?RT", "_5#y2L\"F4Q8z\\n\\xec]/",
)  # fmt: skip


def test_no_cookie_signed_with_a_known_key_is_believed(app: Flask, as_: As) -> None:
    """What a real session holds, signed with keys out of books and examples."""
    inside = as_(ADA)
    with inside.session_transaction() as session:
        held = dict(session)
    interface = app.session_interface
    assert isinstance(interface, SecureCookieSessionInterface)
    real = app.secret_key
    for key in WORN_OUT[1:]:
        app.secret_key = key
        signer = interface.get_signing_serializer(app)
        app.secret_key = real
        assert signer is not None
        thief = app.test_client()
        thief.set_cookie("masthead", str(signer.dumps(held)))
        assert thief.get("/admin/").status_code == 302, key
    assert inside.get("/admin/").status_code == 200


@pytest.mark.parametrize("key", WORN_OUT)
def test_no_site_starts_for_the_world_with_a_known_key(make_app: Callable[..., Flask], key: str) -> None:
    given = {"TESTING": False, "CMS_ENV": "production", "CMS_BASE_URL": "https://chronicle.example"}
    with pytest.raises(ConfigurationError, match="SECRET_KEY"):
        make_app(**given, SECRET_KEY=key, SECURITY_PASSWORD_SALT="q7Wm2Kx9Lp4Zs8Rt", CMS_MAIL_URL="null://")
