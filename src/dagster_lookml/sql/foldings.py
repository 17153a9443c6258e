"""How the dialects tell the names of columns, aliases and tables apart, for comparisons that must never err to the same side."""

from __future__ import annotations

import re
from typing import Final, Literal

NameKind = Literal["column", "output", "alias", "table", "field", "key", "member", "qualifier"]
"""What a name names.

A column that is read, or what is not told from one; a column or field that is given its name here, which JSON, UNPIVOT
and whoever looks at the result may see; a table in its query; a part of the name that a table has in the database; what stands in
a column; what stands in another expression; what may be a column or stand in one; what may be a table or a column.
"""

_WHATEVER_CASE: Final = frozenset("bigquery tsql duckdb presto trino athena databricks spark spark2 hive sqlite".split())
"""Names are found whatever case they are in, with quotes too; but they are kept and shown as they were given."""
_JSON_OR_MAPS: Final = frozenset("bigquery databricks spark spark2 hive duckdb".split())
"""A dot may lead to a key of JSON or of a map, which is found by its case."""
_IN_COLUMNS: Final = frozenset({"field", "key", "member", "qualifier"})
_LOCATION: Final = re.compile(r"[/\\.@:]")
"""What only names have that are files, or a table's path."""
MYSQL: Final = frozenset({"mysql", "starrocks", "doris", "singlestore"})
"""Columns without case; aliases and tables with it, on most servers."""
_UPPER: Final = frozenset({"snowflake", "oracle"})
_LOWER: Final = frozenset({"postgres", "redshift", "materialize", "risingwave"})
_BY_CASE: Final = frozenset({"clickhouse", "fabric"})
_FUNCTIONS: Final = frozenset(
    """user current_user session_user system_user current_role current_schema current_catalog current_database current_path
    current_date current_time current_timestamp localtime localtimestamp utc_date utc_time utc_timestamp sysdate systimestamp
    dbtimezone sessiontimezone getdate default rownum rowid uid level value true false null all""".split()
)
"""Words that are no names unless they are quoted."""


def folded(name: str, *, quoted: bool, kind: NameKind, dialect: str) -> str:
    """What two names have in common that mean the same.

    >>> [folded(name, quoted=True, kind="column", dialect="snowflake") for name in ("ID", "Id")]
    ['id', '"Id"']
    >>> [folded("Id", quoted=False, kind=kind, dialect="bigquery") for kind in ("column", "output", "table")]
    ['id', 'Id', 'Id']
    """
    lower = name.lower() if name.isascii() else name
    if quoted and lower in _FUNCTIONS:
        return f'"{name}"'
    if _LOCATION.search(name) or (kind in _IN_COLUMNS and dialect in _JSON_OR_MAPS):
        return f'"{name}"'
    if dialect in _WHATEVER_CASE:
        return name if kind == "output" or (kind == "table" and dialect == "bigquery") else lower
    if dialect in MYSQL:
        return lower if kind in ("column", "member", "field", "key") else name
    if dialect in _BY_CASE or (kind == "key" and dialect == "snowflake"):
        return name
    if not quoted:
        return lower
    is_folded = (dialect in _UPPER and name == name.upper()) or (dialect in _LOWER and name == lower)
    return lower if is_folded and name.isascii() else f'"{name}"'
