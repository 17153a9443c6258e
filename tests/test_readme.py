"""The README, word for word: its commands are run, and what they print is what it shows."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest
import yaml
from dagster.components.testing import create_defs_folder_sandbox

from dagster_lookml import LookMLProjectComponent, Workspace
from dagster_lookml.cli.sandbox import sandbox_pdts
from dagster_lookml.config import parse_config
from dagster_lookml.pdt.planning.plan import make_plan
from dagster_lookml.pdt.sandbox import ASSUMPTIONS, Sandbox, load_script
from tests.corpora import FIXTURES, ROOT
from tests.repositories import commit, git, replaced, started

README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
CONSOLES = [text for language, text in BLOCKS if language == "console"]


PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


def shell(command: str, directory: Path = ROOT) -> str:
    done = subprocess.run(
        command, shell=True, capture_output=True, text=True, check=False, cwd=directory, env={**os.environ, "PATH": PATH}
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize("console", CONSOLES, ids=[text.splitlines()[0] for text in CONSOLES])
def test_a_console_shows_what_its_command_prints(console: str) -> None:
    first, *shown = console.splitlines()
    printed = shell(first.removeprefix("$ ")).splitlines()
    if shown[-1] == "…":
        shown.pop()
        printed = printed[: len(shown)]

    assert printed == shown


def test_there_are_consoles() -> None:
    assert len(CONSOLES) >= 3


DAGSTER = [text for language, text in BLOCKS if language == "python" and "import dagster as dg" in text]


@pytest.fixture
def beside_lookml(tmp_path: Path) -> Path:
    """A folder with everything to which the examples say the path."""
    shutil.copytree(FIXTURES / "projects" / "storefront", tmp_path / "path" / "to" / "lookml")
    shutil.copytree(FIXTURES / "dagster_demo" / "dbt", tmp_path / "path" / "to" / "dbt")
    return tmp_path


@pytest.mark.slow  # a process each; make check runs them all the same
@pytest.mark.parametrize("example", DAGSTER, ids=[text.splitlines()[1] for text in DAGSTER])
def test_a_dagster_example_is_a_whole_code_location(beside_lookml: Path, example: str) -> None:
    (beside_lookml / "definitions.py").write_text(example)
    command = [str(Path(sys.executable).parent / "dagster"), "definitions", "validate", "-f", "definitions.py"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=beside_lookml)

    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stdout + done.stderr


def test_there_are_dagster_examples() -> None:
    assert len(DAGSTER) >= 4


YAML = [text for language, text in BLOCKS if language == "yaml" and text.startswith("type: dagster_lookml")]


def loaded(beside_lookml: Path, example: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, dg.AssetSpec]:
    """The assets of a component whose defs.yaml is an example, as `dg dev` loads them."""
    monkeypatch.setenv("DAGSTER_IS_DEV_CLI", "1")  # so that the state is made at once
    with create_defs_folder_sandbox() as sandbox:
        shutil.copytree(beside_lookml / "path", sandbox.project_root / "path")
        path = sandbox.scaffold_component(component_cls=LookMLProjectComponent, defs_yaml_contents=yaml.safe_load(example))
        with sandbox.load_component_and_build_defs(defs_path=path) as (_, definitions):
            return {spec.key.to_user_string(): spec for spec in definitions.resolve_all_asset_specs()}


@pytest.mark.filterwarnings("ignore:.* is currently in beta:dagster.BetaWarning")  # dagster's own references to YAML
def test_the_first_yaml_example_loads(beside_lookml: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    specs = loaded(beside_lookml, YAML[0], monkeypatch)

    assert specs["dashboard/ecommerce/executive_overview"].tags["title"] == "executive_overview"


@pytest.mark.filterwarnings("ignore:.* is currently in beta:dagster.BetaWarning")
def test_the_other_yaml_example_loads_what_can_be_built(beside_lookml: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [_, example] = YAML
    specs = loaded(beside_lookml, example, monkeypatch)

    assert [dep.asset_key.path[-1] for dep in specs["pdt/ecommerce/user_order_facts"].deps] == ["order_totals"]


@pytest.mark.slow
def test_the_build_example_ends_as_it_shows(tmp_path: Path) -> None:
    [example] = [text for language, text in BLOCKS if language == "text" and text.startswith("$ dagster-lookml pdt build")]
    first, *shown = example.splitlines()
    traced = Workspace(FIXTURES / "projects" / "storefront").lineage()
    pdts = sandbox_pdts(make_plan(traced.project, traced.builds))
    with Sandbox(pdts, script=load_script(FIXTURES / "dagster_demo" / "sandbox.toml"), seconds=0.1) as looker:
        settings = f"LOOKERSDK_BASE_URL={looker.url} LOOKERSDK_CLIENT_ID=any LOOKERSDK_CLIENT_SECRET=any"
        settings += f" DAGSTER_LOOKML_STATE_DIR={tmp_path}"
        printed = shell(f"{settings} {first.removeprefix('$ ')}").splitlines()

    assert sorted(map(_without_numbers, printed)) == sorted(map(_without_numbers, shown))  # builds end in no fixed order


def _without_numbers(line: str) -> str:
    """A line without how long something took, and without the number of the build."""
    return re.sub(r" +\d+\.\d s|build-(?:[0-9a-f]{4}-)?\d+", " N", line)


# -- the gate ----------------------------------------------------------------------------------------------------------

GATE = [text for language, text in BLOCKS if language == "text" and "--base main" in text.splitlines()[0]]
JOBS = [yaml.safe_load(text) for language, text in BLOCKS if language == "yaml" and text not in YAML]


@pytest.fixture
def changed_shop(tmp_path: Path) -> Path:
    """The demo project in a branch in which a measure has another name and another one another percentile."""
    root = Path(shutil.copytree(FIXTURES / "projects" / "storefront", tmp_path / "shop"))
    started(root, {})
    git(root, "switch", "--quiet", "-c", "feature")
    replaced(root, "views/operations/shipments.view.lkml", "measure: on_time_rate {", "measure: on_time_share {")
    replaced(root, "views/operations/shipments.view.lkml", "percentile: 90\n", "percentile: 95\n")
    return root


@pytest.mark.parametrize("example", GATE, ids=[text.splitlines()[0] for text in GATE])
def test_the_gate_says_what_it_shows(changed_shop: Path, example: str) -> None:
    first, *shown = example.splitlines()

    assert shell(first.removeprefix("$ "), changed_shop).splitlines() == shown


def test_there_are_examples_of_the_gate() -> None:
    assert len(GATE) == 2
    assert len(JOBS) == 3


def job_commands() -> list[tuple[str, str]]:
    """The commands of both jobs that are this project's, and the shell's name for the base there."""
    actions, gitlab, _ = JOBS
    steps = [step["run"] for step in actions["jobs"]["lookml"]["steps"] if "run" in step]
    return [(one, "git fetch" if "FETCH_HEAD" in one else "") for one in (*steps, *gitlab["lookml"]["script"]) if "--base" in one]


@pytest.mark.parametrize(("command", "before"), job_commands(), ids=[command for command, _ in job_commands()])
def test_the_commands_of_the_jobs_fail_on_a_broken_pull_request(changed_shop: Path, command: str, before: str) -> None:
    commit(changed_shop)
    clone = changed_shop.parent / "clone"
    git(changed_shop.parent, "clone", "--quiet", "--branch=feature", f"file://{changed_shop}", "clone")
    if before:
        git(clone, "fetch", "--quiet", "origin", "main")
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=clone,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PATH": PATH, "GITHUB_BASE_REF": "main", "GITHUB_STEP_SUMMARY": str(clone.parent / "summary.md")},
    )
    told = "".join(path.read_text("utf-8") for path in (*clone.glob("gl-*.json"), *clone.parent.glob("summary.md"))) + done.stdout

    assert done.returncode == ("check" in command and "--fail-on never" not in command)
    assert "on_time_rate" in told
    assert done.stderr == ""


def test_the_hook_is_one_that_the_project_has() -> None:
    [hook] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    *_, config = JOBS

    assert [one["id"] for one in config["repos"][0]["hooks"]] == [hook["id"]]
    assert hook["always_run"]
    assert "files" not in hook


def test_the_hook_fails_on_what_the_commit_introduces_and_on_nothing_else(changed_shop: Path) -> None:
    [hook] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    git(changed_shop, "add", "-A")

    assert shell(f"{hook['entry']}; echo exit code $?", changed_shop).endswith("1 error\nexit code 1\n")
    commit(changed_shop)
    assert shell(f"{hook['entry']}; echo exit code $?", changed_shop).endswith("exit code 0\n")


def test_it_lists_what_the_sandbox_assumes() -> None:
    assert re.findall(r"^- (U\d+): (.+)$", README, re.MULTILINE) == list(ASSUMPTIONS)


def test_the_python_example_runs() -> None:
    [example] = [text for language, text in BLOCKS if language == "python" and text not in DAGSTER]
    done = subprocess.run([sys.executable, "-c", example], capture_output=True, text=True, check=True, cwd=ROOT)

    assert "order_totals datagroup_trigger ecommerce operations" in done.stdout.splitlines()


def test_the_configuration_example_is_valid() -> None:
    import tomllib

    [example] = [text for language, text in BLOCKS if language == "toml"]

    assert parse_config(tomllib.loads(example), "README.md").imports == {"hub": "../looker-hub"}


@pytest.mark.parametrize("target", sorted(set(re.findall(r"(?m)(?:^|`)make ([a-z-]+)", README))))
def test_every_target_that_it_names_exists(target: str) -> None:
    assert re.search(rf"^{target}:.*##", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
