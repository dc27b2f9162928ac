"""The table of who gets what of which thing: each route that names something × things of all sorts × people.

`objects.txt` holds the expected answers; `python -m tests.guards.objects --write` adds lines for new routes and takes
out those that are gone, `--anew` writes them all. Read what it wrote: the table is right only if somebody judged it.

    ok      the page is shown, or what was sent was taken without anything being changed by it
    done    something was changed
    shown   the thing stands in a list, or is found (`hidden`: it is not)
    login   go and sign in first
    403     seen, but not allowed
    404     no such thing, for this person
    -       there is no such thing (nobody owns nothing)

Things are one's own, somebody else's, or somebody else's "inside": in the category, or below the page, that the last
two hold their rights in (`category-editor`, `section-editor`).
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from werkzeug.routing import Rule

from cms.accounts.models import Group, Role
from cms.api.access import is_api
from cms.core.db import transaction
from tests.factories import make_page, make_term
from tests.guards.routes import World, word_for
from tests.guards.things import (
    IN_CATEGORY,
    IN_SECTION,
    SOMEBODY,
    STATES,
    VERBS,
    Thing,
    make_entry_thing,
    make_media_thing,
    make_person,
    make_person_thing,
    make_role,
    make_role_thing,
    make_term_thing,
)  # fmt: skip
from tests.people import ADA, ART, CON, ED, NOBODY, SUE, Person

TABLE = Path(__file__).with_name("objects.txt")
#: From the least powerful to the most; then those whose rights end at a place.
ORDER = (NOBODY, SUE, CON, ART, ED, ADA, IN_CATEGORY, IN_SECTION)
OWNERS = ORDER[1:]
HEADS = ("Nobody", "Sue", "Con", "Art", "Ed", "Ada", "Category", "Section")
Line = tuple[str, ...]

#: The sorts of things that the arguments of a route name: by endpoint, or for all routes of a view.
SORTS: dict[str, tuple[str, ...]] = {
    "public.post": ("post",),
    "public.page": ("page",),
    "public.preview": ("post", "page"),
    "public.category": ("category",),
    "public.tag": ("tag",),
    "public.author": ("person",),
    "media.show": ("media",),
    "admin_posts": ("post",),
    "admin_pages": ("page",),
    "admin_categories": ("category",),
    "admin_tags": ("tag",),
    "admin_media": ("media",),
    "admin_users": ("person",),
    "admin_roles": ("role",),
    "admin_groups": ("group",),
    "api_v1.posts": ("post",),
    "api_v1.pages": ("page",),
    "api_v1.categories": ("category",),
    "api_v1.tags": ("tag",),
    "api_v1.media": ("media",),
    "api_v1.users": ("person",),
    "api_v1.roles": ("role",),
}
#: Routes whose arguments name nothing of these sorts, and why; views as a whole too.
NAMELESS: dict[str, str] = {
    "public.period": "a time",
    "public.theme_file": "a file of a theme",
    "admin_assets.file": "a file of the back office",
    "admin_tags.suggest": "names of terms, which whoever writes may use",
    "admin_categories.suggest": "names of terms, which whoever writes may use",
    "admin_media.upload_json": "what is sent",
    "admin_posts.export_csv": "the rows of the list",
    "admin_pages.export_csv": "the rows of the list",
    "admin_posts.export_xlsx": "the rows of the list",
    "admin_pages.export_xlsx": "the rows of the list",
    "admin.nothing": "answers for what is nobody's",
    "admin_audit": "what was done, which admins alone read",
    "accounts": "what belongs to whoever asks, or a secret in the address",
    "security": "a secret in the address",
    "api": "answers for what is nobody's",
    "api_v1.problems": "sorts of errors",
    "api_v1.handbook": "files of the documentation",
    "api_v1.my_tokens": "what belongs to whoever asks: functional/api/test_my_tokens.py",
    "api_v1.my_sign_ins": "what belongs to whoever asks: functional/api/test_my_sign_ins.py",
}
#: What programs send to routes of the API, as JSON; nothing is an empty object.
SENT: dict[str, dict[str, object]] = {
    **{
        f"{method} api_v1.{view}": {name: "Another"}
        for method in ("PUT", "PATCH")
        for view, name in (
            ("posts.Post", "title"),
            ("pages.Page", "title"),
            ("categories.Category", "name"),
            ("tags.Tag", "name"),
        )
    },
    **{f"POST api_v1.{kind}s.schedule_{kind}": {"at": "2099-01-01T08:00:00Z"} for kind in ("post", "page")},
    "PATCH api_v1.media.OneMediaFile": {"alt": "Another"},
    "PATCH api_v1.users.UserView": {"name": "Another"},
    "PUT api_v1.roles.RoleView": {"label": "Another", "grants": []},
    "PATCH api_v1.roles.RoleView": {"label": "Another"},
}
#: What is sent to a route: several things one after the other, each with a name. Names in braces are put in.
FORMS: dict[str, dict[str, dict[str, str]]] = {
    **{
        f"POST admin_{kind}s.edit_view": {
            act: {"act": act} for act in ("save", "publish", "submit", "return", "unpublish", "archive")
        }
        | {"schedule": {"act": "schedule", "published_at": "2099-01-01T08:00"}}
        for kind in ("post", "page")
    },
    "POST admin_posts.action_view": {
        act: {"row": f"{act}:{{key}}", "confirmed": "1"} for act in ("publish", "archive", "bin", "restore", "erase")
    },
    "POST admin_pages.action_view": {
        act: {"act": act, "id": "{key}", "confirmed": "1"} for act in ("publish", "bin", "restore")
    },
    "POST admin_media.action_view": {"restore": {"act": "restore", "id": "{key}"}},
}
#: Routes without an argument that name things in what is sent, and those that find things by their name.
BY_FORM = {
    "POST admin_posts.action_view": "post",
    "POST admin_pages.action_view": "page",
    "POST admin_media.action_view": "media",
}
FINDING: dict[str, tuple[str, ...]] = {
    "admin_posts.index_view": ("post",),
    "admin_pages.index_view": ("page",),
    "admin.find": ("post", "page", "person"),
    "admin.find_entries": ("post", "page"),
    "public.search": ("post", "page"),
    "admin_media.index_view": ("media",),
    "admin_media.picker_json": ("media",),
    "admin_users.index_view": ("person",),
    "api_v1.posts.Posts": ("post",),
    "api_v1.pages.Pages": ("page",),
    "api_v1.media.MediaFiles": ("media",),
    "api_v1.users.Users": ("person",),
    "api_v1.search.Search": ("post", "page"),
}
#: Lists that call what is looked for, and the bin, otherwise than `q`, `state` and `bin`.
_ASKED: dict[str, tuple[str, dict[str, str]]] = {
    "api_v1.posts.Posts": ("search", {"state": "binned"}),
    "api_v1.pages.Pages": ("search", {"state": "binned"}),
    "api_v1.media.MediaFiles": ("search", {"binned": "true"}),
    "api_v1.users.Users": ("search", {}),
    "api_v1.search.Search": ("q", {}),
}
#: What changes when something was done.
_FACTS = (
    "SELECT id, version, state, binned_at FROM entries", "SELECT id, version, path FROM terms",
    "SELECT count(*) FROM revisions", "SELECT id, version, deleted_at FROM media_files",
    "SELECT id, name, email, active, slug, password FROM users", "SELECT id, name, label FROM roles",
    "SELECT * FROM role_grants ORDER BY 1, 2, 3", "SELECT * FROM roles_users ORDER BY 1, 2",
    "SELECT id, user_id FROM sign_ins", "SELECT id, name FROM groups", "SELECT * FROM groups_users ORDER BY 1, 2",
    "SELECT * FROM groups_roles ORDER BY 1, 2",
)  # fmt: skip


@dataclass(frozen=True)
class Door:
    """A route with a method, what is sent there, and the sort of thing it names."""

    endpoint: str
    rule: Rule
    method: str
    act: str
    sort: str
    finds: bool = False

    @property
    def name(self) -> str:
        """How the table calls it."""
        return f"{self.method} {self.rule.rule}{f' {self.act}' if self.act else ''}{' ?q=' if self.finds else ''}"


class Site(World):
    """A site with things of every sort in every state, and two people whose rights end at a place."""

    things: dict[tuple[str, str], dict[str, Thing]]

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        for person in (IN_CATEGORY, IN_SECTION):
            self._let_in(person)
        self._keep()
        self._database_facts = self._read_facts()

    def _make_things(self) -> dict[str, dict[str, str]]:
        samples = super()._make_things()
        category = make_term("category", "Food")
        inner = make_term("category", "Bread", parent=category)
        top = make_page("Handbook")
        section_id, category_id, inner_id = top.id, category.id, inner.id
        make_role(IN_CATEGORY, [f"content:post:{verb}" for verb in VERBS], f"category:{category_id}")
        make_role(IN_SECTION, [f"content:page:{verb}" for verb in VERBS], f"section:{section_id}")
        make_person(SOMEBODY)
        self.things = {}
        self._make_entries(section_id, inner_id)
        self._make_others(category_id, inner_id)
        return samples

    def _make_entries(self, section_id: int, term_id: int) -> None:
        for kind in ("post", "page"):
            for state, fields in STATES.items():
                for owner in OWNERS:
                    self._add(kind, f"own {state}", owner, make_entry_thing(kind, state, owner, fields))
                self._add(kind, f"other's {state}", None, make_entry_thing(kind, state, SOMEBODY, fields))
                inside = {"parent_id": section_id} if kind == "page" else {"term_id": term_id}
                self._add(kind, f"inside {state}", None, make_entry_thing(kind, state, SOMEBODY, fields, **inside))

    def _make_others(self, category_id: int, inner_id: int) -> None:
        named = {"held": category_id, "inside": inner_id, "other": make_term("category", "News").id}
        for name, term_id in named.items():
            self._add("category", name, None, make_term_thing(term_id))
        self._add("tag", "other", None, make_term_thing(make_term("tag", "rye").id))
        for number, owner in enumerate((*OWNERS, SOMEBODY)):
            self._add("media", "own" if owner is not SOMEBODY else "other's", owner, make_media_thing(owner, number))
        for name, person in (("a reader", SUE), ("an author", SOMEBODY), ("an admin", ADA)):
            self._add("person", name, None, make_person_thing(person))
        for owner in OWNERS:
            self._add("person", "oneself", owner, make_person_thing(owner))
        for role in (SUE.role, ED.role, ADA.role, IN_CATEGORY.role):
            self._add("role", str(role), None, make_role_thing(str(role)))

        with transaction() as session:
            group = Group(name="Night desk", roles=[session.query(Role).filter_by(name=ED.role).one()])
            session.add(group)
            session.flush()
            key = str(group.id)
        self._add("group", "of editors", None, Thing({"key": key}, "Night desk", {"name": "Another"}))

    def _add(self, sort: str, name: str, owner: Person | None, thing: Thing) -> None:
        owned = owner is not None and owner is not SOMEBODY
        self.things.setdefault((sort, name), {})[owner.name if owned and owner is not None else ""] = thing

    def names(self, sort: str) -> list[str]:
        """Return what things there are of a sort."""
        return [name for known, name in self.things if known == sort]

    def find(self, sort: str, name: str, person: Person) -> Thing | None:
        """Return the thing of that name, or one's own; None if the person has none."""
        owned = self.things[sort, name]
        return owned.get("") or owned.get(person.name)

    def try_door(self, door: Door, name: str, person: Person) -> str:
        """Return what a person gets of a thing at a door, in a word; whatever changed is put back."""
        thing = self.find(door.sort, name, person)
        if thing is None:
            return "-"
        known = dict(thing.arguments) | ({"key": thing.arguments["secret"]} if door.endpoint == "media.show" else {})
        arguments = {key: known[key] for key in door.rule.arguments}
        path = self.app.url_map.bind("localhost").build(door.endpoint, arguments, append_unknown=False)
        if door.finds:
            words, bin_ = _ASKED.get(door.endpoint, ("q", {"state": "bin", "bin": "1"}))
            query = {words: thing.title} | (bin_ if thing.binned else {})
            path += f"?{urlencode(query)}"
        sent: dict[str, Any] = {"data": self._form(door, thing)} if door.method == "POST" and not is_api(path) else {}
        if is_api(path) and door.method in ("POST", "PUT", "PATCH"):
            sent = {"json": SENT.get(f"{door.method} {door.endpoint}", {})}
        answer = self.send(door.rule, door.method, path, person, **sent)
        word = word_for(answer)
        if door.finds and word == "ok":
            # What was searched for stands in the field again; the thing itself is named by its mark.
            mark = thing.title if is_api(path) and door.sort == "person" else thing.arguments.get("mark", thing.title)
            word = "shown" if mark in answer.get_data(as_text=True) else "hidden"
        answer.close()
        if door.method != "GET" and self._read_facts() != self._database_facts:
            self.put_back()
            return "done" if word == "ok" else f"{word}!"
        return word

    def _form(self, door: Door, thing: Thing) -> dict[str, str | list[str]]:
        chosen = FORMS.get(f"{door.method} {door.endpoint}", {}).get(door.act, {})
        return {**thing.form, **{name: value.format(**thing.arguments) for name, value in chosen.items()}}

    def _read_facts(self) -> list[object]:
        connection = sqlite3.connect(self._database)
        try:
            return [connection.execute(query).fetchall() for query in _FACTS]
        finally:
            connection.close()


