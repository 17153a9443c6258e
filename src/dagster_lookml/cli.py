"""The command line: arguments, one call, rendering, exit code."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NoReturn, TypeVar

import click
import msgspec

from dagster_lookml.config import Config, RuleSettings, load_config, rule_name
from dagster_lookml.diagnostics import RULES
from dagster_lookml.errors import DagsterLookMLError, did_you_mean, near_names
from dagster_lookml.semantic.compile import Progress
from dagster_lookml.workspace import Workspace

COULD_NOT_RUN: Final = 2
_SELECTOR: Final = re.compile(r"[a-z]+:")
_Command = TypeVar("_Command", bound=Callable[..., Any])

_EPILOG: Final = """\b
Try:
  dagster-lookml compile path/to/lookml
  dagster-lookml check path/to/lookml --format json
  dagster-lookml show path/to/lookml view:orders
  dagster-lookml compile --ref origin/main

Exit codes: 0 done, 1 the check failed, 2 could not run.
Nothing of the repository is executed and nothing in it is written; neither Looker nor credentials are needed.
"""


def main() -> NoReturn:
    """Run the command line, and turn what could not run into a message and exit code 2."""
    try:
        code = cli.main(standalone_mode=False)
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
    """Compile a LookML repository offline: which views, explores and dashboards it has, and what is wrong with it."""


def _repository_options(command: _Command) -> _Command:
    """The options that every command has."""
    for option in (
        click.option("-C", "directory", metavar="DIR", help="Work as if started in DIR."),
        click.option("--config", "config_file", metavar="FILE", help="Read this configuration, and look for no other."),
        click.option("--quiet", "-q", is_flag=True, help="Show no progress."),
        click.option("--json", "as_json", is_flag=True, help="The same as --format json."),
        click.option("--ref", metavar="REF", help="Read this git branch, tag or commit instead of the files on disk."),
    ):
        command = option(command)
    return command


def _open(repository: str | None, directory: str | None, config_file: str | None) -> Workspace:
    if "" in (repository, directory, config_file):
        raise click.UsageError("an empty path was given; is a variable unset?")
    start = Path(directory) if directory else Path()
    root = start / repository if repository else start
    config = load_config(root, start / config_file) if config_file else None
    return Workspace(root, config)


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


def _compiled(workspace: Workspace, ref: str | None, quiet: bool) -> Any:
    with _progress(quiet) as progress:
        return workspace.compile(ref, progress)


@cli.command("compile")
@click.argument("repository", required=False, metavar="[REPO]")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@_repository_options
def compile_command(
    repository: str | None,
    form: str,
    directory: str | None,
    config_file: str | None,
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

    workspace = _open(repository, directory, config_file)
    project = _compiled(workspace, ref, quiet).project
    if as_json or form == "json":
        click.echo(encode(compile_json(project, workspace.config)), nl=False)
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
    workspace = _open(repository, directory, config_file)
    project = _compiled(workspace, ref, quiet).project
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
    workspace = _open(repository, directory, config_file)
    compilation = _compiled(workspace, ref, quiet)
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
