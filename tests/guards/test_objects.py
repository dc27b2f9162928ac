"""Each route that names something, each thing, each person: the answer that the table says, and what holds of all."""

from collections.abc import Callable, Iterator

import pytest

from tests.guards import objects
from tests.guards.objects import HEADS, ORDER, Line, Site

TABLE = objects.read_table()
DOORS = sorted({name.partition(" | ")[0] for name in TABLE})
#: What answers are worth: nothing is there, seen and refused, shown, changed.
WORTH = {"login": 0, "401": 0, "404": 0, "hidden": 0, "-": 0, "403": 1, "ok": 2, "shown": 2, "done": 3}
#: States in which readers see nothing.
HIDDEN = ("draft", "in review", "scheduled", "archived", "binned")


def _judged(table: dict[str, Line]) -> dict[str, Line]:
    """Return the table with what a door of the API says to whoever lacks its right altogether as 404.

    It says so of whatever is named there, and of what is not there at all: nobody learns of a thing by it.
    """
    shut = {
        (door, number)
        for door in DOORS
        if " /api/" in door
        for number in range(len(HEADS))
        if {words[number] for name, words in table.items() if name.partition(" | ")[0] == door} <= {"403", "-"}
    }
    return {
        name: tuple(
            "404" if word == "403" and (name.partition(" | ")[0], number) in shut else word
            for number, word in enumerate(words)
        )
        for name, words in table.items()
    }


