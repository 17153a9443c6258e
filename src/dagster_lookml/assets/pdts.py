"""PDTs as assets that Dagster builds: definitions made of a project, or of a list of requests."""

# Annotations stay objects here, without the import from __future__: dagster looks at the types of context and configuration.

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import dagster as dg
import msgspec

from dagster_lookml.assets.automation import condition
from dagster_lookml.assets.build_requests import PdtBuildConfig, RequestStartPdtBuild
from dagster_lookml.assets.filtering import LookerFilter
from dagster_lookml.assets.names import digest, op_name
from dagster_lookml.assets.official import DagsterLookerApiTranslator, as_translator
from dagster_lookml.assets.pdt_steps import PdtAsset, build_pdts
from dagster_lookml.assets.project import LookMLProject
from dagster_lookml.assets.specs import SpecOptions, filtered, linked_specs, required, with_asset_keys
from dagster_lookml.assets.state import ProjectState
from dagster_lookml.assets.structures import Pdt
from dagster_lookml.assets.table_keys import TableAssetKeys, asset_keys
from dagster_lookml.assets.translator import DagsterLookMLTranslator
from dagster_lookml.errors import BuildRequestError
from dagster_lookml.pdt.building.patience import Patience
from dagster_lookml.pdt.building.runner import DEFAULT_CONCURRENCY
from dagster_lookml.pdt.planning.plan import make_plan
from dagster_lookml.pdt.planning.upstream import all_upstream
from dagster_lookml.pdt.request import WORKSPACES, Workspace

if TYPE_CHECKING:
    from dagster_dbt import DagsterDbtTranslator

Granularity = Literal["model", "pdt"]
"""How many PDTs are one step: those of a model, of which any can be chosen, or each is one."""
Automation = Literal["datagroups"]
"""What Dagster builds by itself: what the triggers of LookML ask for."""


class PdtOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How PDTs are built.

    Attributes:
        resource_key: of the `LookerResource`.
        granularity: what is one step.
        pool: the concurrency pool of the steps; None for none.
        automation: what Dagster builds by itself; None for nothing, as Looker's regenerator does it.
        concurrency: builds at once in one step.
        build_timeout: seconds that one build may take; None for as long as it takes.
        workspace: which LookML PDTs are built from, unless a run says otherwise.
    """

    resource_key: str = "looker"
    granularity: Granularity = "model"
    pool: str | None = "looker"
    automation: Automation | None = None
    concurrency: int = DEFAULT_CONCURRENCY
    build_timeout: float | None = Patience().build_timeout
    workspace: Workspace = "production"

    def __post_init__(self) -> None:
        """Refuse what would else be found out when a run builds."""
        if self.granularity not in get_args(Granularity):
            raise ValueError(f"granularity is one of {', '.join(get_args(Granularity))}, and not {self.granularity!r}")
        if self.automation is not None and self.automation not in get_args(Automation):
            raise ValueError(f"automation is 'datagroups' or None, and not {self.automation!r}")
        if self.workspace not in WORKSPACES:
            raise ValueError(f"workspace is {' or '.join(WORKSPACES)}, and not {self.workspace!r}")
        if self.concurrency < 1 or (self.build_timeout is not None and self.build_timeout <= 0):
            raise ValueError("concurrency and build_timeout are more than 0")


def build_looker_pdt_assets_definitions(
    resource_key: str = "looker",
    request_start_pdt_builds: Sequence[RequestStartPdtBuild] | None = None,
    dagster_looker_translator: DagsterLookMLTranslator | DagsterLookerApiTranslator | None = None,
    *,
    project: LookMLProject | None = None,
    looker_filter: LookerFilter | None = None,
    granularity: Granularity = "model",
    pool: str | None = "looker",
    automation: Automation | None = None,
    concurrency: int = DEFAULT_CONCURRENCY,
    build_timeout: float | None = PdtOptions().build_timeout,
    workspace: Workspace = "production",
    table_asset_keys: TableAssetKeys | None = None,
    dagster_dbt_translator: "DagsterDbtTranslator | None" = None,
    include_columns: bool = True,
    include_column_lineage: bool = True,
    base_url: str | None = None,
) -> Sequence[dg.AssetsDefinition]:
    """Build assets that have Looker build PDTs, and that are materialized when Looker says that these are built, and not before.

    With a project, they are all its PDTs, which depend on each other and on the tables that they read. With requests they are
    those alone; with both, the requests choose among the PDTs of the project, and one that this does not have is refused.

    A run can be given a configuration: see `PdtBuildConfig`.

    Args:
        resource_key: of the `LookerResource` that builds.
        request_start_pdt_builds: the PDTs to build, and how; all of the project if None.
        dagster_looker_translator: the one that `load_looker_asset_specs` is given; it is given each `Pdt`.
        project: the repository.
        looker_filter: chooses among the PDTs of the project.
        granularity: ``model`` for one step for each model, in which any PDTs can be chosen; ``pdt`` for one step for each PDT, so
            that what comes after one need not wait for others, at the price of a process each.
        pool: the concurrency pool of these steps; its limit bounds how many of them run at once.
        automation: ``datagroups`` to build when triggers of LookML fire. Looker's regenerator does the same, so turn that off.
        concurrency: builds at once in one step.
        build_timeout: seconds after which a build is stopped; None for never.
        workspace: ``production``, or ``dev`` for the branch of the API's user.
        table_asset_keys: as for `load_looker_asset_specs`.
        dagster_dbt_translator: likewise.
        include_columns: likewise.
        include_column_lineage: likewise.
        base_url: likewise.

    Returns:
        One definition for each step.

    Raises:
        BuildRequestError: a request is for what cannot be built.
        SourceError, GitError, NoLookMLError, ConfigError: as for `load_looker_asset_specs`.
        SelectorError, DbtError, TableKeyError: likewise.
        DagsterInvalidDefinitionError: the translator gives several PDTs one key.

    Example:
        .. code-block:: python

            project = LookMLProject("path/to/lookml")
            looker = LookerResource(
                base_url=dg.EnvVar("LOOKERSDK_BASE_URL"),
                client_id=dg.EnvVar("LOOKERSDK_CLIENT_ID"),
                client_secret=dg.EnvVar("LOOKERSDK_CLIENT_SECRET"),
            )
            defs = dg.Definitions(
                assets=[*load_looker_asset_specs(project), *build_looker_pdt_assets_definitions(project=project)],
                resources={"looker": looker},
            )
    """
    options = PdtOptions(
        resource_key=resource_key,
        granularity=granularity,
        pool=pool,
        automation=automation,
        concurrency=concurrency,
        build_timeout=build_timeout,
        workspace=workspace,
    )
    columns = SpecOptions(include_columns=include_columns, include_column_lineage=include_column_lineage, base_url=base_url)
    translator = as_translator(dagster_looker_translator)
    if project is None:
        if request_start_pdt_builds is None:
            raise TypeError("give project=LookMLProject('path/to/lookml'), or request_start_pdt_builds=[...], or both")
        if looker_filter is not None:
            raise TypeError("a filter chooses among the PDTs of a project: give project=LookMLProject('path/to/lookml') too")
        state = ProjectState(
            project="", structures=tuple({one.structure.id: one.structure for one in request_start_pdt_builds}.values())
        )
        return pdt_assets(state, translator, options, columns, requests=request_start_pdt_builds)
    state = filtered(required(project), looker_filter)
    state = with_asset_keys(state, asset_keys(state.tables_read, table_asset_keys, dagster_dbt_translator))
    _refuse_others(request_start_pdt_builds or (), state, project)
    root = project.path if project.ref is None else None
    return pdt_assets(state, translator, options, columns, root, request_start_pdt_builds, looker_filter)


def _refuse_others(requests: Iterable[RequestStartPdtBuild], state: ProjectState, project: LookMLProject) -> None:
    """Refuse requests for what is not among the PDTs of a project.

    Raises:
        BuildRequestError: one is.
    """
    known = {one.id for one in state.pdts}
    for request in requests:
        if request.structure.id not in known:
            plan = make_plan(project.traced.project, project.traced.builds, project.config.rules)
            reason = plan.refusal(request.model_name, request.view_name)
            raise BuildRequestError(request.structure.id, reason or "the looker_filter leaves it out")


def pdt_assets(
    state: ProjectState,
    translator: DagsterLookMLTranslator,
    options: PdtOptions,
    columns: SpecOptions,
    root: Path | None = None,
    requests: Sequence[RequestStartPdtBuild] | None = None,
    looker_filter: LookerFilter | None = None,
) -> Sequence[dg.AssetsDefinition]:
    """The assets of the PDTs that a state holds.

    Args:
        state: filtered, with the keys of tables.
        translator: makes their specs.
        options: how they are built.
        columns: what the specs hold.
        root: of the LookML project, if it is on this machine.
        requests: which of them, and how; all if None.
        looker_filter: that has chosen them already.

    Raises:
        BuildRequestError: a request is for what cannot be built.
    """
    pdts = {one.id: one for one in state.pdts}
    asked = _asked(requests, pdts) if requests is not None else {}
    wanted = {identity: one for identity, one in pdts.items() if requests is None or identity in asked}
    specs = linked_specs(state, translator, columns, root, wanted)
    known = pdts | {one.id: one for one in state.outside if isinstance(one, Pdt)}
    buildable_keys = {identity: spec.key for identity, spec in specs.items() if known[identity].refusal is None}
    upstream = all_upstream({one.id: one.reads for one in known.values()})
    assets = [_asset(one, specs[one.id], upstream[one.id], buildable_keys, asked.get(one.id)) for one in wanted.values()]
    chosen = msgspec.json.encode((state.project, sorted(asked), looker_filter)).decode()
    return [_definition(name, together, options) for name, together in _steps(assets, chosen, options.granularity)]


def _asked(requests: Iterable[RequestStartPdtBuild], pdts: Mapping[str, Pdt]) -> dict[str, RequestStartPdtBuild]:
    """Requests by the ids of their PDTs, each once.

    Raises:
        BuildRequestError: one is for what cannot be built, or two are for the same PDT and differ.
    """
    asked: dict[str, RequestStartPdtBuild] = {}
    for request in requests:
        identity = request.structure.id
        if pdts[identity].refusal is not None:
            raise BuildRequestError(identity, str(pdts[identity].refusal))
        if asked.setdefault(identity, request).request("") != request.request(""):  # "true" and True are one way
            raise BuildRequestError(identity, "it is requested in two ways")
    return asked


def _asset(
    pdt: Pdt, spec: dg.AssetSpec, upstream: frozenset[str], keys: Mapping[str, dg.AssetKey], asked: RequestStartPdtBuild | None
) -> PdtAsset:
    upstream_keys = frozenset(keys[one] for one in upstream if one in keys)
    return PdtAsset(pdt, spec, upstream, upstream_keys, pdt.refusal, asked)


def _steps(assets: Sequence[PdtAsset], chosen: str, granularity: Granularity) -> Iterator[tuple[str, Sequence[PdtAsset]]]:
    """What is built in one step, with a name that no other step has."""
    groups: dict[str, list[PdtAsset]] = defaultdict(list)
    for one in assets:
        pdt = one.structure
        groups[pdt.model if granularity == "model" else pdt.id].append(one)
    for group, together in groups.items():
        for number, part in enumerate(_without_namesakes(together)):
            yield _step_name(group, number, chosen), part


def _without_namesakes(assets: Iterable[PdtAsset]) -> Iterator[list[PdtAsset]]:
    """Assets that dagster does not name alike inside a step, as it does ``a-b`` and ``a_b``."""
    waiting = list(assets)
    while waiting:
        together: dict[str, PdtAsset] = {}
        left: list[PdtAsset] = []
        for one in waiting:
            name = one.spec.key.to_python_identifier()
            if name in together:
                left.append(one)
            else:
                together[name] = one
        yield list(together.values())
        waiting = left


def _step_name(group: str, number: int, chosen: str) -> str:
    """The name of a step, which does not change when a PDT of the project comes or goes: a run may be under way then.

    It tells apart also what was chosen of one project and model in two ways, to be built in two ways.
    """
    return f"looker_{op_name(group.removeprefix('pdt:'))}_{digest(f'{chosen} {group} {number}')}"


def _definition(name: str, assets: Sequence[PdtAsset], options: PdtOptions) -> dg.AssetsDefinition:
    by_key = {one.spec.key: one for one in assets}

    @dg.multi_asset(
        name=name,
        specs=[_with_condition(one, options.automation) for one in assets],
        can_subset=True,
        required_resource_keys={options.resource_key},
        pool=options.pool,
        description=_described(assets),
    )
    def looker_pdts(context: dg.AssetExecutionContext, config: PdtBuildConfig) -> Iterator[dg.MaterializeResult[Any]]:
        chosen = [by_key[key] for key in by_key if key in context.selected_asset_keys]
        looker = getattr(context.resources, options.resource_key)
        patience = Patience(build_timeout=options.build_timeout)
        yield from build_pdts(context, looker, chosen, config, patience, options.concurrency, options.workspace)

    return looker_pdts


def _described(assets: Sequence[PdtAsset]) -> str:
    model = assets[0].structure.model
    return f"Has Looker build the persistent derived tables of the model {model}, and waits until they are built."


def _with_condition(asset: PdtAsset, automation: Automation | None) -> dg.AssetSpec:
    is_wanted = automation is not None and asset.refusal is None  # what cannot be built would fail whenever its trigger fires
    found = condition(asset.structure) if is_wanted else None
    return asset.spec.replace_attributes(automation_condition=found) if found is not None else asset.spec
