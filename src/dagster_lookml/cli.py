"""The command line: arguments, one call, rendering, exit code."""

from __future__ import annotations

import gc
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar

import click
import msgspec

from dagster_lookml.cache import NoStore
from dagster_lookml.config import Config, RuleSettings, load_config, rule_name
from dagster_lookml.diagnostics import RULES
from dagster_lookml.errors import DagsterLookMLError, did_you_mean, near_names
from dagster_lookml.progress import Progress
from dagster_lookml.semantic.collecting import collection_paused
from dagster_lookml.semantic.objects import Project
from dagster_lookml.workspace import Workspace
from dagster_lookml.workspace.answer import TracedProject

if TYPE_CHECKING:
    from dagster_lookml.analysis.impact import Impact

COULD_NOT_RUN: Final = 2
_SELECTOR: Final = re.compile(r"[a-z]+:")
_NEEDS_COLUMNS: Final = re.compile(r"\b(?:column|field|tile):")
_Command = TypeVar("_Command", bound=Callable[..., Any])

_EPILOG: Final = """\b
Try:
  dagster-lookml compile path/to/lookml
  dagster-lookml check path/to/lookml --format json
  dagster-lookml show path/to/lookml view:orders
  dagster-lookml lineage path/to/lookml +dashboard:sales/kpis
  dagster-lookml impact path/to/lookml column:orders.status
  dagster-lookml compile --ref origin/main

Exit codes: 0 done, 1 the check failed, 2 could not run.
Nothing of the repository is executed and nothing in it is written; neither Looker nor credentials are needed.
"""


def main() -> NoReturn:
    """Run the command line, and turn what could not run into a message and exit code 2."""
    try:
        with collection_paused():
            code = cli.main(standalone_mode=False)
            gc.freeze()  # the process ends, and nothing needs to be looked through for what could be freed
        sys.exit(code if isinstance(code, int) else 0)
    except click.ClickException as error:
        error.show()
        sys.exit(COULD_NOT_RUN)
    except DagsterLookMLError as error:
        click.echo(f"dagster-lookml: {error}", err=True)
        sys.exit(COULD_NOT_RUN)
    except (KeyboardInterrupt, click.Abort):
        click.echo("dagster-lookml: interrupted", err=True)
        sys.exit(130)
    except (OSError, RecursionError, ValueError, RuntimeError) as error:
        if isinstance(error, BrokenPipeError):  # whoever read our output has seen enough
            sys.stderr.close()
            sys.exit(0)
        if os.environ.get("DAGSTER_LOOKML_TRACEBACK"):
            raise
        click.echo(f"dagster-lookml: could not run: {type(error).__name__}: {error}", err=True)
        click.echo("with DAGSTER_LOOKML_TRACEBACK=1 it says where", err=True)
        sys.exit(COULD_NOT_RUN)


class _Commands(click.Group):
    """Offers names that look like a command that does not exist."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            raise click.UsageError(f"{error.message}{did_you_mean(near_names(args[0], list(self.commands)))}", ctx) from error


@click.group(cls=_Commands, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="dagster-lookml")
def cli() -> None:
    """Compile a LookML repository offline: what it has, what is wrong with it, and which tables and columns it reads."""


def _repository_options(command: _Command) -> _Command:
    """The options that every command has."""
    for option in (
        click.option("-C", "directory", metavar="DIR", help="Work as if started in DIR."),
        click.option("--config", "config_file", metavar="FILE", help="Read this configuration, and look for no other."),
        click.option("--no-cache", is_flag=True, help="Compute everything anew, and keep nothing."),
        click.option("--quiet", "-q", is_flag=True, help="Show no progress."),
        click.option("--json", "as_json", is_flag=True, help="The same as --format json."),
        click.option("--ref", metavar="REF", help="Read this git branch, tag or commit instead of the files on disk."),
    ):
        command = option(command)
    return command


def _open(repository: str | None, directory: str | None, config_file: str | None, no_cache: bool) -> Workspace:
    if "" in (repository, directory, config_file):
        raise click.UsageError("an empty path was given; is a variable unset?")
    start = Path(directory) if directory else Path()
    root = start / repository if repository else start
    config = load_config(root, start / config_file) if config_file else None
    return Workspace(root, config, NoStore() if no_cache else None)


@contextmanager
def _progress(quiet: bool) -> Iterator[Progress | None]:
    """A progress bar on stderr, where that is a terminal and the work is long enough to want one."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=None)

        def show(what: str, done: int, total: int) -> None:
            if done % 16 == 0 or done == total:
                bar.update(task, description=what, completed=done, total=total)

        yield show


