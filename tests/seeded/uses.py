"""Where a repo names a field."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from tests.seeded.expecting import Corpus
from tests.seeded.reading import TIMEFRAMES, Field, View
from tests.seeded.scan import Node

_LISTS: Final = {"drill_fields", "fields", "dimensions", "measures", "pivots"}


def used_by_tiles(corpus: Corpus, view: View, one: Field) -> bool:
    """Whether a tile that is shown names the field itself."""
    tiles = corpus.reach.direct.get(("field", view.name, one.name), ())
    sure = corpus.reach.sure.get(("field", view.name, one.name), frozenset())
    return any(tile.place in sure for tile, _ in tiles)


def unused(corpus: Corpus, view: View, one: Field) -> bool:
    """Whether nothing in the repo names the field, as far as words can tell."""
    names = {one.name, *one.generated}
    if one.node.key == "dimension_group":
        names |= {f"{one.name}_{frame}" for frame in TIMEFRAMES}
    return not any(True for name in names for _ in _mentions(corpus, view, one, name))


def renamable(corpus: Corpus, view: View, one: Field) -> list[tuple[str, int]] | None:
    """Path and offset of every use; None if a use cannot be told from other words, or if there is none."""
    found = list(_mentions(corpus, view, one, one.name))
    own = [(path, at) for path, at in corpus.repo.words[one.name] if path == view.path and _inside(one.node, at)]
    strange = [at for _, at in own if not _column(corpus.repo.texts[view.path], at)]
    if not found or len(strange) != 1 or not all(_use(corpus, view, path, at, one.name) for path, at in found):
        return None
    return found


def _mentions(corpus: Corpus, view: View, one: Field, name: str) -> Iterator[tuple[str, int]]:
    aliases = corpus.repo.aliases.get(view.name, frozenset()) | {view.name}
    for path, at in corpus.repo.words.get(name, ()):
        text = corpus.repo.texts[path]
        if (path == view.path and _inside(one.node, at)) or _column(text, at):
            continue
        before = re.search(r"(\w+)\.$", text[max(0, at - 80) : at])
        if before is not None:
            if before[1] in aliases:
                yield path, at
        elif _home(corpus, view, path, at):
            yield path, at


def _column(text: str, at: int) -> bool:
    return text[:at].endswith("${TABLE}.")


def _inside(node: Node, at: int) -> bool:
    return node.start <= at < node.end


def _home(corpus: Corpus, view: View, path: str, at: int) -> bool:
    """Whether a lone word there may mean a field of the view."""
    if not path.endswith(".lkml"):
        return False
    top = next((node for node in corpus.repo.nodes[path] or () if _inside(node, at)), None)
    if top is None:
        return corpus.repo.nodes[path] is None
    if top.key == "view":
        return top.value.removeprefix("+") == view.name or any(node.key == "explore_source" for node in top.walk())
    return top.key in {"explore", "test"}


def _use(corpus: Corpus, view: View, path: str, at: int, name: str) -> bool:
    """Whether the word surely means the field, in a form that is plain to change."""
    text, end = corpus.repo.texts[path], at + len(name)
    before = re.search(r"(\$\{)?(?:(\w+)\.)?$", text[max(0, at - 80) : at])
    assert before is not None
    alias = before[2]
    if alias is not None and {one.views.get(alias) for one in corpus.repo.explores} - {None, view.name}:
        return False
    if path.endswith(".lookml"):
        return alias is not None
    if path not in corpus.repo.editable:
        return False
    if before[1]:
        return text[end] in "}:" and (alias is not None or (path == view.path and _inside(view.node, at)))
    leaf = next(
        (node for top in corpus.repo.nodes[path] or () for node in top.walk() if node.items is None and _inside(node, at)), None
    )
    listed = leaf is not None and leaf.key in _LISTS and leaf.value.startswith("[")
    return listed and text[end] in " ,]\n" and (alias is not None or (path == view.path and _inside(view.node, at)))
