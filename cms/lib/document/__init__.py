"""The body of an entry: a structured document (Tiptap/ProseMirror JSON), and its ways in and out.

`normalise` makes a canonical document out of any JSON; all else takes and gives canonical documents. For
every canonical document `d`: `normalise(d) == d`, `from_html(to_html(d, ids=True)) == d` and
`from_markdown(to_markdown(d), previous=d) == d`. No document, whatever was put in, renders a script.
"""

from __future__ import annotations

from cms.lib.document.absolute import make_absolute
from cms.lib.document.anchors import Heading, headings
from cms.lib.document.embeds import FRAME_HOSTS, Embed, recognise
from cms.lib.document.html_reader import from_html
from cms.lib.document.html_writer import RENDERER_VERSION, to_html
from cms.lib.document.labels import ENGLISH, Labels
from cms.lib.document.markdown_reader import from_markdown
from cms.lib.document.markdown_writer import to_markdown
from cms.lib.document.normalise import normalise
from cms.lib.document.placeholders import MediaSource, Resolver, fill, named
from cms.lib.document.raw import clean_raw, raw_blocks
from cms.lib.document.references import References, references
from cms.lib.document.schema import Document, Node
from cms.lib.document.text import excerpt, to_text, word_count
from cms.lib.document.tree import without_targets
from cms.lib.document.urls import clean_url
from cms.lib.document.validate import validate

#: A document without words. Take a copy before changing it.
EMPTY: Document = normalise(None)

__all__ = [
    "EMPTY",
    "ENGLISH",
    "FRAME_HOSTS",
    "RENDERER_VERSION",
    "Document",
    "Embed",
    "Heading",
    "Labels",
    "MediaSource",
    "Node",
    "References",
    "Resolver",
    "clean_raw",
    "clean_url",
    "excerpt",
    "fill",
    "from_html",
    "from_markdown",
    "headings",
    "make_absolute",
    "named",
    "normalise",
    "raw_blocks",
    "recognise",
    "references",
    "to_html",
    "to_markdown",
    "to_text",
    "validate",
    "without_targets",
    "word_count",
]
