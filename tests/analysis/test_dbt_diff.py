"""What a change of a dbt project means for the LookML that reads its tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import pytest

from dagster_lookml.analysis.dbt_diff import dbt_changes
from dagster_lookml.analysis.dbt_diff.differences import ColumnDifference, column_differences
from dagster_lookml.analysis.diff.change import Change
from dagster_lookml.analysis.diff.state import State
from dagster_lookml.config import Config, Connection
from dagster_lookml.lineage.answer import trace_project
from dagster_lookml.source.dbt import DbtProject, DbtRelation
from dagster_lookml.workspace.answer import TracedProject, summary_of
from tests.analysis.diff.states import affected, line
from tests.building import compiled

SHOP = {
    "m.model.lkml": 'connection: "c"\ninclude: "*.view"\ninclude: "*.dashboard"\nexplore: orders {}\n',
    "orders.view.lkml": """
view: orders {
  sql_table_name: mart.orders ;;
  dimension: id {}
  dimension: state { sql: ${TABLE}.Status ;; }
  measure: total { type: sum sql: ${TABLE}.amount ;; }
}
""",
    "daily.view.lkml": """
view: daily {
  derived_table: { sql: select day, sum(amount) as amount from mart.orders group by 1 ;; persist_for: "1 hour" }
  dimension: amount {}
}
""",
    "kpis.dashboard.lookml": """
- dashboard: kpis
  elements:
  - name: total
    explore: orders
    fields: [orders.total]
  - name: ids
    explore: orders
    fields: [orders.id]
