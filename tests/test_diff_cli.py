"""`diff` on real git repositories: what it compares with, how it exits, and what it says when that is not there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest

from tests.analysis.diff.states import SHOP, SPOKE
from tests.repositories import commit, git, replaced, started, write

Done = subprocess.CompletedProcess[str]
TOTAL = "measure: total { type: sum sql: ${price} ;; }"


def diff(root: Path, *arguments: str) -> Done:
    return subprocess.run(
        [sys.executable, "-m", "dagster_lookml", "diff", str(root), *arguments],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def changes(root: Path, *arguments: str) -> list[str]:
    """Each change as ``verdict: id``."""
    return [f"{one['verdict']}: {one['id']}" for one in answer(root, *arguments)["changes"]]


def answer(root: Path, *arguments: str) -> Any:
    done = diff(root, "--json", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    schema = json.loads((files("dagster_lookml") / "schemas" / "diff.schema.json").read_text("utf-8"))
    jsonschema.validate(found, schema, jsonschema.Draft202012Validator)
    return found


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return started(tmp_path / "shop", SHOP)


def relabel(root: Path, title: str) -> None:
    replaced(root, "kpis.dashboard.lookml", "title: KPIs", f"title: {title}")


def test_what_is_not_committed_yet_is_part_of_the_change(shop: Path) -> None:
    relabel(shop, "Numbers")

    assert changes(shop, "--base", "main") == ["metadata only: dashboard:m/kpis"]


def test_a_pdt_that_is_built_in_another_way_is_said_to_be_built_anew(tmp_path: Path) -> None:
    view = 'view: d { derived_table: { sql: SELECT 1 AS id ;; persist_for: "1 hour" indexes: [id] } dimension: id {} }\n'
    root = started(tmp_path / "repo", SHOP | {"d.view.lkml": view})
    replaced(root, "d.view.lkml", "indexes: [id]", "sortkeys: [id]")

    assert "    the table is built anew, with the same rows in it: pdt m/d" in diff(root, "--base", "main").stdout.splitlines()


def test_what_came_to_the_base_since_is_not_part_of_the_change(shop: Path) -> None:
    git(shop, "switch", "--quiet", "-c", "feature")
    relabel(shop, "Numbers")
    commit(shop)
    git(shop, "switch", "--quiet", "main")
    replaced(shop, "orders.view.lkml", TOTAL, "")
    commit(shop)

    assert changes(shop, "--base", "main", "--head", "feature") == ["metadata only: dashboard:m/kpis"]
    exact = changes(shop, "--base", "main", "--head", "feature", "--exact")
    assert exact == ["metadata only: dashboard:m/kpis", "metadata only: field:orders.total"]


def test_after_a_merge_only_the_rest_of_the_branch_is_the_change(shop: Path) -> None:
    git(shop, "switch", "--quiet", "-c", "feature")
    relabel(shop, "Numbers")
    commit(shop)
    git(shop, "switch", "--quiet", "main")
    replaced(shop, "orders.view.lkml", TOTAL, "")
    commit(shop)
    git(shop, "switch", "--quiet", "feature")
    git(shop, "merge", "--quiet", "-m", "merge", "main")

    assert changes(shop, "--base", "main") == ["metadata only: dashboard:m/kpis"]


def test_a_base_that_was_pushed_with_force_is_compared_with_where_the_two_parted(shop: Path) -> None:
    commit(shop, "second")
    git(shop, "switch", "--quiet", "-c", "feature")
    relabel(shop, "Numbers")
    commit(shop)
    git(shop, "switch", "--quiet", "main")
    git(shop, "reset", "--quiet", "--hard", "HEAD~1")
    replaced(shop, "orders.view.lkml", TOTAL, "")
    commit(shop, "instead of second")

    assert changes(shop, "--base", "main", "--head", "feature") == ["metadata only: dashboard:m/kpis"]


def test_a_file_with_another_name_is_no_change(shop: Path) -> None:
    git(shop, "mv", "orders.view.lkml", "sales.view.lkml")
    commit(shop)

    assert changes(shop, "--base", "HEAD~1") == []
    assert diff(shop, "--base", "HEAD~1").stdout == "nothing in the LookML differs between HEAD~1 and the files here\n"


def test_the_project_may_lie_in_a_folder_of_the_repository(tmp_path: Path) -> None:
    started(tmp_path / "repo", {f"looker/{name}": text for name, text in SHOP.items()} | {"readme.md": "x\n"})
    relabel(tmp_path / "repo" / "looker", "Numbers")

    assert changes(tmp_path / "repo" / "looker", "--base", "main") == ["metadata only: dashboard:m/kpis"]


def test_a_submodule_is_none_of_the_files(shop: Path, tmp_path: Path) -> None:
    started(tmp_path / "other", {"x.view.lkml": "view: x {}\n"})
    git(shop, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(tmp_path / "other"), "other")
    commit(shop)

    assert changes(shop, "--base", "HEAD~1", "--head", "HEAD") == []


@pytest.fixture
def shallow(shop: Path, tmp_path: Path) -> Path:
    """A clone of one commit of a branch, as a CI job has it."""
    for number in range(3):
        relabel_to = f"T{number}"
        relabel(shop, relabel_to) if number == 0 else replaced(shop, "kpis.dashboard.lookml", f"T{number - 1}", relabel_to)
        commit(shop)
    git(shop, "switch", "--quiet", "-c", "feature")
    replaced(shop, "orders.view.lkml", TOTAL, "")
    commit(shop)
    git(tmp_path, "clone", "--quiet", "--depth=1", "--branch=feature", f"file://{shop}", "clone")
    return tmp_path / "clone"


@pytest.mark.slow
def test_a_shallow_clone_without_the_base_says_how_to_fetch_it(shallow: Path) -> None:
    done = diff(shallow, "--base", "origin/main")

    assert (done.returncode, done.stdout) == (2, "")
    assert "no such branch, tag or commit in this shallow clone" in done.stderr
    fetch_as_advised(shallow, done)
    assert changes(shallow, "--base", "origin/main") == ["breaking: field:orders.total"]


def fetch_as_advised(clone: Path, done: Done) -> None:
    advice = done.stderr.partition("git fetch ")[2].partition(";")[0].split()
    assert advice[0] == "--unshallow"
    git(clone, "fetch", "--quiet", *advice)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("base", "then"),
    [("main", "origin/main"), ("main~1", "origin/main~1"), ("origin/main~2", None), ("HEAD~1", None), ("first", None)],
)
def test_in_a_shallow_clone_what_is_advised_is_enough(shallow: Path, shop: Path, base: str, then: str | None) -> None:
    git(shop, "tag", "first", "main~3")
    done = diff(shallow, "--base", base)
    fetch_as_advised(shallow, done)

    assert (then is not None) == (f"a branch is named as {(then or '').partition('~')[0]}\n" in done.stderr)
    assert "breaking: field:orders.total" in changes(shallow, "--base", then or base)


@pytest.mark.slow
def test_in_a_shallow_clone_a_commit_is_found_once_its_history_is_here(shallow: Path, shop: Path) -> None:
    first = git(shop, "rev-parse", "HEAD~2").strip()
    fetch_as_advised(shallow, diff(shallow, "--base", first))

    assert "breaking: field:orders.total" in changes(shallow, "--base", first)


@pytest.mark.slow
def test_a_shallow_clone_that_does_not_reach_back_says_how_to_fetch_more(shallow: Path) -> None:
    git(shallow, "fetch", "--quiet", "--depth=1", "origin", "main:refs/remotes/origin/main")
    done = diff(shallow, "--base", "origin/main")

    assert (done.returncode, done.stdout) == (2, "")
    for advice in ("git fetch --unshallow", "fetch-depth: 0", "GIT_DEPTH: 0"):
        assert advice in done.stderr
    git(shallow, "fetch", "--quiet", *done.stderr.partition("git fetch ")[2].partition(";")[0].split())
    assert changes(shallow, "--base", "origin/main") == ["breaking: field:orders.total"]


@pytest.mark.slow
@pytest.mark.parametrize("base", ["FETCH_HEAD", "FETCH_HEAD~1"])
def test_what_was_fetched_last_is_not_advised_to_be_fetched_over(shallow: Path, base: str) -> None:
    git(shallow, "fetch", "--quiet", "--depth=1", "origin", "main")
    done = diff(shallow, "--base", base)

    assert (done.returncode, "git fetch --unshallow origin BRANCH, with the branch that is the base" in done.stderr) == (2, True)
    git(shallow, "fetch", "--quiet", "--unshallow", "origin", "main")
    assert "breaking: field:orders.total" in changes(shallow, "--base", base)


def test_a_forge_gets_paths_from_the_root_of_the_repository(tmp_path: Path) -> None:
    root = started(tmp_path / "repo", {f"looker/{name}": text for name, text in SHOP.items()})
    replaced(root / "looker", "orders.view.lkml", TOTAL, "")
    done = diff(root / "looker", "--base", "main", "--format", "github")

    assert done.stdout.startswith("::error file=looker/orders.view.lkml,")


IN_A_FOLDER: Final = {
    f"looker/{name}": text
    for name, text in (
        SHOP | {"manifest.lkml": 'project_name: "shop"\n', "m.model.lkml": SHOP["m.model.lkml"].replace('"*', '"/*')}
    ).items()
}


@pytest.mark.rule("R2.4")
def test_a_project_in_a_folder_is_found_there(tmp_path: Path) -> None:
    root = started(tmp_path / "repo", IN_A_FOLDER)
    replaced(root / "looker", "orders.view.lkml", TOTAL, "")
    done, told = diff(root, "--base", "main"), diff(root / "looker", "--base", "main")

    assert done.stderr.startswith("dagster-lookml: looker is read, where the project's manifest is")
    assert (done.stdout, told.stderr) == (told.stdout, "")
    assert "\nBREAKING\n  field orders.total removed  orders.view.lkml:" in told.stdout


def test_lookml_beside_the_folder_of_the_only_manifest_is_not_left_out(tmp_path: Path) -> None:
    root = started(tmp_path / "repo", IN_A_FOLDER | {"other.view.lkml": "view: other {}\n"})
    done = diff(root, "--base", "main")

    said = f"the project's manifest is in looker; give that folder as REPO if it is meant: {root / 'looker'}"
    assert (done.returncode, said in done.stderr) == (0, True)


def test_histories_with_nothing_in_common_are_compared_only_as_they_are(shop: Path) -> None:
    git(shop, "switch", "--quiet", "--orphan", "other")
    write(shop, SHOP)
    relabel(shop, "Numbers")
    commit(shop)
    done = diff(shop, "--base", "main")

    assert (done.returncode, "--exact compares them as they are" in done.stderr) == (2, True)
    assert changes(shop, "--base", "main", "--exact") == ["metadata only: dashboard:m/kpis"]


def test_a_base_that_is_not_there_offers_what_looks_like_it(shop: Path) -> None:
    done = diff(shop, "--base", "mian")

    assert (done.returncode, "did you mean main?" in done.stderr) == (2, True)


def test_a_change_may_bring_the_first_lookml_or_take_the_last(tmp_path: Path) -> None:
    root = started(tmp_path / "shop", {"README": "nothing yet"})
    git(root, "checkout", "-b", "first")
    write(root, SHOP)
    commit(root)

    brought = answer(root, "--base", "main")
    taken = answer(root, "--base", "first", "--exact", "--head", "main")

    assert "model:m" in {one["id"] for one in brought["changes"]}
    assert {one["change"] for one in brought["changes"]} == {"added"}
    assert {one["change"] for one in taken["changes"]} == {"removed"}
    assert "no LookML found" in diff(root, "--base", "main", "--head", "main").stderr


def test_a_folder_without_git_cannot_be_compared(tmp_path: Path) -> None:
    write(tmp_path / "plain", SHOP)
    done = diff(tmp_path / "plain", "--base", "main")

    assert (done.returncode, done.stdout) == (2, "")
    assert "not in a git repository" in done.stderr


@pytest.mark.parametrize(("fail_on", "code"), [("never", 0), ("breaking", 1)])
def test_it_fails_where_something_breaks_and_that_was_asked_for(shop: Path, fail_on: str, code: int) -> None:
    replaced(shop, "orders.view.lkml", TOTAL, "")
    done = diff(shop, "--base", "main", "--fail-on", fail_on)

    assert (done.returncode, done.stderr) == (code, "")
    assert done.stdout == BROKEN


BROKEN = """\
1 change (1 breaking) between main and the files here

