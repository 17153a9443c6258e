"""Questions that lead to questions: in chains longer than any stack, and in circles longer than that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pytest

from dagster_lookml.lineage.depth import deeply
from dagster_lookml.lineage.questions import Questions
from tests.lineage import speaking
from tests.tracing import columns, traced


def tables(reads: Mapping[str, Iterable[str]], first: str) -> frozenset[str]:
    """The tables below a name, by questions alone."""
    questions = Questions()
    kept: dict[str, frozenset[str]] = {}

    def ask(name: str) -> frozenset[str]:
        if name not in reads:
            return frozenset((name,))
        return questions.answer(kept, name, lambda: frozenset[str]().union(*map(ask, reads[name])), again=frozenset())

    return deeply(lambda: ask(first))


@pytest.mark.slow
@pytest.mark.parametrize("length", [10, 1_999, 2_000, 2_001, 50_000])
def test_a_chain_is_followed_to_its_end(length: int) -> None:
    reads = {f"v{number}": [f"v{number + 1}", f"t{number % 7}"] for number in range(length)}

    assert tables(reads, "v0") == {f"v{length}", *(f"t{number}" for number in range(7))}


def test_a_circle_far_down_a_chain_is_known_in_full() -> None:
    reads = {f"v{number}": [f"v{number + 1}"] for number in range(5_000)}
    reads |= {f"v{5_000 + number}": [f"v{5_000 + (number + 1) % 100}", f"t{number}"] for number in range(100)}

    assert tables(reads, "v0") == {f"t{number}" for number in range(100)}


@pytest.mark.parametrize("length", [1_000, 2_000, 10_000])
def test_a_circle_of_any_length_has_an_answer(length: int) -> None:
    """Shorter than the depth it is the full one."""
    reads = {f"v{number}": [f"v{(number + 1) % length}", f"t{number % 1000}"] for number in range(length)}

    found = tables(reads, "v0")

    assert "t0" in found
    assert len(found) == 1_000 or length > 2_000


def test_a_query_of_thousands_of_steps_is_followed() -> None:
    steps = ["c0 AS (SELECT a, b FROM s.t)"]
    steps += [f"c{number} AS (SELECT a + b AS a, b FROM c{number - 1})" for number in range(1, 3_000)]
    sql = f"WITH {', '.join(steps)} SELECT a FROM c2999"

    found = traced(f"view: v {{ derived_table: {{ sql: {sql} ;; }} dimension: a {{}} }}", config=speaking(""))

    assert columns(found, "field:v.a") == ["s.t.a", "s.t.b"]