""",
}
COLUMNS = {"id": "int", "status": "text", "amount": "numeric", "unused": "int", "day": "date"}
EVERYBODY = ["dashboard:m/kpis", "explore:m/orders", "pdt:m/daily", "tile:m/kpis/ids", "tile:m/kpis/total"]
OF_AMOUNT = ["dashboard:m/kpis", "explore:m/orders", "pdt:m/daily", "tile:m/kpis/total"]


def relation(
    name: str = "model.shop.orders",
    place: str = "db.mart.orders",
    columns: Mapping[str, str] | Sequence[str] = COLUMNS,
    *,
    catalog: bool = True,
    documented: Sequence[str] = (),
    code: str = "",
    quoted: bool = False,
) -> DbtRelation:
    """A relation with columns of a catalog, or with documented ones."""
    types = dict(columns) if isinstance(columns, Mapping) else dict.fromkeys(columns, "")
    parts = tuple(place.split("."))
    return DbtRelation(
        unique_id=name,
        parts=parts,
        columns=tuple(types),
        columns_complete=catalog,
        depends_on=(),
        file=None,
        types=tuple(types.values()),
        documented=tuple(documented if catalog else types),
        code=code,
        quoted=(quoted,) * len(parts),
    )


def without(*names: str, **more: str) -> dict[str, str]:
    """The columns without some, and with others."""
    return {name: kind for name, kind in COLUMNS.items() if name not in names} | more


def changes(
    before: DbtRelation | Sequence[DbtRelation],
    after: DbtRelation | Sequence[DbtRelation],
    files: Mapping[str, str] = SHOP,
    *,
    adapter: str = "postgres",
    skipped: tuple[str, ...] = (),
    config: Config | None = None,
) -> tuple[Change, ...]:
    """What differs between two dbt projects, for a project of LookML."""
    base, head = (
        DbtProject(adapter=adapter, relations=(one,) if isinstance(one, DbtRelation) else tuple(one)) for one in (before, after)
    )
    config = config or Config()
    project = compiled(files, config=config)
    found = trace_project(project, config, base)
    traced = TracedProject(summary_of(found, ()), lambda: project, lambda: found.lineage)
    return dbt_changes(base, msgspec.structs.replace(head, skipped=skipped), State(traced, config), found.lineage)


def only(found: tuple[Change, ...]) -> Change:
    (one,) = found
    return one


# -- relations ---------------------------------------------------------------------------------------------------------


def test_two_states_alike_differ_in_nothing() -> None:
    assert changes(relation(), relation()) == ()


@pytest.mark.parametrize("kind", ["model", "seed", "snapshot"])
def test_what_dbt_makes_no_more_breaks_whoever_reads_it(kind: str) -> None:
    found = only(changes(relation(f"{kind}.shop.orders"), ()))

    assert line(found) == f"breaking: dbt:{kind}.shop.orders removed"
    assert (found.side, found.span, found.old, found.new) == ("base", None, f"{kind}.shop.orders", None)
    assert found.reason == "dbt makes db.mart.orders no more, and whatever reads it breaks"
    assert affected(found) == EVERYBODY


def test_the_way_to_a_tile_begins_at_the_table() -> None:
    found = only(changes(relation(), ()))
    (path,) = (one.path for one in found.affected if one.node.id == "tile:m/kpis/total")

    assert path[0].source == "table:mart.orders"
    assert path[-1].target == "tile:m/kpis/total"


def test_a_source_that_dbt_forgets_may_still_be_there() -> None:
    found = only(changes(relation("source.shop.mart.orders"), ()))

    assert line(found) == "unknown: dbt:source.shop.mart.orders removed"
    assert affected(found) == EVERYBODY


def test_what_the_lookml_does_not_read_breaks_nothing() -> None:
    found = only(changes(relation(place="db.mart.customers"), ()))

    assert line(found) == "metadata only: dbt:model.shop.orders removed"
    assert found.reason == "nothing in the LookML reads it"
    assert found.affected == ()


def test_a_table_of_another_schema_is_another_table() -> None:
    assert line(only(changes(relation(place="db.stage.orders"), ()))) == "metadata only: dbt:model.shop.orders removed"


def test_what_only_a_view_of_no_model_reads_is_not_read() -> None:
    files = {**SHOP, "m.model.lkml": 'connection: "c"\ninclude: "kpis.dashboard"\n'}

    assert line(only(changes(relation(), (), files))) == "metadata only: dbt:model.shop.orders removed"


def test_a_view_that_a_model_has_reads_its_table_though_no_explore_asks_it() -> None:
    files = {
        "m.model.lkml": 'connection: "c"\ninclude: "*.view"\n',
        "orders.view.lkml": "view: orders { sql_table_name: mart.orders ;; }",
    }
    found = only(changes(relation(), (), files))

    assert (line(found), affected(found)) == ("breaking: dbt:model.shop.orders removed", [])


def test_what_is_new_breaks_nothing() -> None:
    found = only(changes((), relation()))

    assert line(found) == "metadata only: dbt:model.shop.orders added"
    assert (found.side, found.new) == ("head", "model.shop.orders")


def test_what_cannot_be_read_of_the_new_manifest_is_not_known_to_be_gone() -> None:
    found = only(changes(relation(), (), skipped=("model.shop.orders",)))

    assert line(found) == "unknown: dbt:model.shop.orders removed"


@pytest.mark.parametrize("place", ["db.core.orders", "db.mart.fct_orders"])
def test_a_table_that_is_elsewhere_breaks_whoever_reads_it_where_it_was(place: str) -> None:
    found = only(changes(relation(), relation(place=place)))

    assert line(found) == "breaking: dbt:model.shop.orders renamed"
    assert (found.old, found.new) == ("db.mart.orders", place)
    assert found.reason == f"whatever reads db.mart.orders breaks: the table is {place} now"
    assert affected(found) == EVERYBODY


def test_lookml_that_names_the_new_place_already_does_not_break() -> None:
    files = {name: text.replace("mart.orders", "core.orders") for name, text in SHOP.items()}
    found = only(changes(relation(), relation(place="db.core.orders"), files))

    assert (line(found), found.reason) == (
        "metadata only: dbt:model.shop.orders renamed",
        "nothing in the LookML reads it",
    )


def test_a_column_that_is_gone_where_the_table_is_now_breaks_lookml_that_went_along() -> None:
    files = {name: text.replace("mart.orders", "core.orders") for name, text in SHOP.items()}
    moved = relation(place="db.core.orders", columns=without("amount"))
    found = [line(one) for one in changes(relation(), moved, files)]

    assert found == ["breaking: column:core.orders.amount removed", "metadata only: dbt:model.shop.orders renamed"]


def test_another_database_is_unknown_where_the_lookml_names_none() -> None:
    found = only(changes(relation(), relation(place="new.mart.orders")))

    assert line(found) == "unknown: dbt:model.shop.orders renamed"
    assert found.reason == "db.mart.orders is gone, and mart.orders in the LookML may mean new.mart.orders now"


def test_another_database_breaks_where_the_connection_names_it() -> None:
    config = Config(connections={"c": Connection(database="db")})

    assert line(only(changes(relation(), relation(place="new.mart.orders"), config=config))) == (
        "breaking: dbt:model.shop.orders renamed"
    )


def test_a_name_that_two_tables_have_is_unknown() -> None:
    two = (relation(), relation("model.shop.old_orders", "other.mart.orders"))
    found = only(changes(two, two[:1]))

    assert line(found) == "unknown: dbt:model.shop.old_orders removed"
    assert "several tables that mart.orders may mean" in found.reason


def test_a_model_of_another_name_with_the_same_code_and_columns_was_renamed() -> None:
    found = only(changes(relation(code="x"), relation("model.shop.fct_orders", "db.mart.fct_orders", code="x")))

    assert line(found) == "breaking: dbt:model.shop.fct_orders renamed"
    assert (found.old, found.new) == ("model.shop.orders", "model.shop.fct_orders")
    assert found.reason == "whatever reads db.mart.orders breaks: the table of the same code is db.mart.fct_orders now"
    assert affected(found) == EVERYBODY


@pytest.mark.parametrize(
    "other",
    [
        relation("model.shop.fct_orders", "db.mart.fct_orders", code="y"),
        relation("model.shop.fct_orders", "db.mart.fct_orders", code="x", documented=["id"]),
        relation("snapshot.shop.fct_orders", "db.mart.fct_orders", code="x"),
    ],
    ids=["other code", "other columns", "other kind"],
)
def test_a_model_that_is_not_the_same_is_another_one(other: DbtRelation) -> None:
    found = [line(one) for one in changes(relation(code="x"), other)]

    assert found == sorted(
        ["breaking: dbt:model.shop.orders removed", f"metadata only: dbt:{other.unique_id} added"],
        key=lambda one: one.partition(": ")[2],
    )


def test_models_of_unknown_code_are_never_taken_for_one() -> None:
    found = changes(relation(), relation("model.shop.fct_orders", "db.mart.fct_orders"))

    assert [one.kind for one in found] == ["added", "removed"]


def test_a_model_of_another_name_that_makes_the_same_table_breaks_nothing() -> None:
    found = only(changes(relation(), relation("model.shop.fct_orders")))

    assert line(found) == "metadata only: dbt:model.shop.fct_orders renamed"
    assert found.reason == "its table is db.mart.orders as before"


def test_a_table_that_another_model_makes_now_is_still_there() -> None:
    """The ids of both are in both manifests, so that neither was renamed."""
    before = (relation(), relation("model.shop.other", "db.mart.other"))
    after = (relation(place="db.old.orders"), relation("model.shop.other"))
    found = [line(one) for one in changes(before, after)]

    assert found == ["metadata only: dbt:model.shop.orders renamed", "metadata only: dbt:model.shop.other renamed"]


@pytest.mark.parametrize(
    ("adapter", "quoted", "verdict"),
    [("snowflake", False, None), ("bigquery", True, "breaking"), ("postgres", True, "unknown")],
)
def test_another_case_is_another_table_where_the_warehouse_says_so(adapter: str, quoted: bool, verdict: str | None) -> None:
    config = Config(connections={"c": Connection(dialect=adapter)})
    before, after = relation(quoted=quoted), relation(place="db.mart.ORDERS", quoted=quoted)
    found = changes(before, after, adapter=adapter, config=config)

    assert [one.verdict for one in found] == ([] if verdict is None else [verdict])


def test_names_of_the_warehouse_in_upper_case_are_those_of_the_lookml() -> None:
    upper = {name.upper(): kind for name, kind in COLUMNS.items()}
    before = relation(place="DB.MART.ORDERS", columns=upper)
    after = relation(place="DB.MART.ORDERS", columns={name: kind for name, kind in upper.items() if name != "AMOUNT"})

    assert line(only(changes(before, after, adapter="snowflake"))) == "breaking: column:mart.orders.amount removed"


# -- columns -----------------------------------------------------------------------------------------------------------


def test_a_column_that_is_gone_breaks_whoever_reads_it() -> None:
    found = only(changes(relation(), relation(columns=without("amount"))))

    assert line(found) == "breaking: column:mart.orders.amount removed"
    assert (found.side, found.old, found.new) == ("base", "amount", None)
    assert affected(found) == OF_AMOUNT


def test_a_column_is_read_in_whatever_case_it_is_written() -> None:
    found = only(changes(relation(), relation(columns=without("status"))))

    assert (line(found), affected(found)) == ("breaking: column:mart.orders.status removed", ["explore:m/orders"])


def test_a_column_that_nothing_reads_breaks_nothing() -> None:
    found = only(changes(relation(), relation(columns=without("unused"))))

    assert (line(found), found.reason) == (
        "metadata only: column:mart.orders.unused removed",
        "nothing in the LookML reads it",
    )


def test_a_column_of_a_table_that_the_lookml_does_not_know_has_the_table_s_whole_name() -> None:
    there = "db.mart.customers"

    assert line(only(changes(relation(place=there), relation(place=there, columns=without("amount"))))) == (
        "metadata only: column:db.mart.customers.amount removed"
    )


def test_a_column_of_a_similar_name_and_the_same_type_may_be_its_successor() -> None:
    found = only(changes(relation(), relation(columns=without("amount", amount_usd="NUMERIC"))))

    assert line(found) == "breaking: column:mart.orders.amount_usd renamed"
    assert (found.old, found.new) == ("amount", "amount_usd")
    assert found.reason.endswith("a guess by type and name: it is amount_usd now")
    assert affected(found) == OF_AMOUNT


@pytest.mark.parametrize("other", [{"amount_usd": "text"}, {"revenue": "numeric"}, {"amount_usd": ""}])
def test_a_column_of_another_type_or_name_is_no_successor(other: dict[str, str]) -> None:
    found = [line(one) for one in changes(relation(), relation(columns=without("amount", **other)))]

    assert found == [
        "breaking: column:mart.orders.amount removed",
        *(f"metadata only: column:mart.orders.{name} added" for name in other),
    ]


def test_a_column_of_another_type_may_change_numbers() -> None:
    found = only(changes(relation(), relation(columns=COLUMNS | {"amount": "text"})))

    assert line(found) == "numbers may change: column:mart.orders.amount changed type"
    assert (found.old, found.new) == ("numeric", "text")
    assert affected(found) == OF_AMOUNT


DERIVED = {
    "m.model.lkml": 'connection: "c"\ninclude: "*.view"\nexplore: daily {}\nexplore: native {}\nexplore: orders {}\n',
    "orders.view.lkml": "view: orders { sql_table_name: mart.orders ;; dimension: id {} measure: total { type: sum sql: ${TABLE}.amount ;; } }",  # noqa: E501
    "daily.view.lkml": """
