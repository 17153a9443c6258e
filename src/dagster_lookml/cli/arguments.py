"""What a command's arguments are: files, the repository, selectors."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Final

import click

_SELECTOR: Final = re.compile(r"[a-z]+:")


def not_empty(_: click.Context, option: click.Parameter, value: str | None) -> str | None:
    """The path of a file. An empty one is that of a variable that is not set, and would mean the folder where we are."""
    if value == "":
        raise click.BadParameter("an empty path was given; is a variable unset?", param=option)
    return value


def repository_and_selector(arguments: tuple[str, ...], start: Path) -> tuple[str | None, str]:
    """The first argument is the repository if it names a directory and is not of the form ``kind:name``."""
    if len(arguments) == 1:
        return None, arguments[0]
    if len(arguments) > 2:
        raise click.UsageError("expected a repository and one selector")
    repository, selector = arguments
    if _SELECTOR.match(repository) and not (start / repository).is_dir():
        raise click.UsageError("expected one selector")
    return repository, selector


def repository_and_selectors(arguments: tuple[str, ...], start: Path) -> tuple[str | None, list[str]]:
    """As `repository_and_terms`, with the selectors of a lineage: what has a ``/`` and no ``kind:`` is a path."""
    from dagster_lookml.lineage.graph import KINDS
    from dagster_lookml.lineage.selectors import METHODS

    return repository_and_terms(arguments, start, (*KINDS, *METHODS), _is_path)


def repository_and_terms(
    arguments: tuple[str, ...], start: Path, methods: Collection[str], is_path: Callable[[str], bool]
) -> tuple[str | None, list[str]]:
    """The first argument is the repository if it names a directory and has no ``method:`` in front.

    Args:
        arguments: of the command.
        start: what paths are relative to.
        methods: that a selector may begin with.
        is_path: tells whether what names no directory was meant to.

    Returns:
        The path of the repository, None if there is none, and the selectors.

    Raises:
        UsageError: there is no such directory.
    """
    from dagster_lookml.lineage.selectors import parse_term

    if not arguments or (arguments[0] and parse_term(arguments[0]).method in methods):
        return None, list(arguments)
    if (start / arguments[0]).is_dir():
        return arguments[0], list(arguments[1:])
    if is_path(arguments[0]):
        raise click.UsageError(f"no such directory: {arguments[0] or '(empty)'}")
    return None, list(arguments)


def _is_path(text: str) -> bool:
    return not _SELECTOR.search(text) and ("/" in text.strip("+@") or text in ("", "."))
