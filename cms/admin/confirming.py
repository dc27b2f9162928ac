"""What the page shows that is put before something goes away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cms.core.i18n import Text


@dataclass(frozen=True)
class Line:
    """One thing that goes, or is kept; `warn` marks what others will notice."""

    title: Text
    text: Text = ""
    amount: Text = ""
    kept: bool = False
    warn: bool = False


@dataclass(frozen=True)
class Pick:
    """Something to choose on the page: its field, and what it may be."""

    name: str
    label: Text
    options: Sequence[tuple[str, Text]]
    help: Text = ""


@dataclass(frozen=True)
class Confirm:
    """The whole page; `undo` says how to take it back, None that nobody can."""

    title: Text
    trail: Sequence[tuple[Text, str]]
    verb: Text
    lines: Sequence[Line]
    address: str
    back: str
    keep: Text
    icon: str = "trash-2"
    lede: Text = ""
    fields: Sequence[tuple[str, str]] = ()
    choices: Sequence[Pick] = ()
    undo: Text | None = None
