"""What ``dagster_lookml`` offers, and what importing it costs."""

from __future__ import annotations

import subprocess
import sys

import pytest

import dagster_lookml


@pytest.mark.parametrize("name", dagster_lookml.__all__)
def test_every_public_name_is_there_and_documented(name: str) -> None:
    assert getattr(dagster_lookml, name).__doc__


def test_a_name_that_is_not_there() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        dagster_lookml.nothing  # noqa: B018


def test_importing_it_imports_nothing_heavy() -> None:
    heavy = ["click", "dagster", "git", "lkml", "looker_sdk", "msgspec", "rich", "sqlglot", "yaml"]
    program = f"import sys, dagster_lookml; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_help_and_mistakes_import_nothing_heavy() -> None:
    heavy = ["git", "rich", "sqlglot"]
    program = f"import sys\nimport dagster_lookml.cli\nprint([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
