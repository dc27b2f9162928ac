"""How much a template may do: steps, characters written, lengths of what it makes.

Jinja's sandbox keeps templates away from the machine, but neither a nested loop nor a growing text is stopped by
it. Here is what counts and bounds them; `cms.theming.sandbox` builds it into the environment.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import Any

from jinja2.exceptions import SecurityError
from markupsafe import Markup

from cms.theming.errors import ThemeLimitError

#: Loop turns, macro calls and blocks that one rendering may take.
MAX_STEPS = 100_000
#: Characters that one rendering may write itself.
MAX_OUTPUT = 4_000_000
#: Characters or items that a single value made by a template may have.
MAX_SIZE = 200_000

_STEPS = f"A template takes more than {MAX_STEPS:,} steps: a loop in it is too long."
_OUTPUT = f"A template writes more than {MAX_OUTPUT:,} characters."
_SIZE = f"A template makes a value of more than {MAX_SIZE:,} characters."
_CONTAINERS = (list, tuple, dict, set, frozenset)

#: Filters that work on one plain value, and those that work on a list; there are no others in a theme.
_PLAIN_NAMES = (
    "abs capitalize e escape filesizeformat float forceescape int lower round safe string striptags "
    "title trim truncate upper urlencode wordcount"
)
_LIST_NAMES = (
    "attr count d default dictsort first groupby items last length list map max min reject rejectattr "
    "reverse select selectattr sort sum unique"
)
_PLAIN_FILTERS = frozenset(_PLAIN_NAMES.split())
_LIST_FILTERS = frozenset(_LIST_NAMES.split())


@dataclass
class Meter:
    """What one rendering has used so far."""

    steps: int = 0
    written: int = 0

    def step(self, size: int = 0) -> bool:
        """Count a step and the plain text it writes; returns True, so that it can stand in a condition."""
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise ThemeLimitError(_STEPS)
        return self.write(size)

    def write(self, size: int) -> bool:
        """Count `size` characters written."""
        self.written += size
        if self.written > MAX_OUTPUT:
            raise ThemeLimitError(_OUTPUT)
        return True


_running: ContextVar[Meter | None] = ContextVar("theme_meter", default=None)


@contextmanager
def metered() -> Iterator[Meter]:
    """Count what is rendered inside; a rendering inside another counts with it."""
    outer = _running.get()
    if outer is not None:
        yield outer
        return
    meter = Meter()
    token = _running.set(meter)
    try:
        yield meter
    finally:
        _running.reset(token)


def step(size: int = 0) -> bool:
    """Count a step of the rendering under way; compiled templates call this."""
    meter = _running.get()
    return meter is None or meter.step(size)


def written(value: Any) -> Any:
    """Count a value that a template writes, and refuse to write lists: their text has no bound."""
    if isinstance(value, _CONTAINERS):
        raise SecurityError("A template writes a whole list; it should write its items.")
    meter = _running.get()
    if meter is not None and isinstance(value, str):
        # A body may be longer than all the rest: it is the context's, not the template's doing.
        meter.write(min(len(value), MAX_SIZE))
    return value


def bounded(value: Any) -> Any:
    """Return `value`, or raise ThemeLimitError if it is a text or list that is too long."""
    if isinstance(value, str | list | tuple) and len(value) > MAX_SIZE:
        raise ThemeLimitError(_SIZE)
    return value


def joined(*parts: Any) -> str:
    """Join values as `~` does: plain ones are escaped if one of them is HTML."""
    return _join(parts, "")


def _join(parts: Iterable[Any], glue: str) -> str:
    pieces = list(parts)
    if any(isinstance(piece, _CONTAINERS) for piece in pieces):
        raise SecurityError("A template joins a list into a text; it should join its items.")
    texts = [piece if isinstance(piece, str) else str(piece) for piece in pieces]
    if sum(len(text) + len(glue) for text in texts) > MAX_SIZE:
        raise ThemeLimitError(_SIZE)
    if any(hasattr(piece, "__html__") for piece in (*pieces, glue)):
        return Markup("").join([Markup.escape(glue).join(pieces)])
    return glue.join(texts)


def _join_filter(parts: Iterable[Any], glue: str = "") -> str:
    return _join(parts, glue)


def _replace(text: Any, old: str, new: str, count: int = -1) -> str:
    whole = text if isinstance(text, str) else str(text)
    if len(whole) + whole.count(old) * len(new) > MAX_SIZE:
        raise ThemeLimitError(_SIZE)
    return whole.replace(old, new, count)


def bounded_filters(filters: dict[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """Return the filters a theme may use, of those that Jinja has, with bounded results."""
    allowed = {name: _bounded_filter(filters[name], plain=name in _PLAIN_FILTERS) for name in _PLAIN_FILTERS}
    allowed |= {name: _bounded_filter(filters[name], plain=False) for name in _LIST_FILTERS}
    return allowed | {"join": _join_filter, "replace": _replace}


def _bounded_filter(original: Callable[..., Any], *, plain: bool) -> Callable[..., Any]:
    @wraps(original)
    def limited(*args: Any, **kwargs: Any) -> Any:
        if plain and any(isinstance(argument, _CONTAINERS) for argument in args):
            raise SecurityError("A template uses a list where a text belongs.")
        return bounded(original(*args, **kwargs))

    return limited


def number_range(*bounds: int) -> range:
    """Return a range of at most MAX_STEPS numbers."""
    numbers = range(*bounds)
    if len(numbers) > MAX_STEPS:
        raise ThemeLimitError(_STEPS)
    return numbers


def plus(left: Any, right: Any) -> Any:
    """Add, with a bounded result."""
    return bounded(operator.add(left, right))


def times(left: Any, right: Any) -> Any:
    """Multiply numbers of at most 256 bits; texts and lists are not repeated."""
    if not all(isinstance(side, int | float) and abs(side) < 2**256 for side in (left, right)):
        raise SecurityError("A template may multiply numbers only, and not huge ones.")
    return operator.mul(left, right)


def power(left: Any, right: Any) -> Any:
    """Raise a number to a power of at most 64."""
    if abs(right) > 64 or abs(left) > 1_000_000:
        raise ThemeLimitError("A template raises a number to a power that is too high.")
    return operator.pow(left, right)


def modulo(left: Any, right: Any) -> Any:
    """Return the remainder; texts are not formatted with %, which knows no bound."""
    if isinstance(left, str):
        raise SecurityError("Templates fill in texts with ~, not with %.")
    return operator.mod(left, right)


BINARY_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {"+": plus, "*": times, "**": power, "%": modulo}
