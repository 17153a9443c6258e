"""Identifiers that stand for Liquid and `${}` in two texts that are compared: the same for what is written alike, in both.

The placeholders by which a text is read may be equal for what differs: a filter is no part of them, nor which field a
``{% condition %}`` is about. For a comparison that would be wrong, so every tag has a mark of its own, and none is evaluated.
"""

from __future__ import annotations

import re
from typing import Final

from dagster_lookml.semantic.constants import CONSTANT

MARK: Final = "lkml_mark_"
"""How every mark begins."""

_MARK: Final = re.compile(r"lkml_mark_(\d+)z", re.IGNORECASE)
_MARK_TEXT: Final = re.compile(rf"{MARK}\d+z")
_REFERENCE: Final = re.compile(r"\$\{([^{}$]*)\}")
_WORDS: Final = re.compile(r"\"[^\"]*\"|'[^']*'|[\w.\-?]+|[=!<>]=|<>|\S")
_KEY: Final = re.compile(r"\[\s*(['\"])([\w-]+)\1\s*\]")
_TEXTS: Final = frozenset({"EXTENDED"})


class Marks:
    """Gives marks, and knows what they stand for.

    Attributes:
        open: marks that stand for SQL which may be more than one operand, such as the value of ``{{ x }}``.
        tables: marks that stand for the name of a table.
        steps: marks of tags between which something may be left out: 1 where that begins, -1 where it ends, 0 for an else.
    """

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self.open: set[str] = set()
        self.tables: set[str] = set()
        self.steps: dict[str, int] = {}

    def of(self, written: str, *, is_open: bool = False) -> str:
        """The mark of a tag or reference.

        >>> marks = Marks()
        >>> marks.of("${a.b}"), marks.of("{{ x }}"), marks.of("${a.b}")
        ('lkml_mark_0z', 'lkml_mark_1z', 'lkml_mark_0z')
        """
        mark = f"{MARK}{self._numbers.setdefault(written, len(self._numbers))}z"
        if is_open:
            self.open.add(mark)
        return mark

    def in_sql(self, sql: str) -> str:
        """SQL without Liquid, its references and undefined constants marked; white space inside ``${ }`` means nothing."""
        if "@{" in sql:
            sql = CONSTANT.sub(lambda found: self.of(found.group(), is_open=True), sql)
        if "${" not in sql:
            return sql
        return _REFERENCE.sub(self._reference, sql)

    def _reference(self, found: re.Match[str]) -> str:
        name = " ".join(found.group(1).split())
        mark = self.of(f"${{{name}}}", is_open=name in _TEXTS)  # a field's SQL is put in brackets (R10.19)
        if name == "TABLE" or name.rpartition(".")[2] == "SQL_TABLE_NAME":
            self.tables.add(mark)
        return mark

    def branchings(self, sql: str) -> int:
        """How many tags of branches a text has."""
        return sum(found in self.steps for found in _MARK_TEXT.findall(sql))

    def are_paired(self, sql: str) -> bool:
        """Every branch that begins in a text ends in it."""
        depth = 0
        for found in _MARK.finditer(sql):
            depth += self.steps.get(found.group(), 0)
            if depth < 0 or (not depth and self.steps.get(found.group()) == 0):
                return False
        return depth == 0

    def shown(self, sql: str) -> str:
        """SQL for people, as it was written.

        >>> marks = Marks()
        >>> marks.shown(marks.in_sql("${ a } + 1"))
        '${a} + 1'
        """
        written = list(self._numbers)
        return _MARK.sub(lambda found: written[int(found.group(1))] if int(found.group(1)) < len(written) else "…", sql)


def normal(expression: str) -> str:
    """What stands inside a tag, in one way: white space, the kind of quotes and ``a['b']`` for ``a.b`` mean nothing.

    >>> normal('x|append: "a  b"|y'), normal("_user_attributes['team']==1")
    ("x | append : 'a  b' | y", '_user_attributes.team == 1')
    """
    return " ".join(_quoted(word) for word in words(expression))


def words(expression: str) -> list[str]:
    """The words of what stands inside a tag."""
    return _WORDS.findall(_KEY.sub(r".\2", expression))


def _quoted(word: str) -> str:
    return f"'{word[1:-1]}'" if word[0] == '"' and len(word) > 1 and "'" not in word else word
