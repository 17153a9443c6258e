"""The fixtures against what is expected of them."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest

from tests.corpora import FIXTURES
from tests.golden.expectations import expectations

EXPECTATIONS = list(expectations())


@pytest.mark.parametrize(("path", "text"), EXPECTATIONS, ids=[str(path.relative_to(FIXTURES)) for path, _ in EXPECTATIONS])
def test_expectation(path: Path, text: str) -> None:
    expected = path.read_text("utf-8") if path.exists() else ""
    changes = difflib.unified_diff(expected.splitlines(), text.splitlines(), "expected", "actual", lineterm="", n=1)

    assert text == expected, "\n".join(["read the diff, then run make golden", *changes])
