"""Checking a theme before it is used: every fault in one sentence, found by reading and by rendering it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from jinja2 import TemplateError, TemplateSyntaxError

from cms.theming.engine import ThemeEngine
from cms.theming.errors import ThemeError
from cms.theming.loader import Theme, find_theme
from cms.theming.samples import NOW, sample_contexts, sample_head, sample_site
from cms.theming.translations import load_translations

#: What a template may not hold: the policy of public pages allows none of it.
_FORBIDDEN: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"<script(?![^>]*\b(?:src|type=\"application/ld\+json\"))[^>]*>", re.I), "a script inside the page"),
    (re.compile(r"<style\b", re.I), "a style element"),
    (re.compile(r"<[^>]*\sstyle\s*=", re.I), "a style attribute"),
    (re.compile(r"<[^>]*\son[a-z]+\s*=\s*[\"']", re.I), "an event handler in an attribute"),
    (re.compile(r"\b(?:src|srcset|action|formaction)\s*=\s*[\"']?(?:https?:)?//", re.I), "something from another host"),
    (re.compile(r"<link\b[^>]*\bhref\s*=\s*[\"']?(?:https?:)?//", re.I), "something from another host"),
    (re.compile(r"javascript:", re.I), "a javascript: address"),
)
_COMMENT = re.compile(r"\{#.*?#\}", re.S)


@dataclass(frozen=True)
class Problem:
    """A fault of a theme: the file it is in, and a sentence."""

    file: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}: {self.message}"


def check_theme(path: Path, *, roots: Iterable[Path] = ()) -> list[Problem]:
    """Return everything that is wrong with the theme in the folder `path`; `roots` are where parents are found."""
    try:
        theme = find_theme(path.name, (path.parent, *roots))
    except ThemeError as error:
        return [Problem("theme.toml", str(error))]
    problems = [*_sources(theme), *_words(theme)]
    return problems or list(_rendered(ThemeEngine(theme, strict=True)))


def _sources(theme: Theme) -> Iterator[Problem]:
    folder = theme.folders[0]
    for file in sorted([*folder.glob("templates/**/*"), *folder.glob("partials/**/*")]):
        name = str(file.relative_to(folder))
        if not file.is_file() or file.suffix not in (".html", ".css", ".svg", ".txt"):
            continue
        try:
            source = _COMMENT.sub("", file.read_text(encoding="utf-8"))
        except UnicodeDecodeError:
            yield Problem(name, "This is not UTF-8.")
            continue
        for pattern, what in _FORBIDDEN:
            found = pattern.search(source)
            if found is not None:
                yield Problem(name, f"Line {source[: found.start()].count(chr(10)) + 1} holds {what}.")


def _words(theme: Theme) -> Iterator[Problem]:
    for file in sorted(theme.folders[0].glob("translations/*.po")):
        try:
            load_translations(theme, file.stem.replace("_", "-"))
        except ThemeError as error:
            yield Problem(f"translations/{file.name}", str(error))


def _rendered(engine: ThemeEngine) -> Iterator[Problem]:
    values = engine.theme.manifest.values({})
    seen: set[str] = set()
    for template, name, context in sample_contexts():
        try:
            engine.render(
                [template], site=sample_site(), now=NOW, context={"head": sample_head(), "theme": values, name: context}
            )
        except TemplateSyntaxError as error:
            fault = Problem(f"templates/{error.name}", f"Line {error.lineno}: {error.message}.")
        except (
            TemplateError,
            ThemeError,
            ArithmeticError,
            LookupError,
            TypeError,
            ValueError,
            RecursionError,
        ) as error:
            fault = Problem(f"templates/{template}", f"{type(error).__name__}: {error}.")
        else:
            continue
        if str(fault) not in seen:
            seen.add(str(fault))
            yield fault
