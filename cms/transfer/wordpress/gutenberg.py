"""The block editor's comments (`<!-- wp:name {…} -->`) to a tree of blocks.

Source: the block grammar that the Block Editor Handbook describes. Inside the attributes "--" is always
escaped, so that a comment ends where HTML says that it ends.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any, Final

_DELIMITER: Final = re.compile(
    r"<!--\s+(/)?wp:((?:[a-z][a-z0-9_-]*/)?[a-z][a-z0-9_-]*)(?:\s+(\{.*\}))?\s+(/)?-->", re.DOTALL
)
#: A block nested deeper than this is taken as part of the one around it; nothing of its content is lost.
_DEEPEST: Final = 40


@dataclass(slots=True)
class Block:
    """A block: its name without `core/`, its attributes, and its HTML with the blocks inside it."""

    name: str
    attributes: dict[str, Any] = field(default_factory=dict)
    parts: list[str | Block] = field(default_factory=list)

    @property
    def blocks(self) -> list[Block]:
        """The blocks directly inside."""
        return [part for part in self.parts if isinstance(part, Block)]

    @property
    def own_html(self) -> str:
        """Its HTML without that of the blocks inside."""
        return "".join(part for part in self.parts if isinstance(part, str))

    @property
    def raw_html(self) -> str:
        """Its HTML with that of the blocks inside, without any comment of the block editor."""
        return "".join(part if isinstance(part, str) else part.raw_html for part in self.parts)

    def text(self, key: str) -> str:
        """Return an attribute that is a text, "" when it is missing or something else."""
        value = self.attributes.get(key)
        return value if isinstance(value, str) else ""

    def number(self, key: str) -> int | None:
        """Return an attribute that is a whole number, None when it is missing or something else."""
        value = self.attributes.get(key)
        return value if isinstance(value, int) and not isinstance(value, bool) else None


def has_blocks(content: str) -> bool:
    """Tell whether the block editor saved this content."""
    return "<!-- wp:" in content


def parse_blocks(content: str) -> Block:
    """Return a nameless block that holds everything in `content`.

    What is never closed ends with the content, what closes nothing is ignored, attributes that are not a JSON
    object count as none.
    """
    root = Block("")
    open_blocks = [root]
    too_deep = 0
    position = 0
    for start, end, match in _delimiters(content):
        _add_html(open_blocks[-1], content[position:start])
        position = end
        closes, name, attributes, empty = match.groups()
        name = name.removeprefix("core/")
        if closes and too_deep:
            too_deep -= 1
        elif closes:
            _close(open_blocks, name)
        elif empty:
            open_blocks[-1].parts.append(Block(name, _read_attributes(attributes)))
        elif len(open_blocks) > _DEEPEST:
            too_deep += 1
        else:
            block = Block(name, _read_attributes(attributes))
            open_blocks[-1].parts.append(block)
            open_blocks.append(block)
    _add_html(open_blocks[-1], content[position:])
    return root


def _delimiters(content: str) -> list[tuple[int, int, re.Match[str]]]:
    found = []
    position = content.find("<!--")
    while position >= 0:
        end = content.find("-->", position)
        if end < 0:
            break
        if match := _DELIMITER.fullmatch(content[position : end + 3]):
            found.append((position, end + 3, match))
        position = content.find("<!--", end)
    return found


def _add_html(block: Block, html: str) -> None:
    if html:
        block.parts.append(html)


def _close(open_blocks: list[Block], name: str) -> None:
    for index in range(len(open_blocks) - 1, 0, -1):
        if open_blocks[index].name == name:
            del open_blocks[index:]
            return


def _read_attributes(text: str | None) -> dict[str, Any]:
    if not text:
        return {}
    try:
        attributes = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return attributes if isinstance(attributes, dict) else {}
