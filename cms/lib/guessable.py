"""Passwords that are guessed first: common ones, keys side by side, sequences, repeats, and what is known anyway."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from zxcvbn.frequency_lists import FREQUENCY_LISTS

#: How many characters have to be left over when what is easily guessed is taken away.
_ENOUGH = 4
#: The shortest run of keys, of following letters or of one and the same that is taken for a pattern.
_SHORTEST_RUN = 3
_ROWS = (
    "`1234567890-=", "qwertyuiop[]\\", "asdfghjkl;'", "zxcvbnm,./", "~!@#$%^&*()_+",
    "^1234567890ß´", "qwertzuiopü+", "asdfghjklöä#", "yxcvbnm,.-", "azertyuiop", "qsdfghjklm", "wxcvbn",
    "1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm",
)  # fmt: skip
_NOT_A_LETTER = re.compile(r"[\W_]+")
_AROUND = re.compile(r"^[\W\d_]{0,4}(.*?)[\W\d_]{0,4}$", re.DOTALL)


@lru_cache(maxsize=1)
def common_passwords() -> frozenset[str]:
    """Return the common passwords of at least 8 characters, in small letters: the 30,000 most frequent of zxcvbn."""
    return frozenset(word.casefold() for word in FREQUENCY_LISTS["passwords"] if len(word) >= 8)


@lru_cache(maxsize=1)
def _common_of_any_length() -> frozenset[str]:
    return frozenset(word.casefold() for word in FREQUENCY_LISTS["passwords"])


def is_common(password: str) -> bool:
    """Tell whether a password is one that many people have, in any spelling, or one with a few digits around it."""
    folded = _fold(password)
    inner = _AROUND.sub(r"\1", folded)
    return folded in common_passwords() or (len(inner) >= 6 and inner in _common_of_any_length())


def is_pattern(password: str) -> bool:
    """Tell whether a password is made of keys side by side, letters or digits in order, or the same again and again."""
    folded = _fold(password)
    block = _block(folded)
    if block != folded and (len(block) <= 4 or is_common(block) or is_pattern(block)):
        return True
    return len(_without_runs(folded)) < _ENOUGH


def says_what_is_known(password: str, known: Iterable[str]) -> bool:
    """Tell whether a password is little more than words that anybody knows: a name, the mail address, the site's."""
    left = _NOT_A_LETTER.sub("", _fold(password))
    words = {word for text in known for word in _words_of(text)}
    found = False
    for word in sorted(words, key=len, reverse=True):
        found = found or word in left
        left = left.replace(word, "")
    digits = sum(letter.isdecimal() for letter in left)
    # A year behind a name makes no difference.
    return found and len(left) - min(digits, 4) < _ENOUGH


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _words_of(text: str) -> set[str]:
    """Return the words in a text, and all of them in one."""
    folded = _fold(text)
    words = [word for word in _NOT_A_LETTER.split(folded) if len(word) >= 3]
    whole = _NOT_A_LETTER.sub("", folded)
    return {*words, *([whole] if len(whole) >= 3 else [])}


def _block(text: str) -> str:
    """Return the shortest text that gives `text` when it is repeated."""
    start = (text + text).find(text, 1)
    return text[:start] if 0 < start < len(text) else text


def _without_runs(text: str) -> str:
    """Return what is left of `text` without its runs."""
    left, start = [], 0
    while start < len(text):
        length = max(_run_of_steps(text, start), _run_of_keys(text, start))
        if length >= _SHORTEST_RUN:
            start += length
        else:
            left.append(text[start])
            start += 1
    return "".join(left)


def _run_of_steps(text: str, start: int) -> int:
    """Return how long letters follow each other by the same small step: abcd, 9876, aaaa, 2468."""
    if start + 1 >= len(text):
        return 1
    step, end = ord(text[start + 1]) - ord(text[start]), start + 1
    if abs(step) > 2:
        return 1
    while end + 1 < len(text) and ord(text[end + 1]) - ord(text[end]) == step:
        end += 1
    return end + 1 - start


def _run_of_keys(text: str, start: int) -> int:
    """Return how long a text follows a row of the keyboard, forwards or backwards."""
    longest = 1
    for row in _rows():
        at = row.find(text[start])
        if at < 0:
            continue
        length = 1
        while start + length < len(text) and row[at + length : at + length + 1] == text[start + length]:
            length += 1
        longest = max(longest, length)
    return longest


@lru_cache(maxsize=1)
def _rows() -> tuple[str, ...]:
    return tuple(text for row in _ROWS for text in (row, row[::-1]))
