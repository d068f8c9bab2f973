"""The code that Jinja makes of a template, made straight: pieces of a page go into one list, and words are escaped in place.

As Jinja writes it, every piece of a page comes through a generator for each template that the page's one extends, and every
word through a function that wraps it into an object. A page has hundreds of pieces, a portal ten thousand pages. The code
stays Jinja's own but for the forms below, and what comes out is the same letter for letter: `mkdocs build` keeps Jinja's
forms, and tests/site/test_same_bytes.py compares the pages.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from io import StringIO

from jinja2 import Environment, nodes
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import escape

try:
    from markupsafe._speedups import _escape_inner
except ImportError:  # MarkupSafe without its C part, or another version of it

    def _escape_inner(s: str, /) -> str:
        return str(escape(s))


escaped: Callable[[str], str] = _escape_inner
"""The text with what has a meaning in HTML as entities: what `escape` does, without an object around it."""


_LIST = "_pieces"
_NAMES = "from gongkai.portal.straight import escaped as _escaped, within as _within"
_TEXT = "(_escaped(_v) if type(_v := ", ") is str else _v if type(_v) is Markup else escape(_v))"
"""In place of `escape(…)`: plain text needs no object around it, and markup is ready."""
_NAMED = "(_n if (_n := getattr(_o := ", ", {0}, missing)) is not missing else _within(_o, {0}, environment))"
"""In place of `environment.getattr(…, name)`: most attributes are found without a call of Python."""
_FORMS = (
    (r"^(from jinja2\.runtime import .*)$", rf"\1; {_NAMES}"),
    (r"^( *)if 0: yield None$", rf"\1{_LIST} = []"),
    (r"^( *)yield from (.*)$", rf"\1{_LIST}.extend(\2)"),
    (r"^( *)finally: gen\.close\(\)$", r"\1finally: pass"),
    (r"^\n(?=def block_|blocks = )", f"    return {_LIST}\n"),
)
"""Lines of Jinja's, and what stands in their place: a block, a parent, an included template is a list, and no generator.

A line stays a line (the end of a function is an empty one), so that errors name the right place in the template.
"""


def straighten(env: Environment) -> None:
    """Let the templates of this environment be compiled straight; call before any is compiled."""
    env.code_generator_class = _Straight


def within(value: object, name: str, env: Environment) -> object:
    """What a template means by `value.name` when there is no such attribute; see `Environment.getattr`."""
    try:
        return value[name]  # type: ignore[index]
    except (TypeError, LookupError, AttributeError):
        return env.undefined(obj=value, name=name)


class _Straight(CodeGenerator):
    """Writes the code; see Jinja for what each method writes."""

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802 - the name that Jinja calls
        super().visit_Template(node, frame)
        source = self.stream.getvalue()  # type: ignore[attr-defined]
        for line, straight in _FORMS:
            source = re.sub(line, straight, source, flags=re.MULTILINE)
        self.stream = StringIO(source)

    def start_write(self, frame: Frame, node: nodes.Node | None = None) -> None:
        self.writeline(f"{frame.buffer or _LIST}.append(", node)

    def end_write(self, frame: Frame) -> None:
        self.write(")")

    def visit_Output(self, node: nodes.Output, frame: Frame) -> None:  # noqa: N802 - the name that Jinja calls
        buffer = frame.buffer
        frame.buffer = buffer or _LIST
        super().visit_Output(node, frame)
        frame.buffer = buffer

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802 - the name that Jinja calls
        begin, end = _NAMED
        self.write(begin)
        self.visit(node.node, frame)
        self.write(end.format(repr(node.attr)))

    def _output_child_pre(
        self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo
    ) -> None:
        if _plain(frame, finalize):
            self.write(_TEXT[0])
        else:
            super()._output_child_pre(node, frame, finalize)

    def _output_child_post(
        self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo
    ) -> None:
        if _plain(frame, finalize):
            self.write(_TEXT[1])
        else:
            super()._output_child_post(node, frame, finalize)


def _plain(frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> bool:
    """Whether a word is escaped and nothing else is done to it, known while the template is compiled."""
    return bool(frame.eval_ctx.autoescape) and not frame.eval_ctx.volatile and finalize.src is None
