"""Nothing that tests compute is kept in, or taken from, the cache of whoever runs them, and all runs draw the same examples.

So a commit is judged alike wherever it is judged. ``make fuzz`` has Hypothesis draw new ones; what it finds becomes an example.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator

import pytest
from hypothesis import settings

settings.register_profile("same", derandomize=True)
settings.register_profile("new", derandomize=False, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


@pytest.fixture(scope="session", autouse=True)
def own_cache() -> Iterator[None]:
    directory = tempfile.mkdtemp(prefix="dagster-lookml-tests-")
    os.environ["DAGSTER_LOOKML_CACHE_DIR"] = directory
    yield
    shutil.rmtree(directory, ignore_errors=True)