view: daily {
  derived_table: { sql: select day, sum(amount) as amount from mart.orders group by 1 ;; persist_for: "1 hour" }
  dimension: day {}
  dimension: amount {}
  measure: rows { type: count }
}
""",
    "native.view.lkml": """
view: native {
  derived_table: {
    explore_source: orders { column: id {} column: total {} }
    persist_for: "1 hour"
  }
  dimension: id {}
  dimension: total {}
}
""",
    "days.dashboard.lookml": """
- dashboard: days
  elements:
  - name: days
    model: m
    explore: daily
    fields: [daily.day]
  - name: ids
    model: m
    explore: native
    fields: [native.id]
  - name: rows
    model: m
    explore: orders
    fields: [orders.id]
""",
}
DERIVED["m.model.lkml"] += 'include: "*.dashboard"\n'


def test_a_derived_table_whose_query_names_a_column_that_is_gone_fails_as_a_whole() -> None:
    found = only(changes(relation(), relation(columns=without("amount")), DERIVED))

    assert affected(found) == [
        "dashboard:m/days", "explore:m/daily", "explore:m/native", "explore:m/orders", "pdt:m/daily", "pdt:m/native",
        "tile:m/days/days", "tile:m/days/ids",
    ]  # fmt: skip
    (path,) = (one.path for one in found.affected if one.node.id == "tile:m/days/days")
    assert [(hop.source, hop.target) for hop in path] == [
        ("column:mart.orders.amount", "view:daily"),
        ("view:daily", "field:daily.day"),
        ("field:daily.day", "tile:m/days/days"),
    ]


def test_a_column_of_another_type_is_felt_by_its_values_and_the_tables_that_hold_them() -> None:
    found = only(changes(relation(), relation(columns=COLUMNS | {"amount": "text"}), DERIVED))

    assert affected(found) == ["explore:m/daily", "explore:m/native", "explore:m/orders", "pdt:m/daily", "pdt:m/native"]


def test_a_type_of_a_column_that_nothing_reads_changes_nothing() -> None:
    assert line(only(changes(relation(), relation(columns=COLUMNS | {"unused": "text"})))) == (
        "metadata only: column:mart.orders.unused changed type"
    )


def test_a_column_that_a_derived_table_takes_by_its_star_is_read() -> None:
    files = {
        "m.model.lkml": 'connection: "c"\ninclude: "*.view"\nexplore: copy {}\n',
        "copy.view.lkml": "view: copy { derived_table: { sql: select * from mart.orders ;; } dimension: unused {} }",
    }
    found = only(changes(relation(), relation(columns=without("unused")), files))

    assert (line(found), affected(found)) == ("breaking: column:mart.orders.unused removed", ["explore:m/copy"])


def test_what_is_inside_of_a_column_that_is_gone_is_gone() -> None:
    files = {
        "m.model.lkml": 'connection: "c"\ninclude: "*.view"\nexplore: orders {}\n',
        "o.view.lkml": "view: orders { sql_table_name: `db.mart.orders` ;; dimension: city { sql: ${TABLE}.address.city ;; } }",
    }
    config = Config(connections={"c": Connection(dialect="bigquery")})
    before, after = (relation(columns=columns, quoted=True) for columns in (["id", "address"], ["id"]))
    found = only(changes(before, after, files, adapter="bigquery", config=config))

    assert (line(found), affected(found)) == ("breaking: column:db.mart.orders.address removed", ["explore:m/orders"])


def untraced(sql: str) -> dict[str, str]:
    """LookML whose derived table has SQL that cannot be read, over the table that it reads all of."""
    return {
        "m.model.lkml": 'connection: "c"\ninclude: "*.view"\nexplore: orders {}\n',
        "orders.view.lkml": "view: orders { sql_table_name: mart.orders ;; dimension: id {} dimension: odd { sql: "
        + sql
        + " ;; } }",
    }


def test_a_column_that_sql_names_which_could_not_be_traced_is_unknown() -> None:
    found = only(changes(relation(), relation(columns=without("unused")), untraced("case when ((( Unused")))

    assert line(found) == "unknown: column:mart.orders.unused removed"
    assert found.reason.endswith("SQL that could not be traced names it, of field:orders.odd")
    assert affected(found) == ["explore:m/orders"]


@pytest.mark.parametrize("sql", ["case when ((( unused_too", "${TABLE}.id"])
def test_a_column_that_only_other_sql_could_read_is_unread(sql: str) -> None:
    found = only(changes(relation(), relation(columns=without("unused")), untraced(sql)))

    assert line(found) == "metadata only: column:mart.orders.unused removed"


def test_a_table_that_sql_names_which_could_not_be_traced_is_unknown() -> None:
    files = {
        "m.model.lkml": 'connection: "c"\ninclude: "*.view"\nexplore: late {}\n',
        "late.view.lkml": "view: late { derived_table: { sql: select * from ((( Orders ;; } dimension: id {} }",
    }
    found = only(changes(relation(), (), files))

    assert (line(found), affected(found)) == ("unknown: dbt:model.shop.orders removed", ["explore:m/late"])
    other = relation(place="db.mart.orders_too")
    assert line(only(changes(other, (), files))) == "metadata only: dbt:model.shop.orders removed"


def documented(*names: str) -> DbtRelation:
    return relation(columns=names, catalog=False)


def test_a_column_that_is_documented_no_more_is_not_known_to_be_gone() -> None:
    found = only(changes(documented("id", "amount"), documented("id")))

    assert line(found) == "unknown: column:mart.orders.amount removed"
    assert "without a catalog nobody knows" in found.reason
    assert affected(found) == OF_AMOUNT


def test_a_column_that_is_documented_no_more_and_that_nothing_reads_is_metadata() -> None:
    assert line(only(changes(documented("id", "unused"), documented("id")))) == "metadata only: column:mart.orders.unused removed"


@pytest.mark.parametrize(
    ("before", "after", "differences"),
    [
        # the catalog after has all there is
        (documented("id", "amount"), relation(columns=without("amount")), [("removed", "amount", True)]),
        (documented("id"), relation(), []),
        # the catalog before tells what is there now only where people document
        (relation(documented=["id", "amount"]), documented("id"), [("removed", "amount", False)]),
        (relation(documented=["id"]), documented("id", "amount"), []),
        (relation(), documented(), []),
        (documented("id"), documented("id", "amount"), [("added", "amount", True)]),
        (documented("ID"), documented("id"), []),
    ],
)
def test_lists_of_two_kinds(before: DbtRelation, after: DbtRelation, differences: list[tuple[str, str, bool]]) -> None:
    assert [(one.kind, one.name, one.is_sure) for one in column_differences(before, after)] == differences


def test_types_are_compared_only_where_both_lists_are_of_one_kind() -> None:
    text = dict.fromkeys(COLUMNS, "text")

    assert list(column_differences(relation(columns=text, catalog=False), relation())) == []
    assert list(column_differences(relation(), relation(columns=text, catalog=False))) == []
    assert [one.name for one in column_differences(relation(columns=text), relation())] == ["id", "amount", "unused", "day"]
    assert list(column_differences(relation(columns={"id": "Numeric(38, 0)"}), relation(columns={"ID": "NUMERIC(38,0)"}))) == []
    assert list(column_differences(relation(columns={"id": ""}), relation(columns={"id": "int"}))) == []


def test_of_several_successors_each_column_has_the_most_similar() -> None:
    before = relation(columns={"amount": "int", "discount": "int", "note": "text"})
    after = relation(columns={"discount_usd": "int", "amount_usd": "int", "notes": "int"})

    assert list(column_differences(before, after)) == [
        ColumnDifference("renamed", "amount", "amount_usd", "int", "int"),
        ColumnDifference("renamed", "discount", "discount_usd", "int", "int"),
        ColumnDifference("removed", "note", "", "text"),
        ColumnDifference("added", "notes", new_type="int"),
    ]
