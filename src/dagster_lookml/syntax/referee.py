"""The referee: where the scanner gives up, what lkml reads counts, with lkml guarded against its own traps.

lkml is the grammar that this package answers to. A text that the scanner does not take is read by lkml; only if lkml refuses it
too, or is known to misread it, does `recovery` take over. Positions come from lkml's lossless tree, by adding up lengths.
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
    placer.pass_by(document.prefix)
    nodes = placer.container(document.container, 0)
    return None if placer.misread else nodes


class _Placer:
    """Walks lkml's tree in the order of the text, adding up where each token stands."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.misread = False

    def pass_by(self, trivia: str) -> None:
        self.at += len(trivia)

    def token(self, token: lkml.tree.SyntaxToken) -> tuple[str, int, Style]:
        """Pass by one token; return its value, the offset of the value, and how it is written."""
        self.pass_by(token.prefix)
        opener, closer, style = "", "", "word"
        if isinstance(token, lkml.tree.QuotedSyntaxToken):
            opener, closer, style = '"', '"', "quoted"
        elif isinstance(token, lkml.tree.ExpressionSyntaxToken):
            closer, style = token.expr_suffix + ";;", "expression"
        value = token.value
        if not self.text.startswith(opener + value, self.at):  # lkml drops trivia after a repeated colon and a lone hyphen
            found = self.text.find(opener + value.removeprefix("-"), self.at)
            self.at = max(found, self.at)
        start = self.at + len(opener)
        self.at = start + len(value) + len(closer)
        self.pass_by(token.suffix)
        if (style == "word" and _ODD_SPACE.search(value)) or (style == "expression" and hides_a_declaration(value)):
            self.misread = True
        return value, start, style  # type: ignore[return-value]

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
        self.token(node.colon)
        value, start, style = self.token(node.value)
        return PairNode(key, key_start, value, start, style)

    def list(self, node: lkml.tree.ListNode) -> ListNode:
        key, key_start, _ = self.token(node.type)
        self.token(node.colon)
        self.token(node.left_bracket)
        if node.leading_comma:
            self.token(node.leading_comma)
        items: list[Item | PairNode] = []
        for item in node.items:
            self.at += bool(items)  # the comma
            items.append(self.pair(item) if isinstance(item, lkml.tree.PairNode) else Item(*self.token(item)))
        if node.trailing_comma:
            self.token(node.trailing_comma)
        self.pass_by(node.right_bracket.prefix)
        end = self.at + 1
        self.at = end + len(node.right_bracket.suffix)
        return ListNode(key, key_start, tuple(items), end)

    def block(self, node: lkml.tree.BlockNode, depth: int) -> BlockNode:
        key, key_start, _ = self.token(node.type)
        if node.colon:
            self.token(node.colon)
        name, name_start = None, key_start
        if node.name:
            name, name_start, _ = self.token(node.name)
        self.token(node.left_brace)
        children = self.container(node.container, depth + 1)
        self.pass_by(node.right_brace.prefix)
        end = self.at + 1
        self.at = end + len(node.right_brace.suffix)
        return BlockNode(key, key_start, name, name_start, children, end)
