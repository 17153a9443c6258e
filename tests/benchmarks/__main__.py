"""``make bench``: speed and memory, as ratios to ``lkml.load`` on the same files in the same run.

Each number is the best of a few processes of its own. Nothing here is a test: machines differ, ratios differ less.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.dagster import loading, stepping
from tests.benchmarks.gate import gating
from tests.benchmarks.generator import describe, scaled, write_repo
from tests.corpora import CORPORA, FIXTURES

SCALES = (0.1, 0.3, 1.0)
START = "import time; start = time.perf_counter(); import dagster_lookml; print(time.perf_counter() - start)"
LOADED = "import sys, dagster_lookml; print(*sorted({'dagster', 'looker_sdk', 'sqlglot'} & set(sys.modules)))"


@dataclass(frozen=True)
class Taken:
    """What one piece of work took: CPU seconds of it, of its whole process, and in sqlglot; the process's peak memory in MiB."""

    cpu: float
    peak_mb: float
    whole: float = 0.0
    sqlglot: float = 0.0


def measured(what: str, root: Path, times: int = 3, cache: Path | None = None) -> Taken:
    """Do a piece of work in processes of its own; keep the best time and the highest peak."""
    answers = []
    for _ in range(times):
        command = [sys.executable, "-m", "tests.benchmarks.measure", what, str(root), *([str(cache)] if cache else [])]
        answers.append(json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout))
    best = min(answers, key=lambda answer: answer["cpu"])
    return Taken(best["cpu"], max(answer["peak_mb"] for answer in answers), best["whole"], best["sqlglot"])


def size_of(root: Path) -> float:
    """Megabytes of ``.lkml`` below a folder."""
    return sum(path.stat().st_size for path in root.rglob("*.lkml") if path.is_file()) / 1e6


def parsing(title: str, root: Path, lkml: float, times: int = 3) -> None:
    """Print how fast text becomes a tree; ``lkml.load`` takes that many seconds for it."""
    ours = measured("parse", root, times)
    size = size_of(root)
    print(
        f"parse   {title:<28} {size:7.1f} MB  {ours.cpu:7.3f} s  {size / ours.cpu:5.1f} MB/s"
        f"   lkml {lkml:7.2f} s   {lkml / ours.cpu:5.1f} x faster"
    )


def compiling(title: str, root: Path, lkml: float, times: int = 3) -> Taken:
    """Print how long a repository takes from disk to objects, and to findings; ``lkml.load`` takes that many seconds for it."""
    objects, findings = measured("compile", root, times), measured("check", root, 1)
    print(
        f"compile {title:<28} {size_of(root):7.1f} MB  {objects.cpu:7.2f} s  {objects.peak_mb:6.0f} MB"
        f"   check {findings.cpu:6.2f} s   {objects.cpu / lkml:5.2f} x the {lkml:.2f} s of lkml.load alone"
    )
    return objects


def tracing(title: str, root: Path, lkml: float, times: int = 1) -> Taken:
    """Print how long it takes to trace a repository: first, again, and after one file changed.

    Args:
        title: of the repository.
        root: where it is; a file in it is changed.
        lkml: seconds that ``lkml.load`` takes for it.
        times: how often each is measured.
    """
    cold = measured("lineage", root, times)
    share = measured("lineage+sqlglot", root, 1)
    print(
        f"lineage {title:<28} {cold.cpu:7.2f} s  {cold.peak_mb:6.0f} MB   {cold.cpu / lkml:5.2f} x the {lkml:.2f} s of lkml.load"
        f"   of it in sqlglot {share.sqlglot / share.cpu:.0%}"
    )
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder)
        first = measured("lineage", root, 1, cache)
        tables, whole = measured("tables", root, 3, cache), measured("lineage", root, 3, cache)
        print(
            f"again   {title:<28} tables {tables.whole:5.2f} s, a {first.cpu / tables.whole:.0f}th;"
            f" columns and objects {whole.whole:5.2f} s, a {first.cpu / whole.whole:.0f}th of the {first.cpu:.2f} s before"
        )
        file = min(root.rglob("*.view.lkml"))
        before = file.read_bytes()
        try:
            file.write_bytes(before + b"\nview: added_by_the_benchmark { sql_table_name: some.table ;; dimension: id {} }\n")
            changed = measured("lineage", root, 1, cache)
        finally:
            file.write_bytes(before)
        print(f"changed {title:<28} one file: {changed.cpu:5.2f} s, {changed.cpu / first.cpu:.2f} of it")
    return cold


def importing() -> None:
    """Print how long ``import dagster_lookml`` takes, and what of the large packages it loads."""
    seconds = min(
        float(subprocess.run([sys.executable, "-c", START], capture_output=True, text=True, check=True).stdout) for _ in range(5)
    )
    loaded = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True).stdout.strip()
    print(f"import  dagster_lookml {1000 * seconds:.0f} ms; of dagster, looker_sdk and sqlglot it loads {loaded or 'none'}")


def growth(what: str, taken: Sequence[Taken], scales: Sequence[float]) -> None:
    """Print how the time and memory of something grow from each size to the next; 1.00 is linear."""
    for before, after, small, large in zip(taken, taken[1:], scales, scales[1:], strict=False):
        factor = large / small
        print(
            f"growth  {what} {small:.0%} to {large:.0%}: time {after.cpu / before.cpu / factor:.2f} of linear,"
            f" memory {after.peak_mb / before.peak_mb / factor:.2f} of linear"
        )


def main() -> None:
    """Measure everything that is there to be measured."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--largest", type=float, default=1.0, help="largest generated repository, as a share of the full shape")
    parser.add_argument("--profile", action="store_true", help="also print where tracing spends its time")
    options = parser.parse_args()
    importing()
    parsing("demo project", FIXTURES / "projects", measured("lkml", FIXTURES / "projects").cpu)
    if CORPORA.is_dir():
        parsing("ten real repositories", CORPORA, measured("lkml", CORPORA).cpu)
        with tempfile.TemporaryDirectory() as folder:
            root = Path(shutil.copytree(CORPORA / "looker-spoke-default", Path(folder) / "looker-spoke-default"))
            lkml = measured("lkml", root).cpu
            compiling("looker-spoke-default", root, lkml)
            tracing("looker-spoke-default", root, lkml, 3)
            loading("looker-spoke-default", root)
            stepping("looker-spoke-default", root)
            gating("looker-spoke-default", root, lkml)
    else:
        print(f"no corpora at {CORPORA}: the real repositories are left out")
    scales = [scale for scale in SCALES if scale <= options.largest]
    with tempfile.TemporaryDirectory() as folder:
        generated(Path(folder), scales, profile=options.profile)


def generated(folder: Path, scales: Sequence[float], *, profile: bool) -> None:
    """Measure generated repositories of several sizes."""
    compiled: list[Taken] = []
    traced: list[Taken] = []
    for scale in scales:
        title = f"generated, {scale:.0%}"
        root = folder / f"generated_{scale}"
        written = write_repo(root, scaled(scale))
        lkml = measured("lkml", root, 1).cpu
        if scale == scales[-1]:
            print(describe(written))
            parsing(title, root, lkml, 1)
        compiled.append(compiling(title, root, lkml, 1))
        traced.append(tracing(title, root, lkml))
    loading(title, root)
    stepping(title, root)
    gating(title, root, lkml)
    growth("compile", compiled, scales)
    growth("lineage", traced, scales)
    if profile:
        command = [sys.executable, "-m", "tests.benchmarks.measure", "lineage+profile", str(root)]
        print(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


if __name__ == "__main__":
    main()
