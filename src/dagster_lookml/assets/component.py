"""A LookML project from YAML: a component whose state is made where the repository is, and read everywhere else."""

# Annotations stay objects here, without the import from __future__: dagster makes the schema of defs.yaml of them.

import os
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

import dagster as dg
import msgspec
from dagster.components.resolved.model import Resolver
from dagster.components.utils.defs_state import DefsStateConfig, DefsStateConfigArgs, ResolvedDefsStateConfig
from dagster.components.utils.translation import ComponentTranslator, create_component_translator_cls
from pydantic import BaseModel, Field, PrivateAttr, TypeAdapter, ValidationError

from dagster_lookml.assets.checks import checks_of
from dagster_lookml.assets.filtering import LookerFilter
from dagster_lookml.assets.names import digest
from dagster_lookml.assets.project import LookMLProject
from dagster_lookml.assets.specs import SpecOptions, filtered, specs_of, with_asset_keys
from dagster_lookml.assets.state import ProjectState, encode_state, read_state
from dagster_lookml.assets.structures import LookMLStructure
from dagster_lookml.assets.table_keys import asset_keys
from dagster_lookml.assets.translation import ResolvedLookMLTranslationFn
from dagster_lookml.assets.translator import DagsterLookMLTranslator


class LookMLProjectArgs(dg.Model, dg.Resolvable):
    """Where the LookML is.

    Relative paths count from the folder of the ``defs.yaml``.
    """

    path: str = Field(description="The root of the LookML project.", examples=["{{ context.project_root }}/../lookml"])
    ref: str | None = Field(default=None, description="A git branch, tag or commit to read instead of the files on disk.")
    config: str | None = Field(default=None, description="The configuration file; by default dagster-lookml.toml in the project.")
    import_paths: dict[str, str] | None = Field(
        default=None, description="Where imported projects are checked out, by their names.", examples=[{"hub": "../looker-hub"}]
    )
    _written: str = PrivateAttr(default="")

    @property
    def written(self) -> str:
        """What it was given, before paths became those of this machine: the same wherever it is read."""
        return self._written or self.model_dump_json()


class LookerFilterArgs(dg.Model, dg.Resolvable):
    """What of the project is loaded; every condition that is given must hold. Names may be globs."""

    models: list[str] | None = Field(default=None, description="Names of models.")
    explores: list[str] | None = Field(default=None, description="Names of explores, with or without `model/` before them.")
    dashboards: list[str] | None = Field(default=None, description="Names of dashboards, with or without `model/` before them.")
    tags: list[str] | None = Field(default=None, description="Tags of explores and views in LookML.")
    dashboard_folders: list[str | list[str]] | None = Field(
        default=None, description="Folders of the repository with dashboards.", examples=[["dashboards/board"]]
    )
    only_fetch_explores_used_in_dashboards: bool = Field(
        default=False, description="Leave out explores that no chosen dashboard uses."
    )
    include_hidden: bool = Field(default=True, description="Load hidden explores and show hidden fields.")
    only_included: bool = Field(default=False, description="Leave out views and dashboards that no model includes.")
    select: str | None = Field(
        default=None, description="A selector as the command line knows it.", examples=["+dashboard:sales/kpis"]
    )


def _project(context: dg.ResolutionContext, model: Any) -> LookMLProjectArgs:
    """``project:``, a path or a mapping, with paths that count from the folder of the ``defs.yaml``."""
    if isinstance(model, str):
        args = LookMLProjectArgs(path=context.resolve_value(model, as_type=str))
    else:
        args = LookMLProjectArgs.resolve_from_model(context, model)

    def absolute(path: str) -> str:
        return str(context.resolve_source_relative_path(path).resolve())

    imports = {name: absolute(place) for name, place in args.import_paths.items()} if args.import_paths else None
    config = absolute(args.config) if args.config else None
    resolved = args.model_copy(update={"path": absolute(args.path), "config": config, "import_paths": imports})
    folder = context.resolve_source_relative_path(".").name
    resolved._written = f"{folder} {model if isinstance(model, str) else model.model_dump_json()}"
    return resolved


