"""The place of a finding in formats that demand one of every finding."""

from __future__ import annotations

from typing import Final

from dagster_lookml.diagnostics import Diagnostic

MANIFEST: Final = "manifest.lkml"
"""Where findings stand that are about no file at all: the file that describes a project."""


def file_of(found: Diagnostic) -> str:
    """The file of a finding, which for those about the repository is the first of the files that they are about.

    SARIF for GitHub and the reports of GitLab take no finding without a file, and GitHub takes no empty path either; neither
    asks whether the file exists. So what names no file stands in the manifest, whether there is one or not.
    """
    return found.file or next(iter(found.also), MANIFEST)


def line_of(found: Diagnostic) -> int:
    """The line of a finding, which for those about a file as a whole is its first."""
    return max(found.line, 1)
