"""One measurement in a process of its own: what is done, to which files; prints seconds and memory as JSON.

``python -m tests.benchmarks.measure lineage path/to/repo path/to/cache``
"""

from __future__ import annotations

import gc
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

LIMIT = 200_000_000
Work = Callable[[], object]


def texts(root: Path) -> list[str]:
    """The text of every ``.lkml`` file below a folder."""
    from dagster_lookml.source import SourceFile

    paths = sorted(path for path in root.rglob("*.lkml") if path.is_file())
    return [SourceFile(path.name, path.read_bytes()).text for path in paths]


def parse(root: Path, _cache: Path | None) -> Work:
    """Text to tree, with our scanner."""
    from dagster_lookml.syntax.reading import read_lookml

    given = texts(root)
    return lambda: [len(read_lookml(text).nodes) for text in given]


def parse_with_lkml(root: Path, _cache: Path | None) -> Work:
    """Text to tree, with ``lkml.load``."""
    import lkml

    logging.disable(logging.CRITICAL)
    given = texts(root)
    return lambda: [len(lkml.load(text)) for text in given]


def read_only(root: Path, _cache: Path | None) -> Work:
    """Disk to text."""
    from dagster_lookml.source import DirectoryTree, is_lookml

    tree = DirectoryTree(root, LIMIT)
    return lambda: [tree.read(path) for path in tree.paths() if is_lookml(path)]


def compile_all(root: Path, _cache: Path | None) -> Work:
    """Disk to objects."""
    from dagster_lookml.semantic.compile import compile_project
    from dagster_lookml.source import DirectoryTree

    return lambda: compile_project(DirectoryTree(root, LIMIT))


def check_all(root: Path, _cache: Path | None) -> Work:
    """Disk to findings."""
    from dagster_lookml.analysis.checks import check
    from dagster_lookml.semantic.compile import compile_project
    from dagster_lookml.source import DirectoryTree

    return lambda: check(compile_project(DirectoryTree(root, LIMIT)))


def trace_all(root: Path, cache: Path | None) -> Work:
    """Disk to the lineage of all columns, and its coverage; with what a cache holds."""

    def work() -> object:
        from dagster_lookml.cache import DiskStore, NoStore
        from dagster_lookml.semantic.collecting import collection_paused
        from dagster_lookml.workspace import Workspace

        with collection_paused():  # as on the command line
            traced = Workspace(root, store=DiskStore(cache) if cache is not None else NoStore()).lineage()
            given = traced, traced.tables, traced.graph, traced.project
            gc.freeze()
            return given

    return work


def trace_tables(root: Path, cache: Path | None) -> Work:
    """Disk to the lineage of tables, views, explores and dashboards, and the coverage."""

    def work() -> object:
        from dagster_lookml.cache import DiskStore, NoStore
        from dagster_lookml.workspace import Workspace

        traced = Workspace(root, store=DiskStore(cache) if cache is not None else NoStore()).lineage()
        return traced, traced.tables, traced.coverage

    return work


WORK: dict[str, Callable[[Path, Path | None], Work]] = {
    "parse": parse,
    "lkml": parse_with_lkml,
    "read": read_only,
    "compile": compile_all,
    "check": check_all,
    "lineage": trace_all,
    "tables": trace_tables,
}


class SqlClock:
    """CPU seconds that sqlglot's parser takes."""

    def __init__(self) -> None:
        from sqlglot import Dialect

        self.seconds = 0.0
        parsing = Dialect.parse

        def timed(*given: object, **options: object) -> object:
            start = time.thread_time()
            try:
                return parsing(*given, **options)  # type: ignore[arg-type]
            finally:
                self.seconds += time.thread_time() - start

        Dialect.parse = timed  # type: ignore[method-assign, assignment]


def in_this_thread() -> None:
    """Have tracing follow long chains in the thread that asks, and not in one with more room."""
    from dagster_lookml.lineage import answer

    sys.setrecursionlimit(20_000)
    vars(answer)["deeply"] = lambda work: work()


def main(what: str, root: Path, cache: Path | None = None) -> None:
    """Do it once, and print what it took.

    With ``what`` ending in ``+profile`` print where the time went instead, with ``+sqlglot`` also how much of it sqlglot took.
    """
    name, _, extra = what.partition("+")
    work = WORK[name](root, cache)
    if extra == "profile":
        profile = Profile()
        in_this_thread()  # a profile sees one thread only
        profile.runcall(work)
        text = io.StringIO()
        pstats.Stats(profile, stream=text).sort_stats("tottime").print_stats(15)
        print(text.getvalue())
        return
    clock = SqlClock() if extra == "sqlglot" else None
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    whole = time.process_time()
    print(
        json.dumps({"wall": wall, "cpu": cpu, "whole": whole, "peak_mb": peak, "sqlglot": clock.seconds if clock else 0.0}),
        flush=True,
    )
    del result


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *map(Path, sys.argv[3:]))
