"""What asset a structure becomes. Deriving from `DagsterLookMLTranslator` changes any part of it."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import Any, Final

import dagster as dg

from dagster_lookml.assets.columns import column_lineage, column_schema
from dagster_lookml.assets.descriptions import description
from dagster_lookml.assets.keys import default_key
from dagster_lookml.assets.names import group_name, tag
from dagster_lookml.assets.ownership import OWNERSHIP_TAGS
from dagster_lookml.assets.structures import Dashboard, Explore, LookMLStructure, Pdt, Source, Table, View

NOT_INCLUDED: Final = "not_included"
"""The group of what no model includes."""
SHARED: Final = "shared"
"""The group of views that several models see alike."""
TABLES: Final = "tables"
"""The group of tables of the warehouse."""


class DagsterLookMLTranslator:
    """Turns structures of a LookML project into asset specs.

    Dependencies name other structures by the keys that these have by default. Where a translator gives a structure another key,
    whatever depends on it follows; so a method need not care for the keys of others.

    Example:
        .. code-block:: python

            class OurTranslator(DagsterLookMLTranslator):
                def get_asset_spec(self, structure: LookMLStructure) -> dg.AssetSpec:
                    spec = super().get_asset_spec(structure)
                    if isinstance(structure, Dashboard):
                        return spec.replace_attributes(key=spec.key.with_prefix("looker"), owners=["team:bi"])
                    return spec
    """

    def get_asset_spec(self, structure: LookMLStructure) -> dg.AssetSpec:
        """The asset of a structure.

        Args:
            structure: a `Table`, `View`, `Explore`, `Dashboard` or `Pdt`.

        Returns:
            Its spec. That of a table gives the key by which others depend on the table, whether it is an asset itself or not.
        """
        pdts = structure.pdts if isinstance(structure, View) else ()
        return dg.AssetSpec(
            key=default_key(structure.id),
            deps=[default_key(read) for read in (*structure.reads, *pdts)],
            description=description(structure),
            group_name=structure.group or _group(structure),
            kinds=_kinds(structure),
            owners=structure.owners,
            tags=_tags(one for one in structure.tags if not one.strip().startswith(OWNERSHIP_TAGS)),
            metadata=dict(_metadata(structure)),
        )


def _tags(written: Iterable[str]) -> dict[str, str]:
    """Tags of LookML as those of Dagster, where a name has one value: a second one is a tag of its own."""
    tags: dict[str, str] = {}
    for one in written:
        name, value = tag(one)
        if tags.setdefault(name, value) != value:
            tags[tag(one.replace(":", "_"))[0]] = ""
    return tags


def _group(structure: LookMLStructure) -> str:
    match structure:
        case Table():
            return TABLES
        case View(models=(model,)) | Explore(model=model) | Pdt(model=model):
            return group_name(model)
        case View(models=models):
            return SHARED if models else NOT_INCLUDED
        case Dashboard(model=model):
            return group_name(model) if model is not None else NOT_INCLUDED


def _kinds(structure: LookMLStructure) -> set[str]:
    match structure:
        case Table():
            return {"table", *structure.dialects[:1]}
        case Pdt():
            return {"looker", "pdt", *structure.dialects[:1]}
        case View():
            return {"looker", "view", *(("pdt",) if structure.persistence is not None else ())}
        case Explore():
            return {"looker", "explore"}
        case Dashboard():
            return {"looker", "dashboard"}


def _metadata(structure: LookMLStructure) -> Iterator[tuple[str, Any]]:
    yield "dagster-lookml/id", structure.id
    if structure.web_url is not None:
        yield "dagster-lookml/web_url", dg.MetadataValue.url(structure.web_url)
    if structure.source is not None:
        yield "dagster-lookml/source", str(structure.source.place)
        references = _code_references(structure.source)
        if references is not None:
            yield "dagster/code_references", references
    match structure:
        case Table():
            yield from _table(structure)
        case View():
            yield from _view(structure)
        case Pdt(persistence=persistence) if persistence is not None:
            yield "dagster-lookml/persistence", str(persistence)
    if isinstance(structure, Table | View | Pdt) and structure.columns:
        yield "dagster/column_schema", column_schema(structure.columns)
        lineage = column_lineage(structure.columns)
        if lineage is not None:
            yield "dagster/column_lineage", lineage


def _code_references(source: Source) -> dg.CodeReferencesMetadataValue | None:
    label = f"{PurePosixPath(source.place.file).name}:{source.place.line}"  # the page has room for no more
    references: list[dg.LocalFileCodeReference | dg.UrlCodeReference] = []
    with warnings.catch_warnings():  # dagster calls them beta, once for each of thousands of assets
        warnings.simplefilter("ignore", dg.BetaWarning)
        if source.path is not None:
            references.append(dg.LocalFileCodeReference(file_path=source.path, line_number=source.place.line, label=label))
        if source.url is not None:
            references.append(dg.UrlCodeReference(url=source.url, label=label))
        return dg.CodeReferencesMetadataValue(code_references=references) if references else None


def _table(table: Table) -> Iterator[tuple[str, Any]]:
    if table.is_one_table:  # dagster finds assets by it; a name that stands for several tables must find none
        yield "dagster/table_name", table.name
    if len(table.dialects) == 1:
        yield "dagster/storage_kind", table.dialects[0]


def _view(view: View) -> Iterator[tuple[str, Any]]:
    # No dagster/table_name: of two assets that have the same one, dagster refuses both.
    if view.models:
        yield "dagster-lookml/models", ", ".join(view.models)
    if view.sql_table_name is not None:
        yield "dagster-lookml/sql_table_name", view.sql_table_name
    if view.persistence is not None:
        yield "dagster-lookml/persistence", str(view.persistence)
    if view.extends:
        yield "dagster-lookml/extends", ", ".join(view.extends)
