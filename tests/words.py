"""The visible words of a text of another program, told without our converters: an oracle for imports."""

from __future__ import annotations

import re
import unicodedata

from selectolax.lexbor import LexborHTMLParser

#: WordPress's own shortcodes: they are instructions, not words.
_SHORTCODE = re.compile(r"\[/?(?:caption|wp_caption|gallery|playlist|embed|audio|video)\b[^\]]*\]")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
#: What no reader may see: instructions of WordPress, and tags that were escaped by mistake.
INSTRUCTION = re.compile(
    r"<!-- /?wp:|\[/?(?:caption|wp_caption|gallery|playlist|embed|audio|video)\b[^\]]*\]"
    r"|</?(?:p|div|figure|figcaption|blockquote|h[1-6]|ul|ol|li|strong|em|a|img|br)(?:\s[^<>]*)?>"
)
_UNSEEN = "script, style, noscript, template, option, textarea, svg, object, iframe, audio, video, head"
_QUOTES = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "…": "...", "–": "-", "—": "-"})


def source_words(content: str) -> list[str]:
    """Return the words that a reader of WordPress saw of a post's content, in order."""
    page = LexborHTMLParser("<!doctype html><body>" + _SHORTCODE.sub(" ", _COMMENT.sub(" ", content)))
    for unseen in page.css(_UNSEEN):
        unseen.decompose()
    for summary in page.css("details > summary"):
        # Wherever it stands in the source, a browser shows it first.
        if summary.parent is not None and summary.parent.child is not None:
            summary.parent.child.insert_before(summary)
            summary.decompose()
    return plain_words(page.body.text(separator=" ") if page.body is not None else "")


def plain_words(text: str) -> list[str]:
    """Return the words of a text in one spelling: capitals, quotes, dashes and composed letters are not told apart."""
    text = unicodedata.normalize("NFKC", text).translate(_QUOTES).casefold()
    # Marks of direction and width are no words; browsers and parsers differ about them.
    visible = "".join(
        letter for letter in text if unicodedata.category(letter) not in ("Cf", "Cc", "Cs", "Co") or letter in "\n\t "
    )
    return visible.split()


def first_lost(words: list[str], shown: str) -> str | None:
    """Return the first of the words that does not follow the ones before it in what is shown; None when all do."""
    page = "".join(plain_words(shown))
    position = 0
    for index, word in enumerate(words):
        found = page.find(word, position)
        if found < 0:
            before, after = words[max(0, index - 6) : index], words[index + 1 : index + 4]
            return " ".join([*before, f">>{word}<<", *after])
        position = found + len(word)
    return None
