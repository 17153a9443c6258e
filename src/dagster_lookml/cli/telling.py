"""Printing for people: answers on stdout, remarks and complaints on stderr."""

from __future__ import annotations

from contextlib import suppress

import click

from dagster_lookml.outputs.plain_text import for_people


def tell(text: str) -> None:
    """Print an answer.

    Args:
        text: lines, with the last line feed.
    """
    click.echo(for_people(text), nl=False)


def remark(text: str) -> None:
    """Say something beside the answer.

    Args:
        text: what there is to be said, without the name of the program.
    """
    click.echo(for_people(f"dagster-lookml: {text}"), err=True)


def complain(text: str) -> None:
    """Say why something could not run, where there is somewhere to say it.

    Args:
        text: as for `remark`.
    """
    with suppress(OSError, ValueError):  # stderr is full, or closed
        remark(text)
