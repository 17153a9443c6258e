"""Groups and owners: what a tag of LookML says wins over the configuration, and that over CODEOWNERS, each for itself."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import git
import pytest

from dagster_lookml import DagsterLookMLTranslator, LookMLProject
from dagster_lookml.assets.ownership import Owners
from dagster_lookml.config import PathAssets
from dagster_lookml.source.codeowners import CodeOwners
from tests.assets.projects import written

FILE = "views/finance/margin.view.lkml"
CONFIGURED = PathAssets(path="views/finance/**", group="finance", owners=("cfo@acme.com",))
CODE = CodeOwners("* @acme/bi\n")


def of(*tags: str, by_path: tuple[PathAssets, ...] = (), code: CodeOwners | None = None) -> tuple[str | None, tuple[str, ...]]:
    """The group and the owners of a file."""
    return Owners(by_path, code).of(FILE, tags)


# -- which one wins ----------------------------------------------------------------------------------------------------


def test_the_first_that_says_one_counts() -> None:
    assert of() == (None, ())
    assert of(code=CODE) == (None, ("team:acme/bi",))
    assert of(by_path=(CONFIGURED,), code=CODE) == ("finance", ("cfo@acme.com",))
    assert of("group:risk", "owner:team:risk", by_path=(CONFIGURED,), code=CODE) == ("risk", ("team:risk",))


def test_group_and_owners_are_decided_each_for_itself() -> None:
    assert of("group:risk", by_path=(CONFIGURED,), code=CODE) == ("risk", ("cfo@acme.com",))
    assert of("owner:@risk", by_path=(CONFIGURED,), code=CODE) == ("finance", ("team:risk",))
    assert of("owner:@risk", code=CODE) == (None, ("team:risk",))
    assert of(by_path=(PathAssets(path="**", group="all"),), code=CODE) == ("all", ("team:acme/bi",))
    assert of(by_path=(PathAssets(path="**", owners=("bi",)),), code=CODE) == (None, ("team:bi",))


def test_of_entries_that_match_the_last_that_says_something_counts() -> None:
    every = PathAssets(path="**", group="all", owners=("bi",))
    group_only = PathAssets(path="views/finance", group="money")
    elsewhere = PathAssets(path="dashboards/**", group="no", owners=("no",))

    assert of(by_path=(every, CONFIGURED, elsewhere)) == ("finance", ("cfo@acme.com",))
    assert of(by_path=(CONFIGURED, every)) == ("all", ("team:bi",))
    assert of(by_path=(every, group_only)) == ("money", ("team:bi",))


def test_the_configuration_can_take_owners_away() -> None:
    assert of(by_path=(PathAssets(path="views/**", owners=()),), code=CODE) == (None, ())


@pytest.mark.parametrize("path", [FILE, "**", "*", "views", "views/", "views/finance", "views/finance/**", "views/*/*.view.lkml"])
def test_a_path_may_be_a_file_a_folder_or_a_glob(path: str) -> None:
    assert of(by_path=(PathAssets(path=path, group="x"),))[0] == "x"


@pytest.mark.parametrize("path", ["", "finance", "view", "views/fin", "VIEWS", "views/finance/margin.view.lkml/x", "*.lookml"])
def test_other_paths_do_not_match(path: str) -> None:
    assert of(by_path=(PathAssets(path=path, group="x"),))[0] is None


# -- what tags say -----------------------------------------------------------------------------------------------------


def test_several_owners_are_all_owners_each_once() -> None:
    assert of("owner:b@acme.com", "core", "owner:@acme/bi", "owner:a@acme.com", "owner:team:acme/bi")[1] == (
        "b@acme.com",
        "team:acme/bi",
        "a@acme.com",
    )


def test_white_space_in_tags_does_not_matter() -> None:
    found = Owners((), None).of(FILE, (" group: finance / eu west ", "owner:  Data Platform", " core ", "  "))

    assert found == ("finance_/_eu_west", ("team:Data Platform",))


def test_of_two_groups_the_first_counts() -> None:
    assert of("group:", "group:a", "group:b") == ("a", ())


def test_a_tag_that_says_nothing_leaves_what_others_say() -> None:
    assert of("group:", "owner: ", by_path=(CONFIGURED,)) == ("finance", ("cfo@acme.com",))


def test_other_tags_are_tags() -> None:
    unknown = ("groups:a", "Owner:a", "owner", "group", "group finance", "owner=a", "tier:1")

    assert Owners((), None).of(FILE, unknown) == (None, ())


def test_what_is_no_owner_is_none() -> None:
    assert of(code=CodeOwners("* @ @acme/bi"))[1] == ("team:acme/bi",)


# -- through a repository ----------------------------------------------------------------------------------------------

DASHBOARD = """
- dashboard: kpis
  title: KPIs
  elements:
  - {name: total, title: Total, explore: orders, model: m, type: single_value, fields: [orders.count]}
