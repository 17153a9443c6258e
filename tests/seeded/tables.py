"""Mutations of views as a whole, and of their tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

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
    renamed,
    valued,
    without,
)
from tests.seeded.reading import View
from tests.seeded.scan import Node
from tests.seeded.sqltext import more_where

_UNKNOWN_VIEW: Final = frozenset({"unknown-view"})


def _joined(corpus: Corpus, view: View) -> bool:
    """Whether a clear explore reads the view, by its base or by a join that is no UNNEST."""
    for explore in corpus.explores:
        for alias, name in explore.views.items():
            join = explore.joins.get(alias)
            if name == view.name and (join is None or join.get("sql") is None):
                return True
    return False


def remove_view(corpus: Corpus) -> Iterator[Mutation]:
    """The block of a view that an explore reads is gone."""
    for view in corpus.shuffled(corpus.repo.clear_views.values()):
        if _joined(corpus, view):
            claim = Claim(
                "remove a view that an explore joins", BREAKING, f"remove view {view.name}", new_errors=_UNKNOWN_VIEW, hard=True
            )
            yield corpus.of_view(claim, view, [without(corpus, view.path, view.node)])


def remove_file(corpus: Corpus) -> Iterator[Mutation]:
    """The file of a view that an explore reads is gone."""
    for view in corpus.shuffled(corpus.repo.clear_views.values()):
        nodes = corpus.repo.nodes[view.path] or ()
        if _joined(corpus, view) and [node.key for node in nodes] == ["view"]:
            claim = Claim("remove a view's file", BREAKING, f"remove {view.path}", new_errors=_UNKNOWN_VIEW, hard=True)
            made = corpus.of_view(claim, view, [Edit(view.path, 0, len(corpus.repo.texts[view.path]), None)])
            yield replace(made, writes=made.writes | {f"file:{view.path}"})


def rename_parent(corpus: Corpus) -> Iterator[Mutation]:
    """A view that others extend has another name, and they do not know."""
    for parent in corpus.shuffled(corpus.repo.views):
        children = [view for view in corpus.repo.views if parent.name in view.parents and corpus.repo.models_of[view.path]]
        if children and _sole(corpus, parent) and not parent.parents:
            yield _broken_extends(corpus, parent, children)


def _sole(corpus: Corpus, view: View) -> bool:
    """Whether it is the only declaration of its name, in a file that can be changed."""
    count = sum(one.name == view.name for one in corpus.repo.views)
    here = view.path in corpus.repo.editable and bool(corpus.models(view.path))
    return count == 1 and here and not view.node.value.startswith("+")


def _broken_extends(corpus: Corpus, parent: View, children: list[View]) -> Mutation:
    name = f"{parent.name}_renamed"
    heirs = ", ".join(view.name for view in children)
    claim = Claim(
        "break an extends", BREAKING, f"rename view {parent.name} to {name}, which {heirs} extends",
        new_errors=frozenset({"unknown-parent"}), hard=True,
        ids=frozenset({f"view:{name}"} | {f"view:{view.name}" for view in children}),
    )  # fmt: skip
    made = corpus.of_view(claim, parent, [renamed(corpus, parent.path, parent.node, name)])
    sure = frozenset(place for child in children for place in _inherited(corpus, parent, child))
    names = frozenset({parent.name, *(child.name for child in children)})
    told = replace(made.expectation, dashboards=sure, at_most=made.expectation.at_most | sure, names=names)
    return replace(made, expectation=told, ripple=made.ripple | {f"view:{name}", f"field:{name}.*"})


def _inherited(corpus: Corpus, parent: View, child: View) -> Iterator[Place]:
    """Dashboards with a tile that names a field of the child that only the parent declares."""
    only = set(parent.owner) - {name for view in corpus.repo.views if view.name == child.name for name in view.owner}
    for tile in corpus.reach.tiles:
        for query in tile.item.queries:
            explore = corpus.repo.clear_explores.get((query.model or tile.model, query.explore))
            shown = not tile.dashboard.abstract and len(child.parents) == 1
            if explore and shown and any(explore.views.get(alias) == child.name and name in only for alias, name in query.refs):
                yield tile.place


def change_table(corpus: Corpus) -> Iterator[Mutation]:
    """The view reads another table."""
    nested = {
        name for one in corpus.repo.explores for name, join in one.joins.items() if join.get("sql") or join.get("sql_table_name")
    }
    for view in corpus.shuffled(corpus.repo.clear_views.values()):
        table = view.node.get("sql_table_name")
        if table is not None and view.name not in nested and not re.search(r"[({%]|--", table.value.replace("@{", "")):
            text = f"{table.value[:-1]}_v2`" if table.value.endswith("`") else f"{table.value}_v2"
            text = f'{table.value[:-1]}_v2"' if table.value.endswith('"') else text
            claim = Claim("change sql_table_name", NUMBERS, f"{view.name}: {table.value} becomes {text}")
            yield _alone(corpus.of_view(claim, view, [valued(view.path, table, f" {text} ")]), view, "table")


def _alone(made: Mutation, view: View, part: str) -> Mutation:
    """Only the table of the view is another; its fields are what they were."""
    return replace(made, writes=frozenset({f"{part}:{view.name}"}), touches=made.touches | {f"view:{view.name}"})


def _derived(view: View) -> Node | None:
    return view.node.get("derived_table")


def narrow_derived_table(corpus: Corpus) -> Iterator[Mutation]:
    """The SQL of a derived table keeps fewer rows."""
    for view in corpus.shuffled(corpus.repo.clear_views.values()):
        table = _derived(view)
        sql = table.get("sql") if table is not None else None
        found = list(more_where(sql.value)) if sql is not None else []
        if sql is not None and found:
            claim = Claim("change the SQL of a derived table", NUMBERS, f"{view.name}: one more condition in WHERE")
            yield _alone(corpus.of_view(claim, view, [valued(view.path, sql, f" {corpus.random.choice(found)} ")]), view, "table")


def change_persistence(corpus: Corpus) -> Iterator[Mutation]:
    """A PDT is rebuilt at other times, from the same SQL."""
    known = sorted({node.value for nodes in corpus.repo.nodes.values() for node in nodes or () if node.key == "datagroup"})
    for view in corpus.shuffled(corpus.repo.clear_views.values()):
        table = _derived(view)
        given = table.get("datagroup_trigger") if table is not None else None
        if given is None:
            continue
        shared = [
            name for name in known if name != given.value and _seen_by(corpus, name) >= corpus.repo.models_of[view.path]
        ]  # fmt: skip
        if shared:
            edit, text = valued(view.path, given, shared[0]), f"datagroup {given.value} becomes {shared[0]}"
        else:
            edit, text = (
                Edit(view.path, given.start, given.end, 'interval_trigger: "36 hours"'),
                "every 36 hours, not by its datagroup",
            )
        claim = Claim("change a datagroup of a PDT", METADATA, f"{view.name}: {text}", also=frozenset({NUMBERS}))
        made = corpus.of_view(claim, view, [edit])
        most = corpus.reach.dashboards_on(corpus.reach.explores_with(view.name))
        told = replace(made.expectation, at_most=most)
        yield replace(_alone(made, view, "table"), expectation=told, ripple=frozenset({f"view:{view.name}", f"pdt:{view.name}"}))


def _seen_by(corpus: Corpus, datagroup: str) -> frozenset[str]:
    paths = [
        path
        for path, nodes in corpus.repo.nodes.items()
        for node in nodes or ()
        if (node.key, node.value) == ("datagroup", datagroup)
    ]
    return frozenset().union(*(corpus.repo.models_of[path] for path in paths))


KINDS: Final[dict[str, Kind]] = {
    "remove a view that an explore joins": remove_view,
    "remove a view's file": remove_file,
    "break an extends": rename_parent,
    "change sql_table_name": change_table,
    "change the SQL of a derived table": narrow_derived_table,
    "change a datagroup of a PDT": change_persistence,
}
