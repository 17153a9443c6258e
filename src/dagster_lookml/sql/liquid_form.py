"""The Liquid of two texts side by side: what stands in which branch, and what both say in every world.

A world decides every condition once, for both texts. Conditions are taken by their text and are otherwise independent, so
that more worlds are looked at than there can be, and none is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from dagster_lookml.sql.liquid_values import PARAMETER_VALUE
from dagster_lookml.sql.marks import MARK, Marks, normal, words

_START: Final = re.compile(r"\{[{%]")
_TAG: Final = re.compile(r"\s*(#|\w+)(.*)", re.DOTALL)
_END_OF_COMMENT: Final = re.compile(r"\{%-?\s*endcomment\s*(-?)%\}")
_LITERAL: Final = re.compile(r"'[^']*'|\"[^\"]*\"")
_VALUES: Final = frozenset({"parameter", "date_start", "date_end"})
_BODIES: Final = frozenset({"condition", "incrementcondition"})
_BRANCHINGS: Final = frozenset({"if", "unless", "case"})


class UnreadLiquidError(ValueError):
    """Liquid that cannot be read."""


class UnfollowedLiquidError(ValueError):
    """Liquid that can be read and whose text is not known: a loop, say."""


class Piece(NamedTuple):
    """A part of a template: text, or a tag with its name and what stands in it. Outputs have the name ``{{``."""

    text: str
    tag: str = ""

    @property
    def written(self) -> str:
        """The tag in its normal form."""
        return f"{{{{ {self.text} }}}}" if self.tag == "{{" else f"{{% {f'{self.tag} {self.text}'.strip()} %}}"


class Atom(NamedTuple):
    """A condition without AND and OR.

    Attributes:
        left: a path, or all that is written.
        right: the literal or path that it is compared with; None if it is not.
        truth: what it has to be; ``!=`` is an equality that is false.
    """

    left: str
    right: str | None
    truth: bool


Asked = tuple[str, str | None]
"""What an atom asks, whatever it has to be."""


class Condition(NamedTuple):
    """Atoms, of which every one or any one has to hold; `truth` is False behind ``unless``."""

    atoms: tuple[Atom, ...]
    every: bool = True
    truth: bool = True


class Choice(NamedTuple):
    """Branches, the first counts whose condition holds; the condition of an else is None."""

    branches: tuple[tuple[Condition | None, tuple[Choice | str, ...]], ...]


class Template(NamedTuple):
    """A text: its parts, all its tags in order, and whether it sets variables."""

    nodes: tuple[Choice | str, ...]
    tags: tuple[str, ...]
    assigns: bool


class World(NamedTuple):
    """What two texts say under the same conditions."""

    conditions: tuple[str, ...]
    old: str
    new: str


# -- reading -----------------------------------------------------------------------------------------------------------


def pieces(text: str) -> Iterator[Piece]:
    """Cut a template into text and tags; a dash in a tag takes the white space beside it.

    Raises:
        UnreadLiquidError: a tag is never ended.

    >>> [piece.text for piece in pieces("a {%- if  x -%} b {% endif %}")]
    ['a', 'x', 'b ', '', '']
    """
    at, trims = 0, False
    while True:
        start = _START.search(text, at)
        before = text[at : start.start()] if start else text[at:]
        before = before.lstrip() if trims else before
        if start is None:
            yield Piece(before)
            return
        is_output = start.group() == "{{"
        end = text.find("}}" if is_output else "%}", start.end())
        if end < 0:
            raise UnreadLiquidError("a tag or output is never ended")
        inner, at = text[start.end() : end], end + 2
        yield Piece(before.rstrip() if inner.startswith("-") else before)
        trims = inner.endswith("-")
        inner = inner.removeprefix("-").removesuffix("-")
        if is_output:
            yield Piece(normal(inner), "{{")
            continue
        tag = _TAG.fullmatch(inner)
        if tag is None:
            raise UnreadLiquidError("a tag has no name")
        if tag.group(1) == "comment":
            closing = _END_OF_COMMENT.search(text, at)
            if closing is None:
                raise UnreadLiquidError("a comment is never ended")
            at, trims = closing.end(), bool(closing.group(1))
        elif tag.group(1) != "#":
            yield Piece(normal(tag.group(2)), tag.group(1))


def flat(text: str, marks: Marks) -> str:
    """A text in which every tag is a mark, those of branches too.

    Raises:
        UnreadLiquidError: it cannot be read.
    """
    return "".join(_flat_tag(one, marks) if one.tag else marks.in_sql(one.text) for one in pieces(text))


def _flat_tag(piece: Piece, marks: Marks) -> str:
    mark = marks.of(piece.written)
    if piece.tag != "{{" and piece.tag not in _VALUES:
        is_half = piece.tag in ("else", "elsif", "when", "assign")
        marks.steps[mark] = 0 if is_half else -1 if piece.tag.startswith("end") else 1
    return mark


def template(text: str, marks: Marks) -> Template:
    """Read a text.

    Raises:
        UnreadLiquidError: it cannot be read.
        UnfollowedLiquidError: it has a tag that makes text in a way that is not known.
    """
    if MARK in text.lower():
        raise UnfollowedLiquidError("it has names that are kept for other uses")
    reader = _Reader(marks)
    for piece in pieces(text):
        reader.take(piece)
    return reader.read()


class _Open(NamedTuple):
    """A tag that waits for its end, and what stood in it so far."""

    piece: Piece
    branches: list[tuple[Condition | None, list[Choice | str]]]


class _Reader:
    def __init__(self, marks: Marks) -> None:
        self.marks = marks
        self.opened = [_Open(Piece(""), [(None, [])])]
        self.tags: list[str] = []
        self.assigned = 0

    def take(self, piece: Piece) -> None:
        if not piece.tag:
            self.add(self.marks.in_sql(piece.text))
            return
        self.tags.append(piece.written)
        if piece.tag == "{{":
            self.add(self.mark(piece, is_open=not piece.text.endswith(PARAMETER_VALUE)))
        elif piece.tag in _VALUES:
            self.add(self.mark(piece))
        elif piece.tag == "assign":
            self.assigned += 1
        elif piece.tag in _BODIES:
            self.opened.append(_Open(piece, [(None, [])]))
        elif piece.tag in _BRANCHINGS:
            self.opened.append(_Open(piece, []))
            if piece.tag != "case":
                self.opened[-1].branches.append((self.condition(piece.text, piece.tag == "if"), []))
        elif piece.tag in ("elsif", "when", "else"):
            self.branch(piece)
        elif piece.tag.startswith("end"):
            self.end(piece.tag.removeprefix("end"))
        else:
            raise UnfollowedLiquidError(f"Liquid has {{% {piece.tag} %}}")

    def add(self, node: Choice | str) -> None:
        branches = self.opened[-1].branches
        if branches:  # what stands between a case and its first when is no part of the text
            branches[-1][1].append(node)

    def mark(self, piece: Piece, *, is_open: bool = False) -> str:
        return self.marks.of(piece.written + self.state, is_open=is_open)

    @property
    def state(self) -> str:
        """Tells apart what is written alike before and behind an assignment."""
        return f" ({self.assigned})" if self.assigned else ""

    def branch(self, piece: Piece) -> None:
        opened = self.opened[-1]
        fits = {"elsif": ("if", "unless"), "when": ("case",), "else": ("if", "unless", "case")}[piece.tag]
        if opened.piece.tag not in fits:
            raise UnreadLiquidError(f"{piece.tag} stands where there is no {fits[0]}")
        if piece.tag == "else":
            opened.branches.append((None, []))
        elif piece.tag == "elsif":
            opened.branches.append((self.condition(piece.text, True), []))
        else:
            opened.branches.append((self.option(opened.piece.text, piece.text), []))

    def end(self, tag: str) -> None:
        opened = self.opened[-1]
        if len(self.opened) == 1 or opened.piece.tag != tag:
            raise UnreadLiquidError(f"end{tag} ends nothing")
        self.opened.pop()
        if tag in _BODIES:  # as a function: `expr = value`, or other conditions that the filter makes
            for node in (f" {self.marks.of(opened.piece.written + self.state)}(", *opened.branches[0][1], "\n)"):
                self.add(node)
        else:
            self.add(Choice(tuple((condition, tuple(nodes)) for condition, nodes in opened.branches)))

    def read(self) -> Template:
        if len(self.opened) > 1:
            raise UnreadLiquidError(f"{self.opened[-1].piece.tag} is never ended")
        return Template(tuple(self.opened[0].branches[0][1]), tuple(self.tags), self.assigned > 0)

    # -- conditions ----------------------------------------------------------------------------------------------------

    def condition(self, text: str, truth: bool) -> Condition:
        """``a and b``, ``a or b`` or a single one; what mixes them is one that nothing is known of."""
        found = words(text)
        connectors = {word for word in found if word in ("and", "or")}
        if len(connectors) > 1 or "not" in found or "(" in found:
            return Condition((Atom(text + self.state, None, True),), truth=truth)
        parts: list[list[str]] = [[]]
        for word in found:
            if word in connectors:
                parts.append([])
            else:
                parts[-1].append(word)
        return Condition(tuple(self.atom(part) for part in parts), connectors != {"or"}, truth)

    def option(self, path: str, text: str) -> Condition:
        """One of the values behind ``when``."""
        values = [word for word in words(text) if word not in (",", "or")]
        if not values:
            raise UnreadLiquidError("when has no value")
        return Condition(tuple(self.atom([*words(path), "==", value]) for value in values), every=False)

    def atom(self, part: Sequence[str]) -> Atom:
        if len(part) == 3 and part[1] in ("==", "!=", "<>"):
            left, right = (part[2], part[0]) if _LITERAL.fullmatch(part[0]) else (part[0], part[2])
            return Atom(left + self.state, normal(right), part[1] == "==")
        if not part:
            raise UnreadLiquidError("a condition is empty")
        return Atom(" ".join(part) + self.state, None, True)


# -- worlds ------------------------------------------------------------------------------------------------------------


def worlds(old: Template, new: Template, values: Mapping[str, str]) -> Iterator[World]:
    """What two templates say in every world, one after the other; there may be very many.

    Args:
        old: one of them.
        new: the other. If either sets variables, both have the same tags.
        values: of paths that are known.
    """
    known = {} if old.assigns or new.assigns else values
    scripts: list[dict[Asked, bool]] = [{}]
    while scripts:
        walk = _Walk(scripts.pop(), known)
        yield World(walk.conditions, *("".join(walk.text(one.nodes)) for one in (old, new)))
        scripts += walk.others()


class _Walk:
    """Decides conditions as they come up: as the script says, or true at first."""

    def __init__(self, script: dict[Asked, bool], known: Mapping[str, str]) -> None:
        self.decided = dict(script)
        self.scripted = len(script)
        self.known = known

    @property
    def conditions(self) -> tuple[str, ...]:
        told = {left if right is None else f"{left} == {right}": truth for (left, right), truth in self.decided.items()}
        return tuple(one if truth else f"not {one}" for one, truth in told.items())

    def others(self) -> Iterator[dict[Asked, bool]]:
        """The scripts of worlds that differ in a decision behind this script; the nearest comes last."""
        made = list(self.decided.items())
        for at in range(self.scripted, len(made)):
            yield {**dict(made[:at]), made[at][0]: False}

    def text(self, nodes: Sequence[Choice | str]) -> Iterator[str]:
        for node in nodes:
            if isinstance(node, str):
                yield node
                continue
            for condition, inner in node.branches:
                if condition is None or self.holds(condition):
                    yield from self.text(inner)
                    break

    def holds(self, condition: Condition) -> bool:
        truths = (self.truth(atom) is atom.truth for atom in condition.atoms)
        return (all(truths) if condition.every else any(truths)) is condition.truth

    def truth(self, atom: Atom) -> bool:
        implied = self.implied(atom)
        return self.decided.setdefault((atom.left, atom.right), True) if implied is None else implied

    def implied(self, atom: Atom) -> bool | None:
        """What follows from what is known or decided: a path has one value."""
        value = self.known.get(atom.left)
        if value and atom.right is None:
            return True
        if atom.right is None or not _LITERAL.fullmatch(atom.right):
            return None
        if value:
            return value == atom.right[1:-1]
        others = (right for (left, right), truth in self.decided.items() if truth and left == atom.left and right != atom.right)
        return False if any(other and _LITERAL.fullmatch(other) for other in others) else None
