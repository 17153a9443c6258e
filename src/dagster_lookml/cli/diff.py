"""``dagster-lookml diff``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

import click
import msgspec

from dagster_lookml.cli.dbt import DbtComparison, dbt_comparison_options
from dagster_lookml.cli.formats import format_options
from dagster_lookml.cli.repository import Repository, repository_options
from dagster_lookml.cli.step_summary import IN_SUMMARY, write_summary
from dagster_lookml.cli.telling import remark, tell
from dagster_lookml.source.files import printable

if TYPE_CHECKING:
    from dagster_lookml.analysis.diff.change import Diff
    from dagster_lookml.source import Span
    from dagster_lookml.workspace import Workspace

_NAMED: Final = 3


@click.command("diff")
@click.argument("path", required=False, metavar="[REPO]")
@format_options("text", "json", "markdown", "github")
@click.option("--base", metavar="REF", help="What to compare with: the branch that this one goes to.")
@click.option("--head", metavar="REF", help="The branch, tag or commit with the change; by default the files on disk.")
@click.option("--exact", is_flag=True, help="Compare with REF as it is, and not with where the two parted.")
@click.option(
    "--fail-on",
    type=click.Choice(["breaking", "never"]),
    default="never",
    show_default=True,
    help="What makes the exit code 1; what is unknown counts as breaking.",
)
@dbt_comparison_options
@repository_options
def diff_command(
    repository: Repository,
    path: str | None,
    form: str,
    base: str | None,
    head: str | None,
    exact: bool,
    fail_on: str,
    dbt: DbtComparison | None,
) -> None:
    """Compare what the LookML of REPO (default: here) means with what it means at another ref.

    Not text is compared but the resolved models: after includes, imports, extends, refinements and constants. Each change has a
    verdict: breaking, unknown, numbers may change, metadata only, or equivalent; with the reason, and the shortest way to each
    dashboard, tile, explore and PDT that feels it. Moved blocks, white space and the order of fields are no change. What `check`
    calls an error breaks, also where the models are the same.

    With --dbt-base and --dbt-head two states of a dbt project are compared too, or alone: which of its tables and columns are
    gone, elsewhere, or of another name or type, and who feels that in the LookML. With both catalogs all columns are known.

    \b
    dagster-lookml diff --base origin/main                        # this branch, and what is not committed yet
    dagster-lookml diff --base v1 --head v2 --exact               # two states
    dagster-lookml diff --base origin/main --fail-on breaking     # exit code 1 if something breaks
    dagster-lookml diff --base origin/main --format markdown      # a comment for the pull request
    dagster-lookml diff --dbt-base prod/manifest.json --dbt-head target/manifest.json
    """  # noqa: D301 - click wants the control character itself
    if head is not None and repository.ref is not None:
        raise click.UsageError("--head and --ref mean the same here; give one of them")
    if base is None and (dbt is None or exact):
        missing = "--exact needs --base REF" if exact else "say what to compare with: --base REF, or --dbt-base and --dbt-head"
        raise click.UsageError(missing)
    ref = head if head is not None else repository.ref
    workspace = repository.open(path, ref)
    found = _compared(repository, workspace, base, ref, exact, dbt)
    answer = _rendered(form, found, workspace)
    if form == "text":
        tell(answer)
    else:
        click.echo(answer, nl=False)
    _tell_unread(workspace)
    sys.exit(1 if fail_on == "breaking" and found.is_blocking else 0)


def _compared(
    repository: Repository, workspace: Workspace, base: str | None, ref: str | None, exact: bool, dbt: DbtComparison | None
) -> Diff:
    from dagster_lookml.analysis.dbt_diff.differences import all_moved
    from dagster_lookml.analysis.diff.change import Diff, in_order

    projects = dbt.projects(repository) if dbt is not None else None
    if projects is not None and all_moved(*projects):
        text = "everything that dbt makes is elsewhere now; are both manifests of the same target (dbt --target)?"
        remark(text)
    with repository.progress() as progress:
        found = workspace.diff(base, ref, exact=exact, progress=progress) if base is not None else Diff(changes=(), head=ref)
        if dbt is None or projects is None:
            return found
        changes = in_order((*found.changes, *workspace.dbt_diff(*projects, ref, progress)))
    return msgspec.structs.replace(
        found,
        changes=changes,
        dbt_base=dbt.base,
        dbt_head=dbt.head,
        dbt_base_catalog=dbt.base_catalog or "",
        dbt_head_catalog=dbt.head_catalog or "",
    )


def _tell_unread(workspace: Workspace) -> None:
    """Say which files could not be compared, for what stands in them is in no change."""
    for ref, tree in workspace.opened.items():
        refused = tree.refusals()
        if refused:
            some = "; ".join(f"{printable(one.path)}: {one.message}" for one in refused[:_NAMED])
            more = f"; and {len(refused) - _NAMED:,} more" if len(refused) > _NAMED else ""
            at = f" at {ref}" if ref is not None else ""
            remark(f"not read{at}, and so not compared: {some}{more}")


def _rendered(form: str, found: Diff, workspace: Workspace) -> str:
    match form:
        case "json":
            from dagster_lookml.outputs.contract import encode
            from dagster_lookml.outputs.diff_json import diff_json

            return encode(diff_json(found))
        case "markdown":
            from dagster_lookml.outputs.diff_markdown import diff_markdown

            return diff_markdown(found)
        case "github":
            return _github(found, workspace)
        case _:
            from dagster_lookml.outputs.diff_text import diff_text

            return diff_text(found)


def _github(found: Diff, workspace: Workspace) -> str:
    """Annotations, and in a job of GitHub Actions the summary of its step, which tells of all changes and who feels them."""
    from dagster_lookml.outputs.diff_github import diff_github
    from dagster_lookml.outputs.diff_markdown import diff_summary

    folder = workspace.folder
    files = frozenset(folder + path for path in workspace.tree(found.head).paths())
    everything = IN_SUMMARY if write_summary(lambda: diff_summary(found)) else ""
    placed = tuple(msgspec.structs.replace(one, span=_placed(one.span, folder)) for one in found.changes)
    return diff_github(msgspec.structs.replace(found, changes=placed), files=files, everything=everything)


def _placed(span: Span | None, folder: str) -> Span | None:
    """A place by its path in the repository, by which a forge knows the file."""
    return msgspec.structs.replace(span, file=folder + span.file) if span is not None and span.file else span
