"""Views whose SQL some database may well understand, reading each other in every way: nothing raises, nothing hangs."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dagster_lookml.lineage.answer import ProjectLineage
from dagster_lookml.lineage.coverage import coverage
from tests.lineage import speaking
from tests.properties.queries import DIALECTS, VIEWS, Queries
from tests.tracing import traced, untold

quickly = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def table(made: Queries) -> str:
    """The table of a view, of any kind."""
    query, source, view = made.query(2), made.source(2), made.chance.choice(VIEWS)
    columns = f"column: a {{ field: {view}.b }} derived_column: c {{ sql: {made.expression(1)} ;; }}"
    return made.chance.choice(
        [
            f"sql_table_name: {source} ;;",
            f"derived_table: {{ sql: {query} ;; sql_trigger_value: {made.query(1)} ;; }}",
            f"derived_table: {{ sql: {query} ;; }}",
            f'derived_table: {{ sql_create: {made.statement(2)} ;; persist_for: "1 hour" }}',
            f"derived_table: {{ create_process: {{ sql_step: {made.statement(1)} ;; sql_step: {made.statement(1)} ;; }} }}",
            f"derived_table: {{ explore_source: {view} {{ {columns} }} }}",
            "",
        ]
    )


def project(made: Queries) -> str:
    """Three views that read each other, each with an explore that joins another one."""
    parts = ["view: sound { sql_table_name: s.sound ;; dimension: id {} } explore: sound {}"]
    for view in VIEWS:
        extends = made.chance.choice(["", "", f"extends: [{made.chance.choice(VIEWS)}]"])
        fields = " ".join(f"dimension: {name} {{ sql: {made.expression(2)} ;; }}" for name in "abc")
        measure = f'measure: m {{ type: sum sql: {made.expression(1)} ;; filters: [a: "1"] }}'
        parts.append(f"view: {view} {{ {table(made)} {extends} {fields} {measure} }}")
        condition = made.chance.choice(["sql_on", "sql"])
        joined = made.expression(2) if condition == "sql_on" else made.join(2)
        parts.append(f"explore: {view} {{ join: {made.chance.choice(VIEWS)} {{ {condition}: {joined} ;; }} }}")
    return "\n".join(parts)


def drawn(seed: int) -> ProjectLineage:
    """The lineage of a project that a number stands for."""
    made = Queries(random.Random(seed))
    return traced(project(made), config=speaking(made.chance.choice(DIALECTS)))


@given(st.integers(0, 1 << 32))
@quickly
def test_queries_of_any_shape_are_told(seed: int) -> None:
    assert untold(drawn(seed)) == []


@pytest.mark.slow
@given(st.integers(0, 1 << 32))
@settings(quickly, max_examples=2000)
def test_queries_of_any_shape_are_told_for_long(seed: int) -> None:
    assert untold(drawn(seed)) == []


def test_most_of_what_is_made_can_be_read() -> None:
    """Else the tests above would try nothing but refusals."""
    found = [coverage(drawn(seed).lineage).sql for seed in range(40)]

    assert sum(len(one.unread) for one in found) < 0.3 * sum(one.parameters for one in found)