BREAKING
  field orders.total removed  orders.view.lkml:7 before
    whatever uses it breaks
    felt by 1 dashboard, 1 tile and 1 explore
      field orders.total
        is shown in tile m/kpis/sales  kpis.dashboard.lookml:15
"""


def test_it_does_not_fail_where_only_numbers_may_change(shop: Path) -> None:
    replaced(shop, "orders.view.lkml", "type: sum", "type: max")

    assert diff(shop, "--base", "main", "--fail-on", "breaking").returncode == 0


def test_what_cannot_be_told_counts_as_breaking(shop: Path) -> None:
    replaced(shop, "orders.view.lkml", "sql: ${price} ;;", "sql: ( ${price} ;;")
    done = diff(shop, "--base", "main", "--fail-on", "breaking")

    assert (done.returncode, "UNKNOWN" in done.stdout) == (1, True)


def test_there_is_nothing_between_a_ref_and_itself_and_the_mirror_is_a_mirror(shop: Path) -> None:
    git(shop, "switch", "--quiet", "-c", "feature")
    replaced(shop, "orders.view.lkml", TOTAL, "measure: other { type: count }")
    relabel(shop, "Numbers")
    commit(shop)
    there = answer(shop, "--base", "main", "--head", "feature", "--exact")["changes"]
    back = answer(shop, "--base", "feature", "--head", "main", "--exact")["changes"]

    assert changes(shop, "--base", "feature", "--head", "feature") == []
    mirror = {"added": "removed", "removed": "added", "changed": "changed", "renamed": "renamed"}
    assert {(one["id"], one["change"], one["old"], one["new"]) for one in there} == {
        (one["id"], mirror[one["change"]], one["new"], one["old"]) for one in back
    }
    assert len(there) == 3


def test_head_and_ref_together_are_refused(shop: Path) -> None:
    done = diff(shop, "--base", "main", "--head", "main", "--ref", "main")

    assert (done.returncode, "give one of them" in done.stderr) == (2, True)


def job(root: Path, summary: Path | None, *arguments: str) -> Done:
    """Run in a job of GitHub Actions, whose step has a file for its summary, or in none."""
    return subprocess.run(
        [sys.executable, "-m", "dagster_lookml", "diff", str(root), *arguments],
        capture_output=True, text=True, check=False, timeout=120,
        env=os.environ | {"GITHUB_STEP_SUMMARY": str(summary or "")},
    )  # fmt: skip


def test_a_comment_for_a_pull_request_begins_with_its_mark_and_the_verdict(shop: Path) -> None:
    replaced(shop, "orders.view.lkml", TOTAL, "")
    done = diff(shop, "--base", "main", "--format", "markdown")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[:2] == ["<!-- dagster-lookml diff -->", "**Breaking**: 1 change breaks something"]
    assert f"Compared with <code>main</code> (<code>{git(shop, 'rev-parse', 'main')[:12]}</code>)." in done.stdout
    assert "\n```mermaid\nflowchart LR\n" in done.stdout


@pytest.mark.parametrize("form", ["text", "json", "markdown", "github"])
@pytest.mark.parametrize(("fail_on", "code"), [("never", 0), ("breaking", 1)])
def test_the_format_changes_no_exit_code(shop: Path, form: str, fail_on: str, code: int) -> None:
    replaced(shop, "orders.view.lkml", TOTAL, "")
    done = job(shop, None, "--base", "main", "--format", form, "--fail-on", fail_on)

    assert (done.returncode, done.stderr) == (code, "")
    assert "orders.total" in done.stdout


def test_a_job_of_github_actions_gets_annotations_and_a_summary(shop: Path, tmp_path: Path) -> None:
    replaced(shop, "orders.view.lkml", TOTAL, "")
    replaced(shop, "orders.view.lkml", "${TABLE}.status", "${TABLE}.state")
    summary = tmp_path / "summary.md"
    summary.write_text("# before\n", "utf-8")
    done = job(shop, summary, "--base", "main", "--format", "github")

    assert (done.returncode, done.stderr) == (0, "")
    error, warning, words = done.stdout.splitlines()
    assert error.startswith("::error file=orders.view.lkml,title=this breaks something::field orders.total removed: ")
    assert warning.startswith(
        "::warning file=orders.view.lkml,line=4,endLine=4,title=numbers may change::field orders.status sql"
    )
    assert words == "2 changes (1 breaking, 1 numbers may change)"
    written = summary.read_text("utf-8")
    assert written.startswith("# before\n### dagster-lookml diff\n\n**Breaking**: 1 change breaks something, ")
    assert "orders.status" in written


def test_a_summary_that_cannot_be_written_stops_nothing(shop: Path, tmp_path: Path) -> None:
    replaced(shop, "orders.view.lkml", TOTAL, "")
    done = job(shop, tmp_path / "no" / "summary.md", "--base", "main", "--format", "github")

    assert (done.returncode, done.stdout.startswith("::error file=orders.view.lkml,")) == (0, True)
    assert "the summary cannot be written to" in done.stderr


def test_of_a_file_that_the_head_does_not_have_no_place_is_annotated(shop: Path) -> None:
    git(shop, "switch", "--quiet", "-c", "feature")
    git(shop, "mv", "orders.view.lkml", "sales.view.lkml")
    replaced(shop, "sales.view.lkml", TOTAL, "")
    commit(shop)
    git(shop, "switch", "--quiet", "main")  # where the file still is
    done = job(shop, None, "--base", "main", "--head", "feature", "--format", "github")

    first = done.stdout.splitlines()[0]
    assert first.startswith("::error title=this breaks something::field orders.total removed: ")
    assert first.endswith("; it was at orders.view.lkml:7")


def test_nothing_is_written_to_the_repository(shop: Path) -> None:
    relabel(shop, "Numbers")
    before = {path: path.stat().st_mtime_ns for path in sorted(shop.rglob("*"))}
    diff(shop, "--base", "main")

    assert {path: path.stat().st_mtime_ns for path in sorted(shop.rglob("*"))} == before


# -- what is in a project that is not here -----------------------------------------------------------------------------

NOT_HERE = "the project hub is not here: what follows from it is unknown (name its directory under [imports])"


@pytest.fixture
def spoke(tmp_path: Path) -> Path:
    return started(tmp_path / "spoke", SPOKE)


def test_a_change_of_what_an_absent_import_declares_is_told_once_with_the_import(spoke: Path) -> None:
    replaced(spoke, "orders.view.lkml", "measure: double {", "measure: twice {")
    text = diff(spoke, "--base", "main").stdout

    assert text.startswith(
        "1 change (1 unknown) between main and the files here\n\nUNKNOWN\n  field +orders.twice renamed from double"
    )
    assert "felt by 1 dashboard, 1 tile and 2 explores\n" in text
    assert text.endswith(f"\n\n{NOT_HERE}\n")
    assert text.count(NOT_HERE) == 1
    assert (
        diff(spoke, "--base", "main", "--format", "markdown").stdout.count(
            f"\n{NOT_HERE.replace('[', '&#91;').replace(']', '&#93;')}.\n"
        )
        == 1
    )
    assert diff(spoke, "--base", "main", "--fail-on", "breaking").returncode == 1


def test_the_import_that_is_not_here_is_told_where_nothing_differs_too(spoke: Path) -> None:
    nothing = "nothing in the LookML differs between main and the files here\n"

    assert diff(spoke, "--base", "main").stdout == f"{nothing}{NOT_HERE}\n"
    assert answer(spoke, "--base", "main")["missing_imports"] == ["hub"]


@pytest.mark.slow
def test_an_answer_that_is_kept_is_the_same_again(spoke: Path) -> None:
    replaced(spoke, "orders.view.lkml", "${TABLE}.price", "${TABLE}.net")

    assert answer(spoke, "--base", "main") == answer(spoke, "--base", "main") == answer(spoke, "--base", "main", "--no-cache")


def test_no_import_is_missing_where_there_is_none(shop: Path) -> None:
    assert answer(shop, "--base", "main")["missing_imports"] == []


# -- what is not on disk, or cannot be read ----------------------------------------------------------------------------


def test_what_a_sparse_checkout_leaves_out_is_not_removed(shop: Path) -> None:
    git(shop, "update-index", "--skip-worktree", "orders.view.lkml")
    (shop / "orders.view.lkml").unlink()

    assert git(shop, "status", "--porcelain") == ""
    assert changes(shop, "--base", "HEAD") == []


def test_what_cannot_be_read_is_not_known_to_be_removed(shop: Path) -> None:
    with (shop / "orders.view.lkml").open("a", encoding="utf-8") as file:
        file.write("#" * 5000)
    write(shop, {"dagster-lookml.toml": "limits.max_file_bytes = 4000\n"})
    done = diff(shop, "--base", "HEAD", "--json")
    removed = [one for one in json.loads(done.stdout)["changes"] if one["change"] == "removed"]

    assert {one["verdict"] for one in removed} == {"unknown"}
    assert all(one["reason"].startswith("its file is not read: ") for one in removed)
    assert done.stderr.startswith("dagster-lookml: not read, and so not compared: orders.view.lkml: ")
    assert diff(shop, "--base", "HEAD", "--fail-on", "breaking").returncode == 1


# -- imported projects that are submodules -----------------------------------------------------------------------------

IMPORTER = {
    "manifest.lkml": 'project_name: "shop"\nlocal_dependency: { project: "blk" }\n',
    "m.model.lkml": 'connection: "c"\ninclude: "//blk/*.view"\nexplore: orders {}\n',
}
BLOCK = {"orders.view.lkml": "view: orders { dimension: id { sql: ${TABLE}.id ;; } dimension: a { sql: ${TABLE}.a ;; } }\n"}


@pytest.fixture
def importer(tmp_path: Path) -> Path:
    """A project whose last commit moves a submodule on by one commit, which takes a field away."""
    block = started(tmp_path / "block", BLOCK)
    root = started(tmp_path / "importer", IMPORTER)
    git(
        root,
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        "--name",
        "a block",
        str(block),
        "imported_projects/blk",
    )
    commit(root, "import")
    inside = root / "imported_projects" / "blk"
    replaced(inside, "orders.view.lkml", "dimension: a { sql: ${TABLE}.a ;; }", "")
    commit(inside)
    commit(root, "bump")
    return root


@pytest.mark.rule("R1.7")
@pytest.mark.parametrize("head", [(), ("--head", "HEAD")], ids=["disk", "ref"])
def test_an_imported_project_that_is_a_submodule_is_read_at_the_commit_that_the_ref_has(
    importer: Path, head: tuple[str, ...]
) -> None:
    assert changes(importer, "--base", "HEAD~1", *head) == ["breaking: field:orders.a"]
    assert changes(importer, "--base", "HEAD", *head) == []


@pytest.mark.rule("R1.7")
def test_a_submodule_is_read_where_nothing_of_it_is_checked_out(importer: Path) -> None:
    git(importer, "submodule", "--quiet", "deinit", "--force", "--all")

    assert changes(importer, "--base", "HEAD~1", "--head", "HEAD") == ["breaking: field:orders.a"]


@pytest.mark.rule("R1.7")
def test_a_submodule_whose_commit_is_not_here_is_read_from_disk_and_said_to_be(importer: Path, tmp_path: Path) -> None:
    inside = importer / "imported_projects" / "blk"
    shutil.rmtree(importer / ".git" / "modules")
    (inside / ".git").unlink()
    started(inside, {})
    done = diff(importer, "--base", "HEAD~1", "--head", "HEAD", "--no-cache")
    said = done.stderr.splitlines()

    assert (done.returncode, len(said)) == (0, 2)
    assert all(one.startswith("dagster-lookml: imported_projects/blk is read from disk, for its commit at ") for one in said)
