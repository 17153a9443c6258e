"""The snippets of the guide to Dagster's own Looker integration, with another import and a project in place of the resource.

They are those of docs.dagster.io, "Dagster & Looker (Pythonic)": represent, filter, customise, materialize PDTs.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from dagster_lookml import LookMLProject
from dagster_lookml.pdt.sandbox import Sandbox, SandboxPdt
from tests.assets.pdt_runs import CLIENT_ID, SECRET, built, pdts_of, started
from tests.corpora import FIXTURES

PROJECT = f"looker_resource = LookMLProject({str(FIXTURES / 'projects' / 'storefront')!r})\n"

REPRESENT = f"""
from dagster_lookml import LookMLProject, load_looker_asset_specs

import dagster as dg

{PROJECT}
looker_specs = load_looker_asset_specs(looker_resource=looker_resource)
defs = dg.Definitions(assets=[*looker_specs], resources={{"looker": looker_resource}})
"""

FILTER = f"""
from dagster_lookml import LookerFilter, LookMLProject, load_looker_asset_specs

import dagster as dg

{PROJECT}
looker_specs = load_looker_asset_specs(
    looker_resource=looker_resource,
    looker_filter=LookerFilter(
        dashboard_folders=[
            ["my_folder", "my_subfolder"],
            ["dashboards"],
        ],
        only_fetch_explores_used_in_dashboards=True,
    ),
)
defs = dg.Definitions(assets=[*looker_specs], resources={{"looker": looker_resource}})
"""

CUSTOMISE = f"""
from dagster_lookml import (
    DagsterLookerApiTranslator,
    LookerApiTranslatorStructureData,
    LookerStructureType,
    LookMLProject,
    load_looker_asset_specs,
)

import dagster as dg

{PROJECT}

class CustomDagsterLookerApiTranslator(DagsterLookerApiTranslator):
    def get_asset_spec(
        self, looker_structure: LookerApiTranslatorStructureData
    ) -> dg.AssetSpec:
        # We create the default asset spec using super()
        default_spec = super().get_asset_spec(looker_structure)
        # We customize the team owner tag for all assets,
        # and we customize the asset key prefix only for dashboards.
        return default_spec.replace_attributes(
            key=(
                default_spec.key.with_prefix("looker")
                if looker_structure.structure_type == LookerStructureType.DASHBOARD
                else default_spec.key
            ),
            owners=["team:my_team"],
        )


looker_specs = load_looker_asset_specs(
    looker_resource, dagster_looker_translator=CustomDagsterLookerApiTranslator()
)
defs = dg.Definitions(assets=[*looker_specs], resources={{"looker": looker_resource}})
"""

UPSTREAM = f"""
from dagster_lookml import (
    DagsterLookerApiTranslator,
    LookerApiTranslatorStructureData,
    LookerStructureType,
    LookMLProject,
    load_looker_asset_specs,
)

import dagster as dg

{PROJECT}

class CustomDagsterLookerApiTranslator(DagsterLookerApiTranslator):
    def get_asset_spec(
        self, looker_structure: LookerApiTranslatorStructureData
    ) -> dg.AssetSpec:
        default_spec = super().get_asset_spec(looker_structure)
        return default_spec.replace_attributes(
            deps=["my_upstream_asset"]
            if looker_structure.structure_type == LookerStructureType.VIEW
            and looker_structure.data.view_name == "order_items"
            else ...
        )


looker_specs = load_looker_asset_specs(
    looker_resource, dagster_looker_translator=CustomDagsterLookerApiTranslator()
)
defs = dg.Definitions(assets=[*looker_specs], resources={{"looker": looker_resource}})
"""

PDTS = f"""
from dagster_lookml import (
    LookerResource,
    LookMLProject,
    RequestStartPdtBuild,
    build_looker_pdt_assets_definitions,
    load_looker_asset_specs,
)

import dagster as dg

looker_resource = LookerResource(
    client_id=dg.EnvVar("LOOKERSDK_CLIENT_ID"),
    client_secret=dg.EnvVar("LOOKERSDK_CLIENT_SECRET"),
    base_url=dg.EnvVar("LOOKERSDK_HOST_URL"),
)

looker_specs = load_looker_asset_specs(looker_resource=LookMLProject({str(FIXTURES / "projects" / "storefront")!r}))

pdts = build_looker_pdt_assets_definitions(
    resource_key="looker",
    request_start_pdt_builds=[
        RequestStartPdtBuild(model_name="my_model", view_name="my_view")
    ],
)


