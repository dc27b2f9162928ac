"""What the applications of one test process share: what is made of text alone, and comes out the same for each.

Every test has an application of its own. Templates, addresses and statements are compiled for the first that
needs them; the others take the same code. Nothing here knows an application, a database or a person.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import cache
from types import CodeType
from typing import Any, ClassVar

import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from cms.theming.sandbox import ThemeEnvironment


class _Templates(BytecodeCache):
    """Compiled templates, by kind of environment, name, file and source."""

    def __init__(self) -> None:
        self._kept: dict[tuple[type, str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what was compiled from this very source."""
        bucket.code = self._kept.get((type(bucket.environment), bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self._kept[type(bucket.environment), bucket.key, bucket.checksum] = bucket.code


class _SharedRule(Rule):
    """A route whose maker of addresses, a function compiled from its text, is compiled once."""

    _kept: ClassVar[dict[tuple[Any, ...], Callable[..., tuple[str, str]]]] = {}

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        if self.defaults:
            return super()._compile_builder(append_unknown)
        key = (self.rule, tuple(self._trace), append_unknown)
        if key not in self._kept:
            self._kept[key] = super()._compile_builder(append_unknown)
        return self._kept[key]


@cache
def _alike(dialect: type[sa.Dialect]) -> type[sa.Dialect]:
    """Return the class of dialects that take each other's compiled statements."""
    made: type[sa.Dialect] = type(
        dialect.__name__,
        (dialect,),
        {
            "__eq__": lambda self, other: type(self) is type(other),
            "__hash__": lambda self: hash(type(self)),
            "supports_statement_cache": dialect.supports_statement_cache,
        },
    )
    return made


_statements: LRUCache[Any, Any] = LRUCache(2000)
_make_engine = SQLAlchemy._make_engine


def _make_sharing_engine(*given: Any) -> sa.Engine:
    engine = _make_engine(*given)
    engine.dialect.__class__ = _alike(type(engine.dialect))
    engine._compiled_cache = _statements
    return engine


def begin() -> None:
    """Let all applications that are made from here on share, and look for garbage as seldom as memory allows.

    An application is one big circle. As Python is set up, searching for those that are gone took a fifth of the run.
    """
    gc.set_threshold(50_000, 20, 10)
    templates = _Templates()
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": templates}
    ThemeEnvironment.compiled = templates
    Flask.url_rule_class = _SharedRule
    SQLAlchemy._make_engine = _make_sharing_engine


def settle() -> None:
    """Count all that was loaded as here to stay."""
    gc.collect()
    gc.freeze()
