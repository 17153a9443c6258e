"""The real LookML repositories that tests and benchmarks read where they are present; they are no part of this project."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CORPORA = Path(os.environ.get("LOOKML_CORPORA", ROOT / "../shared/corpora")).resolve()
NAMES = (
    "GDX-Analytics-Looker-Snowplow-Web-Block",
    "aws_cost_and_usage",
    "block-cortex-sap",
    "block-retail-search",
    "demo_segment",
    "ga_360_new",
    "gcs-storage-intelligence-block",
    "looker-spoke-default",
    "refined-braintree-core",
    "segment_marketing_attribution",
)
FIXTURES = ROOT / "lookml_fixtures"

needs_corpora = pytest.mark.skipif(
    not CORPORA.is_dir(), reason=f"no corpora at {CORPORA}; set LOOKML_CORPORA to a folder with {', '.join(NAMES)}"
)


@cache
def lookml_files(*suffixes: str) -> tuple[Path, ...]:
    """Every file of the corpora and of the fixtures with one of the suffixes, sorted."""
    roots = [FIXTURES, *([CORPORA] if CORPORA.is_dir() else [])]
    return tuple(sorted(path for root in roots for path in root.rglob("*") if path.name.endswith(suffixes) and path.is_file()))
