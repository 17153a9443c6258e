"""Which of a command's arguments is the repository, and which are selectors."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import click

_SELECTOR: Final = re.compile(r"[a-z]+:")


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
    """The first argument is the repository if it names a directory and has no ``kind:`` in front."""
    from dagster_lookml.lineage.graph import KINDS
    from dagster_lookml.lineage.selectors import METHODS, parse_term

    if not arguments or (arguments[0] and parse_term(arguments[0]).method in (*KINDS, *METHODS)):
        return None, list(arguments)
    if (start / arguments[0]).is_dir():
        return arguments[0], list(arguments[1:])
    if not _SELECTOR.search(arguments[0]) and ("/" in arguments[0].strip("+@") or arguments[0] in ("", ".")):
        raise click.UsageError(f"no such directory: {arguments[0] or '(empty)'}")
    return None, list(arguments)
