"""The table of who gets what: each route and method, asked by each person, on things of Art's.

Pages are asked by a browser with a cookie, the API by a program with an access token.

`routes.txt` holds the expected answers; `python -m tests.guards.routes --write` adds lines for new routes and takes
out those that are gone, and leaves all others alone. `--anew` writes them all. Read what it wrote: the table is right
only if somebody judged it.

    ok      the request was taken (also if the empty form it sent needs another look)
    login   go and sign in first (401 where programs ask)
    403     seen, but not allowed
    404     no such thing, for this person
"""

import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Flask
from sqlalchemy import select, update
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from cms.accounts.actions.create_group import create_group
from cms.accounts.actions.create_token import create_token
from cms.accounts.actions.create_user import create_user
from cms.accounts.links import invitation_token, reset_token
from cms.accounts.models import Identity, Role, SignIn
from cms.accounts.safety_links import not_me_link
from cms.api.access import is_api
from cms.core.db import current_session, transaction
from cms.core.permissions import system_user
from cms.extensions import db
from cms.factory import create_app
from cms.lib.clock import utcnow
from tests import databases
from tests.clients import PageClient
from tests.factories import make_page, make_post, make_term, user
from tests.factories.media import make_media
from tests.people import ADA, ART, CON, ED, EVERYBODY, NOBODY, PASSWORD, SUE, Person

ROOT = Path(__file__).parents[2]
TABLE = Path(__file__).with_name("routes.txt")
#: From the least powerful to the most.
ORDER = (NOBODY, SUE, CON, ART, ED, ADA)
Line = tuple[str, ...]
#: Fields without which a request would be refused before anybody asks who sends it.
FORMS: dict[str, dict[str, str]] = {}
#: The same for programs; nothing is an empty object.
_SENT = {f"PUT /api/v1/{things}/<int:entry_id>": {"title": "Another"} for things in ("posts", "pages")}


