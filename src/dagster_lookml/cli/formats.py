"""In which format a command answers."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from dagster_lookml.cli.repository import Command


def format_options(*formats: str) -> Callable[[Command], Command]:
    """Add ``--format``, and ``--json``, which is stronger; the command gets the name of one format as its argument ``form``.

    Args:
        formats: that there are: the first is what holds where nothing is said, and ``json`` is one of them.
    """

    def with_options(command: Command) -> Command:
        @wraps(command)
        def gathered(*arguments: Any, form: str, as_json: bool, **options: Any) -> Any:
            return command(*arguments, form="json" if as_json else form, **options)

        formatted: Command = gathered
        for option in (
            click.option("--json", "as_json", is_flag=True, help="The same as --format json."),
            click.option("--format", "form", type=click.Choice(formats), default=formats[0], show_default=True),
        ):
            formatted = option(formatted)
        return formatted

    return with_options


text_or_json = format_options("text", "json")
"""The formats of most commands: for people, and for programs."""
