"""``dagster-lookml exposures``."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from dagster_lookml.cli.arguments import not_empty
from dagster_lookml.cli.dbt import dbt_project
from dagster_lookml.cli.repository import Repository, repository_options
from dagster_lookml.cli.telling import remark, tell

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dagster_lookml.analysis.exposures import Exposures, Owner, Shown
    from dagster_lookml.workspace import Workspace
    from dagster_lookml.workspace.answer import TracedProject

_PREFIX: Final = re.compile(r"[A-Za-z0-9_]*")
_PAGE: Final = re.compile(r"https?://[^\s/]", re.IGNORECASE)
_NEEDS_COLUMNS: Final = re.compile(r"\b(?:column|field|tile):")
_NAMED: Final = 3


@click.command("exposures")
@click.argument("path", required=False, metavar="[REPO]")
@click.option(
    "--dbt-manifest", required=True, metavar="FILE", callback=not_empty, help="dbt's manifest.json, which knows the models."
)
@click.option(
    "--output",
    metavar="FILE",
    callback=not_empty,
    help="The file to write, such as models/looker_exposures.yml; stdout without it.",
)
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if --output FILE is not what would be written.")
@click.option("--select", multiple=True, metavar="SELECTOR", help="Only these, as in lineage. Repeatable.")
@click.option("--base-url", default="", metavar="URL", help="Of the Looker instance, for links to what is exposed.")
@click.option("--owner", default="", metavar="NAME", help="Who owns what CODEOWNERS gives to nobody.")
@click.option("--owner-email", default="", metavar="ADDRESS", help="Likewise, by e-mail.")
@click.option("--prefix", default="", metavar="TEXT", help="What every name begins with.")
@repository_options
def exposures_command(
    repository: Repository,
    path: str | None,
    dbt_manifest: str,
    output: str | None,
    check: bool,
    select: tuple[str, ...],
    base_url: str,
    owner: str,
    owner_email: str,
    prefix: str,
) -> None:
    """Write the dashboards and explores of REPO (default: here) as exposures of a dbt project.

    dbt then knows who looks at its models: in its documentation, and in `dbt build --select +exposure:NAME`. Each exposure
    depends on the models, seeds, snapshots and sources whose tables it reads, through explores, views and derived tables. The
    owner, whom dbt requires, is who owns the file by the CODEOWNERS of REPO. What reads no table of dbt is left out.

    \b
    dagster-lookml exposures looker --dbt-manifest target/manifest.json --output models/looker.yml --owner "BI team"
    dagster-lookml exposures looker --dbt-manifest target/manifest.json --output models/looker.yml --check
    dagster-lookml exposures looker --dbt-manifest target/manifest.json --select "dashboard:*" --base-url https://acme.looker.com
    """  # noqa: D301 - click wants the control character itself
    from dagster_lookml.outputs.exposures import exposures_yaml

    if check and output is None:
        raise click.UsageError("--check needs --output FILE: the file that is compared")
    if not _PREFIX.fullmatch(prefix):
        raise click.UsageError(f"--prefix {prefix!r}: names of exposures are of letters, digits and underscores")
    if base_url and not _PAGE.match(base_url):
        raise click.UsageError(f"--base-url {base_url!r}: a URL that begins with https:// or http://")
    workspace = repository.open(path)
    found = _exposures(repository, workspace, dbt_manifest, select, _owners(repository, workspace, owner, owner_email), prefix)
    _require_owners(found)
    text = exposures_yaml(found, base_url)
    _tell_left_out(found)
    if output is None:
        click.echo(text, nl=False)
    elif check:
        sys.exit(_check(repository.start / output, output, text, len(found.found)))
    else:
        _write(repository.start / output, output, text)


def _exposures(
    repository: Repository,
    workspace: Workspace,
    manifest: str,
    selectors: Sequence[str],
    owner: Callable[[str], Owner | None],
    prefix: str,
) -> Exposures:
    from dagster_lookml.analysis.exposures import exposures

    dbt = dbt_project(repository, manifest, None)
    assert dbt is not None
    with repository.progress() as progress:
        traced = workspace.lineage(repository.ref, dbt, progress)
    return exposures(_chosen(traced, selectors), traced.project, traced.tables, dbt, owner, prefix)


def _chosen(traced: TracedProject, selectors: Sequence[str]) -> list[Shown]:
    """The dashboards and explores that are asked for; all if nothing is."""
    from dagster_lookml.analysis.exposures import shown
    from dagster_lookml.errors import SelectorError
    from dagster_lookml.lineage.selectors import Selection
    from dagster_lookml.semantic.objects import Lookup

    every = shown(traced.project)
    if not selectors:
        return list(every.values())
    if any(one.startswith("state:") for one in selectors):
        raise click.UsageError("state: compares with another ref, and exposures are those of one")
    graph = traced.graph if any(_NEEDS_COLUMNS.search(one) for one in selectors) else traced.tables
    selection = Selection(graph, Lookup(traced.project))
    for one in selectors:
        if not selection.one(one) & every.keys():
            reason = "it names no dashboard and no explore; a + behind a name adds what reads it, as in view:orders+"
            raise SelectorError(one, reason)
    return [every[one] for one in selection.select(selectors) if one in every]


def _owners(repository: Repository, workspace: Workspace, name: str, email: str) -> Callable[[str], Owner | None]:
    """Who owns a file: by CODEOWNERS, and else whoever the options name."""
    from dagster_lookml.analysis.exposures import Owner
    from dagster_lookml.source.codeowners import code_owners

    named = code_owners(workspace.repository, repository.ref)
    default = Owner(name, email) if name or email else None

    def owner(file: str) -> Owner | None:
        owners = named.owners(file) if named is not None else ()
        handles = [one for one in owners if one.startswith("@")]
        addresses = [one for one in owners if not one.startswith("@")]
        return Owner(", ".join(handles), next(iter(addresses), "")) if owners else default

    return owner


def _require_owners(found: Exposures) -> None:
    unowned = [one for one in found.found if one.owner is None]
    if unowned:
        some = ", ".join(one.id for one in unowned[:_NAMED])
        more = f" and {len(unowned) - _NAMED:,} more" if len(unowned) > _NAMED else ""
        raise click.UsageError(
            f"dbt requires an owner of each exposure, and nobody owns {some}{more}; "
            "give --owner NAME or --owner-email ADDRESS, or name the owners of the files in CODEOWNERS"
        )


def _tell_left_out(found: Exposures) -> None:
    if found.without:
        some = ", ".join(found.without[:_NAMED]) + (", …" if len(found.without) > _NAMED else "")
        remark(f"left out where no table of dbt is behind: {len(found.without):,} ({some})")


def _check(file: Path, name: str, text: str, number: int) -> int:
    """Say whether a file is what would be written; the exit code."""
    from dagster_lookml.outputs.exposures import changed_exposures
    from dagster_lookml.outputs.text import count

    there = _text_of(file, name)
    if there == text:
        tell(f"{name} is up to date: {count(number, 'exposure')}\n")
        return 0
    changes = changed_exposures(there or "", text)
    alike = ", though its exposures are the same" if there is not None else ", for it is not there"
    tell(f"{name} is not what would be written{':' if changes else alike}\n" + "".join(f"  {line}\n" for line in changes))
    return 1


def _text_of(file: Path, name: str) -> str | None:
    """What stands in the file; None if there is none. A device, which may have no end, is no file."""
    try:
        if file.exists() and not file.is_file():
            raise click.UsageError(f"--output {name}: not a regular file, so there is nothing to compare")
        return file.read_bytes().decode("utf-8", "replace")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise click.UsageError(f"--output {name}: {error.strerror}") from error


def _write(file: Path, name: str, text: str) -> None:
    try:
        file.write_bytes(text.encode())
    except OSError as error:
        raise click.UsageError(f"--output {name}: {error.strerror}") from error
