"""PDT assets against a Looker that the sandbox plays: runs of Dagster's own, and what is read from them afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg

from dagster_lookml import LookerResource, LookMLProject, RequestStartPdtBuild
from dagster_lookml.pdt.sandbox import Sandbox, SandboxPdt
from tests.assets.projects import written
from tests.pdt.projects import NIGHTLY, pdt

CLIENT_ID = "the-id-of-the-key"
SECRET = "s3cr3t-of-the-key"
NEVER = 'datagroup: never { sql_trigger: SELECT 1 ;; }\ndatagroup: frequent { interval_trigger: "30 minutes" }\n'
MODEL = 'connection: "warehouse"\ninclude: "/*.view.lkml"\n' + NIGHTLY + NEVER
CHAIN = {
    "m.model.lkml": MODEL,
    "a.view.lkml": pdt("a", "SELECT id FROM raw.a"),
    "b.view.lkml": pdt("b", "SELECT id FROM ${a.SQL_TABLE_NAME}"),
    "c.view.lkml": pdt("c", "SELECT id FROM ${b.SQL_TABLE_NAME} JOIN raw.c USING (id)"),
    "z.view.lkml": pdt("z", "SELECT id FROM raw.z"),
}
"""PDTs of a model ``m``: ``c`` reads ``b``, which reads ``a``; ``z`` stands alone."""


def shop(root: Path, files: Mapping[str, str] = CHAIN) -> LookMLProject:
    return LookMLProject(written(root / "lookml", files))


def pdts_of(project: LookMLProject) -> list[SandboxPdt]:
    """The PDTs of a project as the sandbox has them."""
    return [
        SandboxPdt(one.model, one.name, tuple(_name(read) for read in one.reads if read.startswith("pdt:")))
        for one in project.state.pdts
    ]


def _name(identity: str) -> tuple[str, str]:
    model, _, view = identity.removeprefix("pdt:").partition("/")
    return model, view


def looker(sandbox: Sandbox | str, **changed: Any) -> LookerResource:
    url = sandbox if isinstance(sandbox, str) else sandbox.url
    return LookerResource(**{"base_url": url, "client_id": CLIENT_ID, "client_secret": SECRET, **changed})


def requested(*names: str, **how: Any) -> list[RequestStartPdtBuild]:
    return [RequestStartPdtBuild(*name.split("/"), **how) for name in names]


def run(
    assets: Sequence[Any],
    sandbox: Sandbox | object,
    *views: str,
    retries: int | None = None,
    instance: dg.DagsterInstance | None = None,
    **config: Any,
) -> dg.ExecuteInProcessResult:
    """Materialize assets, or those of some views of the model ``m`` alone.

    Args:
        assets: all that is defined.
        sandbox: plays Looker; anything else is the resource itself.
        views: what is chosen.
        retries: of the retry policy; None for no policy.
        instance: where it is recorded.
        config: of every step that builds PDTs.
    """
    policy = dg.RetryPolicy(max_retries=retries) if retries is not None else None
    resource = looker(sandbox) if isinstance(sandbox, Sandbox) else sandbox
    definitions = dg.Definitions(
        assets=assets, jobs=[dg.define_asset_job("everything", op_retry_policy=policy)], resources={"looker": resource}
    )
    steps = [one.op.name for one in assets if isinstance(one, dg.AssetsDefinition)] if config else []
    chosen = [dg.AssetKey(["pdt", "m", view]) for view in views]
    return definitions.resolve_job_def("everything").execute_in_process(
        instance=instance,
        raise_on_error=False,
        asset_selection=chosen or None,
        run_config={"ops": {step: {"config": config} for step in steps}},
    )


def built(result: dg.ExecuteInProcessResult) -> list[str]:
    """The keys of what was materialized, in that order."""
    return [key.to_user_string() for event in result.get_asset_materialization_events() if (key := event.asset_key) is not None]


def failure(result: dg.ExecuteInProcessResult) -> str:
    """What the only step that failed says."""
    (event,) = (one for one in result.all_events if one.event_type is dg.DagsterEventType.STEP_FAILURE)
    data = event.step_failure_data
    return (data.user_failure_data.description if data.user_failure_data is not None else None) or str(data.error)


def attempts(result: dg.ExecuteInProcessResult) -> int:
    """How many times the only step was begun."""
    begun = (dg.DagsterEventType.STEP_START, dg.DagsterEventType.STEP_RESTARTED)
    return sum(one.event_type in begun for one in result.all_events)


def started(sandbox: Sandbox) -> list[str]:
    """The views whose builds were asked for, in that order."""
    return [str(one.view) for one in sandbox.requests if one.operation == "start"]


def most_at_once(sandbox: Sandbox) -> int:
    """The most builds that were asked for and not yet said to be over at any time."""
    under_way: set[str | None] = set()
    most = 0
    for one in sandbox.requests:
        if one.operation == "start":
            under_way.add(one.id)
        elif one.operation == "check" and one.word in ("complete", "error", "killed"):
            under_way.discard(one.id)
        most = max(most, len(under_way))
    return most
