"""References in SQL: ``${field}``, ``${view.field}``, ``${view.SQL_TABLE_NAME}`` (R4.24-R4.30)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from dagster_lookml.semantic.objects import Text
from dagster_lookml.source.files import Span

TABLE: Final = "TABLE"
SQL_TABLE_NAME: Final = "SQL_TABLE_NAME"

_REFERENCE: Final = re.compile(r"\$\{\s*([^\s{}$'\"%()]+)\s*\}")
_DEAD: Final = re.compile(
    r"--(?!\s*if\s+prod\s*--)[^\n]*|^\s*#[^\n]*|/\*.*?\*/|'(?:[^'\n]|'')*'|\{%-?\s*comment\b.*?endcomment\s*-?%\}",
    re.DOTALL | re.MULTILINE | re.IGNORECASE,
)
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


def in_comment(sql: str, offset: int) -> bool:
    """Tell whether a place in an SQL text is inside a comment, where nothing that is wrong does harm (R10.23)."""
    if "--" not in sql and "/*" not in sql and "#" not in sql and "comment" not in sql:
        return False
    return any(
        found.start() <= offset < found.end() and not found.group().startswith("'") and not _ENVIRONMENT.match(found.group())
        for found in _DEAD.finditer(sql)
    )


def place(text: Text, offset: int) -> Span:
    """Where a part of a text stands in its file; exact where no constant was expanded before it."""
    before = text.value[:offset]
    lines = before.count("\n")
    if not lines:
        return Span(text.span.file, text.span.line, text.span.column + offset)
    return Span(text.span.file, text.span.line + lines, offset - before.rfind("\n"))