def _filter(context: dg.ResolutionContext, model: BaseModel | None) -> LookerFilter | None:
    if model is None:
        return None
    return LookerFilter(**LookerFilterArgs.resolve_from_model(context, model).model_dump())


def _table_asset_keys(context: dg.ResolutionContext, model: Any) -> str | dict[str, Any] | None:
    """A mapping from tables to keys, or the path of a manifest."""
    value = context.resolve_value(model)
    return str(context.resolve_source_relative_path(value)) if isinstance(value, str) else value


def _switch(context: dg.ResolutionContext, model: Any) -> bool:
    """A yes or no, which a template gives as text."""
    value = context.resolve_value(model)
    try:
        return TypeAdapter(bool).validate_python(value)
    except ValidationError as error:
        raise ValueError(f"{value!r} is neither true nor false") from error


def _switched(description: str) -> Resolver:
    return Resolver(_switch, model_field_type=bool | str, description=description)


class LookMLProjectScaffoldParams(BaseModel):
    """What ``dg scaffold defs`` can be told."""

    project_path: str | None = Field(default=None, description="The root of the LookML project, a directory on this machine.")


class LookMLProjectScaffolder(dg.Scaffolder[LookMLProjectScaffoldParams]):
    """Writes a ``defs.yaml`` for a LookML project."""

    @classmethod
    def get_scaffold_params(cls) -> type[LookMLProjectScaffoldParams]:
        """What it can be told."""
        return LookMLProjectScaffoldParams

    def scaffold(self, request: dg.ScaffoldRequest[LookMLProjectScaffoldParams]) -> None:
        """Write the file."""
        root = request.project_root or Path.cwd()
        path = os.path.relpath(request.params.project_path, root) if request.params.project_path else "path/to/lookml"
        dg.scaffold_component(request, {"project": f"{{{{ context.project_root }}}}/{Path(path).as_posix()}"})