"""
CONFIG = """
[[assets]]
path = "explores"
group = "exploring/sales"

[[assets]]
path = "**/finance/**"
group = "finance"
owners = ["cfo@acme.com", "Controlling"]
"""
LOOKML = {
    "views/orders.view.lkml": """
view: orders {
  tags: ["group: sales eu", "owner: Data Platform", "owner:anna@acme.com", "core", "tier: 1"]
  sql_table_name: shop.orders ;;
  measure: count { type: count }
}
""",
    "views/users.view.lkml": "view: users { sql_table_name: shop.users ;; dimension: id {} }",
    "views/finance/margin.view.lkml": """
view: margin {
  tags: ["owner:@acme/margins"]
  derived_table: { sql: SELECT 1 AS x ;; persist_for: "1 hour" }
  dimension: x {}
}
""",
    "views/finance/costs.view.lkml": "view: costs { sql_table_name: shop.costs ;; dimension: id {} }",
    "explores/orders.explore.lkml": 'explore: orders { tags: ["core"] }',
    "dashboards/kpis.dashboard.lookml": DASHBOARD,
    "dagster-lookml.toml": CONFIG,
}
CODEOWNERS = "* @acme/bi\n/looker/dashboards/ @acme/boards bo@acme.com\n/looker/explores/\n"


@pytest.fixture(params=[None, "main"], ids=["disk", "ref"])
def project(tmp_path: Path, request: pytest.FixtureRequest) -> LookMLProject:
    """A project in a folder of a repository, as it lies on disk and at a ref."""
    written(tmp_path / "looker", LOOKML)
    (tmp_path / "CODEOWNERS").write_text(CODEOWNERS)
    repo = git.Repo.init(tmp_path, initial_branch="main")
    with repo.config_writer() as config:
        config.set_value("user", "name", "A").set_value("user", "email", "a@example.com")
    repo.git.add("--all")
    repo.git.commit("--quiet", "--message", "all of it")
    return LookMLProject(tmp_path / "looker", ref=request.param)


def shown(spec: dg.AssetSpec) -> tuple[str, ...]:
    """The tags of an asset beside its kinds."""
    named = ((name, value) for name, value in spec.tags.items() if not name.startswith("dagster/"))
    return tuple(f"{name}: {value}" if value else name for name, value in named)


def test_structures_have_the_groups_owners_and_tags_of_their_repository(project: LookMLProject) -> None:
    translator = DagsterLookMLTranslator()
    found = {one.id: (one.group, one.owners, shown(translator.get_asset_spec(one))) for one in project.state.structures}

    assert found == {
        "view:orders": ("sales_eu", ("team:Data Platform", "anna@acme.com"), ("core", "tier: 1")),
        "view:users": (None, ("team:acme/bi",), ()),
        "view:margin": ("finance", ("team:acme/margins",), ()),
        "pdt:m/margin": ("finance", ("team:acme/margins",), ()),
        "view:costs": ("finance", ("cfo@acme.com", "team:Controlling"), ()),
        "explore:m/orders": ("exploring/sales", (), ("core",)),
        "dashboard:m/kpis": (None, ("team:acme/boards", "bo@acme.com"), ()),
        "table:shop.orders": (None, (), ()),
        "table:shop.users": (None, (), ()),
        "table:shop.costs": (None, (), ()),
    }
