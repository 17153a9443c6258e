"""The command line, run as a program: what it prints, where it prints it, and how it exits."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.analysis.diff.states import SPOKE
from tests.corpora import CORPORA, FIXTURES, NAMES, ROOT, needs_corpora
from tests.repositories import started, write

STOREFRONT = FIXTURES / "projects" / "storefront"
BROKEN = {
    "m.model.lkml": (
        'connection: "x"\ninclude: "*.view"\nexplore: orders { join: userz { sql_on: ${orders.user_id} = ${userz.id} ;; } }\n'
    ),
    "orders.view.lkml": "view: orders {\n  dimension: id {}\n  dimension: double { sql: ${idd} * 2 ;; }\n}\n",
    "users.view.lkml": "view: users {\n  dimension: id {}\n}\n",
}


def run(*arguments: str | Path, cwd: Path = ROOT, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "dagster_lookml", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env={**os.environ, **(environment or {})},
    )


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    for name, text in BROKEN.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def schema(command: str) -> Any:
    return json.loads((files("dagster_lookml") / "schemas" / f"{command}.schema.json").read_text("utf-8"))


# -- compile -----------------------------------------------------------------------------------------------------------


def test_compile_says_what_is_there_at_a_glance() -> None:
    done = run("compile", STOREFRONT)

    assert done.returncode == 0
    assert done.stderr == ""
    assert done.stdout.splitlines()[:6] == [
        "storefront: 49 LookML files, 3 models",
        "",
        "model       connection            views  explores  dashboards",
        "ecommerce   storefront_bigquery      21         7           2",
        "marketing   storefront_snowflake      5         3           1",
        "operations  storefront_bigquery      11         3           1",
    ]


@pytest.mark.parametrize(
    ("includes", "said"),
    [
        ((), "not here, and no include names it"),
        (("a",), "not here, and 1 include names it"),
        (("a", "b"), "not here, and 2 includes name it"),
    ],
)
def test_compile_says_of_an_import_that_is_not_here_who_names_it(tmp_path: Path, includes: tuple[str, ...], said: str) -> None:
    model = 'connection: "c"\n' + "".join(f'include: "//hub/{name}.view"\n' for name in includes)
    write(tmp_path, {"manifest.lkml": 'local_dependency: { project: "hub" }\n', "m.model.lkml": model})

    assert f"import      hub: {said}" in run("compile", tmp_path).stdout.splitlines()


@pytest.mark.parametrize("arguments", [["--json"], ["--format", "json"]])
def test_compile_json_keeps_to_the_contract(arguments: list[str]) -> None:
    done = run("compile", STOREFRONT, *arguments)
    answer = json.loads(done.stdout)

    jsonschema.validate(answer, schema("compile"))
    assert done.stderr == ""
    assert [model["name"] for model in answer["models"]] == ["ecommerce", "marketing", "operations"]
    assert [model["dialect"] for model in answer["models"]] == ["bigquery", "snowflake", "bigquery"]
    assert {model["dialect_source"] for model in answer["models"]} == {"inferred"}
    for key in ("views", "explores", "dashboards"):
        ids = [one["id"] for one in answer[key]]
        assert ids == sorted(set(ids))
    assert answer["project"] == {
        "name": "storefront",
        "files": 49,
        "imports": [{"name": "calendar_block", "path": "imported_projects/calendar_block", "resolved": True}],
    }


@needs_corpora
@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_contract_holds_on_real_repositories(name: str) -> None:
    for command, *options in (["compile"], ["check"], ["lineage"], ["lineage", "--columns"], ["impact", "table:*"]):
        answer = json.loads(run(command, CORPORA / name, *options, "--json").stdout)

        assert [error.message for error in jsonschema.Draft202012Validator(schema(command)).iter_errors(answer)] == []


def test_the_same_input_gives_the_same_bytes() -> None:
    first = run("compile", STOREFRONT, "--json", environment={"PYTHONHASHSEED": "1"})
    second = run("compile", STOREFRONT, "--json", environment={"PYTHONHASHSEED": "2"})
    elsewhere = run("compile", "--json", cwd=STOREFRONT)
    pointed = run("compile", "-C", STOREFRONT.parent, "storefront", "--json")

    assert first.stdout == second.stdout == elsewhere.stdout == pointed.stdout


# -- check -------------------------------------------------------------------------------------------------------------


def test_check_shows_the_place_and_what_may_be_meant(broken: Path) -> None:
    done = run("check", broken)

    assert done.returncode == 1
    assert done.stderr == ""
    assert done.stdout == (
        "m.model.lkml:3:19: error LM302 [unknown-view]: the join `userz` needs the view `userz`, "
        "which the model `m` does not have\n"
        "    |\n"
        "  3 | explore: orders { join: userz { sql_on: ${orders.user_id} = ${userz.id} ;; } }\n"
        "    |                   ^\n"
        "  = did you mean users?\n"
        "\n"
        "m.model.lkml:3:41: error LM310 [unknown-field]: there is no field `user_id` in the view `orders`\n"
        "    |\n"
        "  3 | explore: orders { join: userz { sql_on: ${orders.user_id} = ${userz.id} ;; } }\n"
        "    |                                         ^^^^^^^^^^^^^^^^^\n"
        "\n"
        "orders.view.lkml:3:28: error LM310 [unknown-field]: `orders.double` refers to `orders.idd`, which does not exist\n"
        "    |\n"
        "  3 |   dimension: double { sql: ${idd} * 2 ;; }\n"
        "    |                            ^^^^^^\n"
        "  = in explore:m/orders; did you mean id?\n"
        "\n"
        "3 errors\n"
    )


def test_check_of_a_sound_project() -> None:
    done = run("check", STOREFRONT)

    assert (done.returncode, done.stdout, done.stderr) == (0, "no findings\n", "")


def test_check_json_keeps_to_the_contract(broken: Path) -> None:
    answer = json.loads(run("check", broken, "--json").stdout)

    jsonschema.validate(answer, schema("check"))
    assert answer["counts"] == {"error": 3, "warning": 0, "info": 0, "total": 3}
    assert [one["rule"] for one in answer["diagnostics"]] == ["unknown-view", "unknown-field", "unknown-field"]


@pytest.mark.parametrize(
    ("arguments", "code", "rules"),
    [
        (["--select", "unknown-view"], 1, ["unknown-view"]),
        (["--select", "LM302"], 1, ["unknown-view"]),
        (["--ignore", "unknown-field"], 1, ["unknown-view"]),
        (["--ignore", "unknown-field", "--ignore", "LM302"], 0, []),
        (["--fail-on", "never"], 0, ["unknown-view", "unknown-field", "unknown-field"]),
    ],
)
def test_rules_can_be_chosen(broken: Path, arguments: list[str], code: int, rules: list[str]) -> None:
    done = run("check", broken, "--json", *arguments)

    assert done.returncode == code
    assert [one["rule"] for one in json.loads(done.stdout)["diagnostics"]] == rules


def test_the_configuration_of_the_repository_holds(broken: Path) -> None:
    (broken / "dagster-lookml.toml").write_text(
        '[rules]\nseverity = { unknown-view = "warning" }\npaths = [{ path = "orders.*", ignore = ["unknown-field"] }]\n'
    )
    answer = json.loads(run("check", broken, "--json").stdout)

    assert [(one["rule"], one["severity"]) for one in answer["diagnostics"]] == [
        ("unknown-view", "warning"),
        ("unknown-field", "error"),
    ]


@pytest.mark.slow
def test_the_fingerprint_of_a_finding_survives_moved_lines(broken: Path) -> None:
    before = json.loads(run("check", broken, "--json").stdout)["diagnostics"]
    for name, text in BROKEN.items():
        (broken / name).write_text("# moved\n\n" + text)
    after = json.loads(run("check", broken, "--json").stdout)["diagnostics"]

    assert [one["fingerprint"] for one in after] == [one["fingerprint"] for one in before]
    assert [one["line"] for one in after] == [one["line"] + 2 for one in before]


# -- show --------------------------------------------------------------------------------------------------------------


def test_show_prints_compiled_lookml_beside_its_origins() -> None:
    done = run("show", STOREFRONT, "view:retail_fiscal_periods")
    lines = done.stdout.splitlines()

    assert done.returncode == 0
    assert [part.strip() for part in lines[0].split(" | ")] == [
        "views/calendar/retail_fiscal_periods.view.lkml:3",
        "view: retail_fiscal_periods {",
    ]
    inherited = next(line for line in lines if "dimension: fiscal_period {" in line)
    assert inherited.startswith("imported_projects/calendar_block/views/fiscal_periods.view.lkml:")


def test_show_json_keeps_to_the_contract_and_its_lines_are_lookml() -> None:
    answer = json.loads(run("show", STOREFRONT, "explore:customers", "--json").stdout)
    lines = answer["lookml"].splitlines()

    jsonschema.validate(answer, schema("show"))
    assert answer["id"] == "explore:ecommerce/customers"
    places = {lines[one["line"] - 1].strip(): (one["file"], one["source_line"]) for one in answer["origins"]}
    for text, (file, line) in places.items():
        key = text.partition(":")[0]
        assert key in (STOREFRONT / file).read_text().splitlines()[line - 1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["view:orders"], "2 views have this name; did you mean view:ecommerce/orders or view:operations/orders?"),
        (["view:order_item"], "no such view; did you mean view:order_items"),
        (["explore:nothing_like_it"], "no such explore"),
        (["orders"], "expected one of view:NAME, explore:NAME, field:NAME"),
        (["view:orders", "--model", "ecomerce"], "no model is called ecomerce; did you mean ecommerce?"),
        (["view:sessions", "--model", "operations"], "no such view in model operations"),
        (["field:order_items.total_revenu"], "view:order_items has no such field; did you mean total_revenue"),
    ],
)
def test_a_selector_that_does_not_decide(arguments: list[str], message: str) -> None:
    done = run("show", STOREFRONT, *arguments)

    assert done.returncode == 2
    assert done.stdout == ""
    assert message in done.stderr


def test_show_of_a_field_is_of_that_field_alone() -> None:
    lines = [line.partition(" | ")[2] for line in run("show", STOREFRONT, "field:order_items.total_revenue").stdout.splitlines()]

    assert lines[0] == "view: order_items {"
    assert [line for line in lines if line.strip().startswith(("measure:", "dimension"))] == ["  measure: total_revenue {"]


@pytest.mark.parametrize(
    ("selector", "identity"),
    [
        (["view:operations/orders"], "view:operations/orders"),
        (["view:orders", "--model", "operations"], "view:operations/orders"),
        (["view:ecommerce/order_items"], "view:order_items"),
        (["field:order_items.total_revenue"], "view:order_items"),
        (["explore:operations/fulfillment"], "explore:operations/fulfillment"),
    ],
)
def test_what_a_selector_names(selector: list[str], identity: str) -> None:
    assert json.loads(run("show", STOREFRONT, *selector, "--json").stdout)["id"] == identity


@pytest.mark.parametrize("selector", [["view:orders"], ["view:+orders"], ["view:m/orders"], ["view:orders", "--model", "m"]])
def test_of_what_an_absent_import_declares_the_refinements_are_shown(tmp_path: Path, selector: list[str]) -> None:
    root = write(tmp_path / "spoke", SPOKE)
    done = run("show", root, *selector)

    assert done.stdout.splitlines()[:2] == ["orders.view.lkml:1 | view: +orders {", 'orders.view.lkml:2 |   label: "Orders"']
    said = "only refinements of the view orders are here (orders.view.lkml:1); its base is in the project hub, which is not here"
    assert done.stderr == f"dagster-lookml: {said}\n"
    assert json.loads(run("show", root, *selector, "--json").stdout)["id"] == "view:+orders"


@pytest.mark.slow
def test_a_field_and_an_explore_of_what_an_absent_import_declares_are_shown(tmp_path: Path) -> None:
    root = write(tmp_path / "spoke", SPOKE)

    assert "measure: double {" in run("show", root, "field:orders.double").stdout
    assert "explore: +sales {" in run("show", root, "explore:sales").stdout
    assert "view:+orders has no such field; did you mean double" in run("show", root, "field:orders.doubl").stderr


# -- what cannot be run ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["compile", "no/such/place"], "no/such/place: no such directory"),
        (["compile", "README.md"], "README.md: not a directory"),
        (["compile", "--format", "xml"], "'xml' is not one of 'text', 'json'"),
        (["compil"], "did you mean compile?"),
        (["check", "--select", "unknown-veiw"], "no such rule: unknown-veiw; did you mean unknown-view"),
        (["compile", "--config", "none.toml"], "none.toml: No such file or directory"),
        (["compile", "--nonsense"], "No such option"),
        (["show"], "Missing argument"),
        (["show", "a", "b", "c"], "expected a repository and one selector"),
    ],
)
def test_what_could_not_run_says_why_and_exits_with_2(arguments: list[str], message: str) -> None:
    done = run(*arguments)

    assert done.returncode == 2
    assert done.stdout == ""
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_without_lookml_is_no_success(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("nothing here")
    done = run("compile", tmp_path)

    assert done.returncode == 2
    assert "no LookML found" in done.stderr


def test_a_ref_that_does_not_exist() -> None:
    done = run("compile", STOREFRONT, "--ref", "no/such/ref")

    assert done.returncode == 2
    assert "no such branch, tag or commit" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "streams"),
    [
        (["check", "--base", "nope"], "2"),
        (["check", "--nonsense"], "2"),
        (["compile", "no/such/place"], "2"),
        (["check"], "1"),
        (["diff", "--base", "HEAD"], "12"),
    ],
)
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
def test_what_could_not_run_exits_with_2_also_where_it_cannot_say_why(broken: Path, arguments: list[str], streams: str) -> None:
    started(broken, {})
    with Path("/dev/full").open("w") as full:
        out, err = (full if one in streams else subprocess.PIPE for one in "12")
        done = subprocess.run(
            [sys.executable, "-m", "dagster_lookml", *arguments], stdout=out, stderr=err, cwd=broken, check=False, timeout=120
        )

    assert done.returncode == 2


@pytest.mark.parametrize("command", [["check", "--base", "main"], ["diff", "--base", "main"], ["impact", "--base", "main"]])
def test_without_git_nothing_can_be_compared(broken: Path, command: list[str]) -> None:
    done = run(*command, cwd=started(broken, {}), environment={"PATH": str(broken)})

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "dagster-lookml: .: git is not installed\n"


@pytest.mark.parametrize("command", ["check", "compile", "diff", "show", "lineage", "impact"])
def test_no_name_or_label_acts_on_a_terminal_or_passes_for_a_command_of_a_forge(tmp_path: Path, command: str) -> None:
    odd = "::error::\x1b[31m\u202ex"
    view = f'view: v {{ label: "\x1b[2J" dimension: a {{ sql: \x1b ${{{odd}}} ;; label: "##[error]{odd}" }} }}\n'
    root = started(
        tmp_path / odd,
        {"m.model.lkml": f'connection: "c"\ninclude: "/*"\nexplore: v {{ label: "{odd}" }}\n', f"{odd}.view.lkml": view},
    )
    (root / f"{odd}.view.lkml").write_text(view.replace("label", "description"), "utf-8")
    arguments = {"show": ["view:v"], "impact": ["view:v"], "diff": ["--base", "main"]}.get(command, [])
    done = run(command, root, *arguments, environment={"PYTHONIOENCODING": "utf-8"})

    assert done.stdout
    for printed in (done.stdout, done.stderr):
        assert not {"\x1b", "\u202e"} & set(printed)
        assert "##[" not in printed
        assert not [line for line in printed.splitlines() if line.lstrip().startswith("::")]


def test_an_annotation_has_no_control_characters(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "\x1b[31m.view.lkml": "view: v { dimension: a { sql: ${\x1b} ;; } }\n",
            "m.model.lkml": 'connection: "c"\ninclude: "/*"\nexplore: v {}\n',
        },
    )
    done = run("check", tmp_path, "--format", "github")

    assert "::error " in done.stdout
    assert "\x1b" not in done.stdout


def test_whoever_stops_reading_gets_no_traceback() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "dagster_lookml", "compile", str(STOREFRONT), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        complaint = process.stderr.read().decode()

    assert "Traceback" not in complaint


def test_an_interrupt_ends_it_without_a_traceback(tmp_path: Path) -> None:
    waiting = tmp_path / "waiting.toml"
    os.mkfifo(waiting)
    with subprocess.Popen(
        [sys.executable, "-m", "dagster_lookml", "compile", str(STOREFRONT), "--config", str(waiting)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=_hears_interrupts,
    ) as process:
        with waiting.open("wb"):  # opens when the program has opened it too, which then waits for what never comes
            process.send_signal(signal.SIGINT)
            process.wait(timeout=60)
        out, complaint = process.communicate()

    assert process.returncode == 130
    assert (out, complaint.decode().strip()) == (b"", "dagster-lookml: interrupted")


def test_an_interrupt_while_it_is_still_importing_is_no_other() -> None:
    program = """
