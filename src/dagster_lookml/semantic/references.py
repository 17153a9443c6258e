"""References in SQL: ``${field}``, ``${view.field}``, ``${view.SQL_TABLE_NAME}`` (R4.24-R4.30)."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from dagster_lookml.semantic.objects import Text
from dagster_lookml.source.files import Span

TABLE: Final = "TABLE"
SQL_TABLE_NAME: Final = "SQL_TABLE_NAME"

_REFERENCE: Final = re.compile(r"\$\{\s*([^\s{}$'\"%()]+)\s*\}")
_DEAD: Final = re.compile(
    r"--(?!\s*if\s+prod\s*--)[^\n]*|^\s*#[^\n]*|/\*.*?(?:\*/|\Z)|'(?:[^'\n]|'')*'|\{%-?\s*comment\b.*?(?:endcomment\s*-?%\}|\Z)",
    re.DOTALL | re.MULTILINE | re.IGNORECASE,
)
_NEWLINE: Final = re.compile("\n")
_ENVIRONMENT: Final = re.compile(r"--\s*if\s+(?:prod|dev)\s*--", re.IGNORECASE)


class SqlReference(NamedTuple):
    """One ``${...}`` in SQL.

    Attributes:
        view: the alias before the dot, or None.
        name: the field, without ``::type`` (R4.28); or ``SQL_TABLE_NAME``.
        start: offset of ``${`` in the text.
        end: offset behind ``}``.
    """

    view: str | None
    name: str
    start: int
    end: int

    @property
    def is_table(self) -> bool:
        """``${view.SQL_TABLE_NAME}`` or ``${SQL_TABLE_NAME}`` (R4.26, R4.27)."""
        return self.name == SQL_TABLE_NAME

    @property
    def written(self) -> str:
        """As ``view.field`` or ``field``."""
        return f"{self.view}.{self.name}" if self.view else self.name


def sql_references(sql: str) -> Iterator[SqlReference]:
    """Every reference in an SQL text but ``${TABLE}`` and ``${EXTENDED}``, in order.

    Args:
        sql: constants expanded.

    >>> [reference.written for reference in sql_references("${TABLE}.a + ${users.age::number} + ${b}")]
    ['users.age', 'b']
    """
    if "${" not in sql:
        return
    for found in _REFERENCE.finditer(sql):
        name = found.group(1).partition("::")[0]
        view, _, field = name.rpartition(".")
        if name not in (TABLE, "EXTENDED") and field:
            yield SqlReference(view or None, field, found.start(), found.end())


def live_references(sql: str) -> Iterator[SqlReference]:
    """The references that are not inside a comment, where nothing that is wrong does harm (R10.23).

    Args:
        sql: constants expanded.

    >>> [reference.written for reference in live_references("${a} -- ${b}")]
    ['a']
    """
    dead = comments(sql)
    for reference in sql_references(sql):
        at = bisect_right(dead, reference.start, key=lambda comment: comment[0]) - 1
        if at < 0 or reference.start >= dead[at][1]:
            yield reference


def comments(sql: str) -> list[tuple[int, int]]:
    """Where the comments of an SQL text begin and end, in order."""
    if "--" not in sql and "/*" not in sql and "#" not in sql and "comment" not in sql:
        return []
    return [
        found.span()
        for found in _DEAD.finditer(sql)
        if not found.group().startswith("'") and not _ENVIRONMENT.match(found.group())
    ]


def says_nothing(sql: str) -> bool:
    """Whether an SQL text is empty, or nothing but comments: a query in which it stands is rejected.

    >>> says_nothing("-- ${a}"), says_nothing("${a} -- b"), says_nothing("-- {% if a %}")
    (True, False, False)
    """
    left, at = "", 0
    for start, end in comments(sql):
        left += sql[at:start]
        at = end
    return not (left + sql[at:]).strip() and "{%" not in sql


def place(text: Text, offset: int) -> Span:
    """Where a part of a text stands in its file; exact where no constant was expanded before it."""
    starts = _line_starts(text.value)
    lines = bisect_right(starts, offset)
    if not lines:
        return Span(text.span.file, text.span.line, text.span.column + offset)
    return Span(text.span.file, text.span.line + lines, offset - starts[lines - 1] + 1)


@lru_cache(maxsize=100)
def _line_starts(value: str) -> tuple[int, ...]:
    """Where each line of a text begins but the first; of a long one many places are asked for in turn."""
    return tuple(found.end() for found in _NEWLINE.finditer(value))
