"""What every command that is about some PDTs is told, and the plan that follows from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import click

from dagster_lookml.cli.arguments import repository_and_terms
from dagster_lookml.cli.repository import Command, Repository
from dagster_lookml.errors import SelectorError, SourceError

if TYPE_CHECKING:
    from pathlib import Path

    from dagster_lookml.pdt.planning.changed import Changes
    from dagster_lookml.pdt.planning.plan import Plan
    from dagster_lookml.pdt.planning.selecting import PdtSelection
    from dagster_lookml.semantic.objects import Project
    from dagster_lookml.workspace import Workspace


class Planned(NamedTuple):
    """What was asked for.

    Attributes:
        part: with the PDTs that were selected.
        whole: of the project.
        changes: since the base; None without one.
    """

    part: Plan
    whole: Plan
    changes: Changes | None


def selection_options(command: Command) -> Command:
    """The arguments and options that say which PDTs are meant."""
    for option in (
        click.option("--base", metavar="REF", help="What state:modified compares with."),
        click.option("--exclude", multiple=True, metavar="SELECTOR", help="Leave these out. Repeatable."),
        click.argument("arguments", nargs=-1, metavar="[REPO] [SELECTOR]..."),
    ):
        command = option(command)
    return command


def planned(
    repository: Repository, arguments: tuple[str, ...], exclude: tuple[str, ...], base: str | None, default: str | None = None
) -> Planned:
    """The plan of a repository, and the part of it that was selected.

    Args:
        repository: as the options describe it.
        arguments: the repository's path, if one is given, then selectors.
        exclude: selectors of what is left out.
        base: the ref that ``state:`` compares with.
        default: the selector that holds where none is given, and there is a base.
    """
    from dagster_lookml.pdt.planning.plan import make_plan
    from dagster_lookml.pdt.planning.selecting import PdtSelection

    path, selectors = repository_and_pdts(arguments, repository.start)
    workspace = repository.open(path)
    with repository.progress() as progress:
        traced = workspace.lineage(repository.ref, None, progress)
    whole = make_plan(traced.project, traced.builds, workspace.config.rules)
    found = _changes(workspace, base, traced.project) if base is not None else None
    if base is not None and default is not None:
        selectors = selectors or [default]
    if not selectors and not exclude:
        return Planned(whole, whole, found)
    selection = PdtSelection(whole, found.states if found is not None else None)
    return Planned(whole.part(_selected(selection, selectors, exclude, repository.start)), whole, found)


def _selected(selection: PdtSelection, selectors: list[str], exclude: tuple[str, ...], start: Path) -> frozenset[str]:
    """The ids that selectors mean; a first one that means nothing may have been meant as the repository."""
    try:
        return selection.select(selectors, exclude)
    except SelectorError as error:
        if len(selectors) < 2 or error.selector != selectors[0] or ":" in error.selector:
            raise
        reason = f"{error.reason}, and there is no such directory in {start.absolute()}"
        raise SelectorError(error.selector, reason, error.near) from error


def _changes(workspace: Workspace, base: str, head: Project) -> Changes:
    from dagster_lookml.pdt.planning.changed import changes

    try:
        before = workspace.project(base)
    except SourceError as error:
        said = str(error).replace("--ref", "--base")
        raise click.ClickException(said if "--base" in said else f"--base {base}: {said}") from error
    return changes(before, head)


def repository_and_pdts(arguments: tuple[str, ...], start: Path) -> tuple[str | None, list[str]]:
    """As `repository_and_terms`, with the selectors of PDTs: ``model/view`` may be no path."""
    from dagster_lookml.pdt.planning.selecting import METHODS

    return repository_and_terms(arguments, start, METHODS, _is_path)


def _is_path(text: str) -> bool:
    return ":" not in text and (text.startswith((".", "/", "~")) or text.endswith("/") or text.count("/") > 1)
