"""``dagster-lookml compile``."""

from __future__ import annotations

import click

from dagster_lookml.cli.formats import text_or_json
from dagster_lookml.cli.repository import Repository, repository_options
from dagster_lookml.cli.telling import tell


@click.command("compile")
@click.argument("path", required=False, metavar="[REPO]")
@text_or_json
@repository_options
def compile_command(repository: Repository, path: str | None, form: str) -> None:
    """Compile REPO (default: here) and say what is in it.

    The LookML is read the way Looker reads it, once per model: includes, imported projects, constants, extends, refinements.
    With --format json every view, field, explore, join, dashboard and tile is listed with its file and line.
    """
    from dagster_lookml.outputs.contract import compile_json, encode
    from dagster_lookml.outputs.text import compile_text

    workspace = repository.open(path)
    project = repository.project(workspace)
    if form == "json":
        click.echo(encode(compile_json(project, workspace.dialects(repository.ref))), nl=False)
    else:
        tell(compile_text(project))
