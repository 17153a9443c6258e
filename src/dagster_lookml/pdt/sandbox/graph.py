"""The graph of derived tables in the DOT language, coloured by state."""

from __future__ import annotations

from collections.abc import Iterable

from dagster_lookml.pdt.sandbox.tables import TableState

_COLOURS = {"complete": "green", "error": "red", "killed": "red", "not built": "grey"}


def graph_text(tables: Iterable[TableState]) -> str:
    """A graph of tables: grey is not built, green built, yellow being built, red an error.

    What exactly Looker's graph looks like is not known, but for these colours.
    """
    lines: list[str] = []
    for table in tables:
        name = _quoted(f"{table.model}::{table.view}")
        lines.append(f'  {name} [style="filled" fillcolor="{_COLOURS.get(table.state, "yellow")}"];')
        lines.extend(f"  {name} -> {_quoted('::'.join(key))};" for key in table.upstream)
    return "\n".join(("digraph {", *lines, "}", ""))


def _quoted(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
