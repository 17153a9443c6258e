"""The PDTs of ten real repositories, counted and followed in a second way: lkml and regular expressions alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest

from dagster_lookml.pdt.planning.changed import rebuilt
from dagster_lookml.pdt.planning.plan import Plan, make_plan
from dagster_lookml.semantic.compile import compile_project
from dagster_lookml.source import MemoryTree
from dagster_lookml.workspace import Workspace
from tests.corpora import CORPORA, NAMES, needs_corpora
from tests.corpus.counting import Repository

pytestmark = [needs_corpora, pytest.mark.slow]  # what they add to the demo project is size

PERSISTENCE = ("datagroup_trigger", "sql_trigger_value", "interval_trigger", "persist_for")
TABLE_OF = re.compile(r"\$\{\s*([A-Za-z0-9_]+)\.SQL_TABLE_NAME\s*\}")

Block = Mapping[str, Any]


@cache
def plan(name: str) -> Plan:
    traced = Workspace(CORPORA / name).lineage()
    return make_plan(traced.project, traced.builds)


class Views:
    """The views of one model as lkml reads them; parameters of what is extended, then refined, are laid over each other."""

    def __init__(self, repository: Repository, model: str) -> None:
        self._declared: dict[str, Block] = {}
        self._refinements: dict[str, list[Block]] = {}
        for path in repository.closure(model):
            for view in repository.load(path).get("views", []) if path.endswith(".lkml") else ():
                if view["name"].startswith("+"):
                    self._refinements.setdefault(view["name"][1:], []).append(view)
                else:
                    self._declared[view["name"]] = view

    def names(self) -> list[str]:
        return sorted(self._declared)

    def merged(self, name: str, seen: tuple[str, ...] = ()) -> dict[str, Any]:
        """What counts here: ``derived_table``, ``sql_table_name`` and ``extension``, the last of which no child gets."""
        found: dict[str, Any] = {}
        if name not in self._declared or name in seen:
            return found
        layers = [self._declared[name], *self._refinements.get(name, ())]
        for layer in layers:
            for parents in layer.get("extends__all", layer.get("extends", [])):
                for parent in parents if isinstance(parents, list) else [parents]:
                    inherited = self.merged(parent, (*seen, name))
                    inherited.pop("extension", None)
                    lay(found, inherited)
        for layer in layers:
            lay(found, {key: layer[key] for key in ("derived_table", "sql_table_name", "extension") if key in layer})
        return found

    def is_persistent(self, name: str) -> bool:
        view = self.merged(name)
        derived = view.get("derived_table", {})
        kept = any(key in derived for key in PERSISTENCE) or derived.get("materialized_view") == "yes"
        return kept and view.get("extension") != "required"

    def sql(self, name: str) -> str:
        """The SQL that makes a view's table; ``explore_source`` is none."""
        view = self.merged(name)
        derived = view.get("derived_table", {})
        steps = [str(step) for step in derived.get("create_process", {}).get("sql_steps", ())]
        return "\n".join([derived.get("sql", ""), derived.get("sql_create", ""), *steps, view.get("sql_table_name", "")])

    def read_by(self, name: str) -> set[str]:
        """The PDTs that a view's SQL names, through temporary views."""
        found, seen, waiting = set[str](), {name}, [name]
        while waiting:
            for other in TABLE_OF.findall(self.sql(waiting.pop())):
                if other in self._declared and self.is_persistent(other):
                    found.add(other)
                elif other not in seen:
                    seen.add(other)
                    waiting.append(other)
        return found


def lay(under: dict[str, Any], over: Mapping[str, Any]) -> None:
    for key, value in over.items():
        under[key] = {**under.get(key, {}), **value} if isinstance(value, dict) else value


def models(name: str) -> Iterator[tuple[str, Views]]:
    repository = Repository(CORPORA / name)
    for path in repository.paths:
        if path.endswith(".model.lkml"):
            yield path.rpartition("/")[2].removesuffix(".model.lkml"), Views(repository, path)


@pytest.mark.parametrize("name", NAMES)
def test_a_second_count_agrees(name: str) -> None:
    expected = {(model, view) for model, views in models(name) for view in views.names() if views.is_persistent(view)}

    assert {(one.model, one.view) for one in plan(name).pdts} == expected
    assert len(plan(name).pdts) == len(expected)


