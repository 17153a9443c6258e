"""The Liquid that Looker reads: python-liquid for the syntax, with Looker's own tags (R10.3, R10.4)."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, TextIO

from liquid import Environment
from liquid.ast import BlockNode, Node
from liquid.parser import get_parser
from liquid.tag import Tag
from liquid.token import TOKEN_EXPRESSION, TOKEN_TAG, Token

if TYPE_CHECKING:
    from liquid import RenderContext
    from liquid.stream import TokenStream


class LookerNode(Node):
    """One of Looker's own tags: ``{% parameter p %}``, or ``{% condition f %} expr {% endcondition %}``.

    Attributes:
        tag: its name.
        name: the field or parameter that it names; empty if it names none (R10.8).
        block: what stands inside it, if it has an inside.
    """

    __slots__ = ("block", "name", "tag")

    def __init__(self, token: Token, tag: str, name: str, block: BlockNode | None = None) -> None:
        super().__init__(token)
        self.tag = tag
        self.name = name
        self.block = block
        self.blank = False

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        """Never asked for: templates are walked and not rendered."""
        raise NotImplementedError


def _name_behind(stream: TokenStream) -> tuple[Token, str]:
    token = stream.eat(TOKEN_TAG)
    if stream.current.kind == TOKEN_EXPRESSION:
        return token, next(stream).value.strip()
    return token, ""


class _Inline(Tag):
    block = False

    def parse(self, stream: TokenStream) -> Node:
        """Parse ``{% parameter name %}``, and stop at its last token: the parser goes on behind that."""
        token = stream.current
        if stream.peek.kind != TOKEN_EXPRESSION:
            return LookerNode(token, self.name, "")
        next(stream)
        return LookerNode(token, self.name, stream.current.value.strip())


class _Block(Tag):
    def parse(self, stream: TokenStream) -> Node:
        """Parse ``{% condition name %} ... {% endcondition %}``."""
        token, name = _name_behind(stream)
        block = get_parser(self.env).parse_block(stream, frozenset((self.end,)))
        stream.expect(TOKEN_TAG, value=self.end)
        return LookerNode(token, self.name, name, block)


_INLINE: Final = ("parameter", "date_start", "date_end")
_BLOCKS: Final = ("condition", "incrementcondition")


@cache
def looker_liquid() -> Environment:
    """The environment in which Looker's templates are parsed; none is ever rendered, and no file is ever loaded."""
    environment = Environment()
    for name in _INLINE:
        environment.add_tag(type(f"{name}_tag", (_Inline,), {"name": name}))
    for name in _BLOCKS:
        environment.add_tag(type(f"{name}_tag", (_Block,), {"name": name, "end": f"end{name}"}))
    return environment
