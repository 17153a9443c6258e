"""The fast reader: one compiled expression reads a sound LookML file in a single pass.

It accepts a subset of what lkml accepts, and reads that subset exactly as lkml does (R15.1-R15.14); on anything else it gives
up at once and says so with None, and `recovery` reads the file again, patiently. So speed here costs no tolerance there.
"""

from __future__ import annotations

import re
from sys import intern
from typing import Final

from dagster_lookml.syntax.nodes import BlockNode, Item, ListNode, Node, PairNode
from dagster_lookml.syntax.schema import EXPRESSION_KEYS

MAX_DEPTH: Final = 64
"""Blocks inside blocks; real files need eight. Deeper nesting is noise, and would overflow the stack of whoever walks it."""

TRIVIA: Final = r"(?:[ \t\n]++|\#[^\n]*+)*+"
WORD: Final = r'[^\s"#;:{}\[\],\0\ufeff][^\s:{},\]\0\ufeff]*+'
QUOTED: Final = r'"(?:[^"\\\0]++|\\[^\0])*+"'
_EXPRESSION_KEY: Final = "(?:" + "|".join(sorted(EXPRESSION_KEYS, key=len, reverse=True)) + ")"

# lkml joins a hyphen with white space behind it to the next word, and skips a second colon. Both are left to `referee`.
_PARAMETER: Final = re.compile(
    rf"""{TRIVIA}(?:
        ({_EXPRESSION_KEY}):(?:\s*+((?:[^;]++|;(?!;))*+);;|())    # 1 key, 2 expression, 3 no ;; in the rest of the file
      | ({WORD})[ \t\n]*+:{TRIVIA}(?!-[ \t\n\#]|{_EXPRESSION_KEY}:)(?:   # 4 key
            "((?:[^"\\\0]++|\\[^\0])*+)"                          # 5 quoted value
          | ({WORD})(?:{TRIVIA}(\{{))?+                           # 6 bare value, or 6 name and 7 brace
          | (\{{)                                                 # 8 brace of an unnamed block
          | \[((?:[^\]"\#]++|{QUOTED}|\#[^\n]*+)*+)\]             # 9 inside of a list
        )
      | (\}})                                                     # 10
      | (\Z)                                                      # 11
      | ()                                                        # 12 anything else
    )""",
    re.VERBOSE,
)

_ITEM: Final = re.compile(
    rf"""{TRIVIA}(?:
        (?!-[ \t\n\#]|{_EXPRESSION_KEY}:)(?:
            ({WORD})(?:[ \t\n]*+:{TRIVIA}(?:                       # 1 word, or key of a pair
                "((?:[^"\\\0]++|\\[^\0])*+)"                      # 2 its quoted value
              | (?!-[ \t\n\#]|{_EXPRESSION_KEY}:)({WORD})          # 3 its bare value
            ))?+
          | "((?:[^"\\\0]++|\\[^\0])*+)"                          # 4 quoted item
        ){TRIVIA}(?:,|\Z)
      | (\Z)                                                      # 5
      | ()                                                        # 6 anything else
    )""",
    re.VERBOSE,
)
_LEADING_COMMA: Final = re.compile(rf"{TRIVIA},")

_SWALLOWED = re.compile(r"\}\s*(?:dimension|dimension_group|measure|filter|parameter|set|view|explore|join)\s*:\s*\+?[\w.]+\s*\{")


def hides_a_declaration(expression: str) -> bool:
    """Tell whether an expression has swallowed what stands behind it, because its own ``;;`` is missing.

    lkml reads ``dimension: a { sql: x } dimension: b { sql: y ;; }`` without complaint as one dimension.

    Args:
        expression: the text between ``sql:`` and the next ``;;``.
    """
    return ":" in expression and _SWALLOWED.search(expression) is not None


def scan(text: str) -> tuple[Node, ...] | None:
    r"""Read a sound LookML text.

    Args:
        text: the whole file, with line feeds only.

    Returns:
        The parameters of the file, or None if any of it is not plainly sound LookML.

    >>> scan('view: a { label: "A" }')[0].children[0]
    PairNode(key='label', key_start=10, value='A', start=18, style='quoted')
    """
    children: list[Node] = []
    open_blocks: list[tuple[str, int, str | None, int, list[Node]]] = []
    for found in _PARAMETER.finditer(text):
        branch = found.lastindex
        if branch == 2:
            key, expression = found.group(1, 2)
            if ":" in expression and _SWALLOWED.search(expression):
                return None
            children.append(PairNode(intern(key), found.start(1), expression.rstrip(), found.start(2), "expression"))
        elif branch == 5:
            key, value = found.group(4, 5)
            children.append(PairNode(intern(key), found.start(4), value, found.start(5), "quoted"))
        elif branch == 6:
            key, value = found.group(4, 6)
            children.append(PairNode(intern(key), found.start(4), intern(value), found.start(6), "word"))
        elif branch == 10:
            if not open_blocks:
                return None
            key, key_start, name, name_start, siblings = open_blocks.pop()
            siblings.append(BlockNode(key, key_start, name, name_start, tuple(children), found.end()))
            children = siblings
        elif branch == 7 or branch == 8:
            if len(open_blocks) == MAX_DEPTH:
                return None
            key, name = found.group(4, 6)
            open_blocks.append((intern(key), found.start(4), name, found.start(6), children))
            children = []
        elif branch == 9:
            items = _scan_items(text, *found.span(9))
            if items is None:
                return None
            children.append(ListNode(intern(found.group(4)), found.start(4), items, found.end()))
        elif branch == 11:
            return None if open_blocks else tuple(children)
        else:
            return None
    return None


def _scan_items(text: str, start: int, stop: int) -> tuple[Item | PairNode, ...] | None:
    items: list[Item | PairNode] = []
    if leading := _LEADING_COMMA.match(text, start, stop):
        start = leading.end()
    for found in _ITEM.finditer(text, start, stop):
        branch = found.lastindex
        if branch == 1:
            items.append(Item(intern(found.group(1)), found.start(1), "word"))
        elif branch == 2:
            items.append(PairNode(found.group(1), found.start(1), found.group(2), found.start(2), "quoted"))
        elif branch == 4:
            items.append(Item(found.group(4), found.start(4), "quoted"))
        elif branch == 3:
            items.append(PairNode(found.group(1), found.start(1), found.group(3), found.start(3), "word"))
        elif branch == 5:
            break
        else:
            return None
    if leading and not items:
        return None
    return tuple(items) if len({type(item) for item in items}) < 2 else None
