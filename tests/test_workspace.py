"""What a workspace keeps: answers are the same with a cache, without one, and with a cache that lies."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from dagster_lookml.cache import DiskStore, NoStore, Store
from dagster_lookml.config import Config, Connection
from dagster_lookml.rules import matching
from dagster_lookml.source.dbt import DbtProject, DbtRelation
from dagster_lookml.workspace import Workspace
from dagster_lookml.workspace.answer import TracedProject
from tests.corpora import CORPORA, FIXTURES, needs_corpora
from tests.repositories import commit, git, replaced

STOREFRONT = FIXTURES / "projects" / "storefront"


class Watched:
    """A store that remembers what was asked of it; it keeps its entries in memory."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], bytes] = {}
        self.found: list[str] = []
        self.put_kinds: list[str] = []

    def get(self, kind: str, keys: Sequence[str]) -> dict[str, bytes]:
        found = {key: self.entries[kind, key] for key in keys if (kind, key) in self.entries}
        self.found += [kind] * bool(found)
        return found

    def put(self, kind: str, entries: Mapping[str, bytes]) -> None:
        self.put_kinds.append(kind)
        self.entries.update(((kind, key), content) for key, content in entries.items())


def assert_same(one: TracedProject, other: TracedProject) -> None:
    assert one.project == other.project
    assert one.tables.nodes == other.tables.nodes
    assert one.tables.edges == other.tables.edges
    assert one.graph.nodes == other.graph.nodes
    assert one.graph.edges == other.graph.edges
    assert [str(node.span) for node in one.graph.nodes.values()] == [str(node.span) for node in other.graph.nodes.values()]
    assert [str(edge.span) for edge in one.graph.edges] == [str(edge.span) for edge in other.graph.edges]
    assert one.coverage == other.coverage
    assert one.circles == other.circles
    assert one.dialects == other.dialects
    assert one.lineage.fields == other.lineage.fields
    assert one.lineage.views == other.lineage.views


def plain(root: Path) -> TracedProject:
    return Workspace(root, store=NoStore()).lineage()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return shutil.copytree(STOREFRONT, tmp_path / "storefront")


def test_a_second_start_gives_the_same_and_computes_nothing(root: Path) -> None:
    store = Watched()
    first = Workspace(root, store=store).lineage()
    kinds = set(store.put_kinds)
    store.put_kinds.clear()
    second = Workspace(root, store=store).lineage()

    assert kinds == {"syntax", "statement", "project", "lineage"}
    assert_same(first, plain(root))
    assert_same(second, plain(root))
    assert store.put_kinds == []


@pytest.mark.slow
@needs_corpora
def test_a_second_start_on_a_real_repository_gives_the_same(tmp_path: Path) -> None:
    root = CORPORA / "looker-spoke-default"
    Workspace(root, store=DiskStore(tmp_path)).lineage()

    assert_same(Workspace(root, store=DiskStore(tmp_path)).lineage(), plain(root))


def test_a_changed_file_changes_the_answer_and_reuses_the_rest(root: Path) -> None:
    store = Watched()
    before = Workspace(root, store=store).lineage()
    file = root / "views/core/products.view.lkml"
    file.write_text(
        file.read_text("utf-8").replace("view: products {", "view: products {\n dimension: novel { sql: ${TABLE}.novel ;; }")
    )
    store.found.clear()
    after = Workspace(root, store=store).lineage()

    assert "field:products.novel" in after.graph.nodes
    assert "field:products.novel" not in before.graph.nodes
    assert_same(after, plain(root))
    assert {"syntax", "statement"} <= set(store.found)


@pytest.mark.parametrize("change", ["edited", "gone"])
def test_a_changed_imported_project_changes_the_answer(root: Path, change: str) -> None:
    store = Watched()
    Workspace(root, store=store).lineage()
    folder = root / "imported_projects/calendar_block"
    if change == "gone":
        shutil.rmtree(folder)
    else:
        file = folder / "views/date_calendar.view.lkml"
        file.write_text(file.read_text("utf-8").replace("dim_date", "dim_day"))

    assert_same(Workspace(root, store=store).lineage(), plain(root))


def test_an_import_that_comes_to_be_there_changes_the_answer(tmp_path: Path) -> None:
    root = tmp_path / "spoke"
    root.mkdir()
    (root / "manifest.lkml").write_text('project_name: "spoke" local_dependency: { project: "hub" }')
    (root / "m.model.lkml").write_text('connection: "c" include: "//hub/*.view" explore: orders {}')
    store = Watched()
    before = Workspace(root, store=store).lineage()
    hub = tmp_path / "hub"
    hub.mkdir()
    (hub / "manifest.lkml").write_text('project_name: "hub"')
    (hub / "orders.view.lkml").write_text("view: orders { sql_table_name: s.orders ;; dimension: id {} }")
    after = Workspace(root, store=store).lineage()

    assert "table:s.orders" not in before.graph.nodes
    assert "table:s.orders" in after.graph.nodes


def test_the_configuration_is_part_of_the_question(root: Path) -> None:
    store = Watched()
    Workspace(root, store=store).lineage()
    config = Config(connections={"storefront_bigquery": Connection(dialect="bigquery", database="p", schema="d")})
    found = Workspace(root, config, store=store).lineage()

    assert found.dialects["storefront_bigquery"].source == "config"
    assert "table:p.shop.order_items" in found.graph.nodes


def test_what_dbt_says_is_part_of_the_question(root: Path) -> None:
    store = Watched()
    Workspace(root, store=store).lineage()
    relation = DbtRelation(
        unique_id="model.shop.order_items",
        parts=("storefront-prod", "shop", "order_items"),
        columns=(),
        columns_complete=False,
        depends_on=(),
        file=None,
    )
    found = Workspace(root, store=store).lineage(dbt=DbtProject(adapter="bigquery", relations=(relation,)))

    assert "dbt:model.shop.order_items" in found.graph.nodes