def doors(site: Site) -> Iterator[Door]:
    """Yield every door there is; KeyError names a route of which nobody said what it names."""
    for rule in site.app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            name = f"{method} {rule.endpoint}"
            if name in BY_FORM:
                for act in FORMS[name]:
                    yield Door(rule.endpoint, rule, method, act, BY_FORM[name])
            elif method == "GET" and rule.endpoint in FINDING:
                for sort in FINDING[rule.endpoint]:
                    yield Door(rule.endpoint, rule, method, "", sort, finds=True)
            elif rule.arguments and not _parts(rule.endpoint) & NAMELESS.keys():
                for sort in next(SORTS[part] for part in sorted(_parts(rule.endpoint)) if part in SORTS):
                    for act in FORMS.get(name, {"": {}}):
                        yield Door(rule.endpoint, rule, method, act, sort)


def _parts(endpoint: str) -> frozenset[str]:
    """Return an endpoint with what it lies in: `a.b.c`, `a.b`, `a`."""
    parts = endpoint.split(".")
    return frozenset(".".join(parts[:length]) for length in range(1, len(parts) + 1))


def unsaid(site: Site) -> set[str]:
    """Return the routes with arguments of which nobody said what they name."""
    known = SORTS.keys() | NAMELESS.keys()
    known |= FINDING.keys()
    rules = [rule for rule in site.app.url_map.iter_rules() if rule.arguments or _tells_programs(rule)]
    endpoints = {rule.endpoint for rule in rules}
    return {name for name in endpoints if not _parts(name) & known}


