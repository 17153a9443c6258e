"""PDTs that Dagster has Looker build: which assets there are, what a run does, and what it says when that goes wrong."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.remote_representation.external_data import RepositorySnap
from dagster_shared.serdes import serialize_value

from dagster_lookml import (
    BuildRequestError,
    DagsterLookMLTranslator,
    LookerFilter,
    LookerResource,
    LookMLProject,
    LookMLStructure,
    Pdt,
    RequestStartPdtBuild,
    build_looker_pdt_assets_definitions,
    load_looker_asset_specs,
)
from dagster_lookml.pdt.sandbox import BuildScript, Credentials, Drop, Fault, Respond, Sandbox, SandboxPdt, Script
from tests.assets.pdt_runs import (
    CHAIN,
    CLIENT_ID,
    MODEL,
    SECRET,
    attempts,
    built,
    failure,
    looker,
    most_at_once,
    pdts_of,
    requested,
    run,
    shop,
    started,
)
from tests.assets.projects import by_key, deps, written
from tests.corpora import FIXTURES
from tests.pdt.conftest import loopback_alone as loopback_alone
from tests.pdt.conftest import surroundings as surroundings
from tests.pdt.projects import pdt

pytestmark = pytest.mark.filterwarnings("ignore:.* is currently in beta:dagster.BetaWarning")  # dagster's own conditions

STOREFRONT = FIXTURES / "projects" / "storefront"


def specs(assets: Sequence[dg.AssetsDefinition]) -> dict[str, dg.AssetSpec]:
    """The specs of all assets by their keys; each key has one."""
    found = [spec for one in assets for spec in one.specs]
    keyed = by_key(found)
    assert len(keyed) == len(found)
    return keyed


def steps(assets: Sequence[dg.AssetsDefinition]) -> dict[str, list[str]]:
    """The keys of each step by its name."""
    found = {one.op.name: sorted(key.to_user_string() for key in one.keys) for one in assets}
    assert len(found) == len(assets)
    return found


def sandbox(*views: str, upstream: Mapping[str, str] | None = None, seconds: float = 0.0, **options: Any) -> Sandbox:
    """PDTs of a model ``m``, which the sandbox builds at once unless told otherwise."""
    reads = {view: (("m", read),) for view, read in (upstream or {}).items()}
    faults, builds = options.pop("faults", ()), options.pop("builds", ())
    pdts = [SandboxPdt("m", view, reads.get(view, ())) for view in views]
    return Sandbox(pdts, script=Script(faults=tuple(faults), builds=tuple(builds)), seconds=seconds, **options)


@pytest.fixture
def chain() -> Iterator[Sandbox]:
    with sandbox("a", "b", "c", "z", upstream={"b": "a", "c": "b"}) as found:
        yield found
        assert found.violations == ()


@pytest.fixture
def project(tmp_path: Path) -> LookMLProject:
    return shop(tmp_path)


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral(tempdir=str(tmp_path)) as found:
        yield found


# -- which assets there are ------------------------------------------------------------------------------------------------


def test_each_pdt_of_a_project_is_an_asset_that_depends_on_what_it_reads(tmp_path: Path) -> None:
    files = {
        **CHAIN,
        "loose.view.lkml": pdt("loose", "SELECT id FROM ${a.SQL_TABLE_NAME} JOIN raw.loose USING (id)", ""),
        "d.view.lkml": pdt("d", "SELECT id FROM ${loose.SQL_TABLE_NAME}"),
    }
    found = specs(build_looker_pdt_assets_definitions(project=shop(tmp_path, files)))

    assert {key: deps(spec) for key, spec in found.items()} == {
        "pdt/m/a": ["raw/a"],
        "pdt/m/b": ["pdt/m/a"],
        "pdt/m/c": ["pdt/m/b", "raw/c"],
        "pdt/m/d": ["pdt/m/a", "raw/loose"],
        "pdt/m/z": ["raw/z"],
    }


def test_the_pdts_of_the_storefront_are_one_step_for_each_model() -> None:
    assets = build_looker_pdt_assets_definitions(project=LookMLProject(STOREFRONT))

    assert sorted(steps(assets).values()) == [
        [
            "pdt/ecommerce/daily_revenue",
            "pdt/ecommerce/order_totals",
            "pdt/ecommerce/product_affinity",
            "pdt/ecommerce/product_daily_sales",
            "pdt/ecommerce/user_order_facts",
            "pdt/ecommerce/user_segments",
        ],
        ["pdt/marketing/attribution"],
        ["pdt/operations/inventory_snapshot", "pdt/operations/order_totals", "pdt/operations/warehouse_capacity"],
    ]
    assert [one.op.pool for one in assets] == ["looker"] * 3
    assert "pdt/ecommerce/user_order_facts" in deps(specs(assets)["pdt/ecommerce/user_segments"])


@pytest.mark.parametrize("granularity", ["model", "pdt"])
@pytest.mark.parametrize("with_specs", [True, False])
def test_definitions_load_with_and_without_the_specs_of_views(granularity: Any, with_specs: bool) -> None:
    project = LookMLProject(STOREFRONT)
    views = load_looker_asset_specs(project) if with_specs else []
    assets = build_looker_pdt_assets_definitions(project=project, granularity=granularity, automation="datagroups")
    definitions = dg.Definitions(assets=[*views, *assets], resources={"looker": looker("http://127.0.0.1:9")})

    dg.Definitions.validate_loadable(definitions)
    graph = definitions.resolve_asset_graph()
    assert sorted(key.to_user_string() for key in graph.materializable_asset_keys) == sorted(specs(assets))
    assert len(assets) == (3 if granularity == "model" else 10)
    if with_specs:
        assert dg.AssetKey(["pdt", "ecommerce", "user_segments"]) in graph.get(dg.AssetKey(["view", "user_segments"])).parent_keys


def test_pdts_that_are_loaded_as_external_assets_too_are_refused_by_their_key(project: LookMLProject) -> None:
    views = load_looker_asset_specs(project, include_pdts=True)
    with pytest.raises(dg.DagsterInvalidDefinitionError, match=r"pdt.*m.*a"):
        dg.Definitions.validate_loadable(
            dg.Definitions(
                assets=[*views, *build_looker_pdt_assets_definitions(project=project)],
                resources={"looker": looker("http://127.0.0.1:9")},
            )
        )


def test_keys_of_tables_are_those_of_dbt(project: LookMLProject) -> None:
    keys = {"raw.a": "dbt/raw_a", "raw.z": ["warehouse", "z"]}
    found = specs(build_looker_pdt_assets_definitions(project=project, table_asset_keys=keys))

    assert deps(found["pdt/m/a"]) == ["dbt/raw_a"]
    assert deps(found["pdt/m/z"]) == ["warehouse/z"]
    assert deps(found["pdt/m/c"]) == ["pdt/m/b", "raw/c"]


def test_tables_of_a_dbt_manifest() -> None:
    manifest = FIXTURES / "dagster_demo" / "dbt" / "target" / "manifest.json"
    project = LookMLProject(STOREFRONT)
    found = specs(build_looker_pdt_assets_definitions(project=project, table_asset_keys=str(manifest)))
    views = by_key(load_looker_asset_specs(project, table_asset_keys=str(manifest)))

    assert deps(found["pdt/ecommerce/order_totals"]) == ["orders", "order_items"][::-1]
    assert set(deps(found["pdt/ecommerce/order_totals"])) & set(deps(views["view/order_items"]))


class Prefixed(DagsterLookMLTranslator):
    """Gives PDTs other keys, and nothing else."""

    def get_asset_spec(self, structure: LookMLStructure) -> dg.AssetSpec:
        spec = super().get_asset_spec(structure)
        return spec.replace_attributes(key=["warehouse", "pdt", structure.name]) if isinstance(structure, Pdt) else spec


def test_a_translator_gives_pdts_other_keys_and_what_reads_them_follows(project: LookMLProject, chain: Sandbox) -> None:
    assets = build_looker_pdt_assets_definitions(project=project, dagster_looker_translator=Prefixed())
    views = by_key(load_looker_asset_specs(project, Prefixed()))

    assert deps(specs(assets)["warehouse/pdt/c"]) == ["raw/c", "warehouse/pdt/b"]
    assert "warehouse/pdt/c" in deps(views["view/c"])
    assert built(run(assets, chain))[-1].startswith("warehouse/pdt/")
    assert started(chain).index("a") < started(chain).index("b") < started(chain).index("c")


def test_a_filter_chooses_among_pdts_and_dependencies_stay(tmp_path: Path) -> None:
    files = {
        "other.model.lkml": 'connection: "w"\ninclude: "/a.view.lkml"\ninclude: "/b.view.lkml"\n',
        **CHAIN,
    }
    assets = build_looker_pdt_assets_definitions(project=shop(tmp_path, files), looker_filter=LookerFilter(models=["other"]))

    assert {key: deps(spec) for key, spec in specs(assets).items()} == {
        "pdt/other/a": ["raw/a"],
        "pdt/other/b": ["pdt/other/a"],
    }


def test_names_that_dagster_would_make_one_of_are_kept_apart(tmp_path: Path) -> None:
    def model(view: str) -> str:
        return f'connection: "w"\ninclude: "/{view}.view.lkml"\n'

    files = {
        "a-b.model.lkml": 'connection: "w"\ninclude: "/*.view.lkml"\n',
        "a_b.model.lkml": 'connection: "w"\ninclude: "/*.view.lkml"\n',
        "x-y.view.lkml": pdt("x-y", "SELECT id FROM raw.a"),
        "x_y.view.lkml": pdt("x_y", "SELECT id FROM raw.b"),
    }
    project = shop(tmp_path, files)
    for granularity in ("model", "pdt"):
        assets = build_looker_pdt_assets_definitions(project=project, granularity=granularity)
        assert len(specs(assets)) == 4
        assert len(steps(assets)) == 4
        again = build_looker_pdt_assets_definitions(project=LookMLProject(project.path), granularity=granularity)
        assert steps(again) == steps(assets)
        with Sandbox(pdts_of(project), seconds=0) as played:
            assert len(built(run([*load_looker_asset_specs(project), *assets], played))) == 4
            assert set(played.starts.values()) == {1}
            assert len(played.starts) == 4


def test_the_same_model_name_in_two_projects(tmp_path: Path) -> None:
    files = {"m.model.lkml": MODEL, "one.view.lkml": pdt("one", "SELECT id FROM raw.one")}
    others = {"m.model.lkml": MODEL, "two.view.lkml": pdt("two", "SELECT id FROM raw.two")}
    first, second = (LookMLProject(written(tmp_path / name, content)) for name, content in (("p", files), ("q", others)))
    assets = [*build_looker_pdt_assets_definitions(project=first), *build_looker_pdt_assets_definitions(project=second)]

    assert len(steps(assets)) == 2
    with sandbox("one", "two") as played:
        assert sorted(built(run(assets, played))) == ["pdt/m/one", "pdt/m/two"]


@pytest.mark.parametrize(
    "choices",
    [
        [{"request_start_pdt_builds": requested("m/a")}, {"request_start_pdt_builds": requested("m/z")}],
        [{"looker_filter": LookerFilter(tags=["fast"])}, {"looker_filter": LookerFilter(tags=["slow"])}],
    ],
    ids=["requests", "filters"],
)
def test_parts_of_one_model_are_built_in_two_ways_side_by_side(tmp_path: Path, choices: Sequence[Mapping[str, Any]]) -> None:
    files = {
        "m.model.lkml": MODEL,
        "a.view.lkml": pdt("a", "SELECT id FROM raw.a").replace("dimension:", 'tags: ["fast"] dimension:'),
        "z.view.lkml": pdt("z", "SELECT id FROM raw.z").replace("dimension:", 'tags: ["slow"] dimension:'),
    }
    project = shop(tmp_path, files)
    assets = [one for choice in choices for one in build_looker_pdt_assets_definitions(project=project, pool=None, **choice)]

    assert sorted(specs(assets)) == ["pdt/m/a", "pdt/m/z"]
    with sandbox("a", "z") as played:
        assert sorted(built(run(assets, played))) == ["pdt/m/a", "pdt/m/z"]


def test_a_step_keeps_its_name_when_a_pdt_of_the_project_comes(tmp_path: Path) -> None:
    names: set[str] = set()
    for number, files in enumerate((CHAIN, {**CHAIN, "new.view.lkml": pdt("new", "SELECT id FROM raw.new")})):
        root = written(tmp_path / str(number) / "shop", files)
        names |= steps(build_looker_pdt_assets_definitions(project=LookMLProject(root))).keys()

    assert len(names) == 1


# -- requests --------------------------------------------------------------------------------------------------------------


def test_three_requests_are_three_assets_that_build_a_view_each() -> None:
    assets = build_looker_pdt_assets_definitions("looker", requested("m/v1", "m/v2", "m/v3"), granularity="pdt")
    assert sorted(steps(assets).values()) == [["pdt/m/v1"], ["pdt/m/v2"], ["pdt/m/v3"]]

    with sandbox("v1", "v2", "v3") as played:
        for view in ("v1", "v3", "v2"):
            assert built(run(assets, played, view)) == [f"pdt/m/{view}"]
            assert started(played)[-1] == view
        assert dict(played.starts) == {("m", "v1"): 1, ("m", "v2"): 1, ("m", "v3"): 1}


@pytest.mark.slow
def test_requests_choose_among_the_pdts_of_a_project_and_keep_what_these_read(project: LookMLProject) -> None:
    assets = build_looker_pdt_assets_definitions(project=project, request_start_pdt_builds=requested("m/c", "m/a"))

    assert {key: deps(spec) for key, spec in specs(assets).items()} == {"pdt/m/a": ["raw/a"], "pdt/m/c": ["pdt/m/b", "raw/c"]}
    script = Script(builds=(BuildScript(pdt="m/a", seconds=0.3),))
    with Sandbox(pdts_of(project), seconds=0, script=script) as played:
        assert built(run(assets, played)) == ["pdt/m/a", "pdt/m/c"]  # in order, although b lies between and is Looker's to build
        assert started(played) == ["a", "c"]
        assert {table.overlaps for table in played.tables} == {0}


def test_a_request_that_is_made_twice_is_one_asset() -> None:
    twice = [*requested("m/a", force_rebuild="true"), *requested("m/a", force_rebuild=True)]
    assert list(specs(build_looker_pdt_assets_definitions(request_start_pdt_builds=twice))) == ["pdt/m/a"]

    with pytest.raises(BuildRequestError, match="pdt:m/a: it is requested in two ways"):
        build_looker_pdt_assets_definitions(request_start_pdt_builds=[*requested("m/a"), *requested("m/a", workspace="dev")])


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("m/loose", r"loose\.view\.lkml:1: view loose is not persistent: its derived_table has none of datagroup_trigger"),
        ("m/plain", r"plain\.view\.lkml:1: view plain is no derived table, so there is nothing to build"),
        ("m/aa", "model m has no view aa"),
        ("n/a", "there is no model n"),
    ],
)
def test_a_request_for_what_cannot_be_built_is_refused_when_definitions_load(tmp_path: Path, name: str, reason: str) -> None:
    files = {
        **CHAIN,
        "loose.view.lkml": pdt("loose", "SELECT id FROM raw.loose", ""),
        "plain.view.lkml": "view: plain { sql_table_name: raw.plain ;; dimension: id {} }",
    }
    with pytest.raises(BuildRequestError, match=reason):
        build_looker_pdt_assets_definitions(project=shop(tmp_path, files), request_start_pdt_builds=requested(name))


def test_a_request_for_what_the_filter_leaves_out_is_refused_as_that(project: LookMLProject) -> None:
    with pytest.raises(BuildRequestError, match="pdt:m/a: the looker_filter leaves it out"):
        build_looker_pdt_assets_definitions(
            project=project, looker_filter=LookerFilter(models=["none"]), request_start_pdt_builds=requested("m/a")
        )


def test_what_no_request_can_be_for_is_refused_at_once() -> None:
    with pytest.raises(BuildRequestError, match=r"'\.\.' is no name of a model"):
        RequestStartPdtBuild("..", "v")
    with pytest.raises(BuildRequestError, match="workspace 'staging' is none of production, dev"):
        RequestStartPdtBuild("m", "v", workspace="staging")
    with pytest.raises(ValueError, match="force_rebuild is true or false, and not 'maybe'"):
        RequestStartPdtBuild("m", "v", force_rebuild="maybe")
    with pytest.raises(TypeError, match=r"give project=LookMLProject\('path/to/lookml'\), or request_start_pdt_builds"):
        build_looker_pdt_assets_definitions()
    with pytest.raises(TypeError, match=r"a filter chooses among the PDTs of a project: give project="):
        build_looker_pdt_assets_definitions(request_start_pdt_builds=requested("m/a"), looker_filter=LookerFilter(models=["m"]))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"granularity": "view"}, "granularity is one of model, pdt, and not 'view'"),
        ({"automation": "all"}, "automation is 'datagroups' or None, and not 'all'"),
        ({"workspace": "staging"}, "workspace is production or dev, and not 'staging'"),
        ({"concurrency": 0}, "concurrency and build_timeout are more than 0"),
        ({"build_timeout": 0}, "concurrency and build_timeout are more than 0"),
    ],
)
def test_a_wrong_option_is_refused_when_definitions_load(wrong: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        build_looker_pdt_assets_definitions(request_start_pdt_builds=requested("m/a"), **wrong)


# -- a run -----------------------------------------------------------------------------------------------------------------


def test_everything_is_built_once_in_the_order_of_what_reads_what(project: LookMLProject, chain: Sandbox) -> None:
    result = run([*load_looker_asset_specs(project), *build_looker_pdt_assets_definitions(project=project)], chain)

    assert result.success
    assert [view for view in started(chain) if view != "z"] == ["a", "b", "c"]
    assert sorted(built(result)) == ["pdt/m/a", "pdt/m/b", "pdt/m/c", "pdt/m/z"]
    assert set(chain.starts.values()) == {1}
    assert [one.overlaps for one in chain.tables] == [0] * 4
    assert [one.built for one in chain.tables] == [1] * 4
    assert (chain.calls["login"], chain.calls["logout"]) == (1, 1)
    assert chain.calls["stop"] == 0
    assert {one.source for one in chain.builds} == {f"dagster run {result.run_id}"}


def test_what_is_not_chosen_is_left_alone(project: LookMLProject, chain: Sandbox) -> None:
    result = run(build_looker_pdt_assets_definitions(project=project), chain, "c", "z")

    assert sorted(built(result)) == ["pdt/m/c", "pdt/m/z"]
    assert sorted(started(chain)) == ["c", "z"]


def test_a_materialization_tells_what_was_built_and_how(project: LookMLProject) -> None:
    with sandbox("z", faults=[Fault("check", Respond(502))]) as played:
        result = run(build_looker_pdt_assets_definitions(project=project), played, "z")

        (event,) = result.get_asset_materialization_events()
        told = {name: value.value for name, value in event.materialization.metadata.items()}
        seconds = told.pop("dagster-lookml/seconds")
        assert told == {
            "dagster-lookml/build_id": played.builds[0].id,
            "dagster-lookml/model": "m",
            "dagster-lookml/view": "z",
            "dagster-lookml/polls": 1,
            "dagster-lookml/retries": 1,
            "dagster-lookml/status": "complete",
            "dagster-lookml/web_url": f"{played.url}/admin/pdts",
        }
        assert isinstance(seconds, float)
        assert seconds >= 1.5  # the wait after a call that failed


def test_the_page_in_looker_is_that_of_the_instance_that_people_use(project: LookMLProject, chain: Sandbox) -> None:
    assets = build_looker_pdt_assets_definitions(project=project, base_url="https://acme.looker.com")
    (event,) = run(assets, chain, "z").get_asset_materialization_events()

    assert event.materialization.metadata["dagster-lookml/web_url"].value == "https://acme.looker.com/admin/pdts"


def test_the_id_of_a_build_is_on_record_before_it_is_first_looked_at(
    project: LookMLProject, instance: dg.DagsterInstance
) -> None:
    on_record: dict[str, list[str]] = {}

    def look(request: Any) -> None:
        if request.operation == "check" and request.id not in on_record:
            on_record[request.id] = observed_ids(instance, request.view)

    with sandbox("a", "b", upstream={"b": "a"}, log=look) as played:
        result = run(build_looker_pdt_assets_definitions(project=project), played, "a", "b", instance=instance)
        ids = [one.id for one in played.builds]

    assert result.success
    assert on_record == {identity: [identity] for identity in ids}


def observed_ids(instance: dg.DagsterInstance, view: str) -> list[str]:
    records = instance.fetch_observations(dg.AssetKey(["pdt", "m", view]), limit=10).records
    observations = [one.asset_observation for one in records if one.asset_observation is not None]
    return [str(one.metadata["dagster-lookml/build_id"].value) for one in observations]


@pytest.mark.slow
@pytest.mark.parametrize("concurrency", [1, 3])
def test_as_many_are_built_at_once_as_the_definitions_say(concurrency: int) -> None:
    views = [f"v{number}" for number in range(concurrency + 1)]
    asked = requested(*(f"m/{view}" for view in views))
    assets = build_looker_pdt_assets_definitions(request_start_pdt_builds=asked, concurrency=concurrency)
    with sandbox(*views, seconds=0.3) as played:
        assert run(assets, played).success
        assert most_at_once(played) == concurrency


# -- what goes wrong -------------------------------------------------------------------------------------------------------


BROKEN = BuildScript(pdt="m/b", seconds=0, outcome="error", message="Table raw.a has no column idd")


def test_a_failure_skips_what_reads_it_and_nothing_else(project: LookMLProject) -> None:
    with sandbox("a", "b", "c", "z", upstream={"b": "a", "c": "b"}, builds=[BROKEN]) as played:
        result = run(build_looker_pdt_assets_definitions(project=project), played)

        assert not result.success
        assert sorted(built(result)) == ["pdt/m/a", "pdt/m/z"]
        assert sorted(started(played)) == ["a", "b", "z"]
        assert failure(result) == "m/b: FAILED: Table raw.a has no column idd\nskipped: m/c"


def test_a_failure_in_no_words_is_a_line_all_the_same(project: LookMLProject) -> None:
    with sandbox("z", builds=[BuildScript(seconds=0, outcome="error", message="")]) as played:
        assert failure(run(build_looker_pdt_assets_definitions(project=project), played, "z")) == "m/z: FAILED"


def test_the_facts_of_a_failure_are_metadata(project: LookMLProject) -> None:
    with sandbox("a", "b", upstream={"b": "a"}, builds=[BROKEN]) as played:
        result = run(build_looker_pdt_assets_definitions(project=project), played, "a", "b")
        (event,) = (one for one in result.all_events if one.event_type is dg.DagsterEventType.STEP_FAILURE)
        told = event.step_failure_data.user_failure_data
        assert told is not None
        failed = told.metadata["failed"].value
        assert isinstance(failed, dict)
        facts = failed["m/b"]
        assert (facts["state"], facts["id"], facts["status"]) == ("FAILED", played.builds[1].id, "error")
        assert told.metadata["built"].value == 1


@pytest.mark.parametrize(("granularity", "number", "run_on"), [("model", 1, []), ("pdt", 4, ["after_z"])])
def test_what_comes_after_a_sound_pdt_runs_where_each_is_a_step(
    project: LookMLProject, granularity: Any, number: int, run_on: list[str]
) -> None:
    @dg.asset(deps=[["pdt", "m", "z"]])
    def after_z() -> None: ...

    @dg.asset(deps=[["pdt", "m", "b"]])
    def after_b() -> None: ...

    assets = build_looker_pdt_assets_definitions(project=project, granularity=granularity)
    assert len(assets) == number
    with sandbox("a", "b", "c", "z", upstream={"b": "a", "c": "b"}, builds=[BROKEN]) as played:
        result = run([*assets, after_z, after_b], played)

        assert not result.success
        assert sorted(built(result)) == sorted([*run_on, "pdt/m/a", "pdt/m/z"])
        assert sorted(started(played)) == ["a", "b", "z"]


IN_A_CIRCLE = "p.view.lkml:1: pdt:m/p cannot be built: it and pdt:m/q read each other"


def circle(tmp_path: Path) -> LookMLProject:
    files = {
        **CHAIN,
        "p.view.lkml": pdt("p", "SELECT id FROM ${q.SQL_TABLE_NAME}"),
        "q.view.lkml": pdt("q", "SELECT id FROM ${p.SQL_TABLE_NAME}"),
        "after.view.lkml": pdt("after", "SELECT id FROM ${q.SQL_TABLE_NAME}"),
    }
    return shop(tmp_path, files)


@pytest.mark.parametrize("granularity", ["model", "pdt"])
def test_pdts_that_read_each_other_fail_with_their_place_and_the_others_are_built(tmp_path: Path, granularity: Any) -> None:
    project = circle(tmp_path)
    assets = build_looker_pdt_assets_definitions(project=project, granularity=granularity)
    with sandbox("a", "b", "c", "z", "p", "q", "after") as played:
        definitions = dg.Definitions(assets=[*load_looker_asset_specs(project), *assets], resources={"looker": looker(played)})
        dg.Definitions.validate_loadable(definitions)
        result = run(assets, played, retries=2)

        assert not result.success
        assert sorted(built(result)) == ["pdt/m/a", "pdt/m/b", "pdt/m/c", "pdt/m/z"]
        assert sorted(started(played)) == ["a", "b", "c", "z"]
        if granularity == "model":
            assert failure(result).splitlines() == [
                f"m/after: it reads pdt:m/p, and {IN_A_CIRCLE}",
                f"m/p: {IN_A_CIRCLE}",
                "m/q: q.view.lkml:1: pdt:m/q cannot be built: it and pdt:m/p read each other",
            ]
            assert attempts(result) == 1


@pytest.mark.parametrize("granularity", ["model", "pdt"])
def test_a_pdt_that_cannot_be_asked_for_by_its_name_fails_with_its_place_and_the_others_are_built(
    tmp_path: Path, granularity: Any
) -> None:
    files = {
        **CHAIN,
        "odd.view.lkml": pdt("o/d", "SELECT id FROM ${a.SQL_TABLE_NAME}"),
        "after.view.lkml": pdt("after", "SELECT id FROM ${o/d.SQL_TABLE_NAME}"),
    }
    assets = build_looker_pdt_assets_definitions(project=shop(tmp_path, files), granularity=granularity)
    with sandbox("a", "b", "c", "z", "after", upstream={"b": "a", "c": "b"}) as played:
        result = run(assets, played, retries=2, force_rebuild=True)

        assert not result.success
        if granularity == "model":
            assert failure(result).startswith(
                "m/o/d: odd.view.lkml:1: 'o/d' is no name of a view that Looker's API can be asked for"
            )
            assert sorted(built(result)) == ["pdt/m/a", "pdt/m/after", "pdt/m/b", "pdt/m/c", "pdt/m/z"]
            assert started(played).index("a") < started(played).index("after")
            assert attempts(result) == 1
        else:  # Dagster does not begin a step behind one that failed
            assert sorted(built(result)) == ["pdt/m/a", "pdt/m/b", "pdt/m/c", "pdt/m/z"]


def test_what_a_model_of_an_odd_name_builds_is_refused_before_looker_is_asked(tmp_path: Path) -> None:
    files = {"50%.model.lkml": MODEL, "a.view.lkml": CHAIN["a.view.lkml"]}
    project = shop(tmp_path, files)
    assets = build_looker_pdt_assets_definitions(project=project)
    with sandbox("a") as played:
        result = run([*load_looker_asset_specs(project), *assets], played, retries=2)

        assert failure(result).startswith("50%/a: 50%.model.lkml: '50%' is no name of a model that Looker's API can be asked for")
        assert (attempts(result), played.calls["start"]) == (1, 0)


# -- retries ---------------------------------------------------------------------------------------------------------------


def test_a_retry_builds_only_what_is_missing_and_what_was_built_before_counts(project: LookMLProject) -> None:
    @dg.asset(deps=[["pdt", "m", "a"], ["pdt", "m", "c"]])
    def after() -> None: ...

    assets = build_looker_pdt_assets_definitions(project=project)
    with sandbox("a", "b", "c", "z", upstream={"b": "a", "c": "b"}, builds=[BuildScript(pdt="m/b", fails_first=1)]) as played:
        result = run([*assets, after], played, retries=2)

        assert result.success
        assert attempts(result) == 2 + 1  # the one of after
        assert dict(played.starts) == {("m", "a"): 1, ("m", "b"): 2, ("m", "c"): 1, ("m", "z"): 1}
        assert set(built(result)) == {"pdt/m/a", "pdt/m/b", "pdt/m/c", "pdt/m/z", "after"}
        ids = {str(one.materialization.metadata["dagster-lookml/build_id"].value)
               for one in result.get_asset_materialization_events()
               if one.asset_key == dg.AssetKey(["pdt", "m", "a"])}  # fmt: skip
        assert ids == {played.builds[0].id}


def test_a_failure_that_stays_is_retried_as_often_as_the_policy_says(project: LookMLProject) -> None:
    with sandbox("z", builds=[BuildScript(outcome="error", seconds=0)]) as played:
        result = run(build_looker_pdt_assets_definitions(project=project), played, "z", retries=2)

        assert not result.success
        assert (attempts(result), played.starts["m", "z"]) == (3, 3)


NOT_RETRIED: dict[str, tuple[dict[str, Any], dict[str, Any], int, str]] = {
    "ambiguous": ({"faults": [Fault("start", Drop())]}, {}, 1, "m/z: START_AMBIGUOUS: .*a build may be running"),
    "credentials": ({"credentials": Credentials("other", "key")}, {}, 0, "m/z: START_FAILED: login: HTTP 404"),
    "killed": ({"builds": [BuildScript(seconds=0, outcome="killed")]}, {}, 1, "m/z: CANCELLED: it was killed, and not from here"),
    "not stopped": (
        {"faults": [Fault("stop", Respond(403), "all")], "seconds": 1000},
        {"build_timeout": 0.5},
        1,
        r"m/z: TIMED_OUT: it took longer than 0.5 s; stop: HTTP 403.*not confirmed that it has stopped: dagster-lookml pdt stop",
    ),
}


@pytest.mark.parametrize("case", NOT_RETRIED)
def test_what_could_build_twice_or_would_fail_likewise_is_not_retried(project: LookMLProject, case: str) -> None:
    played_as, options, starts, words = NOT_RETRIED[case]
    with sandbox("z", **played_as) as played:
        result = run(build_looker_pdt_assets_definitions(project=project, **options), played, "z", retries=3)

        assert not result.success
        assert attempts(result) == 1
        assert played.starts["m", "z"] == starts
        pattern = pytest.raises(AssertionError, match=words)
        with pattern:
            raise AssertionError(failure(result))


class Full(logging.Handler):
    """A log that has no more room when a build has started."""

    def emit(self, record: logging.LogRecord) -> None:
        if "is running" in record.getMessage():
            raise OSError("no space left")


@dg.logger
def full(_: dg.InitLoggerContext) -> logging.Logger:
    logger = logging.Logger("full")
    logger.addHandler(Full())
    return logger


@pytest.mark.parametrize(("faults", "times"), [([], 3), ([Fault("stop", Respond(403), "all")], 1)])
def test_an_error_of_dagsters_own_is_retried_unless_something_may_still_run(
    project: LookMLProject, faults: Sequence[Fault], times: int
) -> None:
    policy = dg.RetryPolicy(max_retries=2)
    with sandbox("z", seconds=3600, faults=faults) as played:
        definitions = dg.Definitions(
            assets=build_looker_pdt_assets_definitions(project=project),
            jobs=[dg.define_asset_job("z", selection=[dg.AssetKey(["pdt", "m", "z"])], op_retry_policy=policy)],
            resources={"looker": looker(played)},
            loggers={"full": full},
        )
        job = definitions.resolve_job_def("z")
        result = job.execute_in_process(raise_on_error=False, run_config={"loggers": {"full": {}}})

        assert not result.success
        assert (attempts(result), played.starts["m", "z"], played.calls["stop"]) == (times, times, times)
        if faults:
            assert failure(result).startswith("OSError: no space left: m/z: CANCELLED: interrupted: no space left")


# -- configuration of a run ------------------------------------------------------------------------------------------------


def starts_of(played: Sandbox) -> dict[str, dict[str, str]]:
    return {
        str(one.view): {name: value for name, value in one.query.items() if name != "source"}
        for one in played.requests
        if one.operation == "start"
    }


def test_a_run_says_how_it_builds(project: LookMLProject, chain: Sandbox) -> None:
    assets = build_looker_pdt_assets_definitions(project=project)
    result = run(assets, chain, force_rebuild=True, force_full_incremental=True, workspace="dev")

    assert result.success
    asked = {"force_full_incremental": "true", "workspace": "dev"}
    assert starts_of(chain) == {
        "a": {**asked, "force_rebuild": "true"},  # b and c come after what they read, which need not be built twice
        "b": asked,
        "c": asked,
        "z": {**asked, "force_rebuild": "true"},
    }
    assert [one.built for one in chain.tables] == [1] * 4


@pytest.mark.parametrize("how", [{"granularity": "pdt"}, {"request_start_pdt_builds": requested("m/a", "m/b", "m/c", "m/z")}])
def test_nothing_is_built_twice_whatever_is_a_step_and_whatever_is_requested(
    project: LookMLProject, chain: Sandbox, how: Mapping[str, Any]
) -> None:
    assert run(build_looker_pdt_assets_definitions(project=project, **how), chain, force_rebuild=True).success

    assert {view: "force_rebuild" in query for view, query in starts_of(chain).items()} == {
        "a": True,
        "b": False,
        "c": False,
        "z": True,
    }
    assert [one.built for one in chain.tables] == [1] * 4


def test_what_is_read_and_not_chosen_is_built_anew_if_asked_for(project: LookMLProject, chain: Sandbox) -> None:
    run(build_looker_pdt_assets_definitions(project=project), chain, "c", force_rebuild=True)

    assert starts_of(chain) == {"c": {"force_rebuild": "true", "workspace": "production"}}
    assert {one.view: one.built for one in chain.tables} == {"a": 1, "b": 1, "c": 1, "z": 0}


def test_a_request_says_how_its_pdt_is_built(chain: Sandbox) -> None:
    asked = requested("m/z", force_rebuild="true", force_full_incremental=True, workspace="dev", source="nightly")
    run(build_looker_pdt_assets_definitions(request_start_pdt_builds=asked), chain)

    assert starts_of(chain) == {"z": {"force_rebuild": "true", "force_full_incremental": "true", "workspace": "dev"}}
    assert chain.builds[0].source == "nightly"


def test_the_definitions_say_in_which_workspace_unless_the_run_does(project: LookMLProject, chain: Sandbox) -> None:
    assets = build_looker_pdt_assets_definitions(project=project, workspace="dev")
    run(assets, chain, "z")
    run(assets, chain, "z", workspace="production")

    assert [one.workspace for one in chain.builds] == ["dev", "production"]


def test_a_workspace_that_does_not_exist_fails_for_good_before_anything_is_asked(project: LookMLProject, chain: Sandbox) -> None:
    result = run(build_looker_pdt_assets_definitions(project=project), chain, "z", retries=2, workspace="staging")

    assert not result.success
    assert attempts(result) == 1
    assert failure(result) == "m/z: workspace 'staging' is none of production, dev"
    assert chain.requests == ()


# -- automation ------------------------------------------------------------------------------------------------------------


TRIGGERED = {
    "m.model.lkml": MODEL,
    "on_sql.view.lkml": pdt("on_sql", "SELECT id FROM raw.a", "datagroup_trigger: nightly"),
    "then.view.lkml": pdt("then", "SELECT id FROM ${on_sql.SQL_TABLE_NAME}", "datagroup_trigger: nightly"),
    "on_time.view.lkml": pdt("on_time", "SELECT id FROM raw.a", "datagroup_trigger: frequent"),
    "at_ease.view.lkml": pdt("at_ease", "SELECT id FROM raw.a", "datagroup_trigger: never"),
    "kept.view.lkml": pdt("kept", "SELECT id FROM raw.a"),
    "p.view.lkml": pdt("p", "SELECT id FROM raw.a JOIN ${q.SQL_TABLE_NAME} USING (id)", "datagroup_trigger: nightly"),
    "q.view.lkml": pdt("q", "SELECT id FROM ${p.SQL_TABLE_NAME}", "datagroup_trigger: nightly"),
}


def test_nothing_is_automated_unless_asked_for(tmp_path: Path) -> None:
    assets = build_looker_pdt_assets_definitions(project=shop(tmp_path, TRIGGERED))

    assert {spec.automation_condition for spec in specs(assets).values()} == {None}


def test_what_has_no_trigger_or_one_that_never_fires_or_cannot_be_built_is_not_automated(tmp_path: Path) -> None:
    assets = build_looker_pdt_assets_definitions(project=shop(tmp_path, TRIGGERED), automation="datagroups")
    automated = sorted(key for key, spec in specs(assets).items() if spec.automation_condition is not None)

    assert automated == ["pdt/m/on_sql", "pdt/m/on_time", "pdt/m/then"]


def test_a_trigger_of_sql_fires_when_a_table_that_is_read_has_news(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    project = shop(tmp_path, TRIGGERED)
    views = load_looker_asset_specs(project)
    definitions = dg.Definitions(
        assets=[*views, *build_looker_pdt_assets_definitions(project=project, automation="datagroups")],
        resources={"looker": looker("http://127.0.0.1:9")},
    )
    at = datetime(2026, 1, 1, 12, 10, tzinfo=UTC)
    first = dg.evaluate_automation_conditions(definitions, instance, evaluation_time=at)
    assert first.total_requested == 0

    instance.report_runless_asset_event(dg.AssetMaterialization(["raw", "a"]))
    second = dg.evaluate_automation_conditions(definitions, instance, cursor=first.cursor, evaluation_time=at)
    assert requested_keys(second, definitions) == ["pdt/m/on_sql", "pdt/m/then"]
    third = dg.evaluate_automation_conditions(definitions, instance, cursor=second.cursor, evaluation_time=at)
    assert requested_keys(third, definitions) == []


def test_an_interval_fires_at_its_tick(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    project = shop(tmp_path, TRIGGERED)
    definitions = dg.Definitions(
        assets=build_looker_pdt_assets_definitions(project=project, automation="datagroups"),
        resources={"looker": looker("http://127.0.0.1:9")},
    )
    times = [datetime(2026, 1, 1, 12, minute, tzinfo=UTC) for minute in (10, 29, 31, 32)]
    cursor, fired = None, []
    for at in times:
        result = dg.evaluate_automation_conditions(definitions, instance, cursor=cursor, evaluation_time=at)
        cursor = result.cursor
        fired.append(requested_keys(result, definitions))

    assert fired == [[], [], ["pdt/m/on_time"], []]


def test_an_interval_that_cron_does_not_know_is_said_and_not_automated(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    uneven = pdt("uneven", "SELECT id FROM raw.a", 'interval_trigger: "90 minutes"')
    project = shop(tmp_path, {"m.model.lkml": MODEL, "uneven.view.lkml": uneven})
    assets = build_looker_pdt_assets_definitions(project=project, automation="datagroups")

    assert specs(assets)["pdt/m/uneven"].automation_condition is None
    assert "pdt:m/uneven has no automation condition: every '90 minutes' is no schedule of cron's" in caplog.text


def requested_keys(result: Any, definitions: dg.Definitions) -> list[str]:
    keys = definitions.resolve_asset_graph().materializable_asset_keys
    return sorted(key.to_user_string() for key in keys if result.get_num_requested(key))


# -- the resource ----------------------------------------------------------------------------------------------------------


class Other(dg.ConfigurableResource[None]):
    """Any resource that is not Looker's."""

    base_url: str = ""