@pytest.mark.parametrize("content", [b"", b"\x00", b"\xc1", b"\x93\x01\x02\x03", b"\x80"])
@pytest.mark.parametrize("kind", ["syntax", "statement", "project", "lineage"])
def test_entries_that_are_something_else_are_not_believed(root: Path, kind: str, content: bytes) -> None:
    store = Watched()
    Workspace(root, store=store).lineage()
    for name in [name for name in store.entries if name[0] == kind]:
        store.entries[name] = content
    if kind in ("syntax", "statement"):  # else nobody asks for them
        for name in [name for name in store.entries if name[0] in ("project", "lineage")]:
            del store.entries[name]

    assert_same(Workspace(root, store=store).lineage(), plain(root))


@pytest.mark.parametrize("gone", range(6))
def test_entries_may_be_evicted_one_by_one(root: Path, gone: int) -> None:
    store = Watched()
    Workspace(root, store=store).lineage()
    names = sorted(name for name in store.entries if name[0] in ("project", "lineage"))
    del store.entries[names[gone % len(names)]]

    assert_same(Workspace(root, store=store).lineage(), plain(root))


DEFAULT, ALL = matching("default"), matching("all")


def test_findings_are_looked_for_once_for_each_set_of_rules(root: Path) -> None:
    store = Watched()
    first = Workspace(root, store=store).findings(None, ALL)
    store.put_kinds.clear()

    assert Workspace(root, store=store).findings(None, ALL) == first == Workspace(root, store=NoStore()).findings(None, ALL)
    assert store.put_kinds == []
    assert {one.rule for one in Workspace(root, store=store).findings(None, DEFAULT)} < {one.rule for one in first}


def test_what_is_found_follows_the_files_and_what_dbt_says(root: Path) -> None:
    store = Watched()
    before = Workspace(root, store=store).findings(None, DEFAULT)
    replaced(root, "views/core/products.view.lkml", "catalog.products", "catalog.goods")
    replaced(root, "views/core/products.view.lkml", "primary_key: yes", "primary_key: perhaps")
    after = Workspace(root, store=store).findings(None, DEFAULT)
    columns = DbtRelation(
        unique_id="model.shop.goods", parts=("storefront-prod", "catalog", "goods"), columns=("none",),
        columns_complete=True, depends_on=(), file=None,
    )  # fmt: skip
    with_dbt = Workspace(root, store=store).findings(None, DEFAULT, DbtProject(adapter="bigquery", relations=(columns,)))

    assert {one.rule for one in before} < {one.rule for one in after} < {one.rule for one in with_dbt}
    assert Workspace(root, store=store).findings(None, DEFAULT) == after


@pytest.mark.parametrize("content", [b"", b"\x00", b"\xc1", b"\x93\x01\x02\x03", b"\x80"])
def test_findings_that_are_something_else_are_not_believed(root: Path, content: bytes) -> None:
    store = Watched()
    found = Workspace(root, store=store).findings(None, ALL)
    for name in [name for name in store.entries if name[0] == "findings"]:
        store.entries[name] = content

    assert Workspace(root, store=store).findings(None, ALL) == found


def test_refs_of_one_repository_share_what_they_have_in_common(root: Path) -> None:
    git(root, "init", "--quiet", "--initial-branch=main")
    commit(root)
    file = root / "views/core/products.view.lkml"
    file.write_text(file.read_text("utf-8").replace("catalog.products", "catalog.goods"))
    workspace = Workspace(root, store=Watched())

    assert "table:catalog.products" in workspace.lineage("main").graph.nodes
    assert "table:catalog.goods" in workspace.lineage().graph.nodes
    assert "view:products" in workspace.states("main")["changed"]
    assert "field:products.id" not in workspace.states("main")["modified"]


def run(root: Path, *options: str, cache: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "dagster_lookml", "lineage", str(root), "--json", *options],
        env={"PATH": "/usr/bin:/bin", "DAGSTER_LOOKML_CACHE_DIR": str(cache)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
def test_processes_that_start_at_once_give_the_same(root: Path, tmp_path: Path) -> None:
    expected = run(root, "--no-cache", cache=tmp_path / "cache").communicate()
    processes = [run(root, cache=tmp_path / "cache") for _ in range(4)]
    answers = {process.communicate() for process in processes}

    assert answers == {expected}
    assert expected[1] == ""


def test_no_cache_keeps_nothing(root: Path, tmp_path: Path) -> None:
    run(root, "--no-cache", cache=tmp_path / "cache").communicate()

    assert not (tmp_path / "cache").exists()


@pytest.mark.slow
@pytest.mark.parametrize("place", ["a file", "truncated", "garbage"])
def test_a_cache_that_cannot_be_used_changes_nothing(root: Path, tmp_path: Path, place: str) -> None:
    cache = tmp_path / "cache"
    expected = run(root, "--no-cache", cache=cache).communicate()
    if place == "a file":
        cache.write_text("in the way")
    else:
        run(root, cache=cache).communicate()
        [file] = cache.iterdir()
        content = file.read_bytes()
        file.write_bytes(content[: len(content) // 3] if place == "truncated" else b"garbage" * 1000)

    assert run(root, cache=cache).communicate() == expected


def test_nothing_in_a_repository_is_written(root: Path) -> None:
    before = sorted((path, path.stat().st_mtime_ns) for path in root.rglob("*"))
    store: Store = Watched()
    Workspace(root, store=store).lineage()

    assert sorted((path, path.stat().st_mtime_ns) for path in root.rglob("*")) == before
