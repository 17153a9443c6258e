"""SQL expressions made by chance, of numbers: few columns and operators, so that two of them are often nearly alike."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import NamedTuple

COLUMNS = ("a", "b", "c")
_BINARY = ("+", "-", "*", "=", "<>", "!=", "<", "<=", ">", ">=", "AND", "OR", "AND", "OR", "||")
_OTHER = ("not", "neg", "is", "is not", "in", "not in", "between", "case", "iif", "coalesce")


class Node(NamedTuple):
    """An operator or function with its operands; a leaf has none."""

    kind: str
    parts: tuple[Node, ...] = ()

    def text(self) -> str:
        """As SQL, with brackets around every operand."""
        inner = [part.text() if not part.parts else f"({part.text()})" for part in self.parts]
        texts = {
            "not": "NOT {0}",
            "neg": "- {0}",
            "is": "{0} IS NULL",
            "is not": "{0} IS NOT NULL",
            "in": "{0} IN ({1}, {2})",
            "not in": "{0} NOT IN ({1}, {2})",
            "between": "{0} BETWEEN {1} AND {2}",
            "case": "CASE WHEN {0} THEN {1} ELSE {2} END",
            "iif": "IIF({0}, {1}, {2})",
            "coalesce": "COALESCE({0}, {1})",
        }
        if not inner:
            return self.kind
        return texts.get(self.kind, f"{{0}} {self.kind} {{1}}").format(*inner)

    def leaves(self) -> Iterator[Node]:
        """The columns and numbers in it."""
        if not self.parts:
            yield self
        for part in self.parts:
            yield from part.leaves()


_SIZES = {"not": 1, "neg": 1, "is": 1, "is not": 1, "in": 3, "not in": 3, "between": 3, "case": 3, "iif": 3, "coalesce": 2}


def expression(chance: random.Random, depth: int) -> Node:
    """Any expression."""
    if depth <= 0 or chance.random() < 0.2:
        return Node(chance.choice((*COLUMNS, *COLUMNS, "0", "1", "2")))
    kind = chance.choice(_BINARY) if chance.random() < 0.65 else chance.choice(_OTHER)
    return Node(kind, tuple(expression(chance, depth - 1) for _ in range(_SIZES.get(kind, 2))))


def rearranged(node: Node, chance: random.Random) -> Node:
    """An expression with some operands in another order and some operators in another way: often wrong, often right."""
    parts = tuple(rearranged(part, chance) for part in node.parts)
    if not parts or chance.random() < 0.4:
        return Node(node.kind, parts)
    if len(parts) == 2 and chance.random() < 0.5:
        turned = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
        kind = turned.get(node.kind, node.kind) if chance.random() < 0.7 else node.kind
        return Node(kind, parts[::-1])
    if node.kind in ("AND", "OR", "+", "*", "-", "||") and parts[0].kind == node.kind:  # (x ? y) ? z -> x ? (y ? z)
        first, second = parts[0].parts
        return Node(node.kind, (first, Node(node.kind, (second, parts[1]))))
    if node.kind in ("=", "<>", "!=", "in", "is"):
        other = {"=": "<>", "<>": "=", "!=": "=", "in": "not in", "is": "is not"}[node.kind]
        return Node("not", (Node(other, parts),))
    if node.kind in ("in", "not in"):
        return Node(node.kind, (parts[0], parts[2], parts[1]))
    if node.kind in ("case", "iif"):
        return Node("iif" if node.kind == "case" else "case", parts)
    return Node(node.kind, parts)


def changed(node: Node, chance: random.Random) -> Node:
    """An expression in which exactly one column, number or operator is another one."""
    at = chance.randrange(1 + len(node.parts)) if node.parts else 0
    if at:
        parts = list(node.parts)
        parts[at - 1] = changed(parts[at - 1], chance)
        return Node(node.kind, tuple(parts))
    if not node.parts:
        return Node(chance.choice(("z", "17", "'b'", f"t.{node.kind}" if node.kind.isalpha() else "1.5")))
    others = {
        "in": "not in",
        "not in": "in",
        "between": "in",
        "case": "between",
        "iif": "between",
        "coalesce": "||",
        "+": "-",
        "-": "+",
        "*": "/",
        "=": "<",
        "<>": "=",
        "!=": "=",
        "<": "<=",
        "<=": "<",
        ">": ">=",
        ">=": ">",
        "AND": "OR",
        "OR": "AND",
        "||": "AND",
        "not": "neg",
        "neg": "not",
        "is": "is not",
        "is not": "is",
    }
    return Node(others[node.kind], node.parts)


def without_brackets(sql: str, chance: random.Random) -> str:
    """A text without some of its pairs of brackets, whether they are needed or not."""
    opened: list[int] = []
    pairs: list[tuple[int, int]] = []
    for at, character in enumerate(sql):
        if character == "(":
            opened.append(at)
        elif character == ")":
            pairs.append((opened.pop(), at))
    plain = [pair for pair in pairs if not sql[: pair[0]].rstrip().endswith(("IN", "IIF", "COALESCE"))]
    gone = {at for pair in plain if chance.random() < 0.4 for at in pair}
    return "".join(" " if at in gone else character for at, character in enumerate(sql))