@dg.scaffold_with(LookMLProjectScaffolder)
@dataclass
class LookMLProjectComponent(dg.StateBackedComponent, dg.Resolvable):
    """Every view, explore and dashboard of a LookML repository as an asset, without Looker and without credentials.

    The repository is read when the state is refreshed: by ``dg utils refresh-defs-state``, best while an image is built, and
    by ``dg dev`` and ``dg check defs`` each time. Wherever the state is, neither the repository nor the dbt manifest is needed.

    Example:
        .. code-block:: yaml

            # defs.yaml
            type: dagster_lookml.LookMLProjectComponent
            attributes:
              project: "{{ context.project_root }}/../lookml"
              table_asset_keys: "{{ context.project_root }}/../dbt/target/manifest.json"
              looker_filter:
                models: [ecommerce]
              translation:
                for_dashboard:
                  owners: ["team:bi"]
    """

    project: Annotated[
        LookMLProjectArgs,
        Resolver(
            _project,
            model_field_type=str | LookMLProjectArgs.model(),
            description="The path of the LookML project, or where and how to read it.",
            examples=["{{ context.project_root }}/../lookml", {"path": "../../lookml", "ref": "origin/main"}],
        ),
    ]
    looker_filter: Annotated[
        LookerFilter | None,
        Resolver(
            _filter,
            model_field_type=LookerFilterArgs.model() | None,
            description="What of the project is loaded; everything without it.",
            examples=[{"models": ["ecommerce"], "only_fetch_explores_used_in_dashboards": True}],
        ),
    ] = None
    translation: ResolvedLookMLTranslationFn | None = None
    table_asset_keys: Annotated[
        str | dict[str, Any] | None,
        Resolver(
            _table_asset_keys,
            model_field_type=str | dict[str, str | list[str]] | None,
            description="The keys of tables that are assets already: the path of a dbt manifest, or keys by table name.",
            examples=["{{ context.project_root }}/../dbt/target/manifest.json", {"shop.orders": "dbt/orders"}],
        ),
    ] = None
    base_url: Annotated[
        str | None, Resolver.default(description="Of the Looker instance, for links to it.", examples=["https://acme.looker.com"])
    ] = None
    include_columns: Annotated[bool, _switched("Give views their fields as columns.")] = True
    include_column_lineage: Annotated[bool, _switched("Say which columns of tables and views each column is made of.")] = True
    include_tables: Annotated[bool, _switched("Also load the tables of the warehouse that are no assets elsewhere.")] = False
    include_pdts: Annotated[bool, _switched("Also load PDTs as external assets.")] = False
    checks: Annotated[bool, _switched("Show what is wrong with the LookML as asset checks.")] = True
    defs_state: ResolvedDefsStateConfig = field(default_factory=DefsStateConfigArgs.local_filesystem)

    @property
    def defs_state_config(self) -> DefsStateConfig:
        """Where the state is kept, by default under a name that tells apart whatever makes another state."""
        keys = self.table_asset_keys
        tables = os.path.relpath(keys, self.project.path) if isinstance(keys, str) else keys
        chosen = msgspec.json.encode((self.project.written, self.looker_filter, tables)).decode()
        name = f"{Path(self.project.path).name}-{digest(chosen)}"
        return DefsStateConfig.from_args(self.defs_state, default_key=f"{type(self).__name__}[{name}]")

    @cached_property
    def translator(self) -> DagsterLookMLTranslator:
        """Makes specs: the default ones, or those of an overridden `get_asset_spec`, and then ``translation:``."""
        return _ComponentTranslator(self)

    def get_asset_spec(self, structure: LookMLStructure) -> dg.AssetSpec:
        """The asset of a structure, for subclasses to change; see `DagsterLookMLTranslator.get_asset_spec`."""
        return DagsterLookMLTranslator().get_asset_spec(structure)

    def write_state_to_path(self, state_path: Path) -> None:
        """Read the repository and write what is shown of it.

        Raises:
            SourceError, GitError, NoLookMLError: the repository cannot be read.
            ConfigError, SelectorError, DbtError, TableKeyError: what the attributes say cannot be done.
        """
        project = LookMLProject(self.project.path, self.project.ref, self.project.config, self.project.import_paths)
        state = filtered(project, self.looker_filter)
        state_path.write_bytes(encode_state(with_asset_keys(state, asset_keys(state.tables_read, self.table_asset_keys))))

    def build_defs_from_state(self, context: dg.ComponentLoadContext, state_path: Path | None) -> dg.Definitions:
        """Definitions of what the state holds; none where there is no state yet, with a warning that says what to run.

        Raises:
            StateError: there is a state, and it is of another version.
        """
        if state_path is None:
            dg.get_dagster_logger("dagster_lookml").warning(
                f"{self.defs_state_config.key} has no state, and so no assets: run `dg utils refresh-defs-state` where the LookML"
                f" repository is ({self.project.path})"
            )
            return dg.Definitions()
        state = self._filtered(read_state(state_path))
        options = SpecOptions(
            include_columns=self.include_columns,
            include_column_lineage=self.include_column_lineage,
            include_tables=self.include_tables,
            include_pdts=self.include_pdts,
            base_url=self.base_url,
        )
        root = Path(self.project.path) if self.project.ref is None else None
        return dg.Definitions(
            assets=specs_of(state, self.translator, options, root),
            asset_checks=checks_of(state, self.translator) if self.checks else None,
        )

    def _filtered(self, state: ProjectState) -> ProjectState:
        """The state, which may have been made with another filter; a selector needs the repository."""
        wanted = self.looker_filter or LookerFilter()
        if wanted.select != state.selector:
            dg.get_dagster_logger("dagster_lookml").warning(
                f"{self.defs_state_config.key}: its state was made with select: {state.selector or 'nothing'} and not"
                f" {wanted.select or 'nothing'}: run `dg utils refresh-defs-state` where the LookML repository is"
            )
        return wanted.apply(state)


class _ComponentTranslator(
    create_component_translator_cls(LookMLProjectComponent, DagsterLookMLTranslator),  # type: ignore[misc]
    ComponentTranslator[LookMLProjectComponent],
):
    def __init__(self, component: LookMLProjectComponent) -> None:
        self._component = component

    def get_asset_spec(self, structure: LookMLStructure) -> dg.AssetSpec:
        spec: dg.AssetSpec = super().get_asset_spec(structure)
        return self.component.translation(spec, structure) if self.component.translation is not None else spec
