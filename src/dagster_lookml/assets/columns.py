"""Column schemas and column lineages of assets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final
from urllib.parse import unquote

import dagster as dg

from dagster_lookml.assets.keys import default_key
from dagster_lookml.assets.structures import Column

_MOST_READS: Final = 12
_LONGEST: Final = 5_000


def column_schema(columns: Iterable[Column]) -> dg.TableSchema:
    """The columns as Dagster's pages show them.

    As these do not show a lineage of columns, the description of each column ends with what it is made of.
    """
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name=column.name,
                type=_type(column),
                description=_description(column) or None,
                constraints=dg.TableColumnConstraints(nullable=True, unique=True) if column.primary_key else None,
                tags=_tags(column),
            )
            for column in columns
        ]
    )


def _type(column: Column) -> str:
    if column.kind in ("dimension", "column"):
        return column.type
    return f"{column.kind} {column.type}".strip()


def _description(column: Column) -> str:
    is_text = bool(column.label) and "{%" not in column.label and "{{" not in column.label  # Liquid is none until a query runs
    named = f'"{column.label}"' if is_text and column.label != column.name else ""
    parts = [": ".join(part for part in (named, column.description[:_LONGEST]) if part)]
    if column.generated:
        parts.append(f"picked as {', '.join(column.generated)}")
    if column.reads:
        parts.append(f"from {_reads(column)}")
    return "; ".join(part for part in parts if part)


def _reads(column: Column) -> str:
    names = [f"{unquote(re.split('[:/#]', one.of)[-1])}.{one.name}" for one in column.reads[:_MOST_READS]]
    more = len(column.reads) - len(names)
    return ", ".join([*names, f"and {more} more"] if more else names) + (" (inferred)" if column.inferred else "")


def _tags(column: Column) -> Mapping[str, str] | None:
    return {"lookml/hidden": ""} if column.hidden else None


def column_lineage(columns: Iterable[Column]) -> dg.TableColumnLineage | None:
    """What columns are made of, by the keys that structures have by default; None if nothing is told of any."""
    reads = {
        column.name: [dg.TableColumnDep(asset_key=default_key(one.of), column_name=one.name) for one in column.reads]
        for column in columns
        if column.reads
    }
    return dg.TableColumnLineage(deps_by_column=reads) if reads else None


def moved(lineage: dg.TableColumnLineage, keys: Mapping[dg.AssetKey, dg.AssetKey]) -> dg.TableColumnLineage:
    """A lineage with other asset keys.

    Args:
        lineage: of one asset.
        keys: the other key for each that changes.
    """

    def deps(of_column: Sequence[dg.TableColumnDep]) -> Iterator[dg.TableColumnDep]:
        for dep in of_column:
            yield dg.TableColumnDep(asset_key=keys.get(dep.asset_key, dep.asset_key), column_name=dep.column_name)

    return dg.TableColumnLineage(
        deps_by_column={name: list(deps(of_column)) for name, of_column in lineage.deps_by_column.items()}
    )
