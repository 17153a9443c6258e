"""``make bench``: speed and memory, as ratios to ``lkml.load`` on the same files in the same run.

Each number is the best of a few processes of its own. Nothing here is a test: machines differ, ratios differ less.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.generator import describe, scaled, write_repo
from tests.corpora import CORPORA, FIXTURES

SCALES = (0.1, 0.3, 1.0)


@dataclass(frozen=True)
class Taken:
    """What one piece of work took: CPU seconds, and the process's peak memory in MiB."""

    cpu: float
    peak_mb: float


def measured(what: str, root: Path, times: int = 3) -> Taken:
    """Do a piece of work in processes of its own; keep the best time and the highest peak."""
    answers = []
    for _ in range(times):
        command = [sys.executable, "-m", "tests.benchmarks.measure", what, str(root)]
        answers.append(json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout))
    return Taken(min(answer["cpu"] for answer in answers), max(answer["peak_mb"] for answer in answers))


def size_of(root: Path) -> float:
    """Megabytes of ``.lkml`` below a folder."""
    return sum(path.stat().st_size for path in root.rglob("*.lkml") if path.is_file()) / 1e6


def parsing(title: str, root: Path, times: int = 3) -> None:
    """Print how fast text becomes a tree."""
    ours, lkml = measured("parse", root, times), measured("lkml", root, 1)
    size = size_of(root)
    print(
        f"parse   {title:<28} {size:7.1f} MB  {ours.cpu:7.3f} s  {size / ours.cpu:5.1f} MB/s"
        f"   lkml {lkml.cpu:7.2f} s   {lkml.cpu / ours.cpu:5.1f} x faster"
    )


def compiling(title: str, root: Path, times: int = 3) -> Taken:
    """Print how long a repository takes from disk to objects, and to findings."""
    objects, findings, lkml = measured("compile", root, times), measured("check", root, 1), measured("lkml", root, 1)
    print(
        f"compile {title:<28} {size_of(root):7.1f} MB  {objects.cpu:7.2f} s  {objects.peak_mb:6.0f} MB"
        f"   check {findings.cpu:6.2f} s   {objects.cpu / lkml.cpu:5.2f} x the {lkml.cpu:.2f} s of lkml.load alone"
    )
    return objects


def growth(taken: Sequence[Taken], scales: Sequence[float]) -> None:
    """Print how time and memory grow from each size to the next; 1.00 is linear."""
    for before, after, small, large in zip(taken, taken[1:], scales, scales[1:], strict=False):
        factor = large / small
        print(
            f"growth  {small:.0%} to {large:.0%}: time {after.cpu / before.cpu / factor:.2f} of linear,"
            f" memory {after.peak_mb / before.peak_mb / factor:.2f} of linear"
        )


def main() -> None:
    """Measure everything that is there to be measured."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--largest", type=float, default=1.0, help="largest generated repository, as a share of the full shape")
    parser.add_argument("--profile", action="store_true", help="also print where compiling spends its time")
    options = parser.parse_args()
    parsing("demo project", FIXTURES / "projects")
    if CORPORA.is_dir():
        parsing("ten real repositories", CORPORA)
        compiling("looker-spoke-default", CORPORA / "looker-spoke-default")
    else:
        print(f"no corpora at {CORPORA}: the real repositories are left out")
    scales = [scale for scale in SCALES if scale <= options.largest]
    with tempfile.TemporaryDirectory() as folder:
        taken: list[Taken] = []
        for scale in scales:
            root = Path(folder) / f"generated_{scale}"
            written = write_repo(root, scaled(scale))
            if scale == scales[-1]:
                print(describe(written))
                parsing(f"generated, {scale:.0%}", root, 1)
            taken.append(compiling(f"generated, {scale:.0%}", root, 1))
        growth(taken, scales)
        if options.profile:
            command = [sys.executable, "-m", "tests.benchmarks.measure", "compile+profile", str(root)]
            print(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


if __name__ == "__main__":
    main()
