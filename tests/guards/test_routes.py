"""Each route, each method, each person: the answer that the table says."""

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.guards import routes
from tests.guards.routes import ORDER, World
from tests.people import ADA, NOBODY

TABLE = routes.read_table()
#: Where everybody finds what is theirs alone.
_OWN = (" /account/", " /api/v1/me/", " /api/v1/users/me/")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One application for all lines of the table, brought back to where it was after each request."""
    made = World(tmp_path_factory.mktemp("world"))
    yield made
    made.end()


def test_table_is_complete(app: Flask) -> None:
    """A new route fails until somebody says who may use it."""
    known = set(routes.routes(app))
    assert known - TABLE.keys() == set(), "python -m tests.guards.routes --write adds these"
    assert TABLE.keys() - known == set(), "python -m tests.guards.routes --write takes these out"


@pytest.mark.parametrize("name", TABLE)
def test_everybody_gets_what_the_table_says(world: World, name: str) -> None:
    rule, method = routes.routes(world.app)[name]
    given = {person.name: world.ask(rule, method, person) for person in ORDER}
    assert given == dict(zip((person.name for person in ORDER), TABLE[name], strict=True))


def test_strangers_learn_nothing_of_the_back_office() -> None:
    inside = {name: words for name, words in TABLE.items() if " /admin/" in name and "/admin/static/" not in name}
    assert {name: words[0] for name, words in inside.items() if words[0] != "login"} == {}


def test_strangers_are_asked_for_a_token_wherever_the_api_is_not_open() -> None:
    inside = {name: words for name, words in TABLE.items() if " /api" in name and len(set(words)) > 1}
    # What readers may see of some is not there for them in others.
    hidden = {name for name, words in inside.items() if name.startswith("GET ") and words[0] == "404"}
    assert {name: words[0] for name, words in inside.items() if words[0] != "401" and name not in hidden} == {}


def test_no_cookie_opens_the_api(world: World) -> None:
    """A browser in which an admin is signed in gets what nobody gets."""
    known = routes.routes(world.app)
    closed = [name for name, words in TABLE.items() if " /api" in name and words[0] == "401"]
    assert closed
    for name in closed:
        rule, method = known[name]
        answer = world.client(ADA).open(world.address(rule), method=method, json={})
        assert (name, answer.status_code) == (name, 401)


def test_no_token_opens_the_back_office(world: World) -> None:
    """A program that an admin signed in gets what nobody gets, also with the token as a cookie."""
    known = routes.routes(world.app)
    inside = [name for name, words in TABLE.items() if words[0] == "login"]
    assert len(inside) > 50
    token = world.bearer(ADA)["Authorization"].partition(" ")[2]
    for name in inside:
        rule, method = known[name]
        path = world.address(rule)
        assert routes.word_for(world.program().open(path, method=method, headers=world.bearer(ADA))) == "login", name
        client = world.client(NOBODY)
        for cookie in ("masthead", "masthead-remember"):
            client.set_cookie(cookie, token)
        assert routes.word_for(client.open(path, method=method)) == "login", name


def test_nobody_below_may_do_more() -> None:
    """What is open to Sue is open to Con, and so on up to Ada; but for what is everybody's own."""
    wrong = {
        name: words
        for name, words in TABLE.items()
        if "ok" in words and set(words[words.index("ok") :]) != {"ok"} and not any(own in name for own in _OWN)
    }
    assert wrong == {}


def test_no_answer_is_a_fault_of_ours() -> None:
    assert {name: words for name, words in TABLE.items() if any(word.startswith("5") for word in words)} == {}
