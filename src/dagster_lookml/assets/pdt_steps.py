"""What a step does that builds PDTs: it has Looker build the chosen ones, and yields each when Looker says that it is built."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import closing
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

import dagster as dg
import msgspec
from dagster import DagsterExecutionInterruptedError

from dagster_lookml.assets.build_requests import PdtBuildConfig, RequestStartPdtBuild
from dagster_lookml.assets.links import PDT_PAGE
from dagster_lookml.assets.resource import LookerResource
from dagster_lookml.assets.structures import Pdt
from dagster_lookml.errors import DagsterLookMLError
from dagster_lookml.pdt.building.events import BuildEvent, BuildResult
from dagster_lookml.pdt.building.journal import Journal, journal_directory
from dagster_lookml.pdt.building.patience import Patience, is_transient_failure
from dagster_lookml.pdt.building.runner import Runner
from dagster_lookml.pdt.building.status import BuildState
from dagster_lookml.pdt.request import BuildRequest, PdtName, Workspace, workspace

if TYPE_CHECKING:
    from dagster import AssetExecutionContext

_SECONDS_BETWEEN_LOOKS: Final = 5.0  # at the status of the run, which is a query of Dagster's database


class PdtAsset(msgspec.Struct, frozen=True):
    """A PDT and its asset.

    Attributes:
        structure: the PDT.
        spec: of the asset.
        upstream: ids of all PDTs that it reads, directly or not.
        upstream_keys: the keys of those among them that are assets here too, and can be built.
        refusal: why it cannot be built, or one that it reads, with the file and line; None if it can.
        asked: how it was requested; None if it was found in the project.
    """

    structure: Pdt
    spec: dg.AssetSpec
    upstream: frozenset[str]
    upstream_keys: frozenset[dg.AssetKey]
    refusal: str | None = None
    asked: RequestStartPdtBuild | None = None

    @property
    def name(self) -> PdtName:
        """The name under which Looker is asked for it.

        Raises:
            BuildRequestError: it cannot be; then it has a refusal.
        """
        return PdtName(self.structure.model, self.structure.name)

    @property
    def shown(self) -> str:
        """The same for people, for whatever PDT."""
        return f"{self.structure.model}/{self.structure.name}"


class RunEndedError(BaseException):
    """The run is being terminated, or is over already.

    No `Exception`, like the interrupt that Dagster raises: it must not be mistaken for a failure.
    """


def build_pdts(
    context: AssetExecutionContext,
    looker: object,
    assets: Sequence[PdtAsset],
    config: PdtBuildConfig,
    patience: Patience,
    concurrency: int,
    default_workspace: Workspace,
) -> Iterator[dg.MaterializeResult[Any]]:
    """Build PDTs, and yield those that are built.

    Args:
        context: of the step.
        looker: the resource.
        assets: what is built.
        config: of the run.
        patience: how long is waited for what.
        concurrency: builds at once.
        default_workspace: where the configuration names none.

    Raises:
        Failure: something was not built; without retries where one could build twice, or would fail likewise.
    """
    if not isinstance(looker, LookerResource):
        raise dg.Failure(f"the resource is a {type(looker).__name__} and no dagster_lookml.LookerResource", allow_retries=False)
    buildable = [one for one in assets if one.refusal is None]
    refused = {one.shown: one.refusal for one in assets if one.refusal is not None}
    step = _Step(context, looker, buildable)
    try:
        of_run = context.job_def.asset_layer.selected_asset_keys
        requests = [_request(one, of_run, config, default_workspace, step.source) for one in buildable]
        yield from step.earlier(requests)
        yield from step.build(step.left(requests), patience, concurrency)
    except (DagsterExecutionInterruptedError, KeyboardInterrupt, RunEndedError) as interruption:
        # Dagster lets a retry policy restart a step that an interrupt ended, unless it fails for good.
        why = str(interruption) or "interrupted"
        raise dg.Failure(f"{why}: {step.told()}", allow_retries=False) from interruption
    except DagsterLookMLError as error:
        raise dg.Failure(str(error), allow_retries=False) from error
    except Exception as error:  # of Dagster's storage, say: a policy may try again, unless something may be running still
        if step.may_be_retried():
            raise
        raise dg.Failure(f"{type(error).__name__}: {error}: {step.told()}", allow_retries=False) from error
    step.fail(refused)


class _Step:
    """One execution of a step.

    Args:
        context: of the step.
        looker: the resource.
        assets: what is built; none of them has a refusal.
    """

    def __init__(self, context: AssetExecutionContext, looker: LookerResource, assets: Sequence[PdtAsset]) -> None:
        self._context = context
        self._looker = looker
        self._assets = {one.name: one for one in assets}
        self._names = {one.structure.id: one.name for one in assets}
        self._results: tuple[BuildResult, ...] = ()
        self._runner: Runner | None = None
        self._built_before = _built_before(context) if context.retry_number else {}

    @property
    def source(self) -> str:
        """The label that Looker gets to know of who asks."""
        return f"dagster run {self._context.run.run_id}"

    def left(self, requests: Sequence[BuildRequest]) -> list[BuildRequest]:
        """What an earlier attempt of this step did not build."""
        return [request for request in requests if self._assets[request.pdt].spec.key not in self._built_before]

    def earlier(self, requests: Sequence[BuildRequest]) -> Iterator[dg.MaterializeResult[Any]]:
        """What an earlier attempt of this step built: it is not built again, and still an output of the step."""
        for request in requests:
            key = self._assets[request.pdt].spec.key
            if key in self._built_before:
                self._context.log.info(f"{request.pdt} was built by an earlier attempt of this step")
                yield dg.MaterializeResult(asset_key=key, metadata=self._built_before[key])

    def build(
        self, requests: Sequence[BuildRequest], patience: Patience, concurrency: int
    ) -> Iterator[dg.MaterializeResult[Any]]:
        """Have Looker build, and yield what is built."""
        upstream = {
            one.name: frozenset(self._names[read] for read in one.upstream if read in self._names)
            for one in self._assets.values()
        }
        with self._looker.get_client() as client:
            journal = Journal(journal_directory(), client.settings.host, self._context.log.warning)

            def tell(event: BuildEvent) -> None:
                journal(event)
                self._tell(event)

            self._runner = Runner(client, patience, concurrency=concurrency, tell=tell, watch=self._watch())
            try:
                with closing(self._runner.run(requests, upstream)) as results:  # what runs is stopped before all else ends
                    for result in results:
                        if result.state is BuildState.SUCCEEDED and result.pdt is not None:
                            asset = self._assets[result.pdt]
                            metadata = _metadata(asset, result, client.settings.base_url)
                            yield dg.MaterializeResult(asset_key=asset.spec.key, metadata=metadata)
            finally:
                self._results = self._runner.results
                journal.close()

    def told(self) -> str:
        """What became of all, on one line."""
        results = self._runner.results if self._runner is not None else ()
        return "; ".join(map(_line, results)) or "nothing was started"

    def may_be_retried(self) -> bool:
        """Whether what was not built can be built again."""
        return all(one.state is BuildState.SUCCEEDED or _may_be_retried(one) for one in self._results)

    def fail(self, refused: Mapping[str, str]) -> None:
        """Fail if something was not built.

        Args:
            refused: why others of the step cannot be built, by their names.

        Raises:
            Failure: so it is.
        """
        bad = [one for one in self._results if one.state is not BuildState.SUCCEEDED]
        lines = [_line(one) for one in bad if one.state is not BuildState.SKIPPED]
        lines += [f"{name}: {reason}" for name, reason in refused.items()]
        skipped = [one for one in bad if one.state is BuildState.SKIPPED]
        if not lines and not skipped:
            return
        if skipped:
            lines.append(f"skipped: {', '.join(str(one.pdt) for one in skipped)}")
        raise dg.Failure(
            description="\n".join(lines),
            metadata={
                "failed": dg.MetadataValue.json({str(one.pdt): _facts(one) for one in bad}),
                "built": dg.MetadataValue.int(len(self._results) - len(bad)),
            },
            allow_retries=not refused and self.may_be_retried(),
        )

    def _tell(self, event: BuildEvent) -> None:
        """Log what happens; the id of a build also as an event of its asset, which outlives this process (PDT-R10)."""
        assert event.pdt is not None
        is_bad = event.kind == "ended" and event.state is not BuildState.SUCCEEDED
        (self._context.log.error if is_bad else self._context.log.info)(f"{event.pdt}: {_words(event)}")
        if event.kind == "started":
            self._context.log_event(
                dg.AssetObservation(
                    asset_key=self._assets[event.pdt].spec.key,
                    description="Looker has accepted the build.",
                    metadata={
                        "dagster-lookml/build_id": event.build_id,
                        "dagster-lookml/model": event.pdt.model,
                        "dagster-lookml/view": event.pdt.view,
                    },
                )
            )

    def _watch(self) -> Callable[[], None]:
        """Looks now and then whether the run is being ended: not every executor interrupts a step then (Celery's does not).

        And at once, for an interrupt can come just before this step, or between two attempts of it.
        """
        looked = float("-inf")

        def look() -> None:
            nonlocal looked
            if monotonic() - looked < _SECONDS_BETWEEN_LOOKS:
                return
            looked = monotonic()
            try:
                run = self._context.instance.get_run_by_id(self._context.run.run_id)
            except Exception as error:  # a database that does not answer for a moment is no reason to stop what takes hours
                self._context.log.warning(f"the status of the run cannot be read: {error}")
                return
            if run is not None and (run.is_finished or run.status is dg.DagsterRunStatus.CANCELING):
                raise RunEndedError(f"the run is {run.status.value}")

        return look


def _request(
    asset: PdtAsset, of_run: Set[dg.AssetKey], config: PdtBuildConfig, default_workspace: Workspace, source: str
) -> BuildRequest:
    """What Looker is asked for: to rebuild what is read only with the first of each chain, as `pdt.building.requesting` explains.

    Args:
        asset: that is built.
        of_run: the keys of all that the run builds, in this step or another.
        config: of the run.
        default_workspace: where the configuration names none.
        source: the label of who asks.
    """
    if asset.asked is not None:
        request = asset.asked.request(source)
    else:
        request = BuildRequest(pdt=asset.name, workspace=default_workspace, source=source)
    is_first = not asset.upstream_keys & of_run
    return msgspec.structs.replace(
        request,
        force_rebuild=request.force_rebuild or (config.force_rebuild and is_first),
        force_full_incremental=request.force_full_incremental or config.force_full_incremental,
        workspace=workspace(config.workspace, request.pdt) if config.workspace else request.workspace,
    )


def _metadata(asset: PdtAsset, result: BuildResult, base_url: str) -> dict[str, Any]:
    return {
        "dagster-lookml/build_id": result.build_id or "",
        "dagster-lookml/model": asset.structure.model,
        "dagster-lookml/view": asset.structure.name,
        "dagster-lookml/seconds": result.duration_s,
        "dagster-lookml/polls": result.polls,
        "dagster-lookml/retries": result.retries,
        "dagster-lookml/status": result.raw_status or "",
        "dagster-lookml/web_url": asset.spec.metadata.get("dagster-lookml/web_url") or dg.MetadataValue.url(base_url + PDT_PAGE),
    }


def _words(event: BuildEvent) -> str:
    """An event for people."""
    match event.kind:
        case "starting":
            return "Looker is asked to build it"
        case "started":
            return f"Looker has accepted it as build {event.build_id}"
        case "retry":
            return event.message
        case "stopping":
            return f"build {event.build_id} is told to stop: {event.message}"
        case "state":
            return event.message or f"build {event.build_id} is {event.state.lower()}"
        case "ended":
            return f"{event.state} after {event.seconds:.1f} s" + (f": {event.message}" if event.message else "")


def _line(result: BuildResult) -> str:
    return f"{result.pdt}: {result.state}" + (f": {result.message}" if result.message else "")


def _facts(result: BuildResult) -> dict[str, Any]:
    return {
        "state": result.state.value,
        "message": result.message,
        "id": result.build_id,
        "status": result.raw_status,
        "seconds": result.duration_s,
        "polls": result.polls,
        "stopped": result.stopped,
    }


def _may_be_retried(result: BuildResult) -> bool:
    """Whether building it again can help, and cannot build twice at once."""
    if result.stopped is False:  # it may still be running
        return False
    match result.state:
        case BuildState.FAILED | BuildState.SKIPPED | BuildState.TIMED_OUT | BuildState.UNKNOWN | BuildState.UNREACHABLE:
            return True
        case BuildState.START_FAILED:
            return is_transient_failure(result)
        case BuildState.CANCELLED:  # whoever else killed it had a reason; what was stopped from here, an error of Dagster's ended
            return result.stopped is True
        case _:
            return False


def _built_before(context: AssetExecutionContext) -> dict[dg.AssetKey, Mapping[str, Any]]:
    """What earlier attempts of this step in this run have materialized, with its metadata."""
    logs = context.instance.all_logs(context.run.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION)
    found: dict[dg.AssetKey, Mapping[str, Any]] = {}
    for entry in logs:
        event = entry.dagster_event
        if event is not None and event.asset_key is not None and event.step_key == context.get_step_execution_context().step.key:
            found[event.asset_key] = event.step_materialization_data.materialization.metadata
    return found
