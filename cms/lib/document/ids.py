"""Stable ids of top-level blocks: kept where given, found again by content, else made from the content."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict, deque
from difflib import SequenceMatcher

from cms.lib.document.schema import Document, Node
from cms.lib.document.tree import plain_text
from cms.lib.document.values import block_id

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_LENGTH = 10
#: Beyond this many changed blocks, equal ones are found without looking at their order (it is quadratic).
_MANY = 1500


def assign(blocks: list[Node], previous: Document | None = None) -> list[Node]:
    """Give each block without a good id of its own the id of its like in `previous`, or a new one."""
    own = _own_ids(blocks)
    taken = {found for found in own if found}
    if previous is not None:
        for place, found in _found_again(blocks, own, previous, taken).items():
            own[place] = found
            taken.add(found)
    result: list[Node] = []
    # Of many equal blocks each goes on where the one before it found a free id.
    tried: defaultdict[str, int] = defaultdict(int)
    for block, given in zip(blocks, own, strict=True):
        name = given or _made(content_key(block), taken, tried)
        taken.add(name)
        attrs = {"id": name, **{key: value for key, value in block.get("attrs", {}).items() if key != "id"}}
        result.append(
            {
                "type": block["type"],
                "attrs": attrs,
                **({"content": block["content"]} if "content" in block else {}),
            }
        )
    return result


def content_key(block: Node) -> str:
    """Return a string that is equal for blocks that differ at most in their id."""
    attrs = {name: value for name, value in block.get("attrs", {}).items() if name != "id"}
    return json.dumps([block["type"], attrs, block.get("content", [])], sort_keys=True, ensure_ascii=False)


def _own_ids(blocks: list[Node]) -> list[str | None]:
    seen: set[str] = set()
    own: list[str | None] = []
    for block in blocks:
        found = block_id(block.get("attrs", {}).get("id"))
        own.append(found if found not in seen else None)
        if found:
            seen.add(found)
    return own


def _found_again(blocks: list[Node], own: list[str | None], previous: Document, taken: set[str]) -> dict[int, str]:
    """Match blocks without an id with those of `previous`: equal ones first, then similar ones between."""
    old = [block for block in previous.get("content", []) if block["attrs"]["id"] not in taken]
    places = [place for place, found in enumerate(own) if not found]
    old_keys = [content_key(block) for block in old]
    new_keys = [content_key(blocks[place]) for place in places]
    pairs = _equal_pairs(old_keys, new_keys)
    found = {places[new]: old[former]["attrs"]["id"] for former, new in pairs}
    if max(len(old), len(places)) > _MANY:
        return found
    last_old = last_new = 0
    for former, new in [*pairs, (len(old), len(places))]:
        gap_old, gap_new = old[last_old:former], places[last_new:new]
        for block, place in _similar(gap_old, [(blocks[place], place) for place in gap_new]):
            found[place] = block["attrs"]["id"]
        last_old, last_new = former + 1, new + 1
    return found


def _equal_pairs(old: list[str], new: list[str]) -> list[tuple[int, int]]:
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    pairs = [(place, place) for place in range(head)]
    middle_old, middle_new = old[head : len(old) - tail], new[head : len(new) - tail]
    if max(len(middle_old), len(middle_new)) > _MANY:
        pairs += _unordered(middle_old, middle_new, head)
    else:
        for match in SequenceMatcher(None, middle_old, middle_new, autojunk=False).get_matching_blocks():
            pairs += [(head + match.a + step, head + match.b + step) for step in range(match.size)]
    return pairs + [(len(old) - step, len(new) - step) for step in range(tail, 0, -1)]


def _unordered(old: list[str], new: list[str], head: int) -> list[tuple[int, int]]:
    waiting: defaultdict[str, deque[int]] = defaultdict(deque)
    for place, key in enumerate(old):
        waiting[key].append(head + place)
    return [(waiting[key].popleft(), head + place) for place, key in enumerate(new) if waiting[key]]


def _similar(old: list[Node], new: list[tuple[Node, int]]) -> list[tuple[Node, int]]:
    """Pair, in order, blocks of one kind that share at least a third of their words."""
    pairs: list[tuple[Node, int]] = []
    start = 0
    for block, place in new:
        words = set(plain_text(block).split())
        for step in range(start, min(len(old), start + 50)):
            former = set(plain_text(old[step]).split())
            shared = len(words & former) / max(1, len(words | former))
            if old[step]["type"] == block["type"] and (shared >= 1 / 3 or words == former):
                pairs.append((old[step], place))
                start = step + 1
                break
    return pairs


def _made(key: str, taken: set[str], tried: dict[str, int]) -> str:
    while True:
        digest = hashlib.blake2b(f"{tried[key]}:{key}".encode("utf-8", "replace"), digest_size=8).digest()
        tried[key] += 1
        number = int.from_bytes(digest, "big")
        letters = ""
        for _ in range(_LENGTH):
            number, digit = divmod(number, len(_DIGITS))
            letters += _DIGITS[digit]
        if letters not in taken:
            return letters
