"""What a name in a statement names; whether its case is seen by anybody depends on that (see `foldings`)."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlglot import exp

from dagster_lookml.sql.foldings import NameKind

_NAMING = (exp.Alias, exp.PivotAlias, exp.PropertyEQ, exp.ColumnDef, exp.Kwarg)
"""What gives a name to a column or a field."""


def name_kind(node: exp.Identifier, tables: Collection[str], *, is_field: bool) -> NameKind:
    """What an identifier names.

    Args:
        node: the identifier.
        tables: names, in lower case, that stand for tables and for nothing else.
        is_field: outputs of the outermost query have no names that anybody reads.
    """
    parent, key = node.parent, node.arg_key
    if isinstance(parent, exp.Column):
        return _column_part(node, parent, tables, is_field=is_field)
    if isinstance(parent, exp.Table):
        return "table"
    if isinstance(parent, exp.Dot):
        return "table" if isinstance(parent.parent, exp.Table) or isinstance(parent.expression, exp.Func) else "key"
    if isinstance(parent, exp.Anonymous):  # a function of one's own: told by its case, as what stands in a column
        return "field"
    if isinstance(parent, exp.TableAlias):
        return "alias" if key == "this" else "output"
    is_output = isinstance(parent, _NAMING) or (isinstance(parent, exp.Aliases | exp.Join) and key in ("aliases", "using"))
    return "output" if is_output else "column"


def _column_part(node: exp.Identifier, column: exp.Column, tables: Collection[str], *, is_field: bool) -> NameKind:
    parts = column.parts
    at = next(number for number, one in enumerate(parts) if one is node)
    if at == len(parts) - 1 and _is_output(column, is_field=is_field):
        return "output"
    if at == 0:
        return "column" if len(parts) == 1 else "alias"
    if parts[0].name.lower() in tables:
        return "column" if at == 1 else "field"
    if at == 1:
        return "member" if len(parts) == 2 else "qualifier"
    return "field"


def _is_output(column: exp.Column, *, is_field: bool) -> bool:
    """It gives its name to an output of a query or to a field of a struct."""
    parent = column.parent
    if isinstance(parent, exp.Select):
        return column.arg_key == "expressions" and not (is_field and parent.parent is None)
    return isinstance(parent, exp.Struct) or (isinstance(parent, exp.Join) and column.arg_key == "using")


def tables_of(trees: Iterable[exp.Expr]) -> frozenset[str]:
    """The names in FROM, in lower case, that name a table or subquery and no column: what stands behind their dot is a column.

    >>> from sqlglot import parse_one
    >>> sorted(tables_of([parse_one("SELECT o.a, j.b FROM orders AS o, o.items AS i", read="bigquery")]))
    ['o']
    """
    tables: set[str] = set()
    columns: set[str] = set()
    elements: set[tuple[str, str]] = set()
    for tree in trees:
        for node in tree.walk():
            if isinstance(node, exp.Table | exp.Subquery):
                name = node.alias_or_name.lower()
                first = node.parts[0].name.lower() if isinstance(node, exp.Table) and len(node.parts) > 1 else ""
                elements.add((name, first))
                tables.add(name)
            elif isinstance(node, exp.Column):
                columns.add(node.parts[-1].name.lower())
            elif isinstance(node, exp.Alias | exp.Unnest | exp.Lateral):
                columns.add(node.alias.lower())
    arrays = {name for name, first in elements if first in tables}  # `t.items`, read as a table of the dataset t
    return frozenset(tables - columns - arrays)