@pytest.mark.parametrize("name", NAMES)
def test_every_table_that_sql_names_is_built_before(name: str) -> None:
    position = {(one.model, one.view): one.position for one in plan(name).pdts}
    upstream = {(one.model, one.view): one.upstream for one in plan(name).pdts}
    for model, views in models(name):
        for view in views.names():
            if views.is_persistent(view):
                for other in views.read_by(view):
                    assert position[model, other] < position[model, view], f"{model}/{view} reads {other}"
                    assert f"pdt:{model}/{other}" in upstream[model, view]


def readers(name: str) -> dict[str, set[str]]:
    """For each PDT those whose SQL names it, through whatever other PDTs; itself too."""
    found: dict[str, set[str]] = {}
    for model, views in models(name):
        kept = [view for view in views.names() if views.is_persistent(view)]
        direct = {view: views.read_by(view) for view in kept}
        for view in kept:
            reached, waiting = {view}, [view]
            while waiting:
                read = waiting.pop()
                more = [one for one in kept if read in direct[one] and one not in reached]
                reached.update(more)
                waiting += more
            found[f"pdt:{model}/{view}"] = {f"pdt:{model}/{one}" for one in reached}
    return found


@pytest.mark.parametrize("name", ["demo_segment", "segment_marketing_attribution"])
def test_other_sql_of_a_pdt_rebuilds_it_and_what_reads_it(name: str) -> None:
    root = CORPORA / name
    paths = sorted(path for path in root.rglob("*.lkml"))
    content = {path.relative_to(root).as_posix(): path.read_text("utf-8-sig") for path in paths}
    before = compile_project(MemoryTree(content, name))
    expected = readers(name)
    for path, text in content.items():
        edited, count = re.subn(r"(?m)^(\s*sql:\s*)(select|with)\b", r"\1\2 /* edited */", text, flags=re.IGNORECASE)
        if count and "derived_table" in text:
            found = rebuilt(before, compile_project(MemoryTree({**content, path: edited}, name)))
            itself = {one.id for one in plan(name).pdts if one.span.file == path}

            assert found == frozenset().union(*(expected[one] for one in itself)), path


@pytest.mark.parametrize("name", NAMES)
def test_what_is_planned_can_be_built_and_nothing_else(name: str) -> None:
    found = plan(name)
    ids = {(one.model, one.view) for one in found.pdts}
    for model in found.lookup.project.models:
        for view in model.views:
            assert (found.refusal(model.name, view) is None) == ((model.name, view) in ids)


def kept_aggregate_tables(name: str, blocks: Mapping[str, list[Block]]) -> set[str]:
    """The names of those that an explore has with a persistence, its parents' too."""
    found: set[str] = set()
    for block in blocks[name]:
        for table in block.get("aggregate_tables", ()):
            if any(key in table.get("materialization", {}) for key in PERSISTENCE):
                found.add(table["name"])
        for parents in block.get("extends__all", block.get("extends", [])):
            for parent in parents if isinstance(parents, list) else [parents]:
                found |= kept_aggregate_tables(parent, blocks) if parent in blocks else set()
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_second_count_of_aggregate_tables_agrees(name: str) -> None:
    expected: set[tuple[str, str, str]] = set()
    repository = Repository(CORPORA / name)
    for path in (one for one in repository.paths if one.endswith(".model.lkml")):
        blocks: dict[str, list[Block]] = {}
        declared: set[str] = set()
        for file in (one for one in repository.closure(path) if one.endswith(".lkml")):
            for explore in repository.load(file).get("explores", []):
                block = explore if isinstance(explore, dict) else {"name": explore}
                blocks.setdefault(block["name"].removeprefix("+"), []).append(block)
                declared.add(block["name"])
        model = path.rpartition("/")[2].removesuffix(".model.lkml")
        for explore_name in declared & blocks.keys():  # what only refines an explore of an absent import is none
            if not any(block.get("extension") == "required" for block in blocks[explore_name]):
                expected |= {(model, explore_name, table) for table in kept_aggregate_tables(explore_name, blocks)}

    assert {(one.model, one.explore, one.name) for one in plan(name).aggregate_tables} == expected
