"""The referee: where the scanner gives up, what lkml reads counts, with lkml guarded against its own traps.

lkml is the grammar that this package answers to. A text that the scanner does not take is read by lkml; only if lkml refuses it
too, or is known to misread it, does `recovery` take over. Positions come from looking for lkml's tokens in the text, one behind
the other.
"""

from __future__ import annotations

import re
from typing import Final

import lkml.tree
from lkml.lexer import Lexer
from lkml.parser import Parser
from lkml.tokens import StreamEndToken

from dagster_lookml.syntax.nodes import BlockNode, Item, ListNode, Node, PairNode, Style
from dagster_lookml.syntax.scanner import MAX_DEPTH, hides_a_declaration

MAX_LENGTH: Final = 1_000_000
"""Characters; lkml reads about a million of them in a second, and a longer broken file is not worth the wait."""

_REFUSALS: Final = (SyntaxError, IndexError, KeyError, ValueError, TypeError, AttributeError, RecursionError)
_ODD_SPACE: Final = re.compile(r"(?![ \t\n])[\s\ufeff\0]")
_BETWEEN: Final = re.compile(r"(?:[\s:]++|#[^\n]*+)*+")
"""What may stand between two tokens. lkml's tree holds most of it, but not what is behind a repeated colon or a lone hyphen."""


class _GuardedLexer(Lexer):
    """lkml's lexer, which for a lone ``;`` looks at the same place for ever (R15.10); this one notices."""

    _looked_at = -1

    def peek_multiple(self, length: int) -> str:
        if length == 2 and self.text[self.index] == ";" and self.text[self.index : self.index + 2] != ";;":
            if self._looked_at == self.index:
                raise SyntaxError("a lone semicolon")
            self._looked_at = self.index
        return super().peek_multiple(length)


def read_with_lkml(text: str) -> tuple[Node, ...] | None:
    r"""Read a text with lkml.

    Args:
        text: the whole file, with line feeds only.

    Returns:
        The parameters of the file, or None if lkml refuses the text, or accepts it and is known to misread it: what follows a
        NUL or a surplus ``}`` it drops in silence, odd white space it makes part of a word, a missing ``;;`` it does not notice.

    >>> read_with_lkml("view # a comment where nobody expects one\n: a {}")
    (BlockNode(key='view', key_start=0, name='a', name_start=44, children=(), end=48),)
    """
    if len(text) > MAX_LENGTH or "\0" in text:
        return None
    try:
        parser = Parser(_GuardedLexer(text).scan())
        document = parser.parse()
    except _REFUSALS:
        return None
    if not isinstance(parser.peek(), StreamEndToken):
        return None
    placer = _Placer(text)
    nodes = placer.container(document.container, 0)
    return None if placer.misread else nodes


class _Placer:
    """Walks lkml's tree in the order of the text, looking for each token behind the one before it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.misread = False

    def skip_between(self) -> None:
        if found := _BETWEEN.match(self.text, self.at):
            self.at = found.end()

    def sign(self, sign: str) -> int:
        """Pass by a bracket, a brace or a comma; return where it ends."""
        self.skip_between()
        self.misread |= not self.text.startswith(sign, self.at)
        self.at += 1
        return self.at

    def token(self, token: lkml.tree.SyntaxToken) -> tuple[str, int, Style]:
        """Pass by one token; return its value, the offset of the value, and how it is written."""
        value = token.value
        if isinstance(token, lkml.tree.ExpressionSyntaxToken):
            return value, self.expression(value, len(token.prefix), len(token.expr_suffix)), "expression"
        self.skip_between()
        if isinstance(token, lkml.tree.QuotedSyntaxToken):
            return value, self.pass_by(value, self.at + 1, '"'), "quoted"
        self.misread |= _ODD_SPACE.search(value) is not None
        return value, self.word(value), "word"

    def pass_by(self, value: str, start: int, closer: str = "") -> int:
        self.misread |= not self.text.startswith(value + closer, start)
        self.at = start + len(value) + len(closer)
        return start

    def expression(self, value: str, before: int, behind: int) -> int:
        """What lkml reads as an expression begins right behind the one colon that stands right behind the key."""
        self.misread |= hides_a_declaration(value)
        start = self.pass_by(value, self.at + 1 + before)
        self.at += behind + len(";;")
        return start

    def word(self, value: str) -> int:
        start = self.at
        if value.startswith("-") and not self.text.startswith(value, start):  # lkml joins `- x`
            self.at += 1
            self.skip_between()
            self.pass_by(value[1:], self.at)
            return start
        return self.pass_by(value, start)

    def container(self, container: lkml.tree.ContainerNode, depth: int) -> tuple[Node, ...]:
        if depth > MAX_DEPTH:
            self.misread = True
            return ()
        return tuple(self.node(node, depth) for node in container.items)

    def node(self, node: object, depth: int) -> Node:
        if isinstance(node, lkml.tree.BlockNode):
            return self.block(node, depth)
        if isinstance(node, lkml.tree.ListNode):
            return self.list(node)
        assert isinstance(node, lkml.tree.PairNode)
        return self.pair(node)

    def pair(self, node: lkml.tree.PairNode) -> PairNode:
        key, key_start, _ = self.token(node.type)
        value, start, style = self.token(node.value)
        return PairNode(key, key_start, value, start, style)

    def list(self, node: lkml.tree.ListNode) -> ListNode:
        key, key_start, _ = self.token(node.type)
        self.sign("[")
        if node.leading_comma:
            self.sign(",")
        items: list[Item | PairNode] = []
        for item in node.items:
            if items:
                self.sign(",")
            items.append(self.pair(item) if isinstance(item, lkml.tree.PairNode) else Item(*self.token(item)))
        if node.trailing_comma:
            self.sign(",")
        return ListNode(key, key_start, tuple(items), self.sign("]"))

    def block(self, node: lkml.tree.BlockNode, depth: int) -> BlockNode:
        key, key_start, _ = self.token(node.type)
        name, name_start = None, key_start
        if node.name:
            name, name_start, _ = self.token(node.name)
        self.sign("{")
        children = self.container(node.container, depth + 1)
        return BlockNode(key, key_start, name, name_start, children, self.sign("}"))
