"""LookML's substitutions as identifiers that every SQL dialect can read, and back (R4.24-R4.28, R10.12, R10.14).

Names of fields may begin with a digit or hold spaces, so a reference becomes a number and never its bare name.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from dagster_lookml.semantic.references import SqlReference, live_references, sql_references

TABLE: Final = "lkml_table"
"""Stands for ``${TABLE}``."""

_REFERENCE: Final = re.compile(r"lkml_ref_(\d+)z", re.IGNORECASE)
_UNKNOWN: Final = re.compile(r"lkmln?__(\w+?)__", re.IGNORECASE)
_VALUE: Final = re.compile(r"lkml__(\w+?)__", re.IGNORECASE)
_TABLE_TEXT: Final = re.compile(r"\$\{\s*TABLE\s*\}")
_EXTENDED_TEXT: Final = re.compile(r"\$\{\s*EXTENDED\s*\}")


class Substituted(NamedTuple):
    """SQL in which every substitution is an identifier.

    Attributes:
        sql: with identifiers.
        references: what the numbers in them mean; a table that is named twice has one number.
        live: the numbers of those that stand outside comments.
    """

    sql: str
    references: tuple[SqlReference, ...]
    live: frozenset[int] = frozenset()


def substituted(sql: str) -> Substituted:
    """Replace ``${TABLE}``, ``${field}`` and ``${view.SQL_TABLE_NAME}`` by identifiers.

    Args:
        sql: one variant of a text, without Liquid.

    >>> substituted("${TABLE}.a + ${users.28_day}").sql
    'lkml_table.a + lkml_ref_0z'
    """
    if "${" not in sql:
        return Substituted(sql, ())
    references: list[SqlReference] = []
    live = {reference.start for reference in live_references(sql)}
    tables: dict[str, int] = {}
    parts: list[str] = []
    end = 0
    for reference in sql_references(sql):
        number = tables.get(reference.written, -1) if reference.is_table else -1
        if number < 0:
            number = len(references)
            references.append(reference)
            if reference.is_table:
                tables[reference.written] = number
        parts += (sql[end : reference.start], f"lkml_ref_{number}z")
        end = reference.end
    text = _TABLE_TEXT.sub(TABLE, "".join((*parts, sql[end:])))
    return Substituted(
        _EXTENDED_TEXT.sub("lkml__extended__", text),
        tuple(references),
        frozenset(number for number, reference in enumerate(references) if reference.start in live),
    )


def reference_numbers(identifier: str) -> list[int]:
    """The numbers of the references that an identifier or a string holds.

    >>> reference_numbers("x_lkml_ref_3z")
    [3]
    """
    return [int(number) for number in _REFERENCE.findall(identifier)] if "_" in identifier else []


def unknown(path: str) -> str:
    """An identifier that stands for a value that nobody here knows.

    >>> unknown("_user_attributes.data-set")
    'lkml__ua_data_set__'
    """
    name = re.sub(r"_*\W[\W_]*|_{2,}", "_", path.replace("_user_attributes.", "ua_"), flags=re.ASCII).strip("_")
    return f"lkml__{name or 'unknown'}__"


def unknown_name(path: str) -> str:
    """An identifier that stands for a name that nobody here knows: of a column, a table or a part of either.

    >>> with_unknowns(unknown_name("metric"))
    '{metric}'
    """
    return unknown(path).replace("lkml__", "lkmln__", 1)


def is_unknown(identifier: str) -> bool:
    """Tell whether an identifier is nothing but unknown values, which are no names."""
    return "lkml__" in identifier.lower() and not _VALUE.sub("", identifier).strip("_")


def has_unknown(identifier: str) -> bool:
    """Tell whether any part of an identifier is unknown.

    >>> has_unknown("events_lkml__grain__"), has_unknown("events")
    (True, False)
    """
    return "__" in identifier and _UNKNOWN.search(identifier) is not None


def with_unknowns(identifier: str) -> str:
    """A name as it is shown: what is unknown stands in braces.

    >>> with_unknowns("events_lkml__grain__")
    'events_{grain}'
    """
    return _UNKNOWN.sub(r"{\1}", identifier) if "__" in identifier else identifier
