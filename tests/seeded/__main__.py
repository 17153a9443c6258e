"""`python -m tests.seeded`: inject, ask, and print how the tool did."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.corpora import CORPORA, FIXTURES, NAMES
from tests.seeded.planting import Planted, plant
from tests.seeded.scoring import ToolError, score, table


def main() -> int:
    """Read the arguments, and do it for every repo and seed.

    Returns:
        0; 1 if a score is below 0.98; 2 if the tool did not answer.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.seeded", description=__doc__)
    parser.add_argument("--repo", type=Path, action="append", help="a LookML repo; by default all corpora and the demo project")
    parser.add_argument("--seed", type=int, action="append", help="by default 1")
    parser.add_argument("--count", type=int, default=200, help="mutations per repo and seed")
    parser.add_argument("--keep", type=Path, help="folder in which the git repos stay")
    parser.add_argument("--list", action="store_true", help="only say what was injected; the tool is not asked")
    given = parser.parse_args()
    low = False
    with tempfile.TemporaryDirectory() as scratch:
        for planted in _planted(given, given.keep or Path(scratch)):
            if given.list:
                _print_list(planted)
                continue
            try:
                total = score(planted)
            except ToolError as error:
                print(error, file=sys.stderr)
                return 2
            print(table(total), flush=True)
            low |= min(total.recall, total.precision) < 0.98
    return int(low)


def _planted(given: argparse.Namespace, folder: Path) -> Iterator[Planted]:
    repos = given.repo or [
        path for path in (*(CORPORA / name for name in NAMES), FIXTURES / "projects" / "storefront") if path.is_dir()
    ]
    for repo in repos:
        for seed in given.seed or [1]:
            made = plant(repo.resolve(), folder / f"{repo.resolve().name}-{seed}", seed, given.count)
            print(f"\n{repo.name}, seed {seed}: {len(made.mutations)} mutations in {len(made.batches)} batches", flush=True)
            yield made


def _print_list(planted: Planted) -> None:
    for number, batch in enumerate(planted.batches):
        for made in batch:
            told = made.expectation
            print(f"batch{number} {told.verdict} {told.object.id} {told.kind}: {told.text} ({told.file}:{told.line})")
            boards = ", ".join(f"{model}/{name}" for model, name in sorted(told.dashboards))
            print(f"    dashboards: {boards or 'none'}; new errors: {', '.join(sorted(told.new_errors)) or 'none'}")


if __name__ == "__main__":
    sys.exit(main())
