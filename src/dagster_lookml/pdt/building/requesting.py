"""From a plan to what Looker is asked for."""

from __future__ import annotations

from collections.abc import Iterable

from dagster_lookml.errors import BuildRequestError
from dagster_lookml.pdt.planning.plan import Plan
from dagster_lookml.pdt.planning.planned import PlannedPdt
from dagster_lookml.pdt.planning.upstream import all_upstream
from dagster_lookml.pdt.request import SOURCE, BuildRequest, PdtName, Workspace, is_name


def pdt_name(pdt: PlannedPdt) -> PdtName:
    """The name under which Looker is asked for a PDT.

    Raises:
        BuildRequestError: it cannot be asked for.
    """
    return PdtName(pdt.model, pdt.view)


def upstream_names(plan: Plan) -> dict[PdtName, frozenset[PdtName]]:
    """All PDTs that each PDT reads, directly or through others, by their names.

    Args:
        plan: of the whole project, so that what lies between two PDTs counts although it is not built. PDTs that cannot be asked
            for by their names have no place in the answer, and count likewise.
    """
    names = {one.id: PdtName(one.model, one.view) for one in plan.pdts if is_name(one.model) and is_name(one.view)}
    upstream = all_upstream({one.id: one.upstream for one in plan.pdts})
    return {name: frozenset(names[read] for read in upstream[identity] if read in names) for identity, name in names.items()}


def build_requests(
    plan: Plan,
    ids: Iterable[str],
    *,
    force_rebuild: bool = False,
    force_full_incremental: bool = False,
    workspace: Workspace = "production",
    source: str = SOURCE,
    allow_errors: bool = False,
) -> list[BuildRequest]:
    """What Looker is asked for to build some PDTs, in the order of building.

    Looker's ``force_rebuild`` builds anew whatever a PDT reads. What is asked for itself need not be built twice, so only those
    are asked for with it that read none of the others.

    Args:
        plan: of the whole project.
        ids: of PDTs.
        force_rebuild: have those that read none of the others build anew what they read. What only others read is left as it is.
        force_full_incremental: build incremental ones from the beginning.
        workspace: which LookML they are built from.
        source: a label of who asks.
        allow_errors: ask also for those whose definitions have errors.

    Raises:
        BuildRequestError: one of them cannot be built.
    """
    wanted = set(ids)
    chosen = [one for one in plan.pdts if one.id in wanted]
    for one in chosen:
        if reason := plan.refusal(one.model, one.view, allow_errors=allow_errors):
            raise BuildRequestError(one.id, reason)
    upstream = upstream_names(plan)
    names = {pdt_name(one) for one in chosen}
    return [
        BuildRequest(
            pdt=name,
            force_rebuild=force_rebuild and not upstream[name] & names,
            force_full_incremental=force_full_incremental,
            workspace=workspace,
            source=source,
        )
        for name in map(pdt_name, chosen)
    ]