def _project(workspace: Workspace, ref: str | None, quiet: bool) -> Project:
    with _progress(quiet) as progress:
        return workspace.project(ref, progress)


@cli.command("compile")
@click.argument("repository", required=False, metavar="[REPO]")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@_repository_options
def compile_command(
    repository: str | None,
    form: str,
    directory: str | None,
    config_file: str | None,
    no_cache: bool,
    quiet: bool,
    as_json: bool,
    ref: str | None,
) -> None:
    """Compile REPO (default: here) and say what is in it.

    The LookML is read the way Looker reads it, once per model: includes, imported projects, constants, extends, refinements.
    With --format json every view, field, explore, join, dashboard and tile is listed with its file and line.
    """
    from dagster_lookml.outputs.contract import compile_json, encode
    from dagster_lookml.outputs.text import compile_text

    workspace = _open(repository, directory, config_file, no_cache)
    project = _project(workspace, ref, quiet)
    if as_json or form == "json":
        click.echo(encode(compile_json(project, workspace.dialects(ref))), nl=False)
    else:
        click.echo(compile_text(project), nl=False)


@cli.command("check")
@click.argument("repository", required=False, metavar="[REPO]")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--select", multiple=True, metavar="RULE", help="Report only these rules, by name or code. Repeatable.")
@click.option("--ignore", multiple=True, metavar="RULE", help="Do not report these rules. Repeatable.")
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "never"]),
    default="error",
    show_default=True,
    help="The least severity that makes the exit code 1.",
)
@_repository_options
def check_command(
    repository: str | None,
    form: str,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    fail_on: str,
    directory: str | None,
    config_file: str | None,
    no_cache: bool,
    quiet: bool,
    as_json: bool,
    ref: str | None,
) -> None:
    """Check REPO (default: here) for what is broken.

    An error is something that surely breaks in Looker; a warning may be meant. Each finding has its place, a stable code and a
    name, by which it can be ignored here or in dagster-lookml.toml.
    """
    from dagster_lookml.analysis.checks import check
    from dagster_lookml.analysis.reporting import fails, reported
    from dagster_lookml.outputs.contract import check_json, encode
    from dagster_lookml.outputs.text import check_text

    for name in (*select, *ignore):
        if rule_name(name) is None:
            raise click.UsageError(f"no such rule: {name}{did_you_mean(near_names(name, list(RULES)))}")
    workspace = _open(repository, directory, config_file, no_cache)
    project = _project(workspace, ref, quiet)
    found = reported(check(project), _settings(workspace.config, select, ignore))
    if as_json or form == "json":
        click.echo(encode(check_json(found)), nl=False)
    else:
        click.echo(check_text(found, lambda file, line: workspace.source_line(file, line, ref)), nl=False)
    sys.exit(1 if fails(found, fail_on) else 0)


def _settings(config: Config, select: tuple[str, ...], ignore: tuple[str, ...]) -> RuleSettings:
    """The configuration's rules, with those of the command line: its selection replaces, its exceptions are added."""
    rules = config.rules
    return msgspec.structs.replace(rules, select=select or rules.select, ignore=(*rules.ignore, *ignore))


@cli.command("show")
@click.argument("arguments", nargs=-1, required=True, metavar="[REPO] SELECTOR")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--model", metavar="MODEL", help="Which model's object, where models differ.")
@_repository_options
def show_command(
    arguments: tuple[str, ...],
    form: str,
    model: str | None,
    directory: str | None,
    config_file: str | None,
    no_cache: bool,
    quiet: bool,
    as_json: bool,
    ref: str | None,
) -> None:
    """Show the compiled LookML of an object, with the file and line that each parameter comes from.

    SELECTOR is view:NAME, view:MODEL/NAME, explore:NAME, explore:MODEL/NAME or field:VIEW.NAME. What is shown stands after
    extends, refinements and constants, as Looker sees it.
    """
    from dagster_lookml.analysis.selecting import find_field, find_object
    from dagster_lookml.outputs.contract import SCHEMA_VERSION, encode
    from dagster_lookml.outputs.lookml import lookml_lines, lookml_text, origins_json
    from dagster_lookml.semantic.objects import View

    repository, selector = _repository_and_selector(arguments, directory)
    workspace = _open(repository, directory, config_file, no_cache)
    with _progress(quiet) as progress:
        compilation = workspace.compile(ref, progress)
    found = find_object(compilation.project, selector, model)
    field = find_field(found, selector) if isinstance(found, View) and selector.startswith("field:") else None
    lines = lookml_lines(compilation.blocks[found.id], (field.kind, field.name) if field else None)
    if as_json or form == "json":
        text = "\n".join(line.text for line in lines)
        data = {"schema_version": SCHEMA_VERSION, "id": found.id, "lookml": text, "origins": list(origins_json(lines))}
        click.echo(encode(data), nl=False)
    else:
        click.echo(lookml_text(lines), nl=False)


