"""Which mutations a corpus gets: as many of each kind as of any other, until there are enough."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from tests.seeded import explores, fields, tables, tiles, writing
from tests.seeded.expecting import Corpus, Edit, Kind, Mutation
from tests.seeded.reading import Repo

KINDS: Final[Mapping[str, Kind]] = {**fields.KINDS, **tables.KINDS, **explores.KINDS, **tiles.KINDS, **writing.KINDS}
"""Every kind by name; this order decides what comes first."""

LONGEST_BATCH: Final = 40


def choose(corpus: Corpus, count: int) -> list[Mutation]:
    """Take one of each kind in turn, each change once.

    Args:
        corpus: where, and with which seed.
        count: how many.

    Returns:
        at most `count` mutations; fewer if the corpus allows no more.
    """
    sources = [kind(corpus) for kind in KINDS.values()]
    chosen: list[Mutation] = []
    while sources and len(chosen) < count:
        for source in list(sources):
            made = next(source, None)
            if made is None:
                sources.remove(source)
            elif len(chosen) < count:
                chosen.append(_with_files(made))
    return chosen


def _with_files(made: Mutation) -> Mutation:
    """Note the files: one that goes takes the edits of others in it along."""
    files = frozenset(f"file:{edit.path}" for edit in made.edits)
    return replace(made, touches=made.touches | files)


def batches(chosen: Sequence[Mutation]) -> list[list[Mutation]]:
    """Put into one batch what does not meet.

    Args:
        chosen: the mutations.

    Returns:
        the same, each in the first batch where no other writes what it writes or touches.
    """
    found: list[list[Mutation]] = []
    for made in chosen:
        home = next((batch for batch in found if len(batch) < LONGEST_BATCH and not any(meet(made, one) for one in batch)), None)
        if home is None:
            found.append([made])
        else:
            home.append(made)
    return found


def meet(one: Mutation, other: Mutation) -> bool:
    """Whether two mutations may not stand in one batch."""
    if one.writes & (other.writes | other.touches) or other.writes & one.touches:
        return True
    return any(_overlap(left, right) for left in one.edits for right in other.edits)


def _overlap(one: Edit, other: Edit) -> bool:
    if one.path != other.path:
        return False
    return one.text is None or other.text is None or (one.start <= other.end and other.start <= one.end)


def apply(texts: Mapping[str, str], batch: Sequence[Mutation]) -> dict[str, str | None]:
    """Texts of the files that a batch changes; None for one that goes.

    Args:
        texts: of all files by path.
        batch: mutations that do not meet.

    Returns:
        the new texts by path.
    """
    changed: dict[str, str | None] = {}
    edits = sorted((edit for made in batch for edit in made.edits), key=lambda edit: (edit.path, -edit.start))
    for edit in edits:
        text = changed.get(edit.path, texts[edit.path])
        assert text is not None
        changed[edit.path] = None if edit.text is None else text[: edit.start] + edit.text + text[edit.end :]
    return changed


def model_for_all(root: Path) -> tuple[str, str] | None:
    """A model file for a repo in which no model includes a view, as blocks made to be imported are.

    Args:
        root: of the repo.

    Returns:
        path and text; None if a model includes a view.

    The model has the name that most tiles give, so that they find their explores.
    """
    repo = Repo(root)
    if any(repo.models_of[view.path] for view in repo.views):
        return None
    named = re.findall(r"^\s*-?\s*model: *(\w+)", "\n".join(repo.texts.values()), re.MULTILINE)
    name = max(sorted(set(named)), key=named.count, default="everything")
    if f"{name}.model.lkml" in repo.texts:
        return None
    return (
        f"{name}.model.lkml",
        'connection: "warehouse"\ninclude: "/**/*.view.lkml"\ninclude: "/**/*.explore.lkml"\ninclude: "/**/*.dashboard.lookml"\n',
    )
