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

from dagster_lookml.assets import attributes
from dagster_lookml.assets.attributes import LookMLProjectArgs, switch
from dagster_lookml.assets.checks import checks_of
from dagster_lookml.assets.filtering import LookerFilter
from dagster_lookml.assets.names import digest
from dagster_lookml.assets.pdts import PdtOptions, pdt_assets
from dagster_lookml.assets.project import LookMLProject
from dagster_lookml.assets.resource import LookerResource
from dagster_lookml.assets.scaffolding import LookMLProjectScaffolder
from dagster_lookml.assets.specs import SpecOptions, filtered, specs_of, with_asset_keys
from dagster_lookml.assets.state import ProjectState, encode_state, read_state
from dagster_lookml.assets.structures import LookMLStructure
from dagster_lookml.assets.table_keys import asset_keys
from dagster_lookml.assets.translation import ResolvedLookMLTranslationFn
from dagster_lookml.assets.translator import DagsterLookMLTranslator


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
              pdts: true
              looker_resource:
                base_url: "{{ env.LOOKERSDK_BASE_URL }}"
                client_id: "{{ env.LOOKERSDK_CLIENT_ID }}"
                client_secret: "{{ env.LOOKERSDK_CLIENT_SECRET }}"
    """

    project: Annotated[
        LookMLProjectArgs,
        Resolver(
            attributes.project_args,
            model_field_type=str | LookMLProjectArgs.model(),
            description="The path of the LookML project, or where and how to read it.",
            examples=["{{ context.project_root }}/../lookml", {"path": "../../lookml", "ref": "origin/main"}],
        ),
    ]
    looker_filter: Annotated[
        LookerFilter | None,
        Resolver(
            attributes.looker_filter,
            model_field_type=attributes.LookerFilterArgs.model() | None,
            description="What of the project is loaded; everything without it.",
            examples=[{"models": ["ecommerce"], "only_fetch_explores_used_in_dashboards": True}],
        ),
    ] = None
    translation: ResolvedLookMLTranslationFn | None = None
    table_asset_keys: Annotated[
        str | dict[str, Any] | None,
        Resolver(
            attributes.table_asset_keys,
            model_field_type=str | dict[str, str | list[str]] | None,
            description="The keys of tables that are assets already: the path of a dbt manifest, or keys by table name.",
            examples=["{{ context.project_root }}/../dbt/target/manifest.json", {"shop.orders": "dbt/orders"}],
        ),
    ] = None
    base_url: Annotated[
        str | None, Resolver.default(description="Of the Looker instance, for links to it.", examples=["https://acme.looker.com"])
    ] = None
    include_columns: Annotated[bool, switch("Give views their fields as columns.")] = True
    include_column_lineage: Annotated[bool, switch("Say which columns of tables and views each column is made of.")] = True
    include_tables: Annotated[bool, switch("Also load the tables of the warehouse that are no assets elsewhere.")] = False
    include_pdts: Annotated[bool, switch("Also load PDTs as external assets.")] = False
    pdts: Annotated[
        PdtOptions | None,
        Resolver(
            attributes.pdt_options,
            model_field_type=bool | str | attributes.PdtArgs.model(),
            description="Load PDTs as assets that Looker builds when they are materialized; true, or how.",
            examples=[True, {"granularity": "pdt", "automation": "datagroups"}],
        ),
    ] = None
    looker_resource: Annotated[
        Any,  # a LookerResource or None: dagster would look into the fields of one, and refuse those of every resource
        Resolver(
            attributes.looker_resource,
            model_field_type=attributes.LookerResourceArgs.model() | None,
            description="Credentials for building PDTs, unless the code location has a resource with that key.",
        ),
    ] = None
    checks: Annotated[bool, switch("Show what is wrong with the LookML as asset checks.")] = True
    defs_state: ResolvedDefsStateConfig = field(default_factory=DefsStateConfigArgs.local_filesystem)

    def __post_init__(self) -> None:
        """Refuse PDTs that would be two assets each, and what is no resource."""
        if self.looker_resource is not None and not isinstance(self.looker_resource, LookerResource):
            raise TypeError(f"looker_resource is a LookerResource, and not a {type(self.looker_resource).__name__}")
        if self.pdts is not None and self.include_pdts:
            raise ValueError("pdts loads PDTs as assets that are built, and include_pdts as assets that are not: leave one out")

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
        specs = specs_of(state, self.translator, options, root)
        chosen = self.looker_filter
        built = pdt_assets(state, self.translator, self.pdts, options, root, None, chosen) if self.pdts is not None else ()
        return dg.Definitions(
            assets=[*specs, *built],
            asset_checks=checks_of(state, self.translator) if self.checks else None,
            resources=self._resources,
        )

    @property
    def _resources(self) -> dict[str, LookerResource]:
        if self.looker_resource is None:
            return {}
        return {(self.pdts or PdtOptions()).resource_key: self.looker_resource}

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
