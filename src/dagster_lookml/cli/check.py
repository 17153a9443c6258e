"""``dagster-lookml check``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from dagster_lookml.cli.arguments import not_empty
from dagster_lookml.cli.dbt import dbt_options, dbt_project
from dagster_lookml.cli.formats import format_options
from dagster_lookml.cli.repository import Command, Repository, repository_options
from dagster_lookml.cli.step_summary import IN_SUMMARY, write_summary
from dagster_lookml.cli.telling import remark, tell
from dagster_lookml.config import Config, RuleSettings
from dagster_lookml.diagnostics import Severity
from dagster_lookml.errors import ConfigError, NoCommitError, NoLookMLError, did_you_mean, near_names
from dagster_lookml.rules import RULES, matching

if TYPE_CHECKING:
    from dagster_lookml.analysis.introduced import Introduced
    from dagster_lookml.diagnostics import Diagnostic
    from dagster_lookml.source.dbt import DbtProject
    from dagster_lookml.workspace import Workspace


def _options(command: Command) -> Command:
    for option in (
        click.option(
            "--fail-on",
            type=click.Choice(["error", "warning", "never"]),
            default="error",
            show_default=True,
            help="The least severity that makes the exit code 1.",
        ),
        click.option(
            "--write-baseline", metavar="FILE", callback=not_empty, help="Accept all that is found now: write it to FILE."
        ),
        click.option("--baseline", metavar="FILE", callback=not_empty, help="Report only what FILE does not have."),
        click.option("--exact", is_flag=True, help="Compare with REF as it is, and not with where the two parted."),
        click.option("--base", metavar="REF", help="Report only what the change since REF introduces."),
        click.option("--ignore", multiple=True, metavar="RULE", help="Do not report these rules. Repeatable."),
        click.option("--extend-select", multiple=True, metavar="RULE", help="Report these rules too. Repeatable."),
        click.option(
            "--select", multiple=True, metavar="RULE", help="Report only these rules, by name, code, LM8 or all. Repeatable."
        ),
    ):
        command = option(command)
    return command


@click.command("check")
@click.argument("path", required=False, metavar="[REPO]")
@format_options("text", "json", "markdown", "github", "gitlab", "sarif", "junit")
@_options
@dbt_options
@repository_options
def check_command(
    repository: Repository,
    path: str | None,
    form: str,
    select: tuple[str, ...],
    extend_select: tuple[str, ...],
    ignore: tuple[str, ...],
    base: str | None,
    exact: bool,
    baseline: str | None,
    write_baseline: str | None,
    fail_on: str,
    dbt_manifest: str | None,
    dbt_catalog: str | None,
) -> None:
    """Check REPO (default: here) for what is broken.

    An error is something that surely breaks in Looker; a warning may be meant. Each finding has its place, a stable code and a
    name, by which it can be ignored here or in dagster-lookml.toml, or by a comment: # lookml: ignore[NAME] reason

    With --base only what a change introduces is reported, wherever it stands: moved and reformatted LookML has what it had. With
    dbt's manifest and catalog it is also said which columns their tables do not have.

    \b
    dagster-lookml check                                  # everything that surely breaks, and what is very likely a mistake
    dagster-lookml check --base origin/main               # what this branch introduces
    dagster-lookml check --extend-select LM8              # what is used nowhere, too
    dagster-lookml check --write-baseline lookml.json     # accept what is there, then: check --baseline lookml.json

    All rules are listed by: dagster-lookml rules. What one means is said by: dagster-lookml rule NAME
    """  # noqa: D301 - click wants the control character itself
    from dagster_lookml.analysis.reporting import fails

    for name in (*select, *extend_select, *ignore):
        if not matching(name):
            near = did_you_mean(near_names(name, list(RULES)))
            raise click.UsageError(f"no such rule: {name}{near}; all are listed by: dagster-lookml rules")
    if exact and base is None:
        raise click.UsageError("--exact needs --base REF")
    if write_baseline is not None and (base is not None or baseline is not None):
        raise click.UsageError("--write-baseline accepts all that is found now; give neither --base nor --baseline with it")
    workspace = repository.open(path)
    settings = _settings(workspace.config, select, extend_select, ignore)
    dbt = dbt_project(repository, dbt_manifest, dbt_catalog)
    found = _found(repository, workspace, settings, dbt, repository.ref)
    if write_baseline is not None:
        _write_baseline(repository.start / write_baseline, found)
        return
    new = _introduced(repository, workspace, settings, dbt, found, base, baseline, exact=exact)
    answer = _rendered(form, found if new is None else new.findings, new, fail_on, workspace, repository.ref)
    if form == "text":
        tell(answer)
    else:
        click.echo(answer, nl=False)
    if new is not None and new.gone and base is None:
        remark(_stale(new.gone, baseline or ""))
    sys.exit(1 if fails(found if new is None else new.findings, fail_on) else 0)


def _settings(config: Config, select: tuple[str, ...], extend_select: tuple[str, ...], ignore: tuple[str, ...]) -> RuleSettings:
    """The configuration's rules, with those of the command line: its selection replaces, the others are added."""
    rules = config.rules
    return msgspec.structs.replace(
        rules,
        select=select or rules.select,
        extend_select=(*rules.extend_select, *extend_select),
        ignore=(*rules.ignore, *ignore),
    )


