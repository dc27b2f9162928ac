"""Values that PHP's serialize() wrote, read without ever making an object.

Source: the format as the PHP manual's page on serialize() describes it. Lengths count bytes of UTF-8.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

Value = None | bool | int | float | str | list["Value"] | dict[str, "Value"]

_DEEPEST: Final = 64
_MOST: Final = 100_000


class UnreadableError(ValueError):
    """The text is not a serialised value, or one that is not read here (objects, references)."""


def unserialize(text: str) -> Value:
    """Return the value in `text`; arrays become lists when their keys count from 0, otherwise dictionaries.

    Raises UnreadableError for anything malformed, for objects and references, for nesting deeper than 64 and
    for more than 100,000 values.
    """
    reader = _Reader(text.encode("utf-8", "surrogatepass"))
    value = reader.read(0)
    if reader.position != len(reader.data):
        raise UnreadableError("There is more after the end of the value.")
    return value


def looks_serialized(text: str) -> bool:
    """Tell whether `text` may be a serialised value: a cheap look before the attempt."""
    text = text.strip()
    return text == "N;" or (len(text) > 3 and text[1] == ":" and text[0] in "abdis" and text[-1] in ";}")


@dataclass(slots=True)
class _Reader:
    data: bytes
    position: int = 0
    values: int = 0

    def read(self, depth: int) -> Value:
        self.values += 1
        if depth > _DEEPEST or self.values > _MOST:
            raise UnreadableError("The value is nested too deeply or too large.")
        kind = self.data[self.position : self.position + 2]
        self.position += 2
        if kind == b"N;":
            return None
        if kind == b"s:":
            text = self._read_text()
            self._expect(b";")
            return text
        if kind == b"a:":
            return self._read_array(depth)
        if kind in (b"i:", b"b:", b"d:"):
            return self._read_number(kind, self._until(b";"))
        raise UnreadableError("Only plain values are read.")

    @staticmethod
    def _read_number(kind: bytes, digits: bytes) -> bool | int | float:
        try:
            if kind == b"b:":
                return {b"0": False, b"1": True}[digits]
            # int() alone would take thousands of digits, and "1_000".
            if len(digits) > 40 or b"_" in digits:
                raise UnreadableError("A number is malformed.")
            number = int(digits) if kind == b"i:" else float(digits)
        except (KeyError, ValueError) as error:
            raise UnreadableError("A number is malformed.") from error
        # JSON, where the value is kept, has no word for these.
        if number in (float("inf"), float("-inf")) or number != number:
            raise UnreadableError("A number is without measure.")
        return number

    def _read_array(self, depth: int) -> Value:
        count = self._length()
        self._expect(b"{")
        pairs: dict[str, Value] = {}
        for _index in range(count):
            key = self.read(_DEEPEST)
            if isinstance(key, bool) or not isinstance(key, int | str):
                raise UnreadableError("A key is neither a number nor a text.")
            pairs[str(key)] = self.read(depth + 1)
        self._expect(b"}")
        if list(pairs) == [str(index) for index in range(len(pairs))]:
            return list(pairs.values())
        return pairs

    def _read_text(self) -> str:
        length = self._length()
        self._expect(b'"')
        text = self.data[self.position : self.position + length]
        self.position += length
        self._expect(b'"')
        return text.decode("utf-8", "replace")

    def _length(self) -> int:
        digits = self._until(b":")
        if not digits.isdigit() or len(digits) > 10:
            raise UnreadableError("A length is malformed.")
        return int(digits)

    def _until(self, mark: bytes) -> bytes:
        end = self.data.find(mark, self.position, self.position + 64)
        if end < 0:
            raise UnreadableError("The value ends too early.")
        found = self.data[self.position : end]
        self.position = end + len(mark)
        return found

    def _expect(self, mark: bytes) -> None:
        if self.data[self.position : self.position + len(mark)] != mark:
            raise UnreadableError("The value is malformed.")
        self.position += len(mark)
