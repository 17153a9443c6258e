"""``dagster-lookml pdt``: persistent derived tables."""

from __future__ import annotations

import click

from dagster_lookml.cli.pdt.attending import status_command, stop_command, wait_command
from dagster_lookml.cli.pdt.build import build_command
from dagster_lookml.cli.pdt.listing import list_command
from dagster_lookml.cli.pdt.plan import plan_command


@click.group("pdt")
def pdt_group() -> None:
    """Persistent derived tables: which there are, in which order they are built, and building them."""


for _command in (list_command, plan_command, build_command, status_command, wait_command, stop_command):
    pdt_group.add_command(_command)
