"""Asset specs of a whole project: structures that a filter leaves, translated, with dependencies that Dagster can hold."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg
import msgspec

from dagster_lookml.assets.cycles import without_cycles
from dagster_lookml.assets.filtering import LookerFilter
from dagster_lookml.assets.linking import Links
from dagster_lookml.assets.links import located
from dagster_lookml.assets.official import DagsterLookerApiTranslator, as_translator
from dagster_lookml.assets.project import LookMLProject
from dagster_lookml.assets.state import ProjectState
from dagster_lookml.assets.structures import Dashboard, Explore, LookMLStructure, Pdt, Table, View, without_columns
from dagster_lookml.assets.table_keys import TableAssetKeys, asset_keys
from dagster_lookml.assets.translator import DagsterLookMLTranslator
from dagster_lookml.semantic.collecting import collection_paused

if TYPE_CHECKING:
    from dagster_dbt import DagsterDbtTranslator


class SpecOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What specs hold, beside what the translator says.

    Attributes:
        include_columns: the columns of views.
        include_column_lineage: what these columns are made of.
        include_tables: tables of the warehouse are assets too, unless they are assets elsewhere.
        include_pdts: PDTs are external assets, for who does not build them through Dagster.
        base_url: of the Looker instance, for links.
    """

    include_columns: bool = True
    include_column_lineage: bool = True
    include_tables: bool = False
    include_pdts: bool = False
    base_url: str | None = None

    def __post_init__(self) -> None:
        """Refuse what is no yes or no: the text "false" would be a yes."""
        for option in ("include_columns", "include_column_lineage", "include_tables", "include_pdts"):
            if not isinstance(getattr(self, option), bool):
                raise TypeError(f"{option} is True or False, and not {getattr(self, option)!r}")
        if self.base_url is not None and not str(self.base_url).startswith(("https://", "http://")):
            raise ValueError("base_url begins with https://, as in https://acme.looker.com")


def load_looker_asset_specs(
    project: LookMLProject | None = None,
    dagster_looker_translator: DagsterLookMLTranslator | DagsterLookerApiTranslator | None = None,
    looker_filter: LookerFilter | None = None,
    *,
    looker_resource: LookMLProject | None = None,
    table_asset_keys: TableAssetKeys | None = None,
    dagster_dbt_translator: DagsterDbtTranslator | None = None,
    include_columns: bool = True,
    include_column_lineage: bool = True,
    include_tables: bool = False,
    include_pdts: bool = False,
    base_url: str | None = None,
) -> Sequence[dg.AssetSpec]:
    """Load every view, explore and dashboard of a LookML project as an asset spec.

    They depend on each other as their data does: dashboards on explores, explores on views, views on other views and on tables of
    the warehouse.

    Args:
        project: the repository.
        dagster_looker_translator: says what asset a structure becomes; the default one if None.
        looker_filter: chooses what is loaded; everything if None.
        looker_resource: the repository, by the name that the official integration has for its first argument.
        table_asset_keys: the keys of warehouse tables that are assets already: the path of a dbt manifest, a mapping from names
            of tables, or a function of `Table`. Without it, Dagster joins them to assets of the same code location that have the
            same ``dagster/table_name``, as dagster-dbt's have.
        dagster_dbt_translator: makes the keys for a dbt manifest; dagster-dbt's own if None.
        include_columns: give views their fields as columns.
        include_column_lineage: say which columns of tables and views each column is made of.
        include_tables: also load the tables of the warehouse that are no assets elsewhere.
        include_pdts: also load PDTs as external assets. Leave it off where Dagster builds them.
        base_url: of the Looker instance, such as ``https://acme.looker.com``, for links to it.

    Returns:
        The specs, sorted by key.

    Raises:
        SourceError, GitError, NoLookMLError: the repository cannot be read.
        ConfigError: its configuration is wrong.
        SelectorError: the filter's selector names nothing.
        DbtError, TableKeyError: the keys of tables cannot be told.
        DagsterInvalidDefinitionError: the translator gives several structures one key.

    Example:
        .. code-block:: python

            project = LookMLProject("path/to/lookml")
            specs = load_looker_asset_specs(project, looker_filter=LookerFilter(models=["ecommerce"]))
            defs = dg.Definitions(assets=specs)
    """
    project = required(project if project is not None else looker_resource)
    options = SpecOptions(
        include_columns=include_columns,
        include_column_lineage=include_column_lineage,
        include_tables=include_tables,
        include_pdts=include_pdts,
        base_url=base_url,
    )
    state = filtered(project, looker_filter)
    keys = asset_keys(state.tables_read, table_asset_keys, dagster_dbt_translator)
    state = with_asset_keys(state, keys)
    return specs_of(state, as_translator(dagster_looker_translator), options, project.path if project.ref is None else None)


