"""``dagster-lookml show``."""

from __future__ import annotations

import click

from dagster_lookml.cli.arguments import repository_and_selector
from dagster_lookml.cli.formats import text_or_json
from dagster_lookml.cli.repository import Repository, repository_options
from dagster_lookml.cli.telling import tell


@click.command("show")
@click.argument("arguments", nargs=-1, required=True, metavar="[REPO] SELECTOR")
@text_or_json
@click.option("--model", metavar="MODEL", help="Which model's object, where models differ.")
@repository_options
def show_command(
    repository: Repository,
    arguments: tuple[str, ...],
    form: str,
    model: str | None,
) -> None:
    """Show the compiled LookML of an object, with the file and line that each parameter comes from.

    SELECTOR is view:NAME, view:MODEL/NAME, explore:NAME, explore:MODEL/NAME or field:VIEW.NAME. What is shown stands after
    extends, refinements and constants, as Looker sees it. Of what an absent import declares, the refinements are shown.
    """
    from dagster_lookml.analysis.refined import only_refined
    from dagster_lookml.analysis.selecting import find_field, find_object
    from dagster_lookml.outputs.contract import SCHEMA_VERSION, encode
    from dagster_lookml.outputs.lookml import lookml_lines, lookml_text, origins_json
    from dagster_lookml.semantic.objects import Lookup, View

    path, selector = repository_and_selector(arguments, repository.start)
    workspace = repository.open(path)
    with repository.progress() as progress:
        compilation = workspace.compile(repository.ref, progress)
    found = find_object(compilation.project, selector, model)
    field = find_field(found, selector) if isinstance(found, View) and selector.startswith("field:") else None
    if found.written is not None:
        click.echo(f"dagster-lookml: {only_refined(found, Lookup(compilation.project).models)}", err=True)
    lines = lookml_lines(compilation.blocks[found.id], (field.kind, field.name) if field else None)
    if form == "json":
        text = "\n".join(line.text for line in lines)
        data = {"schema_version": SCHEMA_VERSION, "id": found.id, "lookml": text, "origins": list(origins_json(lines))}
        click.echo(encode(data), nl=False)
    else:
        tell(lookml_text(lines))
