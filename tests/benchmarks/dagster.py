"""What a LookML repository costs Dagster: to make specs of it, to send them to the web server, to start the steps of a run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

DEFINITIONS = """
import time
from pathlib import Path

import dagster as dg

from dagster_lookml import LookMLProject, load_looker_asset_specs

start = time.perf_counter()
specs = load_looker_asset_specs(LookMLProject({root!r}), **{options!r})
with Path({log!r}).open("a") as log:
    log.write(f"{{time.perf_counter() - start}}\\n")


@dg.asset
def first() -> None: ...


@dg.asset(deps=[first])
def second() -> None: ...


@dg.asset(deps=[second])
def third() -> None: ...


run = dg.define_asset_job("run", selection=[first, second, third], executor_def=dg.multiprocess_executor)
defs = dg.Definitions(assets=[*specs, first, second, third], jobs=[run])
"""

SNAPSHOT = """
import json, resource, sys, time

from dagster._core.remote_representation.external_data import RepositorySnap
from dagster_shared.serdes import serialize_value

import definitions

repository = definitions.defs.get_repository_def()
size = len(serialize_value(RepositorySnap.from_def(repository)))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"specs": len(definitions.specs), "bytes": size, "peak_mb": peak}))
"""


class Location:
    """A code location with a LookML repository in it, in a folder of its own, with a cache of its own.

    Args:
        folder: empty.
        root: of the LookML repository.
        options: of `load_looker_asset_specs`.
    """

    def __init__(self, folder: Path, root: Path, **options: bool) -> None:
        self.folder = folder
        self.log = folder / "loads.txt"
        text = DEFINITIONS.format(root=str(root), options=options, log=str(self.log))
        (folder / "definitions.py").write_text(text)
        (folder / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
        self._environment = {
            **os.environ,
            "DAGSTER_HOME": str(folder),
            "DAGSTER_LOOKML_CACHE_DIR": str(folder / "cache"),
            "PYTHONPATH": str(folder),
        }

    def run(self, *command: str) -> tuple[str, float]:
        """Run a program of the environment; what it prints, and how many seconds it takes."""
        start = time.perf_counter()
        program = str(Path(sys.executable).parent / command[0])
        done = subprocess.run(
            [program, *command[1:]], cwd=self.folder, env=self._environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}: {done.stderr[-2000:]}")
        return done.stdout, time.perf_counter() - start

    def loads(self) -> list[float]:
        """The seconds that making the specs took in each process since the last time this was asked."""
        seconds = [float(line) for line in self.log.read_text().splitlines()] if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return seconds


def loading(title: str, root: Path) -> None:
    """Print what a repository costs: specs cold and again, the snapshot and its size, a validation."""
    for name, options in (
        ("as it comes", {}),
        ("no column lineage", {"include_column_lineage": False}),
        ("no columns", {"include_columns": False}),
    ):
        with tempfile.TemporaryDirectory() as folder:
            location = Location(Path(folder), root, **options)
            location.run("python", "-c", "import definitions")
            [cold] = location.loads()
            printed, _ = location.run("python", "-c", SNAPSHOT)
            [again] = location.loads()
            found = json.loads(printed)
            _, validation = location.run("dagster", "definitions", "validate", "-f", "definitions.py")
            print(
                f"dagster {title:<22} {name:<18} {found['specs']:6,} specs in {cold:5.2f} s, again {again:5.2f} s;"
                f" snapshot {found['bytes'] / 1e6:6.1f} MB, {found['peak_mb']:5.0f} MB of memory; validate {validation:5.1f} s"
            )


def stepping(title: str, root: Path) -> None:
    """Print what a run of three assets, each in a process of its own, pays for the repository."""
    with tempfile.TemporaryDirectory() as folder:
        location = Location(Path(folder), root)
        location.run("dagster", "job", "execute", "-f", "definitions.py", "-j", "run")
        loads = location.loads()
        shown = ", ".join(f"{seconds:.2f}" for seconds in loads)
        print(f"steps   {title:<22} a run of three assets loads the specs {len(loads)} times: {shown} s")