def _found(
    repository: Repository, workspace: Workspace, settings: RuleSettings, dbt: DbtProject | None, ref: str | None
) -> tuple[Diagnostic, ...]:
    from dagster_lookml.analysis.reporting import reported, wanted

    with repository.progress() as progress:
        return reported(workspace.findings(ref, wanted(settings), dbt, progress), settings)


def _introduced(
    repository: Repository,
    workspace: Workspace,
    settings: RuleSettings,
    dbt: DbtProject | None,
    found: tuple[Diagnostic, ...],
    base: str | None,
    baseline: str | None,
    *,
    exact: bool,
) -> Introduced | None:
    """What neither the base nor the baseline has; None where nothing is compared."""
    from dagster_lookml.analysis.introduced import fingerprints, introduced, read_baseline, renamed_files
    from dagster_lookml.analysis.reporting import wanted

    new: Introduced | None = None
    if base is not None:
        try:
            commit = workspace.base_commit(base, repository.ref, exact=exact)
            before = fingerprints(_found(repository, workspace, settings, dbt, commit))
        except (NoCommitError, NoLookMLError):  # the change is what brings the LookML
            return introduced(found, {})
        new = introduced(found, before, renamed_files(workspace.tree(commit), workspace.tree(repository.ref)))
    if baseline is not None:
        file = repository.start / baseline
        accepted = read_baseline(_content(file), str(file), wanted(settings))
        left = introduced(found if new is None else new.findings, accepted)
        new = left if new is None else left._replace(known=left.known + new.known)
    return new


def _stale(number: int, baseline: str) -> str:
    """What to do about findings of a baseline that have been mended."""
    from dagster_lookml.outputs.text import count

    are, them = ("is", "it") if number == 1 else ("are", "them")
    mended = f"{count(number, 'finding')} of {baseline} {are} there no more"
    return f"{mended}; --write-baseline {baseline} lets {them} go"


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ConfigError(str(file), "", f"{error.strerror}; --write-baseline writes one") from error


def _write_baseline(file: Path, found: tuple[Diagnostic, ...]) -> None:
    from dagster_lookml.analysis.introduced import baseline_of
    from dagster_lookml.outputs.text import count

    try:
        file.write_bytes(baseline_of(found))
    except OSError as error:
        raise ConfigError(str(file), "", error.strerror or str(error)) from error
    tell(f"wrote {count(len(found), 'finding')} to {file}\n")


def _rendered(
    form: str, found: tuple[Diagnostic, ...], new: Introduced | None, fail_on: str, workspace: Workspace, ref: str | None
) -> str:
    from dagster_lookml.outputs.contract import check_json, encode

    if form in ("github", "gitlab", "sarif") and workspace.folder:  # a forge knows files by their path in the repository
        found = tuple(msgspec.structs.replace(one, file=workspace.folder + one.file) if one.file else one for one in found)
    match form:
        case "json":
            return encode(check_json(found, new.known if new is not None else None))
        case "markdown":
            from dagster_lookml.outputs.markdown import check_markdown

            return check_markdown(found, introduced=new is not None)
        case "github":
            return _github(found, introduced=new is not None)
        case "gitlab":
            from dagster_lookml.outputs.gitlab import check_gitlab

            return check_gitlab(found)
        case "sarif":
            from dagster_lookml.outputs.sarif import check_sarif

            return check_sarif(found)
        case "junit":
            from dagster_lookml.outputs.junit import check_junit

            return check_junit(found, Severity.WARNING if fail_on == "warning" else Severity.ERROR)
        case _:
            return _text(found, new, workspace, ref)


def _text(found: tuple[Diagnostic, ...], new: Introduced | None, workspace: Workspace, ref: str | None) -> str:
    from dagster_lookml.outputs.text import check_text, count

    text = check_text(found, lambda file, line: workspace.source_line(file, line, ref))
    if new is None or not new.known:
        return text
    return f"{text}{count(new.known, 'more finding')} {'was' if new.known == 1 else 'were'} there before\n"


def _github(found: tuple[Diagnostic, ...], *, introduced: bool) -> str:
    """Annotations, and in a job of GitHub Actions the summary of its step, which lists what they leave out."""
    from dagster_lookml.outputs.github import check_github
    from dagster_lookml.outputs.markdown import step_summary

    if write_summary(lambda: step_summary(found, introduced=introduced)):
        return check_github(found, IN_SUMMARY)
    return check_github(found)
