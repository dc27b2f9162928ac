"""Finding texts for people that nobody could translate.

In templates: letters outside of `{{ }}` and `{% trans %}`, in text or in attributes that are read out, and string
constants that an expression prints. In Python: string constants handed to what shows them (flash, errors, labels).
"""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser

from jinja2 import Environment, nodes

from tests.guards.sources import called

#: Calls that make a text translatable.
TRANSLATING = frozenset({"_", "_n", "gettext", "ngettext", "lazy_gettext", "pgettext", "npgettext"})
#: Attributes of HTML that people read or hear.
SPOKEN = frozenset({"alt", "title", "placeholder", "aria-label", "aria-description", "aria-roledescription", "label"})
#: Words of a call or class that hold a text for people.
SHOWN = frozenset(
    {"label", "description", "help", "message", "sentence", "title", "placeholder", "heading", "hint", "confirmation",
     "text"}
)  # fmt: skip
#: Calls whose string constants people see.
SHOWING = frozenset(
    {"flash", "CmsError", "NotFound", "Forbidden", "Invalid", "Conflict", "TooLarge", "Unavailable", "ValidationError",
     "StopValidation", "Permission"}
)  # fmt: skip
#: Calls that document the API, which speaks English, as the names of its fields do.
DOCUMENTING = frozenset({"ApiBlueprint", "arguments", "response", "alt_response", "doc"})
_FIELD = re.compile(r"[A-Z]\w*Field")
_WORD = re.compile(r"[^\W\d_]{2,}")
#: Names that are the same in every language.
_NAMES = re.compile(r"\b(?:Masthead|RSS|Atom|Markdown|HTML|WordPress|Masthead's)\b")
#: A block that fills in an attribute of the page around it (a class, or `lang="…"`), or says yes to it.
_ATTRIBUTES = re.compile(r"(?:[\w-]+=\"[^\"]*\"|[a-z]+(?:-{1,2}[a-z]+)+|·|\s)+|yes")
_SENTENCE = re.compile(r"[A-Z][^\W\d_]+|[^\W\d_]+ [^\W\d_]+")
_SKIPPED = (
    (re.compile(r"{#.*?#}", re.DOTALL), ""),
    (re.compile(r"{%-?\s*trans\b.*?endtrans\s*-?%}", re.DOTALL), "·"),
    (re.compile(r"{{.*?}}", re.DOTALL), "·"),
    (re.compile(r"{%.*?%}", re.DOTALL), ""),
)


class _Page(HTMLParser):
    """Gathers what a template says in its own words."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[int, str]] = []
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in {"script", "style", "code", "kbd"} or given.get("translate") == "no":
            self._silent.append(tag)
        spoken = [value for key, value in attrs if key in SPOKEN and value]
        if tag == "input" and given.get("type") in {"submit", "button", "reset"}:
            spoken.append(given.get("value") or "")
        if tag == "meta" and given.get("name") == "description":
            spoken.append(given.get("content") or "")
        self.found += [(self.getpos()[0], text) for text in spoken if _WORD.search(text)]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._silent and self._silent[-1] == tag:
            self._silent.pop()

    def handle_data(self, data: str) -> None:
        if not self._silent and _WORD.search(_NAMES.sub("", data)) and not _ATTRIBUTES.fullmatch(data):
            self.found.append((self.getpos()[0], " ".join(data.split())))


def in_template(source: str, environment: Environment) -> Iterator[tuple[int, str]]:
    """Yield line and text of everything in a template that no translator would be shown."""
    plain = source
    for pattern, replacement in _SKIPPED:
        plain = pattern.sub(lambda match, mark=replacement: mark + "\n" * match[0].count("\n"), plain)
    page = _Page()
    page.feed(plain)
    page.close()
    yield from page.found
    yield from _printed(environment.parse(source), shown=False)


def _printed(node: nodes.Node, *, shown: bool) -> Iterator[tuple[int, str]]:
    """Yield the string constants that expressions print or hand on as a text for people."""
    if isinstance(node, nodes.Call | nodes.Filter) and _is_translating(node):
        return
    if isinstance(node, nodes.Const):
        if shown and isinstance(node.value, str) and _SENTENCE.search(node.value):
            yield node.lineno, node.value
        return
    if isinstance(node, nodes.Output):
        for child in node.nodes:
            if not isinstance(child, nodes.TemplateData):
                yield from _printed(child, shown=True)
        return
    if isinstance(node, nodes.Keyword):
        yield from _printed(node.value, shown=node.key in SHOWN)
        return
    for child in node.iter_child_nodes():
        # Only what a choice prints is seen: its condition, a comparison, an argument or a key is not.
        visible = isinstance(node, nodes.CondExpr) and child is not node.test
        joined = isinstance(node, nodes.Concat | nodes.Add | nodes.Or)
        yield from _printed(child, shown=shown and (visible or joined))


def _is_translating(node: nodes.Call | nodes.Filter) -> bool:
    called_name = node.node.name if isinstance(node.node, nodes.Name) else getattr(node, "name", "")
    return called_name in TRANSLATING


def in_python(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield line and text of string constants that reach people without passing through translation."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _in_call(node)
        elif isinstance(node, ast.ClassDef):
            yield from _in_class(node)


def _in_call(node: ast.Call) -> Iterator[tuple[int, str]]:
    what = called(node)
    if what in TRANSLATING or what in DOCUMENTING:
        return
    if what in SHOWING:
        # The first word of a Permission is its name, not its sentence.
        for argument in node.args[what == "Permission" :]:
            yield from _literals(argument)
    elif _FIELD.fullmatch(what):
        for argument in node.args[:1]:
            yield from _literals(argument)
    for keyword in node.keywords:
        if keyword.arg in SHOWN or (keyword.arg == "fields" and what in SHOWING):
            yield from _literals(keyword.value)


def _in_class(node: ast.ClassDef) -> Iterator[tuple[int, str]]:
    for line in node.body:
        value, names = None, []
        if isinstance(line, ast.Assign):
            value, names = line.value, [getattr(target, "id", "") for target in line.targets]
        elif isinstance(line, ast.AnnAssign) and line.value:
            value, names = line.value, [getattr(line.target, "id", "")]
        if value and any(name in SHOWN or name in {"column_labels", "column_descriptions"} for name in names):
            yield from _literals(value)


def _literals(node: ast.expr) -> Iterator[tuple[int, str]]:
    """Yield the texts a value is made of, unless they pass through translation."""
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str) and _SENTENCE.search(node.value):
            yield node.lineno, node.value
    elif isinstance(node, ast.JoinedStr):
        words = "".join(part.value for part in node.values if isinstance(part, ast.Constant))
        if _WORD.search(_NAMES.sub("", words)):
            yield node.lineno, words
    elif isinstance(node, ast.IfExp):
        yield from _literals(node.body)
        yield from _literals(node.orelse)
    elif isinstance(node, ast.Dict):
        for value in node.values:
            yield from _literals(value)
    elif isinstance(node, ast.BinOp):
        yield from _literals(node.left)
        yield from _literals(node.right)
    elif isinstance(node, ast.List | ast.Tuple):
        for item in node.elts:
            yield from _literals(item)
