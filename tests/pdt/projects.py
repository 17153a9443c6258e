"""Plans of small projects, written as text and traced by the real tracer."""

from __future__ import annotations

from collections.abc import Mapping

from dagster_lookml.config import Config
from dagster_lookml.pdt.planning.plan import Plan, make_plan
from dagster_lookml.pdt.planning.planned import PlannedPdt
from tests.tracing import traced

KEPT = 'persist_for: "1 hour"'
NIGHTLY = "datagroup: nightly { sql_trigger: SELECT max(id) FROM etl.runs ;; }\n"


def plan_of(files: Mapping[str, str | bytes] | str, *, config: Config | None = None) -> Plan:
    """Plan files; a bare text is one model ``m`` that holds everything."""
    found = traced(files, config=config)
    return make_plan(found.project, found.lineage.builds)


def pdt(name: str, sql: str, persistence: str = KEPT) -> str:
    """The LookML of a PDT; of a temporary derived table where its persistence is empty."""
    return f"view: {name} {{ derived_table: {{ {persistence} sql: {sql} ;; }} dimension: id {{}} }}\n"


def of(plan: Plan, name: str) -> PlannedPdt:
    """The PDT of a view, or of ``model/view``."""
    found = plan.pdt(f"pdt:{name}" if "/" in name else f"pdt:m/{name}")
    assert found is not None, f"{name} is not in the plan"
    return found


def order(plan: Plan) -> list[str]:
    """The names of views in the order of building."""
    return [one.view for one in plan.pdts]
