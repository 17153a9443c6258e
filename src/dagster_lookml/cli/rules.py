"""``dagster-lookml rules`` and ``dagster-lookml rule``."""

from __future__ import annotations

from typing import Final

import click

from dagster_lookml.cli.formats import text_or_json
from dagster_lookml.errors import did_you_mean, near_names
from dagster_lookml.rules import RULES, matching

_NO_PAGES: Final = "the pages of the rules are not here: Python was started with -OO, which leaves out what they are written in"


@click.command("rules")
@text_or_json
def rules_command(form: str) -> None:
    """List the rules that check knows, with what each finds.

    An opt-in rule is reported only where somebody asks for it: by --select, or by extend_select in dagster-lookml.toml. What a
    rule means, and what to do, is said by: dagster-lookml rule NAME
    """
    from dagster_lookml.outputs.contract import encode
    from dagster_lookml.outputs.rules import rules_json, rules_text

    click.echo(encode(rules_json()) if form == "json" else rules_text(), nl=False)
    if not all(one.page for one in RULES.values()):
        click.echo(_NO_PAGES, err=True)


@click.command("rule")
@click.argument("names", nargs=-1, required=True, metavar="RULE...")
def rule_command(names: tuple[str, ...]) -> None:
    """Print the manual page of each RULE: a name, a code, or the beginning of codes such as LM3.

    A page says what is wrong, why that matters and what to do, with an example that is wrong and one that is right. A line
    "# file: NAME" begins a file of an example; what stands before the first one is included by a model with a connection.
    """
    from dagster_lookml.outputs.rules import page_text

    asked = [_meant(name) for name in names]
    chosen = [one for one in RULES.values() if any(one.name in meant for meant in asked)]
    if not all(one.page for one in chosen):
        raise click.ClickException(_NO_PAGES)
    click.echo("\n\n".join(map(page_text, chosen)), nl=False)


def _meant(written: str) -> frozenset[str]:
    meant = matching(written)
    if not meant:
        near = near_names(written, [*RULES, *(one.code for one in RULES.values())])
        help_text = did_you_mean(near) or "; dagster-lookml rules lists them all"
        raise click.UsageError(f"no such rule: {written}{help_text}")
    return meant
