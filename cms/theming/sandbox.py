"""The environment themes render in: Jinja's sandbox with an allowlist of what can be called, and with limits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from jinja2 import BaseLoader, BytecodeCache, StrictUndefined, nodes
from jinja2.environment import TemplateModule
from jinja2.exceptions import SecurityError
from jinja2.runtime import BlockReference, Context, LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace

from cms.theming import limits

#: Methods of plain values that a template may call: they read, and never make a text much longer.
_METHOD_NAMES = (
    "lower upper title capitalize casefold strip lstrip rstrip startswith endswith split rsplit splitlines "
    "partition rpartition removeprefix removesuffix find count index isdigit isalpha items keys values get "
    "isoformat date time weekday isoweekday url cycle changed"
)
_METHODS = frozenset(_METHOD_NAMES.split())
_COUNTED = (nodes.For, nodes.Macro, nodes.CallBlock, nodes.Block, nodes.FilterBlock, nodes.AssignBlock)
_OWN_TEXT = (nodes.For, nodes.Macro, nodes.CallBlock, nodes.Block)


class ThemeEnvironment(ImmutableSandboxedEnvironment):
    """Jinja for themes: escapes by itself, takes unknown names for errors, and lets nothing grow without bound."""

    intercepted_binops = frozenset(limits.BINARY_OPERATORS)
    step = staticmethod(limits.step)
    joined = staticmethod(limits.joined)
    #: Where what was compiled is kept for other environments of the process; None: each compiles for itself.
    compiled: ClassVar[BytecodeCache | None] = None

    def __init__(self, loader: BaseLoader, *, auto_reload: bool = False) -> None:
        super().__init__(
            loader=loader,
            autoescape=True,
            undefined=StrictUndefined,
            auto_reload=auto_reload,
            bytecode_cache=self.compiled,
            finalize=limits.written,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n", "jinja2.ext.loopcontrols"],
        )
        self.filters = limits.bounded_filters(self.filters)
        self.binop_table |= limits.BINARY_OPERATORS
        self.globals = {}
        self._trusted: set[Callable[..., Any]] = {limits.step, limits.joined}
        self.add_helper("range", limits.number_range)
        self.add_helper("dict", dict)
        self.add_helper("namespace", Namespace)

    def add_helper(self, name: str, helper: Callable[..., Any]) -> None:
        """Make a function of ours known to templates under `name`."""
        self.globals[name] = helper
        self._trusted.add(helper)

    def add_translations(self, gettext: Callable[[str], str], ngettext: Callable[[str, str, int], str]) -> None:
        """Let `_`, `gettext` and `ngettext` in templates ask these functions."""
        self.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]  # added by the i18n extension
        words: dict[str, Any] = dict(self.globals)
        for alias, name in (("_", "gettext"), ("gettext", "gettext"), ("ngettext", "ngettext")):
            self.add_helper(alias, words[name])

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Allow public fields, and of methods only those that read."""
        if not super().is_safe_attribute(obj, attr, value):
            return False
        return not callable(value) or attr in _METHODS or isinstance(obj, TemplateModule)

    def is_safe_callable(self, obj: Any) -> bool:
        """Allow macros, loops, our helpers and the few methods that `is_safe_attribute` lets through."""
        if isinstance(obj, Macro | LoopContext | BlockReference):
            return True
        return getattr(obj, "__name__", "") in _METHODS or obj in self._trusted

    # Keyword arguments of templates may have any name, so Jinja's signature keeps `self` and its own apart.
    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805 -- see above
        """Call what a template calls, if that is allowed, and bound the result."""
        if not __self.is_safe_callable(__obj):
            raise SecurityError(f"A template may not call {getattr(__obj, '__name__', type(__obj).__name__)}.")
        return limits.bounded(__context.call(__obj, *args, **kwargs))

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        template = super()._parse(source, name, filename)
        for node in list(template.find_all(_COUNTED)):
            body: list[nodes.Node] = node.body  # type: ignore[attr-defined]  # every node of _COUNTED has one
            body.insert(0, _step(node.lineno, _own_text(body)))
            if isinstance(node, nodes.For) and node.test is not None:
                node.test = nodes.And(_step(node.lineno, 0).node, node.test, lineno=node.lineno)
        template.body.insert(0, _step(1, _own_text(template.body)))
        for concat in list(template.find_all(nodes.Concat)):
            attribute = nodes.EnvironmentAttribute("joined", lineno=concat.lineno)
            concat.nodes = [nodes.Call(attribute, concat.nodes, [], None, None, lineno=concat.lineno)]
        template.set_environment(self)
        return template


def _step(lineno: int, size: int) -> nodes.ExprStmt:
    attribute = nodes.EnvironmentAttribute("step", lineno=lineno)
    call = nodes.Call(attribute, [nodes.Const(size, lineno=lineno)], [], None, None, lineno=lineno)
    return nodes.ExprStmt(call, lineno=lineno)


def _own_text(body: list[nodes.Node]) -> int:
    """Return the length of the plain text that a body writes itself, without that of loops and macros inside."""
    size = 0
    for node in body:
        if isinstance(node, nodes.TemplateData):
            size += len(node.data)
        elif not isinstance(node, _OWN_TEXT):
            size += _own_text(list(node.iter_child_nodes()))
    return size
