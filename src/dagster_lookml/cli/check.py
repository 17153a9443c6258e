"""``dagster-lookml check``."""

from __future__ import annotations

import sys

import click
import msgspec

from dagster_lookml.cli.formats import text_or_json
from dagster_lookml.cli.repository import Repository, repository_options
from dagster_lookml.config import Config, RuleSettings, rule_name
from dagster_lookml.diagnostics import RULES
from dagster_lookml.errors import did_you_mean, near_names


@click.command("check")
@click.argument("path", required=False, metavar="[REPO]")
@text_or_json
@click.option("--select", multiple=True, metavar="RULE", help="Report only these rules, by name or code. Repeatable.")
@click.option("--ignore", multiple=True, metavar="RULE", help="Do not report these rules. Repeatable.")
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "never"]),
    default="error",
    show_default=True,
    help="The least severity that makes the exit code 1.",
)
@repository_options
def check_command(
    repository: Repository,
    path: str | None,
    form: str,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    fail_on: str,
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
    workspace = repository.open(path)
    project = repository.project(workspace)
    found = reported(check(project), _settings(workspace.config, select, ignore))
    if form == "json":
        click.echo(encode(check_json(found)), nl=False)
    else:
        click.echo(check_text(found, lambda file, line: workspace.source_line(file, line, repository.ref)), nl=False)
    sys.exit(1 if fails(found, fail_on) else 0)


def _settings(config: Config, select: tuple[str, ...], ignore: tuple[str, ...]) -> RuleSettings:
    """The configuration's rules, with those of the command line: its selection replaces, its exceptions are added."""
    rules = config.rules
    return msgspec.structs.replace(rules, select=select or rules.select, ignore=(*rules.ignore, *ignore))
