"""Mutations that say the same in other words: harmless ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Final

from tests.seeded.expecting import HARMLESS, Claim, Corpus, Edit, Kind, Mutation, added, valued, without
from tests.seeded.reading import FIELDS, Explore, Field, View
from tests.seeded.scan import Node
from tests.seeded.sqltext import Rewrite, in_brackets, other_case, other_order, other_space, other_unequal, swapped

_AGGREGATES: Final = {"sum", "average", "min", "max", "count_distinct", "median"}


def reorder_fields(corpus: Corpus) -> Iterator[Mutation]:
    """Two neighbours change places."""
    for view in corpus.shuffled(corpus.repo.clear_views.values()):
        text, items = corpus.repo.texts[view.path], view.node.items or ()
        pairs = [
            (first, second) for first, second in pairwise(items)
            if first.key in FIELDS and second.key in FIELDS and not text[first.end : second.start].strip()
        ]  # fmt: skip
        if pairs:
            first, second = corpus.random.choice(pairs)
            claim = Claim("reorder fields", HARMLESS, f"{view.name}: {second.value} before {first.value}")
            made = corpus.of_view(claim, view, [_exchanged(view.path, text, first, second)])
            yield _about_fields(made, view)


def _exchanged(path: str, text: str, first: Node, second: Node) -> Edit:
    gap = text[first.end : second.start]
    return Edit(path, first.start, second.end, text[second.start : second.end] + gap + text[first.start : first.end])


def _about_fields(made: Mutation, view: View) -> Mutation:
    """Nothing may be said of the view's fields either."""
    ids = made.expectation.ids | {f"field:{view.name}.{name}" for name in [*view.fields, *view.owner]}
    return replace(made, expectation=replace(made.expectation, ids=ids))


def reorder_joins(corpus: Corpus) -> Iterator[Mutation]:
    """Two joins that do not need each other change places."""
    for explore in corpus.shuffled(corpus.explores):
        text, items = corpus.repo.texts[explore.path], explore.node.items or ()
        for first, second in corpus.shuffled(pairwise(items)):
            if first.key == second.key == "join" and not text[first.end : second.start].strip() and _apart(text, first, second):
                claim = Claim("reorder joins", HARMLESS, f"{explore.name}: {second.value} before {first.value}")
                made = corpus.of_explore(claim, explore, [_exchanged(explore.path, text, first, second)])
                ids = {
                    f"join:{model}/{explore.name}/{node.value}"
                    for model in corpus.models(explore.path)
                    for node in (first, second)
                }
                told = replace(made.expectation, ids=made.expectation.ids | ids)
                yield replace(made, expectation=told, writes=made.writes | ids)
                break


def _apart(text: str, first: Node, second: Node) -> bool:
    """Both are plain outer or inner joins, and neither names the other."""
    plain = all(
        node.get("sql") is None and node.get("sql_on") is not None and node.text("type", "left_outer") in {"left_outer", "inner"}
        and node.get("required_joins") is None
        for node in (first, second)
    )  # fmt: skip
    return plain and first.value not in text[second.start : second.end] and second.value not in text[first.start : first.end]


def move_view(corpus: Corpus) -> Iterator[Mutation]:
    """A view stands in another file that the same models include."""
    by_models = defaultdict(list)
    for path in sorted(corpus.repo.editable):
        if path.endswith(".view.lkml") and corpus.models(path):
            by_models[corpus.models(path)].append(path)
    for view in corpus.shuffled(corpus.repo.clear_views.values()):
        others = [
            path for path in by_models[corpus.models(view.path)] if path != view.path and _neighbours(corpus, view.path, path)
        ]
        if others:
            path = corpus.random.choice(others)
            text, end = corpus.repo.texts[view.path][view.node.start : view.node.end], len(corpus.repo.texts[path])
            claim = Claim("move a view to another file", HARMLESS, f"move view {view.name} from {view.path} to {path}")
            edits = [without(corpus, view.path, view.node), Edit(path, end, end, f"\n\n{text}\n")]
            made = corpus.of_view(claim, view, edits)
            yield replace(_about_fields(made, view), touches=made.touches | {f"file:{path}", f"file:{view.path}"})


def _neighbours(corpus: Corpus, one: str, other: str) -> bool:
    """Whether the files stand in one folder and include the same: then the view sees there what it saw."""
    includes = [{node.value for node in corpus.repo.nodes[path] or () if node.key == "include"} for path in (one, other)]
    return one.rpartition("/")[0] == other.rpartition("/")[0] and includes[0] == includes[1]


