"""What a change of refinements means whose base is in a project that is not here, and who feels it (R8.4, R8.9)."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dagster_lookml.analysis.diff.change import Change
from dagster_lookml.cache import NoStore
from dagster_lookml.workspace import Workspace
from tests.analysis.diff.states import SPOKE, affected, compared, edited, lines
from tests.corpora import CORPORA, needs_corpora
from tests.repositories import replaced, started

BASE = "its base, in the project hub, which is not here,"


def changed(*replacements: tuple[str, str], files: dict[str, str] = SPOKE) -> tuple[Change, ...]:
    """The changes that replaced text makes."""
    return compared(files, edited(*replacements, files=files)).changes


def only(*replacements: tuple[str, str]) -> Change:
    """The one change that replaced text makes."""
    (one,) = changed(*replacements)
    return one


def told(*replacements: tuple[str, str]) -> list[str]:
    """Each change that replaced text makes, with its reason."""
    return [f"{one.verdict}: {one.id} {one.kind} {one.property}".rstrip() + f": {one.reason}" for one in changed(*replacements)]


def tiles(one: Change) -> list[str]:
    """The names of the tiles that feel a change."""
    return [identity.rpartition("/")[2] for identity in affected(one) if identity.startswith("tile:")]


# -- what both states write holds over the base, and is compared as always ---------------------------------------------


@pytest.mark.rule("R8.4")
def test_other_sql_of_a_refined_measure_may_change_the_numbers_of_all_that_name_it() -> None:
    one = only(("${TABLE}.price", "${TABLE}.net_price"))

    assert (one.verdict, one.id, one.property) == ("numbers may change", "field:+orders.total", "sql")
    assert tiles(one) == ["double", "elsewhere", "total"]
    assert (str(one.span), affected(one)[:1]) == ("orders.view.lkml:5:35", ["dashboard:m/kpis"])
    assert [one for one in affected(one) if one.startswith("explore:")] == ["explore:m/orders", "explore:m/shipments"]


def test_the_way_to_a_tile_has_a_place_for_every_hop() -> None:
    one = only(("${TABLE}.price", "${TABLE}.net_price"))
    (way,) = [each.path for each in one.affected if each.node.id == "tile:m/kpis/double"]

    assert [(hop.source, hop.target, str(hop.span)) for hop in way] == [
        ("field:+orders.total", "field:+orders.double", "orders.view.lkml:6:39"),
        ("field:+orders.double", "tile:m/kpis/double", "kpis.dashboard.lookml:5:46"),
    ]


def test_another_filter_of_a_refined_measure_may_change_its_numbers() -> None:
    one = only(('status: "done"', 'status: "open"'))

    assert (one.verdict, one.property, tiles(one)) == (
        "numbers may change", "filters[status]", ["double", "elsewhere", "total"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "told_of"),
    [
        ('view: +orders {\n  label: "Orders"', 'view: +orders {\n  label: "All orders"', "view:+orders changed label"),
        ('label: "Sales"', 'label: "All sales"', "explore:m/+sales changed label"),
        ("hidden: yes", "hidden: no", "field:+orders.status changed hidden"),
    ],
)
def test_what_people_read_is_metadata_in_a_refinement_too(old: str, new: str, told_of: str) -> None:
    found = compared(SPOKE, edited((old, new), files=SPOKE))

    assert lines(found) == [f"metadata only: {told_of}"]


@pytest.mark.rule("R8.10")
def test_what_a_refined_explore_filters_by_is_felt_by_all_its_tiles() -> None:
    one = only(("${sales.day} > 1", "${sales.day} > 2"))

    assert (one.verdict, one.id, one.property) == ("numbers may change", "explore:m/+sales", "sql_always_where")
    assert tiles(one) == ["cities", "sales"]


@pytest.mark.rule("R8.10")
def test_another_relationship_of_a_join_in_a_refined_explore_is_felt_by_the_tiles_that_need_the_join() -> None:
    one = only(("many_to_one", "one_to_many"))

    assert (one.verdict, one.id, one.property) == ("numbers may change", "join:m/+sales/users", "relationship")
    assert tiles(one) == ["cities"]


def test_a_whole_field_is_felt_through_a_join_that_only_a_refinement_makes() -> None:
    one = only(("${TABLE}.city", "${TABLE}.town"))

    assert (one.id, tiles(one)) == ("field:users.city", ["cities"])


def test_moved_and_reformatted_refinements_are_no_change() -> None:
    after = {name: text for name, text in SPOKE.items() if name != "orders.view.lkml"}
    after["z.view.lkml"] = "\n\n" + SPOKE["orders.view.lkml"].replace("  measure: total", "  measure:   total")

    assert lines(compared(SPOKE, after)) == []


def test_two_refinements_of_one_object_are_one_and_the_later_wins() -> None:
    more = SPOKE | {"z.view.lkml": "view: +orders { measure: total { sql: ${TABLE}.cents / 100 ;; } }\n"}

    assert lines(compared(SPOKE, more)) == ["numbers may change: field:+orders.total changed sql"]
    assert lines(compared(more, edited(("${TABLE}.price", "${TABLE}.euros"), files=more))) == []


# -- what only one of them writes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "identity"),
    [
        (' filters: [status: "done"]', "", "field:+orders.total changed filters[status]"),
        (" relationship: many_to_one", "", "join:m/+sales/users changed relationship"),
        ("  sql_always_where: ${sales.day} > 1 ;;\n", "", "explore:m/+sales changed sql_always_where"),
        (" type: time timeframes: [date, week]", " type: time", "field:+orders.created changed timeframes"),
    ],
)
def test_a_parameter_that_a_refinement_leaves_to_its_base_is_unknown(old: str, new: str, identity: str) -> None:
    assert told((old, new)) == [f"unknown: {identity}: {BASE} decides it now"]


def test_a_label_that_a_refinement_leaves_to_its_base_is_metadata() -> None:
    assert lines(compared(SPOKE, edited(('  label: "Sales"\n', ""), files=SPOKE))) == [
        "metadata only: explore:m/+sales changed label"
    ]


def test_a_parameter_that_a_refinement_newly_writes_may_be_another_than_that_of_the_base() -> None:
    assert told(("dimension: status { hidden: yes }", "dimension: status { hidden: yes sql: ${TABLE}.state ;; }")) == [
        f"numbers may change: field:+orders.status changed sql: {BASE} decided it before"
    ]


def test_grants_that_a_refinement_newly_requires_may_be_those_of_the_base() -> None:
    assert told(("dimension: status {", "dimension: status { required_access_grants: [a]")) == [
        f"unknown: field:+orders.status changed required_access_grants: {BASE} decided it before"
    ]


def test_timeframes_that_a_refinement_takes_away_are_gone_whatever_its_base_says() -> None:
    one = only(("[date, week]", "[date]"))

    assert (one.verdict, one.property, tiles(one)) == ("breaking", "timeframes", ["week"])


def test_a_field_that_is_gone_from_a_refinement_may_be_in_its_base() -> None:
    one = only(("  measure: double { type: number sql: ${total} * 2 ;; }\n", ""))

    assert (one.verdict, one.kind, one.id, one.side) == ("unknown", "removed", "field:+orders.double", "base")
    assert (one.reason, tiles(one)) == (f"{BASE} may have it too", ["double"])


def test_the_old_name_of_a_renamed_field_may_be_in_its_base() -> None:
    one = only(("measure: double {", "measure: twice {"))

    assert (one.verdict, one.kind, one.old, one.id) == ("unknown", "renamed", "double", "field:+orders.twice")
    assert (one.reason, tiles(one)) == (f"all else of this field is the same; {BASE} may have the old name too", ["double"])


def test_a_field_that_says_nothing_of_its_own_is_not_taken_for_another() -> None:
    assert lines(compared(SPOKE, edited(("dimension: status {", "dimension: state {"), files=SPOKE))) == [
        "metadata only: field:+orders.state added",
        "unknown: field:+orders.status removed",
    ]


def test_a_tile_that_names_a_renamed_field_anew_feels_nothing() -> None:
    found = changed(("measure: double {", "measure: twice {"), ("orders.double", "orders.twice"))

    assert [(one.id, tiles(one)) for one in found] == [("field:+orders.twice", [])]


def test_a_field_that_is_new_in_a_refinement_may_be_otherwise_in_its_base() -> None:
    one = only(("  measure: total", "  dimension: of_the_base { sql: ${TABLE}.x ;; }\n  measure: total"))

    assert (one.verdict, one.kind, one.id) == ("numbers may change", "added", "field:+orders.of_the_base")
    assert (one.reason, tiles(one)) == (f"{BASE} may have it otherwise", ["other"])


def test_refinements_that_are_gone_leave_their_base_alone() -> None:
    after = {name: text for name, text in SPOKE.items() if name != "orders.view.lkml"}
    (one,) = compared(SPOKE, after).changes

    assert (one.verdict, one.kind, one.id) == ("unknown", "removed", "view:+orders")
    assert one.reason == f"{BASE} is left of it alone"
    assert tiles(one) == ["double", "elsewhere", "other", "total", "week"]


def test_another_base_is_no_new_name() -> None:
    assert lines(compared(SPOKE, edited(("view: +orders {", "view: +purchases {"), files=SPOKE))) == [
        "unknown: view:+orders removed",
        "numbers may change: view:+purchases added",
    ]


def test_a_view_that_goes_to_an_import_may_be_there_with_all_its_fields() -> None:
    after = edited(("view: users {", "view: +users {"), (" dimension: city { sql: ${TABLE}.city ;; }", ""), files=SPOKE)
    found = compared(SPOKE, after).changes

    assert sorted((one.verdict, one.id, one.property) for one in found) == [
        ("metadata only", "field:+users.id", "hidden"),
        ("unknown", "field:+users.id", "sql"),
        ("unknown", "field:+users.id", "type"),
        ("unknown", "field:users.city", ""),
        ("unknown", "view:+users", "sql_table_name"),
    ]


def test_a_view_may_go_to_an_import_that_nothing_named_before() -> None:
    before = {name: text for name, text in edited(('include: "//hub/all"\n', ""), files=SPOKE).items() if name != "manifest.lkml"}
    before["orders.view.lkml"] = before["orders.view.lkml"].replace("+", "")
    before["m.model.lkml"] = before["m.model.lkml"].replace("+", "")
    (one,) = [
        each
        for each in compared(before, edited(("measure: double", "measure: other"), files=SPOKE)).changes
        if each.kind == "renamed"
    ]

    assert (one.verdict, one.id) == ("unknown", "field:+orders.other")
    after = edited(("  measure: double { type: number sql: ${total} * 2 ;; }\n", ""), files=SPOKE)
    (one,) = [each for each in compared(before, after).changes if each.kind == "removed"]
    assert (one.verdict, one.id, one.reason) == ("unknown", "field:orders.double", f"{BASE} may have it too")


def test_a_view_that_comes_from_an_import_may_have_been_otherwise_there() -> None:
    before = edited(("view: users {", "view: +users {"), (" dimension: city { sql: ${TABLE}.city ;; }", ""), files=SPOKE)
    (one,) = [each for each in compared(before, SPOKE).changes if each.kind == "added"]

    assert (one.verdict, one.id, tiles(one)) == ("numbers may change", "field:users.city", ["cities"])


# -- what extends, lists and imports -----------------------------------------------------------------------------------


@pytest.mark.rule("R7.15")
def test_a_view_that_extends_a_refined_one_has_its_fields() -> None:
    child = edited(
        ("orders.double]", "big_orders.double]"),
        ('explore: orders { label: "Orders" }', "explore: orders { join: big_orders { sql: ;; } }"),
        files=SPOKE,
        more={"child.view.lkml": "view: big_orders { extends: [orders] }\n"},
    )
    (one,) = changed(("${total} * 2", "${total} * 3"), files=child)

    assert (one.id, tiles(one)) == ("field:+orders.double", ["double"])


@pytest.mark.rule("R7.15")
def test_an_explore_that_extends_a_refined_one_has_its_filters() -> None:
    child = edited(
        ("explore: orders {", "explore: returns { extends: [sales] }\nexplore: orders {"),
        ("explore: sales, fields: [sales.amount]", "explore: returns, fields: [sales.amount]"),
        files=SPOKE,
    )
    found = changed(("${sales.day} > 1", "${sales.day} > 2"), files=child)

    assert [(one.id, tiles(one)) for one in found] == [("explore:m/+sales", ["cities"]), ("explore:m/returns", ["sales"])]


@pytest.mark.rule("R4.38")
def test_a_list_of_fields_that_are_not_here_is_unknown() -> None:
    before = edited(('explore: orders { label: "Orders"', "explore: orders { fields: [ALL_FIELDS*, -orders.a]"), files=SPOKE)
    (one,) = changed(("-orders.a]", "-orders.of_the_base]"), files=before)

    assert (one.verdict, one.id, one.property, one.new) == (
        "unknown", "explore:m/orders", "fields", "ALL_FIELDS*, -orders.of_the_base",
    )  # fmt: skip
    assert tiles(one) == ["double", "other", "total", "week"]


@pytest.mark.rule("R8.10")
def test_a_list_of_fields_that_a_refinement_newly_writes_may_be_that_of_its_base() -> None:
    both = SPOKE | {"z.view.lkml": "view: +sales { dimension: day {} dimension: amount {} }\n"}
    with_list = edited(('  label: "Sales"', "  fields: [sales.day]"), files=both)
    assert ("unknown", "explore:m/+sales", "fields") in [
        (one.verdict, one.id, one.property) for one in compared(both, with_list).changes
    ]
    (one,) = changed(("fields: [sales.day]", "fields: [sales.amount]"), files=with_list)
    assert (one.verdict, one.id, one.property, one.old) == ("breaking", "explore:m/+sales", "fields", "sales.day")


def test_a_join_that_is_gone_from_a_refined_explore_may_be_in_its_base() -> None:
    one = only(("  join: users { relationship: many_to_one sql_on: ${sales.user_id} = ${users.id} ;; }\n", ""))

    assert (one.verdict, one.kind, one.id, tiles(one)) == ("unknown", "removed", "join:m/+sales/users", ["cities"])
    assert one.reason == f"{BASE} may have it too"


def test_a_join_that_is_new_in_a_refined_explore_may_be_otherwise_in_its_base() -> None:
    one = only(('  label: "Sales"', '  label: "Sales"\n  join: orders { sql_on: ${sales.id} = ${orders.id} ;; }'))

    assert (one.verdict, one.kind, one.id) == ("numbers may change", "added", "join:m/+sales/orders")


@pytest.mark.rule("R8.9")
def test_the_base_in_an_import_that_is_here_decides_as_always() -> None:
    hub = {"imported_projects/hub/all.lkml": "view: orders { dimension: status {} } explore: sales { view_name: orders }\n"}
    found = compared(SPOKE | hub, edited(("  measure: double { type: number sql: ${total} * 2 ;; }\n", ""), files=SPOKE | hub))

    assert [(one.verdict, one.id, one.kind) for one in found.changes] == [("breaking", "field:orders.double", "removed")]
    assert found.missing_imports == ()


def test_the_imports_that_are_missing_are_told_whatever_differs() -> None:
    assert compared(SPOKE, SPOKE).missing_imports == ("hub",)


# -- a real project ----------------------------------------------------------------------------------------------------


@pytest.mark.slow
@needs_corpora
def test_a_renamed_measure_of_a_real_spoke_is_felt_by_fourteen_tiles(tmp_path: Path) -> None:
    root = spoke(tmp_path)
    view = "mozilla_vpn/views/channel_group_proportions_table.view.lkml"
    replaced(root, view, "measure: new_subscription_count{", "measure: subscriptions_new {")
    (one,) = Workspace(root, store=NoStore()).diff("HEAD").changes

    assert (one.verdict, one.id, one.old) == (
        "unknown", "field:+channel_group_proportions_table.subscriptions_new", "new_subscription_count",
    )  # fmt: skip
    assert len(tiles(one)) == 14


@pytest.mark.slow
@needs_corpora
def test_another_filter_of_a_real_refined_explore_is_told(tmp_path: Path) -> None:
    root = spoke(tmp_path)
    replaced(root, "kpi/kpi.model.lkml", "DATE(2017,1,1)", "DATE(2018,1,1)")
    (one,) = Workspace(root, store=NoStore()).diff("HEAD").changes

    assert (one.verdict, one.id, one.property) == ("numbers may change", "explore:kpi/+unified_metrics", "sql_always_where")


def spoke(folder: Path) -> Path:
    """The real spoke in a repository of its own."""
    shutil.copytree(CORPORA / "looker-spoke-default", folder / "spoke")
    return started(folder / "spoke", {})
