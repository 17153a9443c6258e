"""Ten real repositories as Dagster assets: counted in a second way, and compared with the lineage edge by edge."""

from __future__ import annotations

import logging
from collections import defaultdict
from functools import cache

import dagster as dg
import pytest

from dagster_lookml import LookerFilter, LookMLProject, build_looker_asset_checks, load_looker_asset_specs
from dagster_lookml.assets.names import key_path
from tests.corpora import CORPORA, NAMES, needs_corpora
from tests.corpus.counting import count

pytestmark = [needs_corpora, pytest.mark.slow]  # what they add to the demo project is size

DATA = {"reads", "derives", "nested", "joins_always", "joins_on_demand", "tile", "filter"}


@cache
def project(name: str) -> LookMLProject:
    return LookMLProject(CORPORA / name)


@cache
def specs(name: str) -> tuple[dg.AssetSpec, ...]:
    return tuple(load_looker_asset_specs(project(name)))


def of_kind(name: str, kind: str) -> list[dg.AssetSpec]:
    return [spec for spec in specs(name) if spec.key.path[0] == kind and kind in spec.kinds]


@pytest.mark.parametrize("name", NAMES)
def test_a_repository_loads_without_a_warning(name: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):  # warnings of Python's are errors in all tests
        loaded = load_looker_asset_specs(LookMLProject(CORPORA / name))
        checks = build_looker_asset_checks(LookMLProject(CORPORA / name))
        definitions = dg.Definitions(assets=loaded, asset_checks=checks)
        dg.Definitions.validate_loadable(definitions)
        graph = definitions.resolve_asset_graph()

    assert {spec.key for spec in loaded} <= set(graph.get_all_asset_keys())
    assert len(graph.asset_check_keys) == len(loaded)
    assert graph.toposorted_asset_keys  # dagster dies here where assets depend on each other in a circle
    assert [record.getMessage() for record in caplog.records] == []


@pytest.mark.parametrize("name", NAMES)
def test_there_are_as_many_assets_as_objects(name: str) -> None:
    compiled = project(name).workspace.project()

    assert len(of_kind(name, "view")) == len(compiled.views)
    assert len(of_kind(name, "explore")) == len(compiled.explores)
    assert len(of_kind(name, "dashboard")) == len(compiled.dashboards)
    assert len(specs(name)) == len(compiled.views) + len(compiled.explores) + len(compiled.dashboards)


@pytest.mark.parametrize("name", NAMES)
def test_a_second_count_agrees(name: str) -> None:
    counted = count(CORPORA / name)
    views: dict[str, set[str]] = {model: set() for model in counted.views}
    for spec in of_kind(name, "view"):
        for model in filter(None, spec.metadata.get("dagster-lookml/models", "").split(", ")):
            views[model].add(spec.key.path[-1])
    explores: dict[str, set[str]] = {model: set() for model in counted.explores}
    for spec in of_kind(name, "explore"):
        explores[spec.key.path[1]].add(spec.key.path[2])
    dashboards: dict[str, set[str]] = {model: set() for model in counted.dashboards}
    for spec in of_kind(name, "dashboard"):
        if spec.group_name != "not_included":
            dashboards[spec.key.path[1]].add(spec.key.path[2])

    assert views == counted.views
    assert explores == {model: set(of_model) for model, of_model in counted.explores.items()}
    assert dashboards == {model: set(of_model) for model, of_model in counted.dashboards.items()}


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_filter_leaves_what_a_second_count_says_of_a_model(name: str) -> None:
    counted = count(CORPORA / name)
    for model in sorted(counted.views)[:3]:
        kept = load_looker_asset_specs(project(name), looker_filter=LookerFilter(models=[model]))
        names = {kind: sorted(one.key.path[-1] for one in kept if one.key.path[0] == kind) for kind in ("explore", "dashboard")}

        assert names == {"explore": sorted(counted.explores[model]), "dashboard": sorted(counted.dashboards[model])}
        assert {one.key.path[-1] for one in kept if one.key.path[0] == "view"} == counted.views[model]


@pytest.mark.parametrize("name", NAMES)
def test_dependencies_are_the_edges_of_the_lineage(name: str) -> None:
    expected: dict[tuple[str, ...], set[tuple[str, ...]]] = defaultdict(set)
    for edge in project(name).traced.tables.edges:
        if edge.kind in DATA and edge.source != edge.target:
            expected[key_path(edge.target)].add(key_path(edge.source))
    found = {
        tuple(spec.key.path): {tuple(dep.asset_key.path) for dep in spec.deps if dep.asset_key.path[0] != "pdt"}
        for spec in specs(name)
    }

    assert {key: deps for key, deps in found.items() if deps} == expected


@pytest.mark.parametrize("name", NAMES)
def test_persistent_views_depend_on_their_pdts_and_on_what_these_read(name: str) -> None:
    views = project(name).workspace.project().views
    persistent = [view for view in views if view.derived_table is not None and view.derived_table.persistence is not None]
    found = {
        spec.metadata["dagster-lookml/id"]: {tuple(dep.asset_key.path) for dep in spec.deps if dep.asset_key.path[0] == "pdt"}
        for spec in specs(name)
    }

    assert {identity: pdts for identity, pdts in found.items() if pdts} == {
        view.id: {("pdt", model, view.name) for model in view.models} for view in persistent if view.models
    }


@pytest.mark.parametrize("name", NAMES)
def test_everything_that_can_be_switched_on_loads(name: str) -> None:
    loaded = load_looker_asset_specs(project(name), include_tables=True, include_pdts=True, base_url="https://acme.looker.com")
    graph = dg.Definitions(assets=loaded).resolve_asset_graph()

    assert {spec.key for spec in loaded} == set(graph.get_all_asset_keys())  # nothing is missing, so nothing is a mere stub
    assert len({spec.key for spec in loaded}) == len(loaded) == len(project(name).state.structures)