def reformat_field(corpus: Corpus) -> Iterator[Mutation]:
    """Indentation, blank lines and comments around the parameters of a field."""
    for view, one in corpus.shuffled(corpus.fields):
        text, edits = corpus.repo.texts[view.path], list[Edit]()
        for item in one.node.items or ():
            start = text.rfind("\n", 0, item.start) + 1
            if not text[start : item.start].strip():
                edits.append(Edit(view.path, start, item.start, text[start : item.start] + "      "))
        start = text.rfind("\n", 0, one.node.start) + 1
        if edits and not text[start : one.node.start].strip():
            edits.append(Edit(view.path, start, start, "\n  # See the handbook.\n"))
            yield corpus.of_field(
                Claim("reformat a field", HARMLESS, f"{view.name}.{one.name}: indentation and a comment"), view, one, edits
            )


def reformat_view(corpus: Corpus) -> Iterator[Mutation]:
    """Blank lines and comments between the fields of a view."""
    for view in corpus.shuffled(corpus.repo.clear_views.values()):
        text, edits = corpus.repo.texts[view.path], list[Edit]()
        for one in view.fields.values():
            start = text.rfind("\n", 0, one.node.start) + 1
            if not text[start : one.node.start].strip():
                edits.append(Edit(view.path, start, start, f"\n  # {one.node.key}\n\n"))
        if edits:
            made = corpus.of_view(Claim("reformat a view", HARMLESS, f"{view.name}: comments and blank lines"), view, edits)
            yield _about_fields(made, view)


def _fit(one: Field, rewrite: Rewrite) -> bool:
    """Whether the SQL of the field may be rewritten so: brackets around a lone reference of a measure of measures may not."""
    if one.node.key == "dimension":
        return one.node.text("type", "string") not in {"location", "distance"}
    return one.node.key == "measure" and (one.node.text("type") in _AGGREGATES or rewrite is not in_brackets)


def _field_sql(kind: str, rewrite: Rewrite) -> Kind:
    def propose(corpus: Corpus) -> Iterator[Mutation]:
        for view, one in corpus.shuffled(corpus.fields):
            sql = one.node.get("sql")
            found = list(rewrite(sql.value)) if sql is not None and _fit(one, rewrite) else []
            if sql is not None and found:
                text = corpus.random.choice(found)
                claim = Claim(kind, HARMLESS, f"{view.name}.{one.name}: {' '.join(text.split())[:100]}")
                yield corpus.of_field(claim, view, one, [valued(view.path, sql, f" {text} ")])

    return propose


def _join_sql(kind: str, *rewrites: Rewrite) -> Kind:
    def propose(corpus: Corpus) -> Iterator[Mutation]:
        for explore, join in corpus.shuffled(corpus.joins):
            sql = join.get("sql_on")
            found = [text for rewrite in rewrites for text in rewrite(sql.value)] if sql is not None else []
            if sql is not None and found:
                text = corpus.random.choice(found)
                claim = Claim(kind, HARMLESS, f"{explore.name}.{join.value}: {' '.join(text.split())[:100]}")
                yield corpus.of_explore(claim, explore, [valued(explore.path, sql, f" {text} ")], join)

    return propose


def state_default(corpus: Corpus) -> Iterator[Mutation]:
    """A dimension says the type that it has anyway."""
    for view, one in corpus.shuffled(corpus.fields):
        if one.node.key == "dimension" and one.node.get("type") is None and one.node.get("case") is None:
            claim = Claim("state a default", HARMLESS, f"{view.name}.{one.name}: type: string")
            yield corpus.of_field(claim, view, one, [added(corpus, view.path, one.node, "type: string")])


def state_join_default(corpus: Corpus) -> Iterator[Mutation]:
    """A join says the type that it has anyway."""
    for explore, join in _plain_joins(corpus):
        if join.get("type") is None:
            claim = Claim("state a join's default", HARMLESS, f"{explore.name}.{join.value}: type: left_outer")
            yield corpus.of_explore(claim, explore, [added(corpus, explore.path, join, "type: left_outer")], join)


def _plain_joins(corpus: Corpus) -> list[tuple[Explore, Node]]:
    return corpus.shuffled(
        (explore, join) for explore, join in corpus.joins if join.get("sql") is None and join.get("sql_on") is not None
    )


KINDS: Final[dict[str, Kind]] = {
    "reorder fields": reorder_fields,
    "reorder joins": reorder_joins,
    "move a view to another file": move_view,
    "reformat a field": reformat_field,
    "reformat a view": reformat_view,
    "swap the sides of an equality": _join_sql("swap the sides of an equality", swapped),
    "exchange the order of AND": _join_sql("exchange the order of AND", other_order),
    "white space in sql_on": _join_sql("white space in sql_on", other_space),
    "brackets around a condition": _join_sql("brackets around a condition", in_brackets),
    "brackets around SQL": _field_sql("brackets around SQL", in_brackets),
    "write <> as !=": _field_sql("write <> as !=", other_unequal),
    "keywords in another case": _field_sql("keywords in another case", other_case),
    "white space in SQL": _field_sql("white space in SQL", other_space),
    "state a default": state_default,
    "state a join's default": state_join_default,
}