def required(project: object) -> LookMLProject:
    """The project that a function was given.

    Raises:
        TypeError: it was given something else.
    """
    if not isinstance(project, LookMLProject):
        given = type(project).__name__
        raise TypeError(f"give LookMLProject('path/to/lookml') and not {given}: the repository is read, and no API is called")
    return project


def filtered(project: LookMLProject, looker_filter: LookerFilter | None) -> ProjectState:
    """What a filter leaves of a project; what it names in vain is logged."""
    state = project.state
    if looker_filter is None:
        return state
    for line in looker_filter.unmatched(state):
        dg.get_dagster_logger("dagster_lookml").warning(line)
    selected = project.select(looker_filter.select) if looker_filter.select is not None else None
    return msgspec.structs.replace(looker_filter.apply(state, selected), selector=looker_filter.select)


def with_asset_keys(state: ProjectState, keys: Mapping[str, dg.AssetKey]) -> ProjectState:
    """A state that knows the keys of tables which are assets elsewhere."""
    return msgspec.structs.replace(state, asset_keys={identity: tuple(key.path) for identity, key in keys.items()})


def specs_of(
    state: ProjectState, translator: DagsterLookMLTranslator, options: SpecOptions, root: Path | None
) -> Sequence[dg.AssetSpec]:
    """The specs of what a state holds.

    Args:
        state: filtered, with the keys of tables.
        translator: makes them.
        options: what they hold.
        root: of the LookML project, if it is on this machine.

    Raises:
        DagsterInvalidDefinitionError: the translator gives several structures one key.
    """
    loaded = {one.id for one in state.structures if _is_loaded(one, options, state.asset_keys)}
    specs = linked_specs(state, translator, options, root, loaded)
    return sorted(specs.values(), key=lambda spec: tuple(spec.key.path))


def linked_specs(
    state: ProjectState, translator: DagsterLookMLTranslator, options: SpecOptions, root: Path | None, loaded: Container[str]
) -> dict[str, dg.AssetSpec]:
    """The specs of some structures by their ids, with dependencies on each other and on everything else.

    Args:
        state: as for `specs_of`.
        translator: likewise.
        options: likewise.
        root: likewise.
        loaded: ids of the structures.
    """
    elsewhere = {identity: dg.AssetKey(list(path)) for identity, path in state.asset_keys.items()}
    with collection_paused():
        placed = located(state, root, options.base_url)
        placed = placed.replace(lambda one: _with_columns(one, options) if one.id in loaded else without_columns(one))
        translated = {one.id: _translated(translator, one) for one in (*placed.structures, *placed.outside)}
        links = Links(translated, elsewhere)
        _refuse_shared_keys({identity: spec for identity, spec in translated.items() if identity not in elsewhere})
        specs = {one.id: links.linked(translated[one.id]) for one in placed.structures if one.id in loaded}
        return dict(zip(specs, without_cycles(specs, placed), strict=True))


def keys_of(state: ProjectState, translator: DagsterLookMLTranslator) -> dict[str, dg.AssetKey]:
    """The keys that a translator gives to structures, by their ids.

    Raises:
        DagsterInvalidDefinitionError: it gives several structures one key.
    """
    specs = {one.id: _translated(translator, without_columns(one)) for one in state.structures}
    _refuse_shared_keys(specs)
    return {identity: spec.key for identity, spec in specs.items()}


def _translated(translator: DagsterLookMLTranslator, structure: LookMLStructure) -> dg.AssetSpec:
    spec: object = translator.get_asset_spec(structure)
    if not isinstance(spec, dg.AssetSpec):
        given = type(spec).__name__
        raise TypeError(f"get_asset_spec returned {given} for {structure.id} and no AssetSpec; a LookerFilter leaves assets out")
    return spec


def _with_columns(structure: LookMLStructure, options: SpecOptions) -> LookMLStructure:
    """A structure with the columns that are wanted of it, and of these what is."""
    if not options.include_columns or not isinstance(structure, Table | View | Pdt):
        return without_columns(structure)
    if options.include_column_lineage:
        return structure
    return msgspec.structs.replace(structure, columns=tuple(msgspec.structs.replace(one, reads=()) for one in structure.columns))


def _is_loaded(structure: LookMLStructure, options: SpecOptions, elsewhere: Container[str]) -> bool:
    match structure:
        case Table():
            return options.include_tables and structure.id not in elsewhere
        case Pdt():
            return options.include_pdts
        case View() | Explore() | Dashboard():
            return True


def _refuse_shared_keys(specs: Mapping[str, dg.AssetSpec]) -> None:
    owners: dict[dg.AssetKey, str] = {}
    for identity, spec in specs.items():
        other = owners.setdefault(spec.key, identity)
        are_one_table = other.startswith("table:") and identity.startswith("table:")  # that is written in two ways
        if other != identity and not are_one_table:
            key = spec.key.to_user_string()
            raise dg.DagsterInvalidDefinitionError(
                f"{other} and {identity} both have the asset key {key}: the translator must give each structure a key of its own"
            )