def _tells_programs(rule: Rule) -> bool:
    """Tell whether a route gives lists to programs: such a door is easily forgotten."""
    return rule.rule.startswith("/admin/") and rule.rule.endswith((".json", ".csv", ".xlsx", ".xml", ".ndjson"))


def lines(site: Site) -> dict[str, tuple[Door, str]]:
    """Return each line of the table: a door and a thing."""
    return {f"{door.name} | {door.sort} {name}": (door, name) for door in doors(site) for name in site.names(door.sort)}


def read_table() -> dict[str, Line]:
    """Return the expected answers of each line."""
    table = {}
    for line in TABLE.read_text("utf-8").splitlines() if TABLE.exists() else ():
        if line and not line.startswith("#"):
            name, thing, words = (part.strip() for part in line.split("|"))
            table[f"{name} | {thing}"] = tuple(words.split())
    return table


def write_table(table: Mapping[str, Line]) -> None:
    """Write the table, sorted by address."""
    parts = {name: name.split(" | ") for name in table}
    first, second = (max(len(part[column]) for part in parts.values()) for column in (0, 1))
    head = "# " + "route".ljust(first - 2) + " | " + "thing".ljust(second) + " | "
    head = f"# Who gets what of which thing; see objects.py.\n#\n{head}{''.join(name.ljust(9) for name in HEADS)}"
    rows = [
        f"{parts[name][0].ljust(first)} | {parts[name][1].ljust(second)} | {''.join(word.ljust(9) for word in words)}"
        for name, words in sorted(table.items(), key=lambda item: _place_in_table(item[0]))
    ]
    TABLE.write_text("\n".join([head.rstrip(), *(row.rstrip() for row in rows)]) + "\n", "utf-8")


def _place_in_table(name: str) -> tuple[str, str, str]:
    door, _bar, thing = name.partition(" | ")
    method, _space, rest = door.partition(" ")
    return rest, method, thing


def main() -> None:
    """Bring the table up to date."""
    with tempfile.TemporaryDirectory() as folder:
        site = Site(Path(folder))
        known, table = lines(site), {} if "--anew" in sys.argv else read_table()
        table = {name: words for name, words in table.items() if name in known}
        new = {
            name: tuple(site.try_door(door, thing, person) for person in ORDER)
            for name, (door, thing) in known.items()
            if name not in table
        }
        site.end()
    for name, words in new.items():
        print(name, *words)
    if "--write" in sys.argv or "--anew" in sys.argv:
        write_table(table | new)


if __name__ == "__main__":
    main()
