"""Mutations of explores and joins."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from tests.seeded.dashboards import Query
from tests.seeded.expecting import (
    BREAKING,
    METADATA,
    NUMBERS,
    Claim,
    Corpus,
    Edit,
    Kind,
    Mutation,
    Place,
    Subject,
    added,
    renamed,
    valued,
    without,
)  # fmt: skip
from tests.seeded.reach import sure_refs
from tests.seeded.reading import Explore, View
from tests.seeded.scan import Node
from tests.seeded.sqltext import other_literal, other_operator

_NOT_JOINED: Final = frozenset({"unknown-tile-field", "view-not-joined", "unknown-field", "unknown-join"})
_OTHER_RELATIONSHIP: Final = {
    "many_to_one": "one_to_many", "one_to_one": "many_to_many", "one_to_many": "many_to_one", "many_to_many": "one_to_one",
}  # fmt: skip
_OTHER_TYPE: Final = {"left_outer": "inner", "inner": "left_outer", "full_outer": "left_outer", "cross": "left_outer"}


def _joins(corpus: Corpus) -> list[tuple[Explore, Node]]:
    return corpus.shuffled(corpus.joins)


def _readers(corpus: Corpus, explore: Explore, join: Node) -> frozenset[Place]:
    tokens = [("join", model, explore.name, join.value) for model in corpus.models(explore.path)]
    return frozenset().union(*(corpus.reach.sure.get(token, frozenset()) for token in tokens))


def drop_used_join(corpus: Corpus) -> Iterator[Mutation]:
    """A join whose fields a tile needs is gone."""
    for explore, join in _joins(corpus):
        if _readers(corpus, explore, join):
            claim = Claim(
                "drop a join whose fields a tile uses", BREAKING, f"{explore.name}: drop join {join.value}",
                new_errors=_NOT_JOINED, hard=True, ids=_explore_ids(corpus, explore),
            )  # fmt: skip
            yield corpus.of_explore(claim, explore, [without(corpus, explore.path, join)], join)


def _explore_ids(corpus: Corpus, explore: Explore) -> frozenset[str]:
    return frozenset({f"explore:{model}/{explore.name}" for model in corpus.models(explore.path)})


def drop_unused_join(corpus: Corpus) -> Iterator[Mutation]:
    """A join that nothing in the repo needs is gone."""
    for explore, join in _joins(corpus):
        if not _needed(corpus, explore, join):
            claim = Claim(
                "drop a join that nothing uses", BREAKING, f"{explore.name}: drop unused join {join.value}",
                also=frozenset({METADATA}), hard=True, ids=_explore_ids(corpus, explore),
            )  # fmt: skip
            made = corpus.of_explore(claim, explore, [without(corpus, explore.path, join)], join)
            told = replace(made.expectation, dashboards=frozenset(), at_most=frozenset())
            yield replace(made, expectation=told, ripple=told.ids)


def _needed(corpus: Corpus, explore: Explore, join: Node) -> bool:
    """Whether the alias is named by the explore elsewhere, by a view of it, by a tile on it, or by a table made from it."""
    repo, alias = corpus.repo, join.value
    views = set(explore.views.values())
    for path, at in repo.words.get(alias, ()):
        if path == explore.path and join.start <= at < join.end:
            continue
        if path == explore.path and explore.node.start <= at < explore.node.end:
            return True
        dotted = repo.texts[path][at + len(alias)] == "."
        own = explore.views[alias]
        if dotted and any(one.path == path and one.name in views - {own} and _within(one.node, at) for one in repo.views):
            return True
        if dotted and f"explore_source: {explore.name}" in repo.texts[path]:
            return True
    items = [item for one in repo.dashboards for item in (*one.tiles, *one.filters) if item.values.get("explore") or item.queries]
    return any(_on(item.values, item.queries, explore.name) and any(word[0] == alias for word in item.words) for item in items)


def _on(values: object, queries: tuple[Query, ...], explore: str) -> bool:
    named = values.get("explore") if isinstance(values, dict) else None
    return named == explore or any(query.explore == explore for query in queries)


def _within(node: Node, at: int) -> bool:
    return node.start <= at < node.end


def change_sql_on(corpus: Corpus) -> Iterator[Mutation]:
    """A join compares otherwise."""
    for explore, join in _joins(corpus):
        sql = join.get("sql_on")
        found = [text for rewrite in (other_operator, other_literal) for text in rewrite(sql.value)] if sql is not None else []
        if sql is not None and found:
            text = corpus.random.choice(found)
            claim = Claim("change a join's sql_on", NUMBERS, f"{explore.name}.{join.value}: {' '.join(text.split())[:100]}")
            yield corpus.of_explore(claim, explore, [valued(explore.path, sql, f" {text} ")], join)


def _change_word(kind: str, key: str, others: dict[str, str], default: str) -> Kind:
    def propose(corpus: Corpus) -> Iterator[Mutation]:
        for explore, join in _joins(corpus):
            given = join.get(key)
            old = given.value if given is not None else default
            if join.get("sql") is None and join.get("sql_on") is not None and old in others:
                claim = Claim(kind, NUMBERS, f"{explore.name}.{join.value}: {key} {old} becomes {others[old]}")
                line = f"{key}: {others[old]}"
                edit = valued(explore.path, given, others[old]) if given else added(corpus, explore.path, join, line)
                yield corpus.of_explore(claim, explore, [edit], join)

    return propose


def add_where(corpus: Corpus) -> Iterator[Mutation]:
    """Every query of an explore keeps fewer rows."""
    for explore in corpus.shuffled(corpus.explores):
        view = corpus.repo.clear_views.get(explore.views[explore.alias])
        plain = [one.name for one in view.fields.values() if one.node.key == "dimension"] if view is not None else []
        if plain and explore.node.get("sql_always_where") is None and explore.node.get("fields") is None:
            name = corpus.random.choice(plain)
            claim = Claim("add sql_always_where", NUMBERS, f"{explore.name}: only rows with a {name}")
            line = f"sql_always_where: ${{{explore.alias}.{name}}} IS NOT NULL ;;"
            yield corpus.of_explore(claim, explore, [added(corpus, explore.path, explore.node, line)])


def exclude_used_field(corpus: Corpus) -> Iterator[Mutation]:
    """An explore offers all fields but one that a tile names."""
    for explore in corpus.shuffled(corpus.explores):
        picks = _picked(corpus, explore) if explore.node.get("fields") is None else {}
        if picks:
            (view, name, pick), places = corpus.random.choice(sorted(picks.items()))
            alias = next(one for one, of in explore.views.items() if of == view)
            claim = Claim(
                "hide a used field by the explore's fields", BREAKING, f"{explore.name}: fields: [ALL_FIELDS*, -{alias}.{pick}]",
                new_errors=frozenset({"unknown-tile-field", "field-excluded", "unknown-field"}), hard=True,
                ids=frozenset({f"field:{view}.{name}", f"field:{view}.{pick}"}),
            )  # fmt: skip
            line = f"fields: [ALL_FIELDS*, -{alias}.{pick}]"
            made = corpus.of_explore(claim, explore, [added(corpus, explore.path, explore.node, line)])
            told = replace(made.expectation, dashboards=places, names=made.expectation.names | {name, pick})
            yield replace(made, expectation=told)


def _picked(corpus: Corpus, explore: Explore) -> dict[tuple[str, str, str], frozenset[Place]]:
    """Fields of the explore that its tiles name, by view, name and the name picked, with the dashboards."""
    models, found = set(corpus.models(explore.path)), dict[tuple[str, str, str], set[Place]]()
    once = {view for view in explore.views.values() if list(explore.views.values()).count(view) == 1}
    for (_, view, name), uses in corpus.reach.direct.items():
        for tile, pick in uses if view in once and not _referred(corpus, view, name) else ():
            on = [query for query in tile.item.queries if query.explore == explore.name and (query.model or tile.model) in models]
            if not tile.dashboard.abstract and any(
                explore.views.get(alias) == view and pick == field for one in on for alias, field in one.refs
            ):
                found.setdefault((view, name, pick), set()).add(tile.place)
    return {key: frozenset(places) for key, places in found.items()}


def _referred(corpus: Corpus, view: str, name: str) -> bool:
    """Whether another field or a join may name the field: then more than its own tiles break."""
    return len(corpus.reach.fields_from(view, name)) > 1


def rename_explore(corpus: Corpus) -> Iterator[Mutation]:
    """An explore that tiles ask has another name; its base view keeps its alias."""
    for explore in corpus.shuffled(corpus.explores):
        used = any(corpus.reach.sure.get(("explore", model, explore.name)) for model in corpus.models(explore.path))
        if not used or (explore.node.get("from") is not None and explore.node.get("view_name") is None):
            continue
        name = f"{explore.name}_renamed"
        claim = Claim(
            "rename an explore used by tiles", BREAKING, f"rename explore {explore.name} to {name}",
            new_errors=frozenset({"unknown-tile-explore", "unknown-explore"}), hard=True,
            ids=frozenset({f"explore:{model}/{name}" for model in corpus.models(explore.path)}),
        )  # fmt: skip
        edits = [renamed(corpus, explore.path, explore.node, name)]
        if explore.node.get("view_name") is None:
            edits.append(added(corpus, explore.path, explore.node, f"view_name: {explore.name}"))
        made = corpus.of_explore(claim, explore, edits)
        ripple = {f"{kind}:{model}/{name}" for model in corpus.models(explore.path) for kind in ("explore", "join")}
        yield replace(made, ripple=made.ripple | ripple | {f"join:{model}/{name}/*" for model in corpus.models(explore.path)})


def add_explore(corpus: Corpus) -> Iterator[Mutation]:
    """A model offers one more explore."""
    for explore in corpus.shuffled(corpus.explores):
        view = corpus.repo.clear_views.get(explore.views[explore.alias])
        if view is None or not _self_contained(view) or corpus.models(view.path) != corpus.models(explore.path):
            continue
        name = f"{explore.name}_apart"
        claim = Claim("add an explore", METADATA, f"a new explore {name} of {view.name}")
        text, end = corpus.repo.texts[explore.path], explore.node.end
        edit = Edit(explore.path, end, end, f"\n\nexplore: {name} {{\n  from: {view.name}\n  view_name: {view.name}\n}}\n")
        made = corpus.of_explore(claim, explore, [edit])
        models = corpus.models(explore.path)
        ids = frozenset({f"explore:{model}/{name}" for model in models})
        told = replace(made.expectation, object=Subject("explore", f"{models[0]}/{name}"), ids=ids)
        if name not in text:
            yield replace(made, expectation=told, writes=ids, touches=made.touches)


def _self_contained(view: View) -> bool:
    refs = [ref for one in view.fields.values() for ref in sure_refs(one.node, view.name)]
    text = " ".join(item.value for item in view.node.walk() if item.items is None)
    return all(alias == view.name for alias, _ in refs) and not re.search(r"\{%|\{\{", text)


KINDS: Final[dict[str, Kind]] = {
    "drop a join whose fields a tile uses": drop_used_join,
    "drop a join that nothing uses": drop_unused_join,
    "change a join's sql_on": change_sql_on,
    "change a join's relationship": _change_word(
        "change a join's relationship", "relationship", _OTHER_RELATIONSHIP, "many_to_one"
    ),
    "change a join's type": _change_word("change a join's type", "type", _OTHER_TYPE, "left_outer"),
    "add sql_always_where": add_where,
    "hide a used field by the explore's fields": exclude_used_field,
    "rename an explore used by tiles": rename_explore,
    "add an explore": add_explore,
}
