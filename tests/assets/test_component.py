"""The component: what people write into ``defs.yaml``, run by Dagster's own command lines."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import msgspec
import pytest
import yaml
from dagster._core.remote_representation.external_data import RepositorySnap
from dagster.components.core.component_tree import ComponentTreeException
from dagster.components.testing import create_defs_folder_sandbox
from dagster_shared.serdes import serialize_value
from dagster_shared.serdes.objects.models.defs_state_info import DefsStateManagementType

from dagster_lookml import LookerResource, LookMLProjectComponent, LookMLStructure, StateError
from dagster_lookml.assets.state import decode_state
from dagster_lookml.pdt.sandbox import Sandbox
from tests.assets.pdt_runs import CLIENT_ID, SECRET, pdts_of, shop, started
from tests.assets.projects import deps, written
from tests.corpora import FIXTURES

pytestmark = pytest.mark.filterwarnings("ignore:.* is currently in beta:dagster.BetaWarning")  # dagster's own references to YAML

STOREFRONT = FIXTURES / "projects" / "storefront"
PYPROJECT = """
[project]
name = "shop"
version = "0.1.0"

[tool.dg]
directory_type = "project"

[tool.dg.project]
root_module = "shop"
"""
DEFINITIONS = """
from pathlib import Path

import dagster as dg