@pytest.mark.parametrize(
    ("resource", "words"),
    [
        (lambda: Other(), "the resource is a Other and no dagster_lookml.LookerResource"),
        (lambda: looker("acme.looker.com"), "base_url: 'acme.looker.com' begins neither with https:// nor with http://"),
        (
            lambda: looker(f"https://me:{SECRET}@acme.looker.com"),
            "base_url: it holds a user or a password; give credentials by LOOKERSDK_CLIENT_ID and _SECRET",
        ),
        (lambda: looker("https://acme.com/looker"), "base_url: it has a path, /looker; write scheme, host and port alone"),
    ],
)
def test_a_wrong_resource_is_said_and_not_retried(resource: Callable[[], object], words: str) -> None:
    result = run(build_looker_pdt_assets_definitions(request_start_pdt_builds=requested("m/z")), resource(), retries=2)

    assert not result.success
    assert failure(result) == words
    assert attempts(result) == 1
    assert SECRET not in everything_logged(result)


def test_a_variable_that_is_not_set_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOKERSDK_CLIENT_SECRET", SECRET)
    resource = looker("https://acme.looker.com", client_id=dg.EnvVar("LOOKERSDK_CLIENT_ID"))
    assets = build_looker_pdt_assets_definitions(request_start_pdt_builds=requested("m/z"))
    with pytest.raises(dg.DagsterInvalidConfigError, match="LOOKERSDK_CLIENT_ID") as raised:
        run(assets, resource)

    assert SECRET not in str(raised.value)


