"""Each route, each method, each person: the answer that the table says."""

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.guards import routes
from tests.guards.routes import ORDER, World

TABLE = routes.read_table()


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


def test_nobody_below_may_do_more() -> None:
    """What is open to Sue is open to Con, and so on up to Ada; but for what is everybody's own."""
    wrong = {
        name: words
        for name, words in TABLE.items()
        if "ok" in words and set(words[words.index("ok") :]) != {"ok"} and " /account/" not in name
    }
    assert wrong == {}


def test_no_answer_is_a_fault_of_ours() -> None:
    assert {name: words for name, words in TABLE.items() if any(word.startswith("5") for word in words)} == {}
