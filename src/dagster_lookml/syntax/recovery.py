"""The patient reader: reads LookML that is not sound, keeps every sound block, and names each fault with its place.

It reads the same grammar as `scanner`, one step at a time, and mends as a person would: it knows from the parameter table
that a dimension does not stand inside a dimension (so a brace is missing), and that a line ``type: string`` inside a string
or an expression more likely ends it (so a quote or a ``;;`` is missing). All work is linear in the size of the text.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from dagster_lookml.source.problems import Problem
from dagster_lookml.syntax.nodes import BlockNode, Item, ListNode, Node, PairNode
from dagster_lookml.syntax.scanner import MAX_DEPTH
from dagster_lookml.syntax.schema import CHILDREN, KNOWN_KEYS, NAMED_BLOCKS, is_expression_key

MAX_PROBLEMS: Final = 200
"""Faults reported for one file; the count of the others is given in one last problem."""
HOPELESS: Final = 10_000
"""Faults after which each further one costs all text up to the next declaration that begins a line: garbage is skipped fast."""

_TRIVIA: Final = re.compile(r"(?:[ \t\n]++|\#[^\n]*+)*+")
_ODD_SPACE: Final = re.compile(r"(?:(?![ \t\n])[\s\ufeff\0])++")
_WORD: Final = re.compile(r'(?!["#;:{}\[\],\s\0\ufeff])(?:@\{[^{}\s]*+\}|[^\s:{},\]\0\ufeff])++')
_QUOTED: Final = re.compile(r'"((?:[^"\\]++|\\.)*+)"', re.DOTALL)
_QUOTED_ON_ONE_LINE: Final = re.compile(r'"((?:[^"\\\n]++|\\[^\n])*+)"')
_COLONS: Final = re.compile(r":(?:[ \t\n]*+:(?!:))*+")
_SOUND_AFTER_STRING: Final = re.compile(r'(?:[ \t\n]++|\#[^\n]*+)*+(?:[},\]]|\Z|[^\s"#;:{}\[\],]++[ \t]*+:)')
_KEY_LINE: Final = r"\n[ \t]*+(?:" + "|".join(sorted(KNOWN_KEYS, key=len, reverse=True)) + r")[ \t]*+:(?!:)"
_EXPRESSION_STEP: Final = re.compile(rf"[{{}}]|;;|{_KEY_LINE}")
_KEY_AT: Final = re.compile(r"([a-z_]+)[ \t]*+:(?!:)")
_NEXT_PARAMETER: Final = re.compile(r"[{}]|\n[ \t]*+[a-z_]++[ \t]*+:(?!:)")
_KEY_LINES_IN_AN_EXPRESSION: Final = 20


_BRACE: Final = re.compile(r"[{}]")
_DECLARATION_LINE: Final = re.compile(r"^(?:view|explore|datagroup|test|constant)[ \t]*+:[ \t]*+\+?\w++[ \t]*+\{", re.MULTILINE)


class _HopelessError(Exception):
    """One fault too many; never leaves this module."""


class _Open(NamedTuple):
    key: str
    start: int
    name: str | None
    name_start: int
    children: list[Node]


def recover(text: str) -> tuple[tuple[Node, ...], tuple[Problem, ...]]:
    """Read a LookML text that may be broken anywhere.

    Args:
        text: the whole file, with line feeds only.

    Returns:
        The parameters that could be read, and the faults in order of their place. A parameter without a key is not kept.

    >>> recover("view: a { dimension: b { label: 'x }")[1][0].rule
    'unclosed-block'
    """
    reader = _Recovery(text)
    return reader.read(), tuple(reader.problems)


class _Recovery:
    """One reading of one text: a position that only moves forward, and the blocks that are open there."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.problems: list[Problem] = []
        self.unreported = 0
        self.children: list[Node] = []
        self.open: list[_Open] = []
        self.no_quote_before = -1  # a string that starts before this offset is known to have no sound end

    # -- the loop ------------------------------------------------------------------------------------------------------

    def read(self) -> tuple[Node, ...]:
        while self.at < len(self.text):
            try:
                self.read_on()
            except _HopelessError:
                self.skip_to_declaration()
        while self.open:
            if self.unreported < HOPELESS:
                self.report_unclosed(self.open[-1])
            self.pop_block(len(self.text))
        if self.unreported:
            end = len(self.text)
            self.problems.append(Problem("syntax-error", f"{self.unreported:,} more faults in this file", end, end))
        return tuple(self.children)

    def read_on(self) -> None:
        """Read to the end of the text."""
        while self.skip_trivia():
            character = self.text[self.at]
            if character == "}":
                self.close_block()
            elif character == "{":
                self.problem("block-without-key", "a block needs a key before its `{`", self.at, self.at + 1)
                self.open_block("", self.at, None, self.at)
            elif character in '"[],:;':
                self.skip_unexpected()
            else:
                self.read_parameter()

    def skip_to_declaration(self) -> None:
        """Leave every block, and go on where the next declaration begins a line."""
        while self.open:
            self.pop_block(self.at)
        found = _DECLARATION_LINE.search(self.text, self.at + 1)
        self.at = found.start() if found else len(self.text)

    def skip_trivia(self) -> bool:
        """Move to the next character that means something; False at the end of the text."""
        while True:
            self.at = self.after_trivia(self.at)
            odd = _ODD_SPACE.match(self.text, self.at)
            if odd is None:
                return self.at < len(self.text)
            shown = ", ".join(f"U+{ord(c):04X}" for c in sorted(set(odd.group())))
            self.problem("odd-white-space", f"{shown} is no white space in LookML", odd.start(), odd.end())
            self.at = odd.end()

    def after_trivia(self, at: int) -> int:
        found = _TRIVIA.match(self.text, at)
        return found.end() if found else at

    def problem(self, rule: str, message: str, start: int, end: int) -> None:
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(rule, message, start, end))
        else:
            self.unreported += 1
            if self.unreported >= HOPELESS:
                raise _HopelessError

    # -- blocks --------------------------------------------------------------------------------------------------------

    def open_block(self, key: str, start: int, name: str | None, name_start: int) -> None:
        """Stand at ``{``; go into the block."""
        self.at += 1
        if len(self.open) >= MAX_DEPTH:
            self.problem("too-deep", f"blocks are nested more than {MAX_DEPTH} deep", start, self.at)
            self.skip_block()
            return
        self.open.append(_Open(key, start, name, name_start, self.children))
        self.children = []

    def skip_block(self) -> None:
        """Stand behind ``{``; go behind its ``}`` without reading what is between them."""
        depth = 1
        for brace in _BRACE.finditer(self.text, self.at):
            depth += 1 if brace.group() == "{" else -1
            if not depth:
                self.at = brace.end()
                return
        self.at = len(self.text)

    def close_block(self) -> None:
        """Stand at ``}``; leave the block."""
        self.at += 1
        if self.open:
            self.pop_block(self.at)
        else:
            self.problem("surplus-brace", "this `}` closes nothing", self.at - 1, self.at)

    def pop_block(self, end: int) -> None:
        block = self.open.pop()
        node = BlockNode(block.key, block.start, block.name, block.name_start, tuple(self.children), end)
        self.children = block.children
        if block.key:
            self.children.append(node)

    def report_unclosed(self, block: _Open) -> None:
        title = f"{block.key}: {block.name}" if block.name else (block.key or "this block")
        self.problem("unclosed-block", f"`{title}` is never closed: a `}}` is missing", block.start, block.start + len(title))

    def find_home(self, key: str, start: int) -> None:
        """Before a declaration: where it cannot stand here, close or reopen blocks until it stands where it belongs."""
        parents = [block.key for block in self.open]
        if key in CHILDREN.get(parents[-1] if parents else "", KNOWN_KEYS) or "" in parents:
            return
        homes = [depth for depth, parent in enumerate(["", *parents]) if key in CHILDREN.get(parent, ())]
        if homes:
            while len(self.open) > homes[-1]:
                self.report_unclosed(self.open[-1])
                self.pop_block(start)
        elif not self.open:
            self.reopen_last_block(key, start)

    def reopen_last_block(self, key: str, start: int) -> None:
        last = self.children[-1] if self.children else None
        if isinstance(last, BlockNode) and key in CHILDREN.get(last.key, ()) and last.end <= start:
            self.problem("surplus-brace", f"this `}}` closes `{last.key}: {last.name}` too early", last.end - 1, last.end)
            self.children.pop()
            self.open.append(_Open(last.key, last.key_start, last.name, last.name_start, self.children))
            self.children = list(last.children)

    # -- parameters ----------------------------------------------------------------------------------------------------

    def read_parameter(self) -> None:
        word = _WORD.match(self.text, self.at)
        if word is None:
            self.skip_unexpected()
            return
        key, start = word.group(), self.at
        colon = _COLONS.match(self.text, self.after_trivia(word.end()))
        if colon is None:
            self.problem("syntax-error", f"expected `:` after `{_short(key)}`", start, word.end())
            self.skip_to_next_parameter(word.end())
            return
        self.at = colon.end()
        if is_expression_key(key) and self.reads_as_expression():
            if self.text[word.end()] != ":":
                message = f"white space between `{key}` and its colon"
                self.problem("space-before-colon", message, start, self.at)
            self.read_expression(key, start)
            return
        self.skip_trivia()
        character = self.text[self.at : self.at + 1]
        if character == "{":
            self.open_block(key, start, None, start)
        elif character == "[":
            self.read_list(key, start)
        elif character == '"':
            self.read_string_value(key, start)
        else:
            self.read_word_value(key, start)

    def reads_as_expression(self) -> bool:
        """``sql : "a"`` and ``sql_having: a`` are words to lkml; only what cannot be one is read up to ``;;`` (R15.7, R15.8)."""
        at = self.after_trivia(self.at)
        if self.text.startswith(("{", "["), at):
            return not _KEY_AT.match(self.text, self.after_trivia(at + 1))
        return True

    def read_string_value(self, key: str, start: int) -> None:
        value, value_start = self.read_string()
        brace = self.after_trivia(self.at)
        if self.text.startswith("{", brace):
            self.problem("quoted-name", f"the name of a block takes no quotes: `{_short(value)}`", value_start - 1, self.at)
            self.at = brace
            self.open_block(key, start, value, value_start)
        else:
            self.children.append(PairNode(key, start, value, value_start, "quoted"))

    def read_word_value(self, key: str, start: int) -> None:
        word = _WORD.match(self.text, self.at)
        after = self.after_trivia(word.end()) if word else self.at
        if word is None or (self.text.startswith(":", after) and "\n" in self.text[start : self.at]):
            self.problem("missing-value", f"`{_short(key)}:` has no value", start, start + len(key))
            return
        value, value_start = word.group(), self.at
        self.at = word.end()
        if value == "-" and (joined := _WORD.match(self.text, after)):
            value, self.at = "-" + joined.group(), joined.end()
        if value.endswith(";") and (stripped := value.rstrip(";")):
            self.at -= len(value) - len(stripped)
            value = stripped
        if self.text.startswith("{", after):
            if key in NAMED_BLOCKS:
                self.find_home(key, start)
            self.at = after
            self.open_block(key, start, value, value_start)
        else:
            self.children.append(PairNode(key, start, value, value_start, "word"))

    def read_string(self) -> tuple[str, int]:
        """Stand at a quote; return the value and its offset, and move behind it."""
        start = self.at
        found = _QUOTED_ON_ONE_LINE.match(self.text, start)
        if found is None and start >= self.no_quote_before:
            found = _QUOTED.match(self.text, start)
            if found is None or not _SOUND_AFTER_STRING.match(self.text, found.end()):
                self.no_quote_before = found.end() if found else len(self.text)
                found = None
        if found:
            self.at = found.end()
            return found.group(1), start + 1
        line_end = self.text.find("\n", start)
        line_end = len(self.text) if line_end < 0 else line_end
        value = self.text[start + 1 : line_end]
        for closer in (" }", "}"):  # `label: "Orders }` on one line
            if value.endswith(closer) and value.count("{") < value.count("}"):
                value = value.removesuffix(closer)
        value = value.rstrip()
        self.at = start + 1 + len(value)
        self.problem("unclosed-string", 'this string is never closed: a `"` is missing', start, self.at)
        return value, start + 1

    # -- expressions ---------------------------------------------------------------------------------------------------

    def read_expression(self, key: str, start: int) -> None:
        end, closed = self.expression_end()
        body = self.text[self.at : end]
        value = body.strip()
        value_start = self.at + len(body) - len(body.lstrip()) if value else end
        self.children.append(PairNode(key, start, value, value_start, "expression"))
        self.at = end + 2 if closed else end
        if not closed:
            self.problem("unclosed-expression", f"`{key}:` is never ended: `;;` is missing", start, start + len(key))

    def expression_end(self) -> tuple[int, bool]:
        """Find where the expression ends: at ``;;``, or, where that is missing, before what cannot belong to it."""
        depth = 0
        key_lines: list[int] = []
        for step in _EXPRESSION_STEP.finditer(self.text, self.at):
            token = step.group()
            if token == ";;":
                return step.start(), True
            if token == "{":
                depth += 1
            elif token == "}":
                depth -= 1
                if depth < 0:
                    return (key_lines[0] if key_lines else step.start()), False
            elif depth == 0:
                key_lines.append(step.start())
                if len(key_lines) == _KEY_LINES_IN_AN_EXPRESSION:
                    break
        return (key_lines[0] if key_lines else len(self.text)), False

    # -- lists ---------------------------------------------------------------------------------------------------------

    def read_list(self, key: str, start: int) -> None:
        bracket = self.at
        self.at += 1
        items: list[Item | PairNode] = []
        closed = False
        comma = True
        while self.skip_trivia():
            character = self.text[self.at]
            if character == "]":
                self.at += 1
                closed = True
                break
            if character == ",":
                if comma:
                    self.problem("surplus-comma", "this comma separates nothing", self.at, self.at + 1)
                self.at += 1
                comma = True
                continue
            if character in "{};:[" or (not comma and self.at_known_key()):
                break
            if not comma:
                self.problem("missing-comma", "a comma is missing before this item", self.at, self.at + 1)
            items.append(self.read_item())
            comma = False
        if not closed:
            self.problem("unclosed-list", f"the list `{key}` is never closed: a `]` is missing", start, bracket + 1)
        self.children.append(ListNode(key, start, tuple(items), self.at))

    def at_known_key(self) -> bool:
        found = _KEY_AT.match(self.text, self.at)
        return found is not None and found.group(1) in KNOWN_KEYS

    def read_item(self) -> Item | PairNode:
        start = self.at
        if self.text[start] == '"':
            value, value_start = self.read_string()
            return Item(value, value_start, "quoted")
        word = _WORD.match(self.text, start)
        if word is None:  # a character that begins nothing
            self.at += 1
            self.problem("syntax-error", f"unexpected {self.text[start]!r}", start, self.at)
            return Item(self.text[start], start, "word")
        self.at = word.end()
        if "@{" in word.group():
            self.problem("unquoted-constant", "a constant in a list needs quotes", start, word.end())
        colon = _COLONS.match(self.text, self.after_trivia(word.end()))
        if colon is None:
            return Item(word.group(), start, "word")
        at = self.after_trivia(colon.end())
        if self.text.startswith('"', at):
            self.at = at
            value, value_start = self.read_string()
            return PairNode(word.group(), start, value, value_start, "quoted")
        if value_word := _WORD.match(self.text, at):
            self.at = value_word.end()
            return PairNode(word.group(), start, value_word.group(), at, "word")
        self.at = colon.end()
        return PairNode(word.group(), start, "", self.at, "word")

    # -- what belongs nowhere ------------------------------------------------------------------------------------------

    def skip_unexpected(self) -> None:
        """Stand at a character that begins no parameter."""
        start, character = self.at, self.text[self.at]
        if character == ";":
            self.at += 2 if self.text.startswith(";;", start) else 1
            text = self.text[start : self.at]
            self.problem("stray-semicolon", f"`{text}` ends nothing here", start, self.at)
        elif character == '"':
            self.read_string()
            self.problem("syntax-error", "a string stands here without a key", start, self.at)
        elif character == "[":
            self.problem("syntax-error", "a list stands here without a key", start, start + 1)
            self.read_list("", start)
            self.children.pop()
        else:
            self.problem("syntax-error", f"unexpected `{character}`", start, start + 1)
            self.at += 1

    def skip_to_next_parameter(self, start: int) -> None:
        found = _NEXT_PARAMETER.search(self.text, start)
        self.at = found.start() if found else len(self.text)


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "..."