def _repository_and_selector(arguments: tuple[str, ...], directory: str | None) -> tuple[str | None, str]:
    """The first argument is the repository if it names a directory and is not of the form ``kind:name``."""
    if len(arguments) == 1:
        return None, arguments[0]
    if len(arguments) > 2:
        raise click.UsageError("expected a repository and one selector")
    repository, selector = arguments
    if _SELECTOR.match(repository) and not (Path(directory or ".") / repository).is_dir():
        raise click.UsageError("expected one selector")
    return repository, selector


def _dbt_options(command: _Command) -> _Command:
    """The options that tell what dbt knows."""
    for option in (
        click.option(
            "--dbt-catalog", metavar="FILE", help="dbt's catalog.json, for the columns of tables; needs --dbt-manifest."
        ),
        click.option("--dbt-manifest", metavar="FILE", help="dbt's manifest.json, to go on to the models behind the tables."),
    ):
        command = option(command)
    return command


@cli.command("lineage")
@click.argument("arguments", nargs=-1, metavar="[REPO] [SELECTOR]...")
@click.option("--format", "form", type=click.Choice(["tree", "json", "mermaid", "dot"]), default="tree", show_default=True)
@click.option("--exclude", multiple=True, metavar="SELECTOR", help="Leave these out. Repeatable.")
@click.option("--columns", is_flag=True, help="Go down to columns, fields and tiles.")
@click.option("--base", metavar="REF", help="What state:modified compares with.")
@click.option("--min-coverage", type=click.FloatRange(0, 100), metavar="PERCENT", help="Exit with 1 if fewer fields are traced.")
@_dbt_options
@_repository_options
def lineage_command(
    arguments: tuple[str, ...],
    form: str,
    exclude: tuple[str, ...],
    columns: bool,
    base: str | None,
    min_coverage: float | None,
    dbt_manifest: str | None,
    dbt_catalog: str | None,
    directory: str | None,
    config_file: str | None,
    no_cache: bool,
    quiet: bool,
    as_json: bool,
    ref: str | None,
) -> None:
    """Show which tables and columns everything in REPO (default: here) reads, down to the warehouse.

    SELECTOR is what dbt knows: KIND:NAME with a + on the side to go on to, as in +dashboard:sales/kpis, table:*.orders+,
    view:orders+1. Kinds are table, column, view, field, explore, dashboard, tile and dbt; there are model:, path:, tag:, pdt:
    and, with --base, state:modified too. Several selectors add up; a comma inside one means both. KIND:NAME alone stands for
    +KIND:NAME+.
    """
    from dagster_lookml.lineage.selectors import Selection, with_both_sides
    from dagster_lookml.outputs.contract import encode
    from dagster_lookml.outputs.dot import dot_text
    from dagster_lookml.outputs.lineage_json import lineage_json
    from dagster_lookml.outputs.lineage_text import coverage_text, tree_text
    from dagster_lookml.outputs.mermaid import mermaid_text
    from dagster_lookml.semantic.objects import Lookup

    repository, selectors = _repository_and_selectors(arguments, directory)
    workspace = _open(repository, directory, config_file, no_cache)
    traced = _traced(workspace, ref, directory, dbt_manifest, dbt_catalog, quiet)
    columns = columns or any(_NEEDS_COLUMNS.search(selector) for selector in (*selectors, *exclude))
    part = traced.graph if columns else traced.tables
    states = workspace.states(base, ref) if base is not None else None
    if selectors or exclude:
        selection = Selection(part, Lookup(traced.project), states)
        part = part.part(selection.select([with_both_sides(selector) for selector in selectors], exclude))
    if as_json or form == "json":
        click.echo(encode(lineage_json(part, traced.coverage, traced.circles)), nl=False)
    elif form == "tree":
        click.echo(tree_text(part) + "\n" + coverage_text(traced.coverage, traced.circles, traced.dialects), nl=False)
    else:
        click.echo(mermaid_text(part) if form == "mermaid" else dot_text(part), nl=False)
    percent = traced.coverage.fields.percent
    if min_coverage is not None and percent < min_coverage:
        click.echo(f"coverage of the whole project is {percent:.2f} %, and {min_coverage:g} % were asked for", err=True)
        sys.exit(1)


