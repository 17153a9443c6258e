"""Nothing that tests compute is kept in, or taken from, the cache of whoever runs them."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def own_cache() -> Iterator[None]:
    directory = tempfile.mkdtemp(prefix="dagster-lookml-tests-")
    os.environ["DAGSTER_LOOKML_CACHE_DIR"] = directory
    yield
    shutil.rmtree(directory, ignore_errors=True)