class World:
    """An application with one thing of each kind, the people signed in, and a way back after each request."""

    def __init__(self, folder: Path) -> None:
        template = databases.sqlite_template(folder / "shared")
        self._database = folder / "instance" / "masthead.db"
        self._kept = folder / "kept.db"
        self._database.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(template, self._database)
        # A browser sends a token with each form; what is asked here is who may send it at all.
        providers = folder / "providers.toml"
        providers.write_text('[forge]\nkind = "github"\nclient_id = "masthead"\nclient_secret = "a secret"\n')
        more = {"WTF_CSRF_ENABLED": False, "PROPAGATE_EXCEPTIONS": False, "CMS_PROVIDERS_FILE": str(providers)}
        self.app = create_app(databases.settings(folder, **more))
        self.app.test_client_class = PageClient
        # The tables take longer than an hour's token lasts, on a slow machine.
        self.app.config["JWT_ACCESS_TOKEN_EXPIRES"] = timedelta(days=1)
        with self.app.app_context():
            self._samples = self._make_things()
        self._cookies: dict[str, str] = {}
        self._tokens: dict[str, str] = {}
        for person in EVERYBODY:
            self._let_in(person)
        self._keep()

    def _make_things(self) -> dict[str, dict[str, str]]:
        """Make what routes may name, and return what stands for each argument (`_make_things`)."""
        return _make_things()

    def address(self, rule: Rule) -> str:
        """Return an address that a rule matches; KeyError names an argument that has no sample yet."""
        given = dict(self._samples[""])
        parts = rule.endpoint.split(".")
        for length in range(1, len(parts) + 1):
            given |= self._samples.get(".".join(parts[:length]), {})
        arguments = {name: given[name] for name in rule.arguments}
        built = self.app.url_map.bind("localhost").build(rule.endpoint, arguments, append_unknown=False)
        return built + (f"?{urlencode(FORMS[rule.endpoint])}" if rule.endpoint in FORMS else "")

    def ask(self, rule: Rule, method: str, person: Person) -> str:
        """Return what a person gets, in a word; whatever the request changed is put back."""
        answer = self.send(rule, method, self.address(rule), person)
        answer.close()
        if method != "GET":
            self.put_back()
        return word_for(answer)

    def send(self, rule: Rule, method: str, path: str, person: Person, **options: Any) -> TestResponse:
        """Send a request as a person's browser does, or as their program where the route is one of the API."""
        # A new client each time: an answer may sign somebody out.
        if not is_api(rule.rule):
            headers = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
            return self.client(person).open(path, method=method, headers=headers, buffered=True, **options)
        if method in ("POST", "PUT", "PATCH"):
            options.setdefault("json", _SENT.get(f"{method} {rule.rule}", {}))
        return self.program().open(path, method=method, headers=self.bearer(person), buffered=True, **options)

    def client(self, person: Person) -> PageClient:
        """Return a browser with the cookie of a person."""
        client = self.app.test_client()
        assert isinstance(client, PageClient)
        if cookie := self._cookies[person.name]:
            client.set_cookie("masthead", cookie)
        return client

    def program(self) -> PageClient:
        """Return a client that keeps no cookies."""
        client = self.app.test_client(use_cookies=False)
        assert isinstance(client, PageClient)
        return client

    def bearer(self, person: Person) -> dict[str, str]:
        """Return the header by which a program acts for a person; none for nobody."""
        token = self._tokens[person.name]
        return {"Authorization": f"Bearer {token}"} if token else {}

    def _let_in(self, person: Person) -> None:
        """Sign a person in, in a browser and in a program."""
        self._cookies[person.name] = self._sign_in(person)
        self._tokens[person.name] = self._sign_program_in(person)

    def _sign_program_in(self, person: Person) -> str:
        """Return an access token of a person, empty for nobody."""
        if person is NOBODY:
            return ""
        sent = {"email": person.email, "password": PASSWORD}
        answer = self.program().post("/api/v1/auth/login", json=sent)
        assert answer.status_code == 200, f"no token for {person.name}: {answer.get_data(as_text=True)}"
        told: Any = answer.json
        return str(told["access_token"])

    def _sign_in(self, person: Person) -> str:
        """Return the session cookie of a person, empty for nobody."""
        if person is NOBODY:
            return ""
        client = self.app.test_client()
        answer = client.post("/login", data={"email": person.email, "password": PASSWORD})
        cookie = client.get_cookie("masthead")
        assert answer.status_code == 302, f"{person.name} could not sign in: {answer.status}"
        assert cookie is not None
        return str(cookie.value)

    def _keep(self) -> None:
        with self.app.app_context():
            with transaction() as session:
                session.execute(update(SignIn).values(confirmed_at=utcnow() + timedelta(days=1)))
            with db.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            db.engine.dispose()
        shutil.copyfile(self._database, self._kept)

    def put_back(self) -> None:
        """Undo whatever requests changed."""
        # What is written goes into this file first, which was empty when all was kept.
        log = Path(f"{self._database}-wal")
        if not log.exists() or not log.stat().st_size:
            return
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()
        for suffix in ("-wal", "-shm"):
            Path(f"{self._database}{suffix}").unlink(missing_ok=True)
        shutil.copyfile(self._kept, self._database)

    def end(self) -> None:
        """Close the database."""
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()


def _make_things() -> dict[str, dict[str, str]]:
    """Make one thing of each kind and return what stands for each argument, by endpoint ("" for any)."""
    content, people = _make_content(), _make_people()
    shared = {name: content.pop(name) | people.pop(name) for name in ("", "api_v1")}
    return {
        **content,
        **people,
        "": {**shared[""], "name": "default", "rest": "nowhere"},
        "api_v1": {**shared["api_v1"], "code": "not_found"},
        "public.theme_file": {"path": _some_file("themes/default/static")},
        "admin_assets": {"filename": _some_file("cms/admin/static")},
        "api_v1.handbook": {"filename": _some_file("cms/api/static")},
        "admin_audit": {"key": "1"},
    }


def _make_content() -> dict[str, dict[str, str]]:
    category, tag = make_term("category", "Kitchen"), make_term("tag", "bread")
    post = make_post(author=ART, terms=(category, tag))
    page = make_page()
    media = make_media(by=user(ART), alt="A harbour")
    made = post.published_at
    assert made is not None
    return {
        "": {
            "slug": post.slug, "year": str(made.year), "month": f"{made.month:02d}", "entry_id": str(post.id),
            "filename": media.filename, "term_id": str(category.id),
        },
        "public.page": {"path": page.slug},
        "public.category": {"path": category.slug},
        "public.tag": {"path": tag.slug},
        "media.show": {"key": media.key},
        "api_v1": {"media_id": str(media.id)},
        "api_v1.pages": {"entry_id": str(page.id)},
        "api_v1.tags": {"term_id": str(tag.id)},
        "admin_posts": {"key": str(post.id)},
        "admin_pages": {"key": str(page.id)},
        "admin_categories": {"key": str(category.id)},
        "admin_tags": {"key": str(tag.id)},
        "admin_media": {"key": str(media.id)},
    }  # fmt: skip


