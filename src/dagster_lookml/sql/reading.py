"""SQL text to `Statement`: sqlglot parses, `scopes` walks; whatever goes wrong is said and hides nothing else."""

from __future__ import annotations

import logging
import re
from functools import cache, lru_cache
from typing import Final, Literal

import msgspec

from dagster_lookml.sql.placeholders import TABLE, substituted
from dagster_lookml.sql.statement import ColumnUse, Output, Select, Statement, TableRead, TableSource

MAX_CHARACTERS: Final = 1_000_000
"""A longer statement is not read."""
MAX_DEPTH: Final = 150
"""Brackets inside brackets; real statements have twenty. sqlglot needs time by the square of it."""

MAX_BARE_JOINS: Final = 12
"""Joins without a condition, one after the other. sqlglot looks for a condition that may belong to each of them behind the last,
in twice the time for one more: 20 take six seconds."""

Form = Literal["field", "query", "table", "join"]
"""What a text is: an expression; statements; what stands behind FROM; what stands behind ``FROM base`` (R6.8)."""

_PLAIN: Final = re.compile(
    r'\s*\$\{TABLE\}\.((?:[A-Za-z_]\w*|`[^`\s.]+`|"[^"\s.]+")(?:\.(?:[A-Za-z_]\w*|`[^`\s.]+`|"[^"\s.]+"))*)\s*'
)
_OWN: Final = re.compile(r"\$\{TABLE\}\.(\w+(?:\.\w+)*)")
_LEGACY: Final = re.compile(r"\[([\w-]+(?::|\.)[\w$.*-]+)\]")
_ML: Final = re.compile(r"\bML(\s*)\.(\s*)\w+(\s*)\((\s*)MODEL\b", re.IGNORECASE)
_ML_ALONE: Final = re.compile(r"\b(ML\.PREDICT\(\s*MODEL\s+[^\s,()]+)(\s*)(?=\))", re.IGNORECASE)
_QUERY: Final = re.compile(r"\b(?:select|from)\b", re.IGNORECASE)
_JOINS: Final = re.compile(
    r"\b(?:cross|natural(?:\s+(?:left|right|full|inner|outer))*)\s+join\b|\bjoin\s+unnest\b|\b(?:join|on|using|select)\b|[()]",
    re.IGNORECASE,
)


class Reading(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What was read of one text.

    Attributes:
        statements: in order; of an expression one, whose only output is the expression.
        fault: why it could not be read, or None.
    """

    statements: tuple[Statement, ...] = ()
    fault: str | None = None


@lru_cache(maxsize=100_000)
def plain_column(sql: str) -> tuple[str, ...] | None:
    """The column of a text that is ``${TABLE}.column`` and nothing more, with its struct path; None for any other.

    Nearly three quarters of all fields are that, and need no parser.

    >>> plain_column("${TABLE}.created_at"), plain_column("upper(${TABLE}.name)")
    (('created_at',), None)
    """
    found = _PLAIN.fullmatch(sql)
    if found is None or "lkml" in sql:
        return None
    return tuple(part.strip('`"').lower() for part in found.group(1).split("."))


def own_columns(sql: str) -> list[tuple[str, ...]]:
    """The columns of ``${TABLE}`` that a text names, whether it can be parsed or not.

    >>> own_columns("UPPER(COALESCE(${TABLE}.a, ${TABLE}.B.c)")
    [('a',), ('b', 'c')]
    """
    return [tuple(part.strip('`"').lower() for part in found.split(".")) for found in _OWN.findall(sql)]


def column_statement(path: tuple[str, ...]) -> Statement:
    """The statement of an expression that is one column of ``${TABLE}``."""
    own = TableRead("own", ("${TABLE}",), "${TABLE}", 1)
    output = Output("", (ColumnUse(0, 0, path, 1),), True)
    return Statement((own,), (Select(-1, (TableSource(TABLE, 0),), (output,)),), 0)


def read_sql(sql: str, form: Form, dialect: str) -> Reading:
    """Read a text; never raises.

    Args:
        sql: one variant of it, without Liquid; substitutions stand in it as written.
        form: what it is.
        dialect: name of the dialect; empty for standard SQL.

    >>> reading = read_sql("select u.nm as who from o join u on o.id = u.id", "query", "")
    >>> reading.statements[0].selects[0].outputs[0]
    Output(name='who', uses=(ColumnUse(select=0, source=1, path=('nm',), line=1),), plain=True)
    """
    if form == "field":
        path = plain_column(sql)
        if path is not None:
            return Reading((column_statement(path),))
    if not sql.strip():
        return Reading(fault="empty")
    substitution = substituted(sql)
    text = substitution.sql
    fault = excess(text)
    if fault is not None:
        return Reading(fault=fault)
    from dagster_lookml.sql import parsing

    return parsing.read(substitution._replace(sql=rewritten(text, dialect)), form, dialect)


def excess(text: str) -> str | None:
    """Why a text is too much for the parser, or None.

    >>> excess("SELECT " + "(" * 200 + "a" + ")" * 200)
    'more than 150 brackets inside each other'
    """
    if len(text) > MAX_CHARACTERS:
        return f"longer than {MAX_CHARACTERS:,} characters"
    if _depth(text) > MAX_DEPTH:
        return f"more than {MAX_DEPTH} brackets inside each other"
    if _joins_without_condition(text) > MAX_BARE_JOINS:
        return f"more than {MAX_BARE_JOINS} joins without a condition"
    return None


def _depth(text: str) -> int:
    """How deep brackets nest; quotes are not looked at, so it may be said too large, and never too small."""
    if text.count("(") + text.count("[") + text.lower().count("case") <= MAX_DEPTH:
        return 0
    depth = deepest = 0
    for found in re.finditer(r"[(\[)\]]|\b(?:case|end)\b", text, re.IGNORECASE):
        opens = found.group() in "([" or found.group().lower() == "case"
        depth = depth + 1 if opens else max(depth - 1, 0)
        deepest = max(deepest, depth)
    return deepest


def _joins_without_condition(text: str) -> int:
    """The most joins in one FROM that wait for their ON or USING at one time; words in quotes and comments count too."""
    if text.lower().count("join") <= MAX_BARE_JOINS:
        return 0
    waiting, most = [0], 0
    for found in _JOINS.finditer(text):
        word = found.group().lower()
        if word == "(":
            waiting.append(0)
        elif word == ")":
            waiting = waiting[:-1] or [0]
        elif word == "select":
            waiting[-1] = 0
        elif word == "join":
            waiting[-1] += 1
            most = max(most, waiting[-1])
        elif word in ("on", "using"):
            waiting[-1] = max(waiting[-1] - 1, 0)
    return most


def rewritten(text: str, dialect: str) -> str:
    """What BigQuery reads and sqlglot does not: legacy names, and machine learning."""
    if dialect != "bigquery":
        return text
    if "[" in text:
        text = _LEGACY.sub(lambda found: f"`{found.group(1).replace(':', '.')}`", text)
    if _ML.search(text):
        text = _ML_ALONE.sub(r"\1, (SELECT 1)\2", _ML.sub(r"ML.PREDICT(\1\2\3\4MODEL", text))  # all lines stay
    return text


@cache
def quiet() -> None:
    """Keep sqlglot from writing warnings to the log; what it cannot read is said as a finding."""
    logging.getLogger("sqlglot").setLevel(logging.CRITICAL)