@cli.command("impact")
@click.argument("arguments", nargs=-1, metavar="[REPO] SELECTOR...")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--base", metavar="REF", help="What state:modified compares with.")
@click.option(
    "--dbt", "dbt_nodes", multiple=True, metavar="NODE", help="A dbt node such as model:shop.orders; needs --dbt-manifest."
)
@_dbt_options
@_repository_options
def impact_command(
    arguments: tuple[str, ...],
    form: str,
    base: str | None,
    dbt_nodes: tuple[str, ...],
    dbt_manifest: str | None,
    dbt_catalog: str | None,
    directory: str | None,
    config_file: str | None,
    no_cache: bool,
    quiet: bool,
    as_json: bool,
    ref: str | None,
) -> None:
    """Show what in REPO (default: here) a change of a table, a column or anything else would be felt by.

    SELECTOR is for example column:orders.status, table:*.orders, view:orders, field:orders.total, explore:sales/orders or
    dbt:model.shop.orders; with --base and no SELECTOR it is what differs from that ref, and what is gone since. Everything that
    reads it is listed by dashboard, explore and view, each with the shortest way to it and the file and line of every step.
    """
    from dagster_lookml.analysis.impact import impact
    from dagster_lookml.analysis.state import changed_in_fields_alone, removed
    from dagster_lookml.lineage.selectors import Selection, without_readers
    from dagster_lookml.outputs.contract import encode
    from dagster_lookml.outputs.lineage_json import impact_json
    from dagster_lookml.outputs.lineage_text import impact_text
    from dagster_lookml.semantic.objects import Lookup

    repository, selectors = _repository_and_selectors(arguments, directory)
    if dbt_nodes and dbt_manifest is None:
        raise click.UsageError("--dbt needs --dbt-manifest FILE")
    selectors += [f"dbt:{node.removeprefix('dbt:').replace(':', '.', 1)}" for node in dbt_nodes]
    if not selectors and base is None:
        raise click.UsageError("say what changes, for example column:orders.status or table:*.orders")
    selectors = [without_readers(selector) for selector in selectors] or ["state:modified"]
    workspace = _open(repository, directory, config_file, no_cache)
    traced = _traced(workspace, ref, directory, dbt_manifest, dbt_catalog, quiet)
    lookup = Lookup(traced.project)
    states = workspace.states(base, ref) if base is not None else None
    start = Selection(traced.graph, lookup, states).select(selectors)
    gone: Impact | None = None
    if base is not None and "state:modified" in selectors:
        start -= changed_in_fields_alone(workspace.project(base), traced.project)
        if ids := removed(workspace.project(base), traced.project):
            before = _traced(workspace, base, directory, dbt_manifest, dbt_catalog, quiet)
            gone = impact(before.graph, Lookup(before.project), ids & before.graph.nodes.keys())
    found = impact(traced.graph, lookup, start)
    if as_json or form == "json":
        click.echo(encode(impact_json(found, traced.coverage, gone)), nl=False)
    else:
        click.echo(impact_text(found, traced.coverage, gone, base or ""), nl=False)


def _traced(
    workspace: Workspace, ref: str | None, directory: str | None, manifest: str | None, catalog: str | None, quiet: bool
) -> TracedProject:
    from dagster_lookml.source.dbt import read_dbt

    if catalog is not None and manifest is None:
        raise click.UsageError("--dbt-catalog needs --dbt-manifest FILE")
    start = Path(directory or ".")
    dbt = read_dbt(start / manifest, start / catalog if catalog is not None else None) if manifest is not None else None
    with _progress(quiet) as progress:
        return workspace.lineage(ref, dbt, progress)


def _repository_and_selectors(arguments: tuple[str, ...], directory: str | None) -> tuple[str | None, list[str]]:
    """The first argument is the repository if it names a directory and has no ``kind:`` in front."""
    from dagster_lookml.lineage.graph import KINDS
    from dagster_lookml.lineage.selectors import METHODS, parse_term

    if not arguments or (arguments[0] and parse_term(arguments[0]).method in (*KINDS, *METHODS)):
        return None, list(arguments)
    if (Path(directory or ".") / arguments[0]).is_dir():
        return arguments[0], list(arguments[1:])
    if not _SELECTOR.search(arguments[0]) and ("/" in arguments[0].strip("+@") or arguments[0] in ("", ".")):
        raise click.UsageError(f"no such directory: {arguments[0] or '(empty)'}")
    return None, list(arguments)
