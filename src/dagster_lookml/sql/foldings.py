"""How the dialects tell the names of columns, aliases and tables apart, for comparisons that must never err to the same side."""

from __future__ import annotations

from typing import Final, Literal

NameKind = Literal["column", "alias", "table", "field"]
"""What a name names: a column, or what is not told from one; what stands in a column; a table in its query; a part of the name
that a table has in the database."""

_WHATEVER_CASE: Final = frozenset("bigquery tsql fabric duckdb presto trino athena databricks spark spark2 hive sqlite".split())
"""Case means nothing, with quotes neither; but for BigQuery's tables, and for what stands in its columns, which may hold JSON."""
MYSQL: Final = frozenset({"mysql", "starrocks", "doris", "singlestore"})
"""Columns without case; aliases and tables with it, on most servers."""
_UPPER: Final = frozenset({"snowflake", "oracle"})
_LOWER: Final = frozenset({"postgres", "redshift", "materialize", "risingwave"})
_BY_CASE: Final = frozenset({"clickhouse"})
_FUNCTIONS: Final = frozenset(
    """user current_user session_user system_user current_role current_schema current_catalog current_database current_date
    current_time current_timestamp localtime localtimestamp sysdate systimestamp getdate default rownum rowid level value true
    false null all""".split()
)
"""Words that are no names unless they are quoted."""


def folded(name: str, *, quoted: bool, kind: NameKind, dialect: str) -> str:
    """What two names have in common that mean the same.

    >>> [folded(name, quoted=True, kind="column", dialect="snowflake") for name in ("ID", "Id")]
    ['id', '"Id"']
    >>> [folded("Id", quoted=False, kind=kind, dialect="bigquery") for kind in ("column", "table")]
    ['id', 'Id']
    """
    lower = name.lower() if name.isascii() else name
    if quoted and lower in _FUNCTIONS:
        return f'"{name}"'
    if dialect in _WHATEVER_CASE:
        return name if dialect == "bigquery" and kind in ("table", "field") else lower
    if dialect in MYSQL:
        return lower if kind in ("column", "field") else name
    if dialect in _BY_CASE:
        return name
    if not quoted:
        return lower
    is_folded = (dialect in _UPPER and name == name.upper()) or (dialect in _LOWER and name == lower)
    return lower if is_folded and name.isascii() else f'"{name}"'
