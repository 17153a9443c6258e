"""The summary of a step in GitHub Actions: a file, which a job names, to which a command appends Markdown."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from dagster_lookml.cli.telling import remark

IN_SUMMARY: Final = "the summary of this step lists them"
"""Where to look for what annotations leave out, once the summary is written."""


def write_summary(markdown: Callable[[], str]) -> bool:
    """Append to the summary of the step; outside a job there is none, and one that cannot be written stops nothing.

    Args:
        markdown: makes what is appended; called only where there is a summary.

    Returns:
        Whether it was written.
    """
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if not summary:
        return False
    try:
        with Path(summary).open("a", encoding="utf-8") as file:
            file.write(markdown())
    except OSError as error:
        remark(f"the summary cannot be written to {summary}: {error.strerror}")
        return False
    return True