defs = dg.Definitions(
    assets=[*pdts, *looker_specs],
    resources={{"looker": looker_resource}},
)
"""

REQUESTS = """request_start_pdt_builds=[
        RequestStartPdtBuild(model_name="my_model", view_name="my_view")
    ],"""
PROJECT_PDTS = PDTS.replace(REQUESTS, f"project={PROJECT.removeprefix('looker_resource = ').strip()},")

SNIPPETS = {
    "represent": REPRESENT,
    "filter": FILTER,
    "customise": CUSTOMISE,
    "upstream": UPSTREAM,
    "pdts": PDTS,
    "pdts of the project": PROJECT_PDTS,
}


@pytest.fixture
def own_state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What builds write down is not among that of whoever runs this."""
    monkeypatch.setenv("DAGSTER_LOOKML_STATE_DIR", str(tmp_path))


def loaded(snippet: str) -> dict[str, dg.AssetSpec]:
    """The specs that a snippet makes, by their keys."""
    names: dict[str, object] = {}
    exec(compile(snippet, "snippet", "exec"), names)
    definitions = names["defs"]
    assert isinstance(definitions, dg.Definitions)
    dg.Definitions.validate_loadable(definitions)
    return {spec.key.to_user_string(): spec for spec in definitions.assets or () if isinstance(spec, dg.AssetSpec)}


@pytest.mark.slow
@pytest.mark.parametrize("name", SNIPPETS)
def test_a_snippet_is_valid(tmp_path: Path, name: str) -> None:
    (tmp_path / "definitions.py").write_text(SNIPPETS[name])
    command = [str(Path(sys.executable).parent / "dagster"), "definitions", "validate", "-f", "definitions.py"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert "All code locations passed validation" in done.stdout + done.stderr


def test_represent() -> None:
    expected = {"view/ecommerce/orders", "explore/ecommerce/order_items", "dashboard/operations/fulfillment"}

    assert expected <= loaded(REPRESENT).keys()


def test_filter() -> None:
    keys = loaded(FILTER).keys()

    assert "dashboard/operations/fulfillment" in keys
    assert "explore/operations/fulfillment" in keys
    assert "explore/ecommerce/catalog" not in keys  # no dashboard uses it


def test_customise() -> None:
    specs = loaded(CUSTOMISE)

    assert "looker/dashboard/operations/fulfillment" in specs
    assert "dashboard/operations/fulfillment" not in specs
    assert {owner for spec in specs.values() for owner in spec.owners} == {"team:my_team"}


def test_upstream_dependencies() -> None:
    specs = loaded(UPSTREAM)

    assert [dep.asset_key.to_user_string() for dep in specs["view/order_items"].deps] == ["my_upstream_asset"]
    assert [dep.asset_key.to_user_string() for dep in specs["view/ecommerce/orders"].deps] == ["storefront-prod/shop/orders"]


def test_a_resource_in_place_of_a_project_is_refused_with_what_to_give() -> None:
    from dagster_lookml import LookerResource, load_looker_asset_specs

    resource = LookerResource(base_url="https://acme.looker.com", client_id="id", client_secret="secret")
    with pytest.raises(TypeError, match=r"give LookMLProject\('path/to/lookml'\) and not LookerResource"):
        load_looker_asset_specs(looker_resource=resource)  # type: ignore[arg-type]


def materialized(monkeypatch: pytest.MonkeyPatch, snippet: str, sandbox: Sandbox) -> list[str]:
    """The keys of what a snippet's definitions build."""
    monkeypatch.setenv("LOOKERSDK_CLIENT_ID", CLIENT_ID)
    monkeypatch.setenv("LOOKERSDK_CLIENT_SECRET", SECRET)
    monkeypatch.setenv("LOOKERSDK_HOST_URL", sandbox.url)
    names: dict[str, object] = {}
    exec(compile(snippet, "snippet", "exec"), names)
    definitions = names["defs"]
    assert isinstance(definitions, dg.Definitions)
    result = definitions.resolve_implicit_global_asset_job_def().execute_in_process(raise_on_error=False)
    assert result.success
    assert sandbox.violations == ()
    return built(result)


@pytest.mark.usefixtures("own_state")
def test_pdts_are_built_as_they_are_requested(monkeypatch: pytest.MonkeyPatch) -> None:
    with Sandbox([SandboxPdt("my_model", "my_view")], seconds=0) as sandbox:
        assert materialized(monkeypatch, PDTS, sandbox) == ["pdt/my_model/my_view"]
        assert started(sandbox) == ["my_view"]


@pytest.mark.usefixtures("own_state")
def test_pdts_are_built_as_the_project_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    assert REQUESTS not in PROJECT_PDTS
    pdts = pdts_of(LookMLProject(FIXTURES / "projects" / "storefront"))
    with Sandbox(pdts, seconds=0) as sandbox:
        assert sorted(materialized(monkeypatch, PROJECT_PDTS, sandbox)) == sorted(f"pdt/{one.model}/{one.view}" for one in pdts)
        order = started(sandbox)
        assert order.index("user_order_facts") < order.index("user_segments")
        assert {table.overlaps for table in sandbox.tables} == {0}
        assert {table.built for table in sandbox.tables} == {1}
