"""What a pull request that changes one file waits for: `check --base` and `diff --base`, from the command to its answer."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from tests.repositories import git

_COMMANDS: Final = ("check", "diff")
_ADDED: Final = b"\nview: added_by_the_benchmark { sql_table_name: some.table ;; dimension: id {} }\n"


def gating(title: str, root: Path, lkml: float) -> None:
    """Print how long both commands take, with nothing remembered, with the base remembered, and with everything remembered.

    Args:
        title: of the repository.
        root: where it is; it becomes a git repository, and one of its files is changed for the time.
        lkml: seconds that ``lkml.load`` takes for its files.
    """
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "-m", "base")
    file = min(root.rglob("*.view.lkml"))
    before = file.read_bytes()
    for command in _COMMANDS:
        with tempfile.TemporaryDirectory() as cache:
            first = _seconds(command, root, cache)
            file.write_bytes(before + _ADDED)
            try:
                changed, again = _seconds(command, root, cache), _seconds(command, root, cache)
            finally:
                file.write_bytes(before)
        with tempfile.TemporaryDirectory() as cache:
            file.write_bytes(before + _ADDED)
            try:
                cold = _seconds(command, root, cache)
            finally:
                file.write_bytes(before)
        print(
            f"{command:<7} {title:<28} one file changed: {cold:6.2f} s cold, {changed:6.2f} s with the base known,"
            f" {again:6.2f} s again; nothing changed, cold: {first:6.2f} s = {first / lkml:.2f} x lkml.load"
        )


def _seconds(command: str, root: Path, cache: str) -> float:
    """Wall time of a command line, its start included."""
    start = time.perf_counter()
    options = ["--base", "HEAD", "--exact", "--fail-on", "never", "--format", "json", "--quiet"]
    subprocess.run(
        [sys.executable, "-m", "dagster_lookml", command, str(root), *options],
        env=os.environ | {"DAGSTER_LOOKML_CACHE_DIR": cache},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - start