JUDGED = _judged(TABLE)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One site for all lines of the table, brought back to where it was after each change."""
    made = Site(tmp_path_factory.mktemp("site"))
    yield made
    made.end()


def answers(chosen: Callable[[str, str], bool]) -> dict[str, dict[str, str]]:
    """Return the answers of the lines whose door and thing are `chosen`, by person."""
    return {name: dict(zip(HEADS, words, strict=True)) for name, words in JUDGED.items() if chosen(*name.split(" | "))}


def test_every_route_says_what_it_names(site: Site) -> None:
    """A new route with an argument fails until somebody says which things it names, or that it names none."""
    assert objects.unsaid(site) == set()


def test_table_is_complete(site: Site) -> None:
    known = objects.lines(site).keys()
    assert sorted(known - TABLE.keys()) == [], "python -m tests.guards.objects --write adds these"
    assert sorted(TABLE.keys() - known) == [], "python -m tests.guards.objects --write takes these out"


def _weighed(door: str) -> object:
    """The whole table takes minutes: the lists, the forms and the acts of posts stand for it in a quick run."""
    quick = " /admin/posts/<" in door
    return pytest.param(door, marks=() if quick else pytest.mark.long)


@pytest.mark.parametrize("door", [_weighed(door) for door in DOORS])
def test_everybody_gets_what_the_table_says(site: Site, door: str) -> None:
    known = objects.lines(site)
    expected = {name: words for name, words in TABLE.items() if name.partition(" | ")[0] == door}
    given: dict[str, Line] = {
        name: tuple(site.try_door(*known[name], person) for person in ORDER) for name in expected if name in known
    }
    assert given == expected


def test_nobody_below_gets_more() -> None:
    """Of what is somebody else's, each gets as much as the one before; of one's own, those who write do."""
    wrong = {}
    for name, words in JUDGED.items():
        thing = name.partition(" | ")[2]
        if thing.startswith("person"):
            # Nobody deletes their own account in the back office, and the last admin stays one.
            continue
        worth = [WORTH[word] for word in words[:6]]
        if worth != sorted(worth):
            wrong[name] = words
    assert wrong == {}


def test_rights_end_where_the_place_ends() -> None:
    """Who holds rights in a place does there what an editor does, and outside what somebody without rights does."""
    doors = ("/admin/posts/", "/admin/pages/", "/preview/")
    lines = answers(lambda door, _thing: any(part in door for part in doors))
    assert len(lines) > 300
    for name, given in lines.items():
        kind, inside = name.partition(" | ")[2].split()[:2]
        for person, their_kind in (("Category", "post"), ("Section", "page")):
            if kind == their_kind and inside == "inside":
                assert given[person] == given["Ed"], name
            else:
                assert WORTH[given[person]] == 0 or "/bulk/" in name, name
                assert given[person] != "done", name


def test_what_readers_do_not_see_is_there_for_those_alone_who_may_edit_it() -> None:
    lines = answers(
        lambda _door, thing: thing.split(" ", 2)[0] in ("post", "page") and thing.split(" ", 2)[2] in HIDDEN
    )
    assert len(lines) > 300
    for name, given in lines.items():
        kind, whose, _state = name.partition(" | ")[2].split(" ", 2)
        allowed = {"Ed", "Ada"}
        allowed |= {"Con", "Art"} if kind == "post" and whose == "own" else set()
        allowed |= {"Category" if kind == "post" else "Section"} if whose == "inside" else set()
        got = {person for person, word in given.items() if WORTH[word] >= (3 if "/bulk/" in name else 1)}
        assert got <= allowed, name


def test_who_is_refused_sees_the_thing_and_whoever_sees_nothing_changes_nothing() -> None:
    """403 is for those who see: elsewhere the thing answers them. What is 404 to look at is not changed by anything."""
    seen: dict[tuple[str, str], bool] = {}
    for name, words in JUDGED.items():
        door, thing = name.split(" | ")
        for person, word in zip(HEADS, words, strict=True):
            looks = door.startswith("GET ") and word in ("ok", "shown", "403")
            seen[thing, person] = seen.get((thing, person), False) or looks
    for name, words in JUDGED.items():
        for person, word in zip(HEADS, words, strict=True):
            if word in ("403", "done"):
                assert seen[name.split(" | ")[1], person], (name, person)


def test_what_one_may_not_look_at_one_may_not_send() -> None:
    """Of each route that answers both, what is 404 to get is 404 to post."""
    for name, words in JUDGED.items():
        door, thing = name.split(" | ")
        if not door.startswith("POST "):
            continue
        looked = JUDGED.get(f"GET {door.split()[1]} | {thing}", ())
        # What shows nothing to anybody (a form that is sent anew after a challenge) tells nothing of who may send.
        for number, word in enumerate(words if {"ok", "403"} & set(looked) else ()):
            assert looked[number] != "404" or word == "404", (name, HEADS[number])


def test_strangers_learn_nothing_of_the_back_office() -> None:
    inside = answers(lambda door, thing: " /admin/" in door and " own " not in f" {thing} ")
    assert {name: given["Nobody"] for name, given in inside.items() if given["Nobody"] not in ("login", "-")} == {}


def test_no_answer_is_a_fault_of_ours_and_no_refusal_changes_anything() -> None:
    assert {name: words for name, words in JUDGED.items() if not set(words) <= WORTH.keys()} == {}


#: Doors of programs, and those of the back office that do the same.
_ALIKE = {
    f"{door} ": other
    for kind in ("post", "page")
    for door, other in (
        (f"PATCH /api/v1/{kind}s/<int:entry_id>", f"POST /admin/{kind}s/<key>/ save"),
        (f"POST /api/v1/{kind}s/<int:entry_id>/publish", f"POST /admin/{kind}s/bulk/ publish"),
        (f"POST /api/v1/{kind}s/<int:entry_id>/restore", f"POST /admin/{kind}s/bulk/ restore"),
        (f"DELETE /api/v1/{kind}s/<int:entry_id>", f"POST /admin/{kind}s/bulk/ bin"),
        *(
            (f"POST /api/v1/{kind}s/<int:entry_id>/{act}", f"POST /admin/{kind}s/<key>/ {act}")
            for act in ("submit", "return", "unpublish", "schedule", "archive")
        ),
    )
} | {
    "DELETE /api/v1/roles/<name> ": "POST /admin/roles/<key>/delete/",
    "PATCH /api/v1/categories/<int:term_id> ": "POST /admin/categories/<key>/",
    "DELETE /api/v1/categories/<int:term_id> ": "POST /admin/categories/<key>/delete/",
    "PATCH /api/v1/tags/<int:term_id> ": "POST /admin/tags/<key>/",
    "DELETE /api/v1/tags/<int:term_id> ": "POST /admin/tags/<key>/delete/",
    "PATCH /api/v1/media/<int:media_id> ": "POST /admin/media/<key>/",
    "DELETE /api/v1/media/<int:media_id> ": "POST /admin/media/<key>/delete/",
    "POST /api/v1/media/<int:media_id>/restore ": "POST /admin/media/bulk/ restore",
}


@pytest.mark.parametrize("door", sorted(_ALIKE))
def test_programs_may_what_their_people_may(door: str) -> None:
    """Whoever changes a thing in the back office changes it by the API, and nobody else does."""
    rows = {name.partition(" | ")[::2]: words for name, words in TABLE.items()}
    by_program = {thing: words for (known, thing), words in rows.items() if f"{known} " == door}
    by_hand = {thing: words for (known, thing), words in rows.items() if known == _ALIKE[door]}
    assert by_program
    changed = {thing: [word == "done" for word in words] for thing, words in by_program.items()}
    assert changed == {thing: [word == "done" for word in words] for thing, words in by_hand.items()}
