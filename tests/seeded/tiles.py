"""Mutations of dashboards, their filters and tiles."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final

import yaml

from tests.seeded.dashboards import Dashboard, Item, child
from tests.seeded.expecting import (
    BREAKING,
    HARMLESS,
    METADATA,
    NUMBERS,
    Claim,
    Corpus,
    Edit,
    Expectation,
    Kind,
    Mutation,
    Place,
    Subject,
)  # fmt: skip

_UNKNOWN_FILTER: Final = frozenset({"unknown-dashboard-filter"})
_TYPES: Final = {
    "looker_line": "looker_column", "looker_column": "looker_bar", "looker_bar": "looker_column", "looker_area": "looker_line",
    "looker_pie": "looker_bar", "looker_grid": "table", "table": "looker_grid", "single_value": "looker_grid",
}  # fmt: skip


def _dashboards(corpus: Corpus) -> list[Dashboard]:
    """Clear dashboards, each declaration once."""
    return list({id(one): one for _, one in sorted(corpus.repo.clear_dashboards.items())}.values())


def _tiles(corpus: Corpus) -> list[tuple[Dashboard, Item]]:
    return corpus.shuffled((one, tile) for one in _dashboards(corpus) for tile in one.tiles if not tile.name.startswith("#"))


def _filters(corpus: Corpus) -> list[tuple[Dashboard, Item]]:
    return corpus.shuffled((one, item) for one in _dashboards(corpus) for item in one.filters)


def _made(
    corpus: Corpus, claim: Claim, one: Dashboard, tile: Item | None, at: int, edits: list[Edit], names: set[str]
) -> Mutation:
    models = corpus.models(one.path)
    places = frozenset[Place]((model, one.name) for model in models)
    boards = frozenset(f"dashboard:{model}/{one.name}" for model in models)
    own = boards if tile is None else frozenset(f"tile:{model}/{one.name}/{tile.name}" for model in models)
    subject = Subject("dashboard" if tile is None else "tile", min(own).partition(":")[2])
    errors = claim.new_errors if corpus.whole(models) else frozenset[str]()
    told = Expectation(
        claim.kind, claim.verdict, models, subject, own | claim.ids, claim.text, one.path, corpus.line(one.path, at),
        corpus.also(claim, models),
        places if claim.felt else frozenset(), places, errors, frozenset(names),
    )  # fmt: skip
    ripple = frozenset(f"{board}*" for board in boards) if claim.felt else frozenset[str]()
    return Mutation(told, tuple(edits), boards if claim.hard else own, boards | own, ripple)


def _scalar(path: str, node: yaml.Node, value: str) -> Edit:
    return Edit(path, node.start_mark.index, node.end_mark.index, value)


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _cut(corpus: Corpus, one: Dashboard, key: str, item: Item) -> Edit | None:
    """Take one entry out of a list in block style."""
    listed, text = child(one.node, key), corpus.repo.texts[one.path]
    if not isinstance(listed, yaml.SequenceNode) or listed.flow_style or len(listed.value) < 2 or item.node.flow_style:
        return None
    number = listed.value.index(item.node)
    start = text.rfind("\n", 0, item.node.start_mark.index) + 1
    if text[start : item.node.start_mark.index].strip() != "-":
        return None
    after = listed.value[number + 1].start_mark.index if number + 1 < len(listed.value) else item.node.end_mark.index
    end = text.rfind("\n", 0, after) + 1 if number + 1 < len(listed.value) or after < len(text) else after
    return Edit(one.path, start, end, "")


def remove_listened_filter(corpus: Corpus) -> Iterator[Mutation]:
    """A filter that a tile listens to is gone."""
    for one, item in _filters(corpus):
        listeners = [tile for tile in one.tiles if item.name in _listened(tile)]
        cut = _cut(corpus, one, "filters", item)
        if listeners and cut is not None:
            claim = Claim(
                "remove a filter that a tile listens to", BREAKING, f"{one.name}: no filter {item.name}",
                also=frozenset({NUMBERS}),
                new_errors=_UNKNOWN_FILTER, hard=True,
                ids=_filter_ids(corpus, one, item)
                | {f"tile:{model}/{one.name}/{tile.name}" for model in corpus.models(one.path) for tile in listeners},
            )  # fmt: skip
            yield _made(corpus, claim, one, None, item.node.start_mark.index, [cut], {item.name})


def _filter_ids(corpus: Corpus, one: Dashboard, item: Item) -> frozenset[str]:
    """A filter may be named itself, or its dashboard."""
    return frozenset(f"filter:{model}/{one.name}/{item.name}" for model in corpus.models(one.path))


def _listened(tile: Item) -> set[str]:
    parts = [tile.values, *(part for part in tile.values.get("merged_queries") or () if isinstance(part, dict))]
    maps: list[Any] = []
    for part in parts:
        listen = part.get("listen")
        maps += listen if isinstance(listen, list) else [listen]
    return {str(name) for one in maps if isinstance(one, dict) for name in one}


def change_default(corpus: Corpus) -> Iterator[Mutation]:
    """A dashboard opens with another value of a filter."""
    for one, item in _filters(corpus):
        node = item.scalar("default_value")
        listened = any(item.name in _listened(tile) for tile in one.tiles)
        if node is not None and listened and node.style not in {"|", ">"} and "{" not in node.value:
            value = _other(node.value)
            text = f"{one.name}: {item.name} opens with {value!r}, not {node.value!r}"
            claim = Claim("change a dashboard filter's default", NUMBERS, text, ids=_filter_ids(corpus, one, item))
            edit = _scalar(one.path, node, _quoted(value))
            yield _made(corpus, claim, one, None, node.start_mark.index, [edit], {item.name})


def _other(value: str) -> str:
    """Another filter expression."""
    swap = {"yes": "no", "no": "yes", "Yes": "No", "No": "Yes", "": "-NULL"}
    if value in swap:
        return swap[value]
    if found := re.search(r"\d+", value):
        return f"{value[: found.start()]}{int(found[0]) + 1}{value[found.end() :]}"
    return f"{value},other"


def change_tile_filter(corpus: Corpus) -> Iterator[Mutation]:
    """A tile shows other rows."""
    for one, tile in _tiles(corpus):
        filters = child(tile.node, "filters")
        if isinstance(filters, yaml.MappingNode) and filters.value and tile.queries:
            name, node = corpus.random.choice(filters.value)
            if isinstance(node, yaml.ScalarNode) and node.style not in {"|", ">"} and "{" not in node.value:
                value = _other(node.value)
                claim = Claim("change a tile's filter value", NUMBERS, f"{one.name}, {tile.name}: {name.value} is {value!r}")
                yield _made(
                    corpus, claim, one, tile, node.start_mark.index, [_scalar(one.path, node, _quoted(value))], {tile.name}
                )


def remove_tile(corpus: Corpus) -> Iterator[Mutation]:
    """A tile is gone, with what people came for."""
    for one, tile in _tiles(corpus):
        cut = _cut(corpus, one, "elements", tile)
        if cut is not None:
            claim = Claim(
                "remove a tile", BREAKING, f"{one.name}: no tile {tile.name}", also=frozenset({METADATA}), hard=True,
                ids=frozenset(f"dashboard:{model}/{one.name}" for model in corpus.models(one.path)),
            )  # fmt: skip
            made = _made(corpus, claim, one, tile, tile.node.start_mark.index, [cut], {tile.name})
            yield _gone(made)


def _gone(made: Mutation) -> Mutation:
    """What is gone itself need not be listed as affected by its going."""
    return replace(made, expectation=replace(made.expectation, dashboards=frozenset()))


def misspell_tile_field(corpus: Corpus) -> Iterator[Mutation]:
    """A tile asks for a field that there is not."""
    for one, tile in _tiles(corpus):
        listed = child(tile.node, "fields")
        queries = [query for query in tile.queries for model in corpus.models(one.path)
                   if (query.model or model, query.explore) in corpus.repo.clear_explores]  # fmt: skip
        if isinstance(listed, yaml.SequenceNode) and queries and not tile.values.get("merged_queries"):
            explore = next(
                iter(corpus.repo.clear_explores[key] for key in corpus.repo.clear_explores if key[1] == queries[0].explore)
            )
            known = [
                node for node in listed.value if isinstance(node, yaml.ScalarNode) and _clear(corpus, explore.views, node.value)
            ]
            if known:
                node = corpus.random.choice(known)
                claim = Claim(
                    "misspell a field of a tile", BREAKING, f"{one.name}, {tile.name}: {node.value}_typo", hard=True,
                    new_errors=frozenset({"unknown-tile-field"}),
                )  # fmt: skip
                edit = _scalar(one.path, node, f"{node.value}_typo")
                yield _made(
                    corpus, claim, one, tile, node.start_mark.index, [edit], {node.value.partition(".")[2] + "_typo", tile.name}
                )


def _clear(corpus: Corpus, views: Any, name: str) -> bool:
    alias, _, field = name.partition(".")
    view = corpus.repo.clear_views.get(views.get(alias, ""))
    return view is not None and field in view.owner


def misspell_tile_explore(corpus: Corpus) -> Iterator[Mutation]:
    """A tile asks an explore that there is not."""
    for one, tile in _tiles(corpus):
        node = tile.scalar("explore")
        known = node is not None and any(
            (tile.values.get("model") or model, node.value) in corpus.repo.clear_explores for model in corpus.models(one.path)
        )
        if node is not None and known:
            claim = Claim(
                "misspell the explore of a tile", BREAKING, f"{one.name}, {tile.name}: explore {node.value}_typo", hard=True,
                new_errors=frozenset({"unknown-tile-explore", "unknown-explore"}),
            )  # fmt: skip
            edit = _scalar(one.path, node, f"{node.value}_typo")
            yield _made(corpus, claim, one, tile, node.start_mark.index, [edit], {f"{node.value}_typo", tile.name})


def _said(kind: str, verdict: str, key: str, make: Callable[[str], str | None], also: frozenset[str] = frozenset()) -> Kind:
    """A kind that gives a tile another value under a key; `make` gives it as it is to be written."""

    def propose(corpus: Corpus) -> Iterator[Mutation]:
        for one, tile in _tiles(corpus):
            node = tile.scalar(key)
            value = make(node.value) if node is not None and node.style not in {"|", ">"} else None
            if node is not None and value is not None:
                claim = Claim(kind, verdict, f"{one.name}, {tile.name}: {key} {value}"[:160], also=also)
                yield _made(corpus, claim, one, tile, node.start_mark.index, [_scalar(one.path, node, value)], {tile.name})

    return propose


def reformat_dashboard(corpus: Corpus) -> Iterator[Mutation]:
    """Comments and blank lines between tiles."""
    for one, tile in _tiles(corpus):
        text, at = corpus.repo.texts[one.path], tile.node.start_mark.index
        start = text.rfind("\n", 0, at) + 1
        if text[start:at].strip() == "-":
            claim = Claim("reformat a dashboard", HARMLESS, f"{one.name}: a comment and a blank line above {tile.name}")
            margin = text[start:at].split("-")[0]
            yield _made(
                corpus, claim, one, tile, at, [Edit(one.path, start, start, f"\n{margin}# See the handbook.\n")], {tile.name}
            )


def _requoted(value: str) -> str | None:
    words = {"yes", "no", "true", "false", "on", "off", "null", "y", "n"}
    return f'"{value}"' if re.fullmatch(r"[A-Za-z][\w ]*", value) and value.lower() not in words else None


KINDS: Final[dict[str, Kind]] = {
    "remove a filter that a tile listens to": remove_listened_filter,
    "change a dashboard filter's default": change_default,
    "change a tile's filter value": change_tile_filter,
    "remove a tile": remove_tile,
    "misspell a field of a tile": misspell_tile_field,
    "misspell the explore of a tile": misspell_tile_explore,
    "change a tile's title": _said("change a tile's title", METADATA, "title", lambda old: _quoted(f"{old} (new)")),
    "move a tile": _said(
        "move a tile", HARMLESS, "row", lambda old: str(int(old) + 40) if old.isdigit() else None, frozenset({METADATA})
    ),
    "change a tile's visualization": _said("change a tile's visualization", METADATA, "type", _TYPES.get),
    "reformat a dashboard": reformat_dashboard,
    "quote a title": _said("quote a title", HARMLESS, "title", _requoted),
}
