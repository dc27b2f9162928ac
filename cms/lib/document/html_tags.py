"""Writing tags: every value escaped, attributes in a fixed order, empty ones left out."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

Attributes = Mapping[str, object]


def attributes(values: Attributes) -> str:
    """Return attributes as text with a space before each; None and False are left out, True has no value."""
    parts: list[str] = []
    for name, value in values.items():
        if value is True:
            parts.append(f" {name}")
        elif value is not None and value is not False:
            parts.append(f' {name}="{escape(str(value))}"')
    return "".join(parts)


def element(tag: str, values: Attributes, inner: str) -> str:
    """Return an element around `inner`, which is HTML already."""
    return f"<{tag}{attributes(values)}>{inner}</{tag}>"


def void(tag: str, values: Attributes) -> str:
    """Return an element without content."""
    return f"<{tag}{attributes(values)}>"


def classes(*names: str | None) -> str | None:
    """Join class names; None when there is none."""
    return " ".join(name for name in names if name) or None
