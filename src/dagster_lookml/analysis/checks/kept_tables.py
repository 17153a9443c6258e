"""Columns of derived tables that are kept: what their keys name, and whether each has a name (R5.12)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from dagster_lookml.analysis.checks.traced import Traced
from dagster_lookml.analysis.checks.uses import Uses
from dagster_lookml.diagnostics import Severity
from dagster_lookml.errors import suggestion
from dagster_lookml.semantic.findings import Findings
from dagster_lookml.semantic.objects import DerivedTable, Text, View

OBEYED: Final[Mapping[str, frozenset[str]]] = {
    "sortkeys": frozenset({"redshift"}),
    "distribution": frozenset({"redshift"}),
    "partition_keys": frozenset({"bigquery", "presto", "trino", "athena"}),
    "cluster_keys": frozenset({"bigquery", "snowflake"}),
    "indexes": frozenset({"redshift", "postgres", "mysql"}),
}
"""The parameters that name columns, and the dialects that are built with them; others may do without."""
_NAME: Final = re.compile(r"[A-Za-z]\w*\Z")
_NO_COLUMN: Final = frozenset("all auto even hash key none random randomly replicate replicated round_robin".split())
"""Ways to distribute a table by no column."""


def check_kept_tables(uses: Uses, findings: Findings, traced: Traced) -> None:
    """Check the columns of every derived table that is kept and that Looker builds itself.

    Args:
        uses: of the views.
        findings: that are added to.
        traced: the project's lineage, which is asked for only if there is something to look at.
    """
    check = _KeptTableCheck(uses, findings, traced)
    for view in uses.views:
        table = view.derived_table
        if table is not None and view.is_pdt and table.process is None and len(table.sources) == 1:
            check.check(view, table)


class _KeptTableCheck:
    def __init__(self, uses: Uses, findings: Findings, traced: Traced) -> None:
        self.uses = uses
        self.findings = findings
        self.traced = traced
        self.told: set[tuple[str, str]] = set()  # what several views inherit is told of once

    def check(self, view: View, table: DerivedTable) -> None:
        keys, dialects = list(key_columns(table)), frozenset(self.dialects(view))
        is_of_bigquery = table.sql is not None and dialects == {"bigquery"}
        status = self.traced.lineage.views.get(view.id) if keys or is_of_bigquery else None
        outputs = status.outputs if status is not None else None
        if outputs is not None and "" not in outputs:
            for parameter, name in keys:
                if name.lower() not in outputs:
                    is_sure = dialects <= OBEYED[parameter] and bool(self.uses.of(view))
                    self.report_key(view, table, parameter, name, outputs, is_sure=is_sure)
        elif outputs is not None and is_of_bigquery and table.sql is not None:
            self.report_unnamed(view, table.sql, outputs.index("") + 1)

    def dialects(self, view: View) -> Iterator[str]:
        """The dialects in which a view's table is built; an empty name where that is not known."""
        for name in view.models:
            connection = self.uses.names.models[name].connection
            dialect = self.traced.dialects.get(connection.value if connection is not None else "")
            yield dialect.name if dialect is not None and dialect.source != "default" else ""

    def report_key(
        self, view: View, table: DerivedTable, parameter: str, name: str, outputs: Sequence[str], *, is_sure: bool
    ) -> None:
        place = (str(table.span), f"{parameter} {name}")
        if place not in self.told:
            self.told.add(place)
            message = f"`{parameter}` of `{view.name}` names the column `{name}`, which its derived table does not put out"
            hint, severity = suggestion(name, outputs), None if is_sure else Severity.WARNING
            span, length = table.span, len("derived_table")
            findings = self.findings
            findings.add("unknown-key-column", message, span, object=view.id, hint=hint, length=length, severity=severity)

    def report_unnamed(self, view: View, sql: Text, number: int) -> None:
        """BigQuery refuses CREATE TABLE AS SELECT where a column has no name of its own."""
        place = (str(sql.span), "")
        if place not in self.told:
            self.told.add(place)
            message = (
                f"column {number} of the derived table of `{view.name}` has no name, and BigQuery refuses to keep it without"
            )
            self.findings.add("unnamed-column", message, sql.span, object=view.id, hint="name it with AS")


def key_columns(table: DerivedTable) -> Iterator[tuple[str, str]]:
    """The columns that the parameters of a table name, each with its parameter; expressions, and what Liquid makes, are left out.

    Args:
        table: a derived table that is kept.
    """
    for parameter, value in table.properties:
        for name in _listed(value) if parameter in OBEYED and "{" not in value else ():
            if _NAME.match(name) and not (parameter == "distribution" and name.lower() in _NO_COLUMN):
                yield parameter, name


def _listed(value: str) -> Iterator[str]:
    """The entries of a list, between commas that stand in no brackets.

    >>> list(_listed("[a, date_trunc(b, c), d]")), list(_listed("a"))
    (['a', 'date_trunc(b, c)', 'd'], ['a'])
    """
    inside = value.removeprefix("[").removesuffix("]")
    start = depth = 0
    for at, character in enumerate(inside):
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            yield inside[start:at].strip()
            start = at + 1
    yield inside[start:].strip()
