"""The one module that calls sqlglot's parser; imported when the first statement is that needs it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from sqlglot import Dialect, exp
from sqlglot.errors import SqlglotError

from dagster_lookml.sql.placeholders import Substituted
from dagster_lookml.sql.reading import Form, Reading, quiet
from dagster_lookml.sql.statement import BASE
from dagster_lookml.sql.statements import read_statement

_QUERY: Final = re.compile(r"\bselect\b", re.IGNORECASE)
_PLAIN_SET: Final = re.compile(r"\b(UNION|INTERSECT|EXCEPT)\s+(?=\(?\s*(?:SELECT|WITH)\b)", re.IGNORECASE)
_STYLE: Final = re.compile("\x1b\\[[0-9;]*m")
_CLASS: Final = re.compile(r"<class '(?:\w+\.)*(\w+)'>")
_TOKEN: Final = re.compile(r" but got <Token .*?>(?= \(|\.| Line|$)")
_PLACE: Final = re.compile(r"\.? Line (\d+), Col: \d+\.")
"""The column is one of the text that sqlglot is given, which is not the one in the file."""


def read(substituted: Substituted, form: Form, dialect: str) -> Reading:
    """Parse a text and walk over its statements.

    Args:
        substituted: the text, its substitutions placeholders.
        form: what the text is.
        dialect: name of the dialect.
    """
    quiet()
    fault = ""
    for candidate in candidates(substituted.sql, form, dialect):
        try:
            trees = [tree for tree in Dialect.get_or_raise(dialect or None).parse(candidate) if tree is not None]
            own_alias = "" if form == "field" else None
            statements = tuple(read_statement(tree, substituted, dialect, own_alias=own_alias) for tree in trees)
        except RecursionError:
            fault = fault or "nested too deep"
        except SqlglotError as error:
            fault = fault or said(error)
        except Exception as error:  # sqlglot raises what it likes (AttributeError was seen); one text is no reason to stop
            fault = fault or f"{type(error).__name__}: {error}"
        else:
            unread = next((tree for tree in trees if isinstance(tree, exp.Command) and _QUERY.search(tree.sql())), None)
            if unread is not None:
                fault = fault or f"{unread.name.upper()} is a statement that cannot be read"
            elif not statements:
                fault = fault or "empty"
            else:
                _let_go(trees)
                return Reading(statements)
    return Reading(fault=fault or "empty")


def _let_go(trees: Iterable[exp.Expr]) -> None:
    """Cut the ways from nodes to their parents: without these circles a tree is freed at once, and no collector needs to look."""
    for tree in trees:
        for node in list(tree.walk()):
            node.parent = None


def candidates(text: str, form: Form, dialect: str) -> Iterator[str]:
    """The statements that a text may be meant as, the first that can be read counts."""
    if form == "field":
        yield f"SELECT {text}"
        yield f"SELECT ({text}\n)"
    elif form == "table":
        yield f"SELECT * FROM {text}"
    elif form == "join":
        yield f"SELECT * FROM {BASE} {text}"
        yield f"SELECT * FROM {BASE} WHERE {text}"
    else:
        yield text
    if dialect == "bigquery" and _PLAIN_SET.search(text):  # BigQuery wants DISTINCT or ALL; what is meant is clear without
        distinct = _PLAIN_SET.sub(r"\1 DISTINCT ", text)
        yield f"SELECT * FROM {distinct}" if form == "table" else distinct


def said(error: SqlglotError) -> str:
    """The first line of what sqlglot says, without colours, names of Python classes and columns of the text that it was given."""
    return _PLACE.sub(
        r" (line \1 of the SQL)", _TOKEN.sub("", _CLASS.sub(r"\1", _STYLE.sub("", str(error)).splitlines()[0]))
    ).strip()
