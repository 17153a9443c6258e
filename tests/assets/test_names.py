"""Names for Dagster: it accepts every one that is made, and no two structures have the same key."""

from __future__ import annotations

import re

import dagster as dg
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dagster_lookml.assets.names import group_name, key_path, op_name, owner, tag
from dagster_lookml.config import Connection
from dagster_lookml.lineage.ids import pdt_id, table_parts
from dagster_lookml.lineage.tables import table_id
from dagster_lookml.semantic.quoting import explore_id, quoted, quoted_path

NASTY = st.text(alphabet="aB1_.-/#%{}*$: é\n\0", max_size=6)
PLAIN = st.text(alphabet="aB1_-", min_size=1, max_size=6)
WORDS = [
    "",
    " ",
    "a",
    "//",
    "a//b",
    "é",
    "数据",
    "\n",
    "a\n",
    "..",
    "_",
    "-",
    "@",
    "team:",
    ":",
    "a:b:c",
    "x" * 200,
    "é" * 200,
    "\ud800",
]


def ids(names: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Ids of every kind, written as the rest of the package writes them."""
    return st.one_of(
        st.lists(names, max_size=4).map(lambda parts: table_id(parts, Connection())),
        names.map(lambda name: f"view:{quoted(name)}"),
        st.tuples(names, names).map(lambda both: f"view:{quoted(both[0])}/{quoted(both[1])}"),
        st.tuples(names, names).map(lambda both: f"view:{quoted_path(both[0])}#{quoted(both[1])}"),
        st.tuples(names, names).map(lambda both: f"dashboard:{quoted(both[0])}/{quoted(both[1])}"),
        st.tuples(names, names).map(lambda both: f"dashboard:{quoted_path(both[0])}#{quoted(both[1])}"),
        st.tuples(names, names).map(lambda both: explore_id(*both)),
        st.tuples(names, names).map(lambda both: pdt_id(*both)),
    )


# -- keys --------------------------------------------------------------------------------------------------------------


@given(st.lists(st.one_of(ids(NASTY), ids(PLAIN)), unique=True, max_size=20))
@example(["table:a.b", "table:a..b", "table:.a.b", "table:a.b."])
@example(["table:", "table:.", "table:table", "view:", "view:table"])
@example(["view:a/b", "view:a%2Fb", "view:a#b", "view:a%23b", "table:view.a.b", "explore:a/b", "table:explore.a.b"])
@example(["table:a.b*", "table:a.b", "table:a.{b}", "table:{a}.b", "table:{a.b}", "table:b"])
@example(["view:é", "view:%C3%A9", "view:_", "view:%20", "view:%0A"])
def test_no_two_structures_have_one_key(found: list[str]) -> None:
    assert len({key_path(identity) for identity in found}) == len(found)


@given(st.one_of(ids(NASTY), ids(PLAIN), ids(st.text(st.characters(exclude_categories=["Cs"]), max_size=10))))
@example("table:")
@example("table:...")
@example("view:%F0%9F%98%80")
@example("view:" + "x" * 200)
def test_a_key_has_several_parts_and_dagster_takes_them(identity: str) -> None:
    path = key_path(identity)

    assert len(path) > 1
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+", part) for part in path)
    assert dg.AssetKey.from_user_string(dg.AssetKey(list(path)).to_user_string()) == dg.AssetSpec(list(path)).key


@given(st.lists(PLAIN.filter(lambda name: name not in ("table", "view", "explore", "dashboard", "pdt")), min_size=2, max_size=3))
def test_plain_names_of_tables_are_their_keys(parts: list[str]) -> None:
    assert key_path(table_id(parts, Connection())) == tuple(parts)


@given(PLAIN, PLAIN)
def test_plain_names_of_what_lookml_declares_stand_behind_their_kind(model: str, name: str) -> None:
    assert key_path(f"view:{quoted(name)}") == ("view", name)
    assert key_path(f"view:{quoted(model)}/{quoted(name)}") == ("view", model, name)
    assert key_path(explore_id(model, name)) == ("explore", model, name)
    assert key_path(pdt_id(model, name)) == ("pdt", model, name)
    assert key_path(table_id((name,), Connection())) == ("table", name)


def test_names_that_are_not_plain_stay_readable() -> None:
    assert [re.sub(r"[0-9a-f]{6}$", "~", "/".join(key_path(identity))) for identity in (
        "table:shop-prod.raw.order%20items",
        "table:{user.schema}.orders",
        "view:views/old/orders.view.lkml#orders",
        "explore:sales/Net%20sales%2Fday",
        "view:%C3%A9",
    )] == [
        "shop-prod/raw/order_items-~",
        "user.schema/orders-~",
        "view/views/old/orders_view_lkml/orders-~",
        "explore/sales/Net_sales_day-~",
        "view/~",
    ]  # fmt: skip


@given(st.lists(st.text(alphabet="aB1_-*$ é%/#", min_size=1, max_size=5), min_size=1, max_size=4))
def test_the_parts_of_a_table_are_those_of_its_id(parts: list[str]) -> None:
    assert table_parts(table_id(parts, Connection())) == tuple(parts)


# -- groups, tags and owners -------------------------------------------------------------------------------------------


def spec(written: str) -> dg.AssetSpec:
    """An asset with every name that a text can become; Dagster raises for one that it does not accept."""
    who = owner(written)
    return dg.AssetSpec(
        ["a", op_name(written)], group_name=group_name(written), tags=dict([tag(written)]), owners=[who] if who else []
    )


@given(st.text())
@example("anna@acme.com")
@example(".anna@acme.com")
@example("-a@acme.com")
@example("%@acme.com")
@example("anna@acme.technology")
@example("anna@acme.com\n")
@example("anna@acme.c|m")
@example("team:anna@acme.com")
@example("ann\u00e1@acme.com")
def test_dagster_accepts_whatever_becomes_of_a_text(written: str) -> None:
    made = spec(written)

    assert dg.Definitions(assets=[made]).resolve_asset_graph().get_all_asset_keys() == {made.key}


@given(st.from_regex(r"[a-z%+._-]{1,3}@[a-z.-]{1,4}\.[a-zA-Z|]{1,9}", fullmatch=True))
def test_dagster_accepts_whatever_looks_like_an_address(written: str) -> None:
    assert spec(written).owners in ([written], [f"team:{written}"])


@pytest.mark.parametrize("written", WORDS)
def test_dagster_accepts_what_becomes_of_odd_words(written: str) -> None:
    made = spec(written)

    assert dg.Definitions(assets=[made]).resolve_asset_graph().get_all_asset_keys() == {made.key}


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("finance", "finance"),
        ("Finance & Risk", "Finance_Risk"),
        ("/finance//eu/", "finance/eu"),
        ("größe", "gr_e"),
        ("", "_"),
        ("x" * 200, "x" * 200),
    ],
)
def test_groups(written: str, name: str) -> None:
    assert group_name(written) == name


@pytest.mark.parametrize(
    ("written", "pair"),
    [
        ("core", ("core", "")),
        ("tier:1", ("tier", "1")),
        ("a:b:c", ("a", "b_c")),
        (" pii : high risk ", ("pii", "high_risk")),
        (":value", ("_", "value")),
        ("é", ("_", "")),
        ("k" * 200 + ":" + "v" * 200, ("k" * 63, "v" * 63)),
    ],
)
def test_tags(written: str, pair: tuple[str, str]) -> None:
    assert tag(written) == pair


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("@octocat", "team:octocat"),
        ("@acme/bi", "team:acme/bi"),
        ("team:@acme/bi", "team:acme/bi"),
        (" team: bi ", "team:bi"),
        ("anna@acme.com", "anna@acme.com"),
        ("anna@acme.technology", "team:anna@acme.technology"),  # dagster knows no such address
        (".anna@acme.com", "team:.anna@acme.com"),
        ("", None),
        ("  ", None),
        ("team:", None),
        ("team:@", None),
    ],
)
def test_owners(written: str, name: str | None) -> None:
    assert owner(written) == name