def everything_logged(result: dg.ExecuteInProcessResult) -> str:
    """The whole event log of a run, as it is stored."""
    return "".join(serialize_value(event) for event in result.all_events)


def test_a_secret_is_in_no_snapshot_no_run_and_no_log(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], project: LookMLProject
) -> None:
    monkeypatch.setenv("LOOKERSDK_CLIENT_ID", CLIENT_ID)
    monkeypatch.setenv("LOOKERSDK_CLIENT_SECRET", SECRET)
    said = BuildScript(seconds=0, outcome="error", message=f"connection client_secret={SECRET} refused")
    with sandbox("z", builds=[said]) as played, dg.instance_for_test() as instance:
        resource = LookerResource(
            base_url=played.url,
            client_id=dg.EnvVar("LOOKERSDK_CLIENT_ID"),
            client_secret=dg.EnvVar("LOOKERSDK_CLIENT_SECRET"),
        )
        assets = build_looker_pdt_assets_definitions(project=project)
        definitions = dg.Definitions(assets=assets, resources={"looker": resource})
        snapshot = serialize_value(RepositorySnap.from_def(definitions.get_repository_def()))
        result = run(assets, resource, "z", instance=instance)
        stored = "".join(serialize_value(one) for one in instance.all_logs(result.run_id))
        run_record = instance.get_run_by_id(result.run_id)
        logged = capfd.readouterr()

        assert run_record is not None
        assert failure(result) == "m/z: FAILED: connection client_secret=*** refused"
        assert "LOOKERSDK_CLIENT_SECRET" in snapshot
        assert "client_secret=***" in logged.err
        for text in (snapshot, stored, serialize_value(run_record), logged.out, logged.err, repr(resource)):
            assert SECRET not in text