def _make_people() -> dict[str, dict[str, str]]:
    with transaction():
        sue = user(SUE)
        invited = create_user(email="newcomer@example.com", name="Newcomer", by=system_user())
        invitation, reset = invitation_token(invited), reset_token(sue)
        not_me = not_me_link(sue).rpartition("/")[2]
    with transaction() as session:
        forge = {"provider": "forge", "issuer": "https://github.com", "subject": "1"}
        identity = Identity(user_id=user(ART).id, created_at=utcnow(), **forge)
        session.add(identity)
    with transaction():
        group_id = create_group(name="Desk", by=system_user()).id
    with transaction():
        token_id = create_token(user(ART), name="x", scopes=["media:file:upload"], days=7, by=user(ART))[0].id
    role = current_session().scalars(select(Role).where(Role.name == "author")).one()
    return {
        "": {
            # Nobody's: passkeys of others are looked at in functional/accounts/test_passkeys.py.
            "passkey_id": "1",
            # Sign-ins of others are looked at in functional/accounts/test_sessions.py.
            "sign_in_id": "1",
            "token_id": str(token_id),
        },
        "public.author": {"slug": user(ART).slug},
        "accounts.invitation": {"token": invitation},
        "security.reset_password": {"token": reset},
        "api_v1": {"user_id": str(invited.id), "token_id": "1"},
        "api_v1.roles": {"name": role.name},
        "accounts.not_me": {"token": not_me},
        "accounts.email_link": {"key": "nobodys"},
        "admin_users": {"key": str(sue.id)},
        "admin_roles": {"key": role.name, "name": role.name},
        "admin_groups": {"key": str(group_id)},
        "accounts.sign_in_with_provider": {"name": "forge"},
        "accounts.provider_answer": {"name": "forge"},
        "accounts.connect_provider": {"name": "forge"},
        "accounts.disconnect_provider": {"identity_id": str(identity.id)},
    }


def _some_file(folder: str) -> str:
    top = ROOT / folder
    return next(path for path in sorted(top.rglob("*.css"))).relative_to(top).as_posix()


def word_for(answer: TestResponse) -> str:
    """Return the word of the table for an answer."""
    status = answer.status_code
    if status in {301, 302, 303, 307, 308} and urlsplit(answer.headers["Location"]).path == "/login":
        return "login"
    return "ok" if status < 400 or status in {400, 409, 410, 413, 415, 422} else str(status)


def routes(app: Flask) -> dict[str, tuple[Rule, str]]:
    """Return each rule with each of its methods, by the name it has in the table."""
    return {
        f"{method} {rule.rule}": (rule, method)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    }


def read_table() -> dict[str, Line]:
    """Return the expected answers of each line, in the order of ORDER."""
    table = {}
    for line in TABLE.read_text("utf-8").splitlines() if TABLE.exists() else ():
        if line and not line.startswith("#"):
            method, rule, *words = line.split()
            table[f"{method} {rule}"] = tuple(words)
    return table


def write_table(table: Mapping[str, Line]) -> None:
    """Write the table, sorted by address."""
    names = [person.name for person in ORDER]
    width = max(map(len, table)) + 2
    head = (
        "# Who gets what; see routes.py.\n#\n# " + "route".ljust(width - 2) + "".join(name.ljust(8) for name in names)
    )
    lines = [
        route.ljust(width) + "".join(word.ljust(8) for word in words)
        for route, words in sorted(table.items(), key=lambda item: (item[0].partition(" ")[2], item[0]))
    ]
    TABLE.write_text("\n".join([head.rstrip(), *(line.rstrip() for line in lines)]) + "\n", "utf-8")


def asked(world: World, names: list[str]) -> Iterator[tuple[str, Line]]:
    """Yield what everybody gets at the routes named."""
    known = routes(world.app)
    for name in names:
        rule, method = known[name]
        yield name, tuple(world.ask(rule, method, person) for person in ORDER)


def main() -> None:
    """Bring the table up to date."""
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        known, table = routes(world.app), {} if "--anew" in sys.argv else read_table()
        table = {name: words for name, words in table.items() if name in known}
        new = dict(asked(world, [name for name in known if name not in table]))
        world.end()
    for name, words in new.items():
        print(name, *words)
    if "--write" in sys.argv or "--anew" in sys.argv:
        write_table(table | new)


if __name__ == "__main__":
    main()
