"""A document out of Markdown: CommonMark with tables, strike-through, tasks, definitions, footnotes and call-outs.

Markdown becomes HTML, which is read as any HTML is; so HTML inside Markdown is understood too, and cleaned.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from html import escape

from markdown_it import MarkdownIt
from markdown_it.common.utils import unescapeAll
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.tasklists import tasklists_plugin

from cms.lib.document.characters import clean_text
from cms.lib.document.html_reader import from_html
from cms.lib.document.schema import Document

_DEEPEST = 60
_DEEP_MARKERS = re.compile(
    r"^((?:[ \t]{0,3}(?:>|[-+*][ \t]|\d{1,9}[.)][ \t])){20})(?:[ \t]*(?:>|[-+*][ \t]|\d{1,9}[.)][ \t]))+", re.MULTILINE
)
_CALLOUT = re.compile(r"\[!(NOTE|TIP|WARNING|IMPORTANT|CAUTION)\][ \t]*([^\n]*)(?:\n|$)", re.IGNORECASE)
_CALLOUT_KINDS = {"important": "note", "caution": "warning"}
_ANCHOR = re.compile(r"(?<!\\)[ \t]*(?<!\\)\{#([^\s{}]+)\}[ \t]*$")
_FILENAME = re.compile(r'title="([^"]*)"')


def from_markdown(text: str, *, previous: Document | None = None) -> Document:
    """Return the canonical document that Markdown says; blocks take the ids of their likes in `previous`."""
    shallow = _DEEP_MARKERS.sub(r"\1", clean_text(text))
    return from_html(_parser().render(shallow), previous=previous)


class _Parser(MarkdownIt):
    """Leaves addresses as they stand: the reader of HTML checks them, in one place for all."""

    def validateLink(self, url: str) -> bool:  # noqa: N802  the library's name
        """Let every address through."""
        return True

    def normalizeLink(self, url: str) -> str:  # noqa: N802  the library's name
        """Keep letters readable."""
        return url


@cache
def _parser() -> MarkdownIt:
    parser = _Parser("commonmark", {"html": True, "maxNesting": _DEEPEST}).enable(["table", "strikethrough"])
    parser.use(footnote_plugin).use(deflist_plugin).use(tasklists_plugin)
    parser.core.ruler.after("block", "cms_blocks", _blocks_of_ours)
    parser.core.ruler.before("footnote_tail", "cms_footnotes", _keep_footnotes)
    for name, rule in (("fence", _fence), ("code_block", _fence), ("footnote_ref", _note_reference)):
        parser.add_render_rule(name, rule)
    for name, html in (
        ("block_open", '<section class="footnotes"><ol>'),
        ("block_close", "</ol></section>"),
        ("anchor", ""),
    ):
        parser.add_render_rule(f"footnote_{name}", _constant(html))
    parser.add_render_rule("footnote_open", _note_open)
    parser.add_render_rule("footnote_close", _constant("</li>"))
    return parser


def _constant(html: str) -> Callable[..., str]:
    def rule(*_: object) -> str:
        return html

    return rule


def _fence(_: object, tokens: Sequence[Token], place: int, *_rest: object) -> str:
    """Write code the way our reader of HTML takes it without losing a sign."""
    token = tokens[place]
    info = unescapeAll(token.info).strip() if token.info else ""
    kind = info.split(maxsplit=1)[0] if info else ""
    text = token.content.removesuffix("\n")
    if kind == "cms-block":
        return f'<div data-cms-block="{escape(text)}"></div>'
    if kind == "cms-html":
        return f'<div class="raw-html" data-html="{escape(text)}"></div>'
    filename = _FILENAME.search(info)
    name = f'<figcaption><span class="filename">{escape(filename.group(1))}</span></figcaption>' if filename else ""
    language = f' class="language-{escape(kind)}"' if kind else ""
    return f'<figure class="code">{name}<pre><code{language}>{escape(text)}</code></pre></figure>'


def _label(token: Token) -> str:
    label = token.meta.get("label")
    return escape(str(label)) if label else f"n{int(token.meta.get('id', 0)) + 1}"


def _note_reference(_: object, tokens: Sequence[Token], place: int, *_rest: object) -> str:
    return f'<sup class="fn-ref"><a href="#fn-{_label(tokens[place])}">1</a></sup>'


def _note_open(_: object, tokens: Sequence[Token], place: int, *_rest: object) -> str:
    return f'<li id="fn-{_label(tokens[place])}">'


def _keep_footnotes(state: StateCore) -> None:
    """List the footnotes that nothing refers to as well: their words are not to be lost."""
    notes = state.env.get("footnotes", {})
    listed = notes.setdefault("list", {}) if notes.get("refs") else {}
    for key, place in notes.get("refs", {}).items():
        if place < 0:
            notes["refs"][key] = len(listed)
            listed[len(listed)] = {"label": key.removeprefix(":"), "count": 0}


def _blocks_of_ours(state: StateCore) -> None:
    """Find call-outs (`> [!NOTE] Title`) and anchors of headings (`# Title {#anchor}`) among the blocks."""
    for place, token in enumerate(state.tokens):
        if token.type != "inline" or place == 0:
            continue
        before = state.tokens[place - 1]
        if before.type == "heading_open":
            match = _ANCHOR.search(token.content)
            if match:
                before.attrSet("id", match.group(1))
                token.content = token.content[: match.start()]
        elif before.type == "paragraph_open" and place > 1 and state.tokens[place - 2].type == "blockquote_open":
            match = _CALLOUT.match(token.content)
            if match:
                token.content = token.content[match.end() :]
                _make_callout(state.tokens, place - 2, match.group(1).lower(), unescapeAll(match.group(2)).strip())


def _make_callout(tokens: list[Token], place: int, name: str, title: str) -> None:
    kind = _CALLOUT_KINDS.get(name, name)
    level = tokens[place].level
    end = next(step for step in range(place + 1, len(tokens)) if _closes(tokens[step], level))
    head = f'<p class="callout-title" data-title="{escape(title)}">{escape(title or kind)}</p>'
    tokens[place] = Token("html_block", "", 0, content=f'<aside class="callout callout-{kind}">{head}', level=level)
    tokens[end] = Token("html_block", "", 0, content="</aside>", level=level)


def _closes(token: Token, level: int) -> bool:
    return token.type == "blockquote_close" and token.level == level
