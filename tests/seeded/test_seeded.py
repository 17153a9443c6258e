"""The seeded defects are what they say they are: the judge is judged first."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path
from typing import Any

import lkml
import pytest
import yaml

from tests.corpora import CORPORA, FIXTURES, needs_corpora
from tests.seeded.expecting import BREAKING, HARMLESS, NUMBERS, Corpus, Mutation
from tests.seeded.fields import remove_used_field
from tests.seeded.mutations import KINDS, apply, batches, choose, meet
from tests.seeded.planting import Planted, plant
from tests.seeded.reading import FIELDS, Repo
from tests.seeded.scoring import Change, Score, judge, plain_id, score, table

STOREFRONT = FIXTURES / "projects" / "storefront"
HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    return plant(STOREFRONT, tmp_path_factory.mktemp("seeded") / "storefront", seed=1, count=200)


def test_the_judge_imports_nothing_of_the_tool_that_it_judges() -> None:
    for path in HERE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not any(name.split(".")[0] == "dagster_lookml" for name in names), path


def test_the_storefront_allows_two_hundred_mutations_of_nearly_every_kind(planted: Planted) -> None:
    kinds = {made.expectation.kind for made in planted.mutations}
    assert len(planted.mutations) == 200
    assert kinds <= set(KINDS)
    assert len(kinds) >= 50


def test_every_file_that_a_batch_leaves_can_still_be_read(planted: Planted) -> None:
    for batch in planted.batches:
        for path, text in apply(planted.corpus.repo.texts, batch).items():
            if text is not None and path.endswith(".lkml"):
                lkml.load(text)
            elif text is not None:
                assert yaml.safe_load(text)


def test_every_mutation_changes_the_text_of_its_file(planted: Planted) -> None:
    texts = planted.corpus.repo.texts
    for made in planted.mutations:
        changed = apply(texts, [made])
        assert made.expectation.file in changed
        assert all(text != texts[path] for path, text in changed.items()), made.expectation.text


def test_an_expectation_names_what_the_base_has(planted: Planted) -> None:
    repo = planted.corpus.repo
    boards = {(model, one.name) for one in repo.dashboards for model in repo.models_of[one.path]}
    for made in planted.mutations:
        told = made.expectation
        assert told.dashboards <= told.at_most <= boards, told.text
        assert set(told.models) == set(repo.models_of[told.file]), told.text
        if told.kind not in {"add a field", "add an explore"}:
            name = told.object.name if told.object.kind in {"field", "view"} else told.object.name.partition("/")[2]
            assert name in _declared(told.file, repo.texts[told.file]), told


def _declared(path: str, text: str) -> set[str]:
    """What a file declares, as lkml and PyYAML see it, by the names of subjects without their model."""
    if path.endswith(".lookml"):
        return {name for one in yaml.safe_load(text) for name in [one["dashboard"], *_tiles(one)]}
    told = lkml.load(text)
    views = {
        view["name"]: [field["name"] for kind in FIELDS for field in view.get(f"{kind}s", [])] for view in told.get("views", [])
    }
    explores = {one["name"]: [join["name"] for join in one.get("joins", [])] for one in told.get("explores", [])}
    fields = {f"{view}.{name}" for view, names in views.items() for name in names}
    return fields | {f"{one}/{name}" for one, names in explores.items() for name in names} | {*views, *explores}


def _tiles(dashboard: dict[str, Any]) -> list[str]:
    return [f"{dashboard['dashboard']}/{one['name']}" for one in dashboard.get("elements", []) if "name" in one]


def test_mutations_of_one_batch_do_not_meet(planted: Planted) -> None:
    for batch in planted.batches:
        assert not any(meet(one, other) for one in batch for other in batch if one is not other)


def test_what_breaks_a_view_stands_alone_with_it(planted: Planted) -> None:
    for batch in planted.batches:
        gone = {made.expectation.object.name for made in batch if made.expectation.kind.startswith("remove a view")}
        fields = [made.expectation.object.name.split(".")[0] for made in batch if made.expectation.object.kind == "field"]
        assert not gone & set(fields)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_commits_and_another_seed_others(tmp_path: Path, planted: Planted) -> None:
    same = plant(STOREFRONT, tmp_path / "same" / "storefront", seed=1, count=200)
    other = plant(STOREFRONT, tmp_path / "other" / "storefront", seed=2, count=200)
    assert _commits(same.root) == _commits(planted.root)
    assert _commits(other.root)["base"] == _commits(planted.root)["base"]
    assert _commits(other.root)["batch0"] != _commits(planted.root)["batch0"]


def _commits(root: Path) -> dict[str, str]:
    listed = subprocess.run(
        ["git", "for-each-ref", "--format=%(refname:short) %(objectname)", "refs/heads"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(line.split() for line in listed.stdout.splitlines())


SHOP = {
    "shop.model.lkml": 'connection: "w"\ninclude: "*.view.lkml"\ninclude: "*.dashboard.lookml"\n'
    "explore: orders {\n  join: users {\n    relationship: many_to_one\n    sql_on: ${orders.user_id} = ${users.id} ;;\n  }\n}\n",
    "orders.view.lkml": "view: orders {\n"
    "  dimension: id { primary_key: yes }\n"
    "  dimension: user_id {}\n"
    "  dimension: price { type: number sql: ${TABLE}.price ;; }\n"
    "  dimension: tax { type: number sql: ${price} * 2 ;; }\n"
    "  dimension: note { sql: ${TABLE}.note ;; }\n"
    "  measure: total { type: sum sql: ${tax} ;; }\n"
    "}\n",
    "users.view.lkml": "view: users {\n  dimension: id { primary_key: yes }\n  dimension: city {}\n  dimension: street {}\n}\n",
    "a.dashboard.lookml": "- dashboard: sales\n  elements:\n  - name: t\n    type: single_value\n    explore: orders\n"
    "    fields: [orders.total]\n",
    "b.dashboard.lookml": "- dashboard: towns\n  elements:\n  - name: t\n    type: table\n    explore: orders\n"
    "    fields: [users.city, orders.note]\n",
}


@pytest.fixture
def shop(tmp_path: Path) -> Corpus:
    for name, text in SHOP.items():
        (tmp_path / name).write_text(text)
    return Corpus(Repo(tmp_path), 1)


def _all(corpus: Corpus, kind: str) -> dict[str, Mutation]:
    return {made.expectation.object.name: made for made in KINDS[kind](corpus)}


def test_a_removed_field_is_felt_by_the_dashboards_whose_tiles_name_it(shop: Corpus) -> None:
    made = _all(shop, "remove a field used by a tile")
    assert {name: one.expectation.dashboards for name, one in made.items()} == {
        "orders.total": {("shop", "sales")},
        "orders.note": {("shop", "towns")},
        "users.city": {("shop", "towns")},
    }


def test_a_field_is_unused_only_if_no_field_join_or_tile_names_it(shop: Corpus) -> None:
    shop_users = _all(shop, "remove a field that nothing uses")
    assert set(shop_users) == set()  # `users` has too few fields, and each of `orders` is named
    street = shop.repo.clear_views["users"].fields["street"]
    assert shop.reach.at_most("users", street.name) == frozenset()


def test_a_changed_column_is_felt_through_fields_that_read_fields(shop: Corpus) -> None:
    made = _all(shop, "dimension reads another column")["orders.price"].expectation
    assert made.verdict == NUMBERS
    assert made.dashboards == made.at_most == {("shop", "sales")}


def test_a_join_is_felt_only_by_the_tiles_that_need_it(shop: Corpus) -> None:
    made = _all(shop, "drop a join whose fields a tile uses")["shop/orders/users"].expectation
    assert made.verdict == BREAKING
    assert made.dashboards == {("shop", "towns")}
    assert not _all(shop, "drop a join that nothing uses")


def test_two_changes_of_one_view_meet_when_one_takes_something_away(shop: Corpus) -> None:
    gone = _all(shop, "remove a field used by a tile")["orders.total"]
    changed = _all(shop, "dimension reads another column")["orders.price"]
    relabelled = _all(shop, "relabel a field")["users.street"]
    assert meet(gone, changed)
    assert not meet(gone, relabelled)
    assert len(batches([gone, changed, relabelled])) == 2


def _judged(made: Mutation, *changes: Change, errors: tuple[dict[str, str], ...] = ()) -> Score:
    total = Score()
    judge(total, 0, [made], changes, errors)
    return total


def test_a_breaking_change_is_found_only_with_verdict_dashboards_and_error(shop: Corpus) -> None:
    made = next(one for one in remove_used_field(shop) if one.expectation.object.name == "orders.total")
    places = frozenset({("shop", "sales")})
    error = {
        "rule": "unknown-tile-field",
        "severity": "error",
        "message": "no field orders.total",
        "object": "tile:shop/sales/t",
        "file": "f",
        "line": "1",
    }
    right = Change("field:orders.total", BREAKING, places, "")
    assert _judged(made, right, errors=(error,)).verdicts[0].outcome == "found"
    assert _judged(made, right).verdicts[0].why.startswith("no new finding")
    assert _judged(made, Change("field:orders.total", BREAKING, frozenset(), ""), errors=(error,)).verdicts[0].outcome == "missed"
    assert _judged(made, Change("field:orders.total", NUMBERS, places, ""), errors=(error,)).verdicts[0].outcome == "wrong"
    assert _judged(made, errors=(error,)).recall == 0.0
    too_many = Change("field:orders.total", BREAKING, places | {("shop", "towns")}, "")
    assert _judged(made, too_many, errors=(error,)).verdicts[0].outcome == "wrong"


def test_an_alarm_that_no_mutation_explains_costs_precision(shop: Corpus) -> None:
    made = _all(shop, "relabel a field")["users.street"]
    right = Change("field:users.street", "metadata only", frozenset(), "")
    stray = Change("field:orders.total", NUMBERS, frozenset(), "stray")
    assert _judged(made, right).precision == 1.0
    judged = _judged(made, right, stray)
    assert judged.recall == 1.0
    assert judged.precision == 0.0
    assert judged.stray == [(0, "stray")]


def test_a_harmless_change_may_be_passed_over_or_called_equivalent_and_nothing_else(shop: Corpus) -> None:
    made = _all(shop, "swap the sides of an equality")["shop/orders/users"]
    assert made.expectation.verdict == HARMLESS
    assert _judged(made).verdicts[0].outcome == "found"
    assert _judged(made, Change("join:shop/orders/users", "equivalent", frozenset(), "")).verdicts[0].outcome == "found"
    assert _judged(made, Change("join:shop/orders/users", "metadata only", frozenset(), "")).verdicts[0].outcome == "wrong"


def test_ids_are_read_with_and_without_a_model() -> None:
    assert plain_id("view:shop/orders") == plain_id("view:orders") == "view:orders"
    assert plain_id("tile:shop/sales/a%2Fb%20c") == "tile:shop/sales/a/b c"


def test_a_repo_whose_models_include_nothing_gets_one_that_includes_all(tmp_path: Path) -> None:
    source = tmp_path / "block"
    source.mkdir()
    for name, text in SHOP.items():
        (source / name).write_text('connection: "w"\n' if name.endswith(".model.lkml") else text)
    assert choose(Corpus(Repo(source), 1), 5) == []
    planted = plant(source, tmp_path / "planted", seed=1, count=5)
    assert len(planted.mutations) == 5
    assert {made.expectation.models for made in planted.mutations} == {("everything",)}


@pytest.mark.slow
@needs_corpora
def test_two_hundred_seeded_defects_of_a_real_repo_are_told_apart(tmp_path: Path) -> None:
    total = score(plant(CORPORA / "demo_segment", tmp_path / "demo_segment", seed=1, count=200))
    assert len(total.verdicts) == 200
    assert total.recall >= 0.98, table(total)
    assert total.precision >= 0.98, table(total)
