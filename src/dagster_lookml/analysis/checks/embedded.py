"""SQL that Looker puts into a larger statement, and that cannot stand there (R4, R5, R6)."""

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


_MISSPELT: Final = re.compile(r"(?<![$\w{])\{\s*TABLE\s*\}(?!\})|(?<![\w$])\$TABLE(?=\s*\.)")
"""``${TABLE}`` without its dollar or its braces (R4.24)."""


def misspelt_table(sql: str) -> re.Match[str] | None:
    """Where a text means ``${TABLE}`` and does not say so; None if it does nowhere.

    >>> misspelt_table("upper({TABLE}.s)").group(), misspelt_table("'{TABLE}' || ${TABLE}.s")
    ('{TABLE}', None)
    """
    if _MISSPELT.search(sql) is None:  # nearly always: only then is it worth telling strings and comments from SQL
        return None
    blank = _PIECE.sub(lambda piece: piece.group() if len(piece.group()) == 1 else " " * len(piece.group()), sql)
    return _MISSPELT.search(blank)


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


def check_embedded(uses: Uses, findings: Findings) -> None:
    """Check every SQL text of views and explores that becomes a part of a larger statement."""
    told: set[int] = set()
    for view in uses.views:
        severity = None if uses.of(view) else Severity.WARNING
        for text, is_whole in _of_view(view):
            if id(text) not in told and _check(findings, text, view.id, severity, is_whole=is_whole):
                told.add(id(text))
    for explore in uses.explores:
        for text in _of_explore(explore):
            if id(text) not in told and _check(findings, text, explore.id, None):
                told.add(id(text))


def _check(findings: Findings, text: Text, identity: str, severity: Severity | None, *, is_whole: bool = False) -> bool:
    at = last_semicolon(text.value)
    if at is not None:
        message = f"this `{text.parameter}` ends with a semicolon, and stands inside a larger statement"
        hint = "`;;` alone ends the parameter"
        worst = Severity.WARNING if is_whole else severity
        findings.add("semicolon-in-sql", message, place(text, at), object=identity, hint=hint, severity=worst)
    misspelt = misspelt_table(text.value)
    if misspelt is not None:
        message = f"this `{text.parameter}` says `{misspelt.group()}`, which is not replaced by the table"
        span, length = place(text, misspelt.start()), len(misspelt.group())
        findings.add("misspelt-table", message, span, object=identity, hint="write ${TABLE}", length=length, severity=severity)
    return at is not None or misspelt is not None


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