@dg.definitions
def defs():
    return dg.load_from_defs_folder(path_within_project=Path(__file__).parent)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A Dagster project, and a LookML repository beside it."""
    root = tmp_path / "shop"
    (root / "src" / "shop" / "defs").mkdir(parents=True)
    (root / "pyproject.toml").write_text(PYPROJECT)
    (root / "src" / "shop" / "definitions.py").write_text(DEFINITIONS)
    for package in ("shop", "shop/defs"):
        (root / "src" / package / "__init__.py").touch()
    shutil.copytree(STOREFRONT, tmp_path / "lookml")
    return root


def run(project: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    home = project / ".dagster_home"
    home.mkdir(exist_ok=True)
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    program = str(Path(sys.executable).parent / command[0])
    variables = {
        **os.environ, "PYTHONPATH": str(project / "src"), "DAGSTER_HOME": str(home), "DAGSTER_DG_CLI_TELEMETRY_ENABLED": "false",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "300", **environment,
    }  # fmt: skip
    return subprocess.run([program, *command[1:]], cwd=project, env=variables, capture_output=True, text=True, check=False)


def defs_yaml(root: Path, **attributes: Any) -> None:
    folder = root / "src" / "shop" / "defs" / "lookml"
    folder.mkdir(exist_ok=True)
    attributes = {"project": "{{ context.project_root }}/../lookml", **attributes}
    (folder / "defs.yaml").write_text(yaml.safe_dump({"type": "dagster_lookml.LookMLProjectComponent", "attributes": attributes}))


# -- by the command line ---------------------------------------------------------------------------------------------------


def test_it_is_listed(project: Path) -> None:
    done = run(project, "dg", "list", "components")

    assert "dagster_lookml.LookMLProjectComponent" in done.stdout


@pytest.mark.slow  # several processes of dg
def test_a_scaffolded_component_passes_every_check(project: Path) -> None:
    scaffold = ("dg", "scaffold", "defs", "dagster_lookml.LookMLProjectComponent", "lookml", "--project-path", "../lookml")
    made = run(project, *scaffold)
    assert made.returncode == 0, made.stderr
    assert yaml.safe_load((project / "src/shop/defs/lookml/defs.yaml").read_text()) == {
        "type": "dagster_lookml.LookMLProjectComponent",
        "attributes": {"project": "{{ context.project_root }}/../lookml"},
    }
    checked = run(project, "dg", "check", "defs")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    listed = run(project, "dg", "list", "defs", "--json")
    assert '"dashboard/ecommerce/executive_overview"' in listed.stdout


@pytest.mark.slow  # several processes of dg
def test_without_state_it_warns_and_with_a_state_no_repository_is_needed(project: Path) -> None:
    defs_yaml(project)
    validate = ("dagster", "definitions", "validate", "-m", "shop.definitions")
    before = run(project, *validate)
    assert before.returncode == 0
    warning = r"LookMLProjectComponent\[lookml-\w{6}\] has no state, and so no assets: run `dg utils refresh-defs-state`"
    assert re.search(warning, before.stdout + before.stderr)

    refreshed = run(project, "dg", "utils", "refresh-defs-state")
    assert refreshed.returncode == 0, refreshed.stdout
    shutil.rmtree(project.parent / "lookml")
    after = run(project, *validate)
    assert after.returncode == 0
    assert "has no state" not in after.stdout + after.stderr
    program = "from shop.definitions import defs; print(len(list(defs().resolve_all_asset_specs())))"
    counted = run(project, "python", "-c", program)
    assert int(counted.stdout) > 50, counted.stderr


@pytest.mark.slow
def test_a_repository_that_is_not_there_is_said_in_a_line(project: Path) -> None:
    defs_yaml(project, project="{{ context.project_root }}/../nowhere")
    done = run(project, "dg", "check", "defs")

    assert done.returncode != 0
    assert f"{project.parent / 'nowhere'}: no such directory" in done.stdout + done.stderr


def test_a_wrong_attribute_is_found_by_its_line(project: Path) -> None:
    defs_yaml(project, looker_filter={"modles": ["ecommerce"]})
    done = run(project, "dg", "check", "yaml")

    assert done.returncode != 0
    assert "modles" in done.stdout + done.stderr


# -- PDTs ------------------------------------------------------------------------------------------------------------------


CREDENTIALS = {
    "base_url": "{{ env.LOOKERSDK_BASE_URL }}",
    "client_id": "{{ env.LOOKERSDK_CLIENT_ID }}",
    "client_secret": "{{ env('LOOKERSDK_CLIENT_SECRET') }}",
}


@pytest.mark.slow  # several processes of dg
def test_pdts_are_built_where_the_repository_is_not_and_the_secret_is_in_nothing_that_is_kept(project: Path) -> None:
    shutil.rmtree(project.parent / "lookml")
    defs_yaml(project, pdts=True, looker_resource=CREDENTIALS)
    with Sandbox(pdts_of(shop(project.parent)), seconds=0) as sandbox:
        variables = {
            "LOOKERSDK_BASE_URL": sandbox.url,
            "LOOKERSDK_CLIENT_ID": CLIENT_ID,
            "LOOKERSDK_CLIENT_SECRET": SECRET,
            "DAGSTER_LOOKML_STATE_DIR": str(project / "state"),
        }
        checked = run(project, "dg", "check", "defs", **variables)
        assert checked.returncode == 0, checked.stdout + checked.stderr
        listed = run(project, "dg", "list", "defs", "--json", **variables)
        assert '"pdt/m/a"' in listed.stdout
        shutil.rmtree(project.parent / "lookml")

        select = ("--select", "key:pdt/m/a or key:pdt/m/b")
        done = run(project, "dagster", "asset", "materialize", *select, "-m", "shop.definitions", **variables)
        assert done.returncode == 0, done.stdout + done.stderr
        assert started(sandbox) == ["a", "b"]

    for said in (checked, listed, done):
        assert SECRET not in said.stdout + said.stderr
    kept = [file for file in project.rglob("*") if file.is_file()]
    assert any("defs_state" in str(file) for file in kept)
    assert [file for file in kept if SECRET.encode() in file.read_bytes()] == []


# -- by Dagster's own way to test components -------------------------------------------------------------------------------


def built(
    attributes: Mapping[str, Any], component: type[LookMLProjectComponent] = LookMLProjectComponent
) -> tuple[dict[str, dg.AssetSpec], dg.Definitions]:
    with create_defs_folder_sandbox() as sandbox:
        path = sandbox.scaffold_component(
            component_cls=component,
            defs_yaml_contents={
                "type": f"{component.__module__}.{component.__name__}",
                "attributes": {"project": str(STOREFRONT), "defs_state": {"management_type": "LOCAL_FILESYSTEM"}, **attributes},
            },
        )
        with sandbox.load_component_and_build_defs(defs_path=path) as (_, definitions):
            return {spec.key.to_user_string(): spec for spec in definitions.resolve_all_asset_specs()}, definitions


@pytest.fixture
def as_in_development(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSTER_IS_DEV_CLI", "1")  # what `dg dev` sets, so that the state is made at once


@pytest.mark.usefixtures("as_in_development")
def test_a_filter() -> None:
    specs, _ = built({"looker_filter": {"models": ["marketing"], "dashboard_folders": ["dashboards"]}})

    assert {key.split("/")[1] for key, spec in specs.items() if "explore" in spec.kinds} == {"marketing"}


@pytest.mark.usefixtures("as_in_development")
def test_a_selector() -> None:
    specs, _ = built({"looker_filter": {"select": "+dashboard:operations/fulfillment"}})

    assert [key for key in specs if key.startswith("dashboard/")] == ["dashboard/operations/fulfillment"]


@pytest.mark.usefixtures("as_in_development")
def test_translation_for_all_and_for_some() -> None:
    specs, _ = built(
        {
            "translation": {
                "tags": {"from": "lookml"},
                "for_dashboard": {"owners": ["team:bi"], "key": "looker/{{ data.name }}", "description": "{{ data.title }}"},
                "for_view": {"group_name": "views_{{ data.kind }}"},
            }
        }
    )

    assert {spec.tags["from"] for spec in specs.values() if "looker" in spec.kinds} == {"lookml"}
    overview = specs["looker/executive_overview"]
    assert (list(overview.owners), overview.description) == (["team:bi"], "Executive Overview")
    assert specs["view/brand_rank"].group_name == "views_native"
    assert specs["explore/ecommerce/customers"].group_name == "ecommerce"


@pytest.mark.usefixtures("as_in_development")
def test_keys_of_tables() -> None:
    specs, _ = built({"table_asset_keys": {"shop.order_items": "dbt/order_items"}})

    assert deps(specs["view/order_items"]) == ["dbt/order_items"]


@pytest.mark.usefixtures("as_in_development")
def test_switches() -> None:
    specs, definitions = built(
        {
            "include_columns": False,
            "include_tables": True,
            "include_pdts": True,
            "checks": False,
            "base_url": "https://acme.looker.com",
        }
    )

    assert "shop/order_items" in specs
    assert "pdt/ecommerce/daily_revenue" in specs
    assert "dagster/column_schema" not in specs["view/order_items"].metadata
    assert "dagster-lookml/web_url" in specs["explore/ecommerce/customers"].metadata
    assert not definitions.resolve_asset_graph().asset_check_keys


@pytest.mark.usefixtures("as_in_development")
@pytest.mark.parametrize(("pdts", "number"), [(True, 3), ("true", 3), ({"granularity": "pdt"}, 10), (False, 0), ("false", 0)])
def test_pdts_are_executable_where_that_is_asked_for(pdts: Any, number: int) -> None:
    _, definitions = built({"pdts": pdts, "looker_resource": CREDENTIALS})
    graph = definitions.resolve_asset_graph()

    assert len(graph.materializable_asset_keys) == (10 if number else 0)
    assert len({node.op.name for node in executable(definitions)}) == number


@pytest.mark.usefixtures("as_in_development")
def test_what_pdts_may_say_reaches_their_steps() -> None:
    how = {"resource_key": "bi", "pool": None, "automation": "datagroups", "concurrency": 3, "workspace": "dev"}
    specs, definitions = built({"pdts": how, "looker_resource": {**CREDENTIALS, "timeout": 10, "verify_ssl": False}})

    assert {one.op.pool for one in executable(definitions)} == {None}
    assert {key for one in executable(definitions) for key in one.required_resource_keys} >= {"bi"}
    assert specs["pdt/ecommerce/daily_revenue"].automation_condition is not None
    resource = (definitions.resources or {})["bi"]
    assert isinstance(resource, LookerResource)
    assert (resource.verify_ssl, resource.timeout) == (False, 10)


@pytest.mark.usefixtures("as_in_development")
def test_a_snapshot_names_the_variables_and_holds_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("BASE_URL", "https://acme.looker.com"), ("CLIENT_ID", CLIENT_ID), ("CLIENT_SECRET", SECRET)):
        monkeypatch.setenv(f"LOOKERSDK_{name}", value)
    _, definitions = built({"pdts": True, "looker_resource": CREDENTIALS})
    snapshot = serialize_value(RepositorySnap.from_def(definitions.get_repository_def()))

    assert "LOOKERSDK_CLIENT_SECRET" in snapshot
    assert SECRET not in snapshot


@pytest.mark.usefixtures("as_in_development")
@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ({"pdts": True, "include_pdts": True}, "include_pdts as assets that are not: leave one out"),
        ({"pdts": {"granularity": "view"}}, "Input should be 'model' or 'pdt'"),
        ({"pdts": {"workspace": "staging"}}, "Input should be 'production' or 'dev'"),
        ({"pdts": "perhaps"}, "'perhaps' is neither true nor false"),
        ({"pdts": True, "looker_resource": {"base_url": "https://acme.looker.com"}}, "client_secret"),
    ],
)
def test_a_wrong_way_to_build_pdts_is_refused(attributes: Mapping[str, Any], words: str) -> None:
    with pytest.raises(ComponentTreeException) as raised:
        built(attributes)

    assert words in "".join(traceback.format_exception(raised.value))


def executable(definitions: dg.Definitions) -> list[dg.AssetsDefinition]:
    """The steps that build PDTs."""
    assets = definitions.resolve_asset_graph().assets_defs
    return [one for one in assets if one.is_executable and one.op.name.startswith("looker_")]


class Louder(LookMLProjectComponent):
    """Changes specs by a method, as a subclass may."""

    def get_asset_spec(self, structure: LookMLStructure) -> dg.AssetSpec:
        return super().get_asset_spec(structure).merge_attributes(tags={"loud": structure.name.upper()[:10].replace("*", "_")})


@pytest.mark.usefixtures("as_in_development")
def test_a_subclass_changes_specs() -> None:
    specs, _ = built({}, Louder)

    assert specs["explore/ecommerce/customers"].tags["loud"] == "CUSTOMERS"


@pytest.mark.usefixtures("as_in_development")
@pytest.mark.parametrize(("written", "count"), [("false", 0), ("true", 50), ("{{ env.LOOKML_CHECKS }}", 0)])
def test_a_switch_may_be_a_template(monkeypatch: pytest.MonkeyPatch, written: str, count: int) -> None:
    monkeypatch.setenv("LOOKML_CHECKS", "false")

    assert len(built({"checks": written})[1].resolve_asset_graph().asset_check_keys) == count


@pytest.mark.slow  # several processes of dg
def test_two_components_of_one_project_load_together(project: Path) -> None:
    defs_yaml(project, looker_filter={"models": ["marketing"]})
    (project / "src/shop/defs/lookml").rename(project / "src/shop/defs/marketing")
    defs_yaml(project, looker_filter={"models": ["operations"]}, translation={"key_prefix": "ops"})
    done = run(project, "dg", "check", "defs")

    assert done.returncode == 0, done.stdout + done.stderr
    assert len(list((project / "src/shop/defs/.local_defs_state").iterdir())) == 3  # two states, and a .gitignore


# -- its state -------------------------------------------------------------------------------------------------------------


def component(root: Path, **attributes: Any) -> LookMLProjectComponent:
    from dagster_lookml.assets.attributes import LookMLProjectArgs

    return LookMLProjectComponent(project=LookMLProjectArgs(path=str(root)), **attributes)


def test_a_state_is_text_and_the_same_each_time(tmp_path: Path) -> None:
    root = written(tmp_path / "lookml", {"a.view.lkml": "view: a { sql_table_name: s.t ;; dimension: x {} }"})
    for name in ("first", "second"):
        component(root).write_state_to_path(tmp_path / name)

    assert (tmp_path / "first").read_text("utf-8") == (tmp_path / "second").read_text("utf-8")
    assert str(tmp_path) not in (tmp_path / "first").read_text("utf-8")  # it is read on other machines


def test_a_state_of_another_version_is_refused_with_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(StateError, match=r"format 0.*run `dg utils refresh-defs-state`"):
        decode_state(msgspec.json.encode({"project": "shop"}), "state")
    with pytest.raises(StateError, match="it is no state of a LookML project"):
        decode_state(b"\xff\x00", "state")


def test_whatever_makes_another_state_makes_another_name(tmp_path: Path) -> None:
    from dagster_lookml import LookerFilter

    every = [None, LookerFilter(models=["a"]), LookerFilter(models=["b"])]
    keys = [component(tmp_path, looker_filter=one).defs_state_config.key for one in every]

    assert len(set(keys)) == 3
    assert all(key.startswith(f"LookMLProjectComponent[{tmp_path.name}-") for key in keys)
    assert component(tmp_path).defs_state_config.management_type == DefsStateManagementType.LOCAL_FILESYSTEM
