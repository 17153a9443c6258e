"""A git repo of a corpus as it is, with a branch for each batch of mutations."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.seeded.expecting import Corpus, Mutation
from tests.seeded.mutations import apply, batches, choose, model_for_all
from tests.seeded.reading import Repo

BASE: Final = "base"
_IDENTITY: Final = {
    "GIT_AUTHOR_NAME": "seed", "GIT_AUTHOR_EMAIL": "seed@example.com", "GIT_AUTHOR_DATE": "2024-01-01T00:00:00Z",
    "GIT_COMMITTER_NAME": "seed", "GIT_COMMITTER_EMAIL": "seed@example.com", "GIT_COMMITTER_DATE": "2024-01-01T00:00:00Z",
    "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1",
}  # fmt: skip


@dataclass(frozen=True)
class Planted:
    """A repo with seeded defects.

    Attributes:
        root: a git work tree, with the branches ``base``, ``batch0``, ``batch1`` …
        corpus: what was read of it.
        batches: the mutations of each branch.
    """

    root: Path
    corpus: Corpus
    batches: Sequence[Sequence[Mutation]]

    @property
    def mutations(self) -> list[Mutation]:
        return [made for batch in self.batches for made in batch]


def plant(source: Path, root: Path, seed: int, count: int) -> Planted:
    """Make the git repo.

    Args:
        source: a LookML repo; it is only read.
        root: a folder that is not there yet.
        seed: the same seed makes the same commits.
        count: how many mutations; fewer if the repo allows no more.

    Returns:
        what was made.
    """
    shutil.copytree(source, root, ignore=shutil.ignore_patterns(".git", "expected"))
    for one in (root, *root.rglob("*")):
        one.chmod(0o755 if one.is_dir() else 0o644)
    extra = model_for_all(root)
    if extra is not None:
        (root / extra[0]).write_text(extra[1])
    _git(root, "init", "--quiet", f"--initial-branch={BASE}")
    _git(root, "config", "core.autocrlf", "false")
    _commit(root, "The repo as it is")
    corpus = Corpus(Repo(root), seed)
    made = batches(choose(corpus, count))
    for number, batch in enumerate(made):
        _git(root, "checkout", "--quiet", "-b", f"batch{number}", BASE)
        for path, text in apply(corpus.repo.texts, batch).items():
            if text is None:
                (root / path).unlink()
            else:
                (root / path).write_bytes(text.encode())
        _commit(root, "\n".join(one.expectation.text for one in batch))
    _git(root, "checkout", "--quiet", BASE)
    return Planted(root, corpus, made)


def _commit(root: Path, message: str) -> None:
    _git(root, "add", "--all", "--force")
    _git(root, "commit", "--quiet", "--no-verify", "-m", message)


def _git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=root, env={**os.environ, **_IDENTITY}, check=True, stdout=subprocess.PIPE)
