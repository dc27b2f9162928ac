"""The direct children of an export's channel, one after the other, however large the file is."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NoReturn
from xml.parsers import expat

from cms.core.i18n import _
from cms.transfer.errors import SourceError
from cms.transfer.wordpress.characters import CharacterFilter, find_encoding

CHUNK: Final = 128 * 1024
#: One item may weigh this much: its characters, and 200 for each element. The largest post known has a tenth.
ITEM_LIMIT: Final = 16 * 1024 * 1024
_ELEMENT_WEIGHT: Final = 200
_ROOT: Final = ("rss", "channel")
_DEEPEST: Final = len(_ROOT) + 4

Progress = Callable[[int], None]


@dataclass(slots=True)
class Element:
    """An XML element with its own text and its children, names as written (`wp:post_id`)."""

    name: str
    attributes: dict[str, str]
    pieces: list[str] = field(default_factory=list)
    children: list[Element] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Its own text as it stands in the file."""
        return "".join(self.pieces)

    def find(self, name: str) -> str:
        """Return the stripped text of its first child of that name, "" when there is none."""
        return next((child.text.strip() for child in self.children if child.name == name), "")

    def raw(self, name: str) -> str:
        """Return the text of its first child of that name as it stands, "" when there is none."""
        return next((child.text for child in self.children if child.name == name), "")

    def all(self, name: str) -> Iterator[Element]:
        """Yield its children of that name."""
        return (child for child in self.children if child.name == name)


class _Builder:
    """Collects one child of the channel at a time; deeper markup than an export has is passed over."""

    def __init__(self) -> None:
        self.done: deque[Element] = deque()
        self._open: list[Element] = []
        self._path: list[str] = []
        self._depth = 0
        self._weight = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth <= len(_ROOT):
            self._path[self._depth - 1 :] = [name]
        elif tuple(self._path) == _ROOT and self._depth <= _DEEPEST:
            self._weigh(_ELEMENT_WEIGHT)
            element = Element(name, attributes)
            if self._open:
                self._open[-1].children.append(element)
            self._open.append(element)

    def end(self, name: str) -> None:
        if self._open and self._depth == len(_ROOT) + len(self._open):
            element = self._open.pop()
            if not self._open:
                self.done.append(element)
                self._weight = 0
        self._depth -= 1

    def text(self, data: str) -> None:
        if self._open and self._depth == len(_ROOT) + len(self._open):
            self._weigh(len(data))
            self._open[-1].pieces.append(data)

    def _weigh(self, weight: int) -> None:
        self._weight += weight
        if self._weight > ITEM_LIMIT:
            raise SourceError(_("One item of the file is larger than any website's. Nothing was imported."))


def _refuse_declarations(*_ignored: object) -> NoReturn:
    # Entities are how a small file becomes a huge one and how a file asks other hosts: none is ever read.
    raise SourceError(_("The file declares a document type, which no WordPress export does. Nothing was imported."))


def _make_parser(builder: _Builder) -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.buffer_size = CHUNK
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    parser.StartDoctypeDeclHandler = _refuse_declarations
    parser.EntityDeclHandler = _refuse_declarations
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    return parser


@dataclass(slots=True)
class ElementReader:
    """Reads the children of the channel of an export; `stripped` counts forbidden characters left out."""

    path: Path
    progress: Progress | None = None
    stripped: int = 0

    def __iter__(self) -> Iterator[Element]:
        """Yield each child of the channel as soon as it is complete.

        Raises SourceError, in one sentence, for malformed XML (with its line), declarations of entities,
        an encoding that cannot be read and an item beyond all measure.
        """
        builder = _Builder()
        parser = _make_parser(builder)
        with self.path.open("rb") as file:
            head = file.read(CHUNK)
            characters = CharacterFilter(find_encoding(head))
            chunk, last = head, False
            while not last:
                following = file.read(CHUNK)
                last = not following
                self._parse(parser, characters.feed(chunk, last=last), last)
                self.stripped = characters.stripped
                if self.progress is not None:
                    self.progress(len(chunk))
                while builder.done:
                    yield builder.done.popleft()
                chunk = following

    @staticmethod
    def _parse(parser: expat.XMLParserType, text: str, last: bool) -> None:
        try:
            parser.Parse(text, last)
        except expat.ExpatError as error:
            sentence = _(
                "The file is not well-formed XML: line %(line)d, %(what)s. Nothing was imported.",
                line=error.lineno,
                what=expat.ErrorString(error.code),
            )
            raise SourceError(sentence) from error