import sys
from importlib.abc import MetaPathFinder
from dagster_lookml.__main__ import main

class Interrupting(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "dagster_lookml.semantic":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupting())
main()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)

    assert (done.returncode, done.stdout, done.stderr) == (130, "", "dagster-lookml: interrupted\n")


def _hears_interrupts() -> None:
    """A process started in the background of a shell would be deaf to them, and so would its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_help_teaches() -> None:
    done = run("--help")

    assert done.returncode == 0
    assert "dagster-lookml show path/to/lookml view:orders" in done.stdout
    for command in ("compile", "check", "show"):
        assert run(command, "--help").returncode == 0


@pytest.mark.parametrize("command", ["lineage", "impact"])
def test_the_examples_of_a_command_stand_on_lines_of_their_own(command: str) -> None:
    shown = run(command, "--help").stdout

    assert len([line for line in shown.splitlines() if line.startswith(f"  dagster-lookml {command} ")]) >= 4
    assert "\\b" not in shown


@pytest.mark.slow
@pytest.mark.parametrize("in_git", [False, True])
def test_file_names_that_are_no_text_can_be_printed(tmp_path: Path, in_git: bool) -> None:
    folder = os.fsencode(tmp_path)
    for name in (b"caf\xe9.view.lkml", b"a b\nc.view.lkml", "ü.model.lkml".encode()):
        with open(folder + b"/" + name, "w") as file:  # noqa: PTH123 - a path of bytes
            file.write("view: v { dimension: a { type: nothing } ")
    if in_git:
        subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    for command in ("compile", "check"):
        for form in ("text", "json"):
            done = run(command, tmp_path, "--format", form, environment={"PYTHONIOENCODING": "utf-8"})

            assert done.returncode in (0, 1), done.stderr
            assert done.stderr == ""
            assert form == "text" or json.loads(done.stdout)["schema_version"] == 1


def test_a_terminal_that_knows_only_ascii_gets_what_it_can_show(tmp_path: Path) -> None:
    (tmp_path / "a.view.lkml").write_text('view: a { label: "é" dimension: ü { type: é } }', "utf-8")
    done = run("check", tmp_path, environment={"PYTHONIOENCODING": "ascii", "LC_ALL": "C", "PYTHONUTF8": "0"})

    assert done.returncode == 0
    assert done.stderr == ""


def test_without_git_the_files_on_disk_are_still_read(tmp_path: Path) -> None:
    without_git = {"PATH": str(tmp_path)}

    assert run("compile", STOREFRONT, environment=without_git).returncode == 0
    refused = run("compile", STOREFRONT, "--ref", "main", environment=without_git)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "git is not installed" in refused.stderr


@pytest.mark.parametrize("arguments", [["check", ""], ["compile", "x" * 300], ["compile", "--config", ""]])
def test_odd_paths_are_refused_in_a_line_or_two(arguments: list[str]) -> None:
    done = run(*arguments)

    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_many_findings_on_one_long_line(tmp_path: Path) -> None:
    (tmp_path / "a.view.lkml").write_text("view: a { " + "dimension: d { nothing: x } " * 20_000 + "}")
    done = run("check", tmp_path)

    assert done.returncode == 1
    assert max(map(len, done.stdout.splitlines())) < 400


def test_the_ids_of_explores_with_odd_names_are_encoded(tmp_path: Path) -> None:
    (tmp_path / "m.model.lkml").write_text('connection: "c" view: v {} explore: a/b { from: v }')
    answer = json.loads(run("compile", tmp_path, "--json").stdout)

    jsonschema.validate(answer, schema("compile"))
    assert [one["id"] for one in answer["explores"]] == ["explore:m/a%2Fb"]
