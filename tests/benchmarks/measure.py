"""One measurement in a process of its own: what is done, to which files; prints seconds and memory as JSON.

``python -m tests.benchmarks.measure compile path/to/repo``
"""

from __future__ import annotations

import io
import json
import logging
import pstats
import resource
import sys
import time
from collections.abc import Callable
from cProfile import Profile
from pathlib import Path

from dagster_lookml.semantic.compile import compile_project
from dagster_lookml.source import DirectoryTree, SourceFile, is_lookml
from dagster_lookml.syntax.reading import read_lookml

LIMIT = 200_000_000


def texts(root: Path) -> list[str]:
    """The text of every ``.lkml`` file below a folder."""
    paths = sorted(path for path in root.rglob("*.lkml") if path.is_file())
    return [SourceFile(path.name, path.read_bytes()).text for path in paths]


def parse(root: Path) -> Callable[[], object]:
    """Text to tree, with our scanner."""
    given = texts(root)
    return lambda: [len(read_lookml(text).nodes) for text in given]


def parse_with_lkml(root: Path) -> Callable[[], object]:
    """Text to tree, with ``lkml.load``."""
    import lkml

    logging.disable(logging.CRITICAL)
    given = texts(root)
    return lambda: [len(lkml.load(text)) for text in given]


def read_only(root: Path) -> Callable[[], object]:
    """Disk to text."""
    tree = DirectoryTree(root, LIMIT)
    return lambda: [tree.read(path) for path in tree.paths() if is_lookml(path)]


def compile_all(root: Path) -> Callable[[], object]:
    """Disk to objects."""
    return lambda: compile_project(DirectoryTree(root, LIMIT))


def check_all(root: Path) -> Callable[[], object]:
    """Disk to findings."""
    from dagster_lookml.analysis.checks import check

    return lambda: check(compile_project(DirectoryTree(root, LIMIT)))


WORK = {"parse": parse, "lkml": parse_with_lkml, "read": read_only, "compile": compile_all, "check": check_all}


def main(what: str, root: Path) -> None:
    """Do it once, and print what it took; with ``what`` ending in ``+profile`` print where the time went instead."""
    work = WORK[what.removesuffix("+profile")](root)
    if what.endswith("+profile"):
        profile = Profile()
        profile.runcall(work)
        text = io.StringIO()
        pstats.Stats(profile, stream=text).sort_stats("tottime").print_stats(15)
        print(text.getvalue())
        return
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    del result
    print(json.dumps({"wall": wall, "cpu": cpu, "peak_mb": peak}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
