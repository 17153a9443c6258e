"""SQL that ends a statement where Looker goes on with it (R4, R5, R6)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from dagster_lookml.analysis.checks.uses import Uses
from dagster_lookml.diagnostics import Severity
from dagster_lookml.semantic.findings import Findings
from dagster_lookml.semantic.objects import Explore, Text, View
from dagster_lookml.semantic.references import place

_PIECE: Final = re.compile(
    r"""(?P<comment>--[^\n]*+|\#[^\n]*+|/\*.*?\*/)
      | '(?:[^'\\]++|''|\\.)*+' | "(?:[^"\\]++|\\.)*+" | `[^`]*+` | \$\$.*?\$\$   # a string or a name
      | \{%.*?%\} | \{\{.*?\}\}
      | \S""",
    re.VERBOSE | re.DOTALL,
)


def last_semicolon(sql: str) -> int | None:
    """Where a text has a semicolon behind which nothing but comments stands; None if it ends otherwise.

    >>> last_semicolon("${TABLE}.s; -- done"), last_semicolon("concat(a, ';')"), last_semicolon("a -- b;")
    (10, None, None)
    """
    if ";" not in sql:
        return None
    last = None
    for piece in _PIECE.finditer(sql):
        if piece.group("comment") is None:
            last = piece
    return last.start() if last is not None and last.group() == ";" else None


def check_semicolons(uses: Uses, findings: Findings) -> None:
    """Check every SQL text of views and explores that becomes a part of a larger statement."""
    told: set[int] = set()
    for view in uses.views:
        for text, is_whole in _of_view(view):
            severity = Severity.WARNING if is_whole or not uses.of(view) else None
            _check(findings, text, view.id, severity, told)
    for explore in uses.explores:
        for text in _of_explore(explore):
            _check(findings, text, explore.id, None, told)


def _check(findings: Findings, text: Text, identity: str, severity: Severity | None, told: set[int]) -> None:
    at = last_semicolon(text.value)
    if at is not None and id(text) not in told:
        told.add(id(text))
        message = f"this `{text.parameter}` ends with a semicolon, and stands inside a larger statement"
        hint = "`;;` alone ends the parameter"
        findings.add("semicolon-in-sql", message, place(text, at), object=identity, hint=hint, severity=severity)


def _of_view(view: View) -> Iterator[tuple[Text, bool]]:
    """SQL of a view; and whether the database may see it as a whole statement, as it does where a table is kept."""
    if view.sql_table_name is not None:
        yield view.sql_table_name, False
    derived = view.derived_table
    if derived is not None and derived.sql is not None:
        yield derived.sql, derived.persistence is not None
    if derived is not None and derived.explore_source is not None:
        yield from ((one.sql, False) for one in derived.explore_source.columns if one.sql is not None)
    yield from ((text, False) for field in view.fields for text in field.sql)


def _of_explore(explore: Explore) -> Iterator[Text]:
    if explore.sql_table_name is not None:
        yield explore.sql_table_name
    yield from (text for text in explore.sql if text.parameter != "sql_preamble")
    for join in explore.joins:
        yield from join.sql
        if join.sql_table_name is not None:
            yield join.sql_table_name
