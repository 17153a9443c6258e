"""Dashboards and explores as exposures of a dbt project: what people look at that is made of dbt's tables."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from hashlib import sha256
from typing import Final, Literal, NamedTuple
from urllib.parse import quote, unquote

import msgspec

from dagster_lookml.analysis.diff.needs import Needs, names_in
from dagster_lookml.lineage.graph import Graph
from dagster_lookml.semantic.field_lists import aliases
from dagster_lookml.semantic.objects import Dashboard, Explore, Lookup, Project
from dagster_lookml.source.dbt import DbtProject, DbtRelation

_NO_DATA: Final = frozenset(("extends", "trigger"))
"""Edges that bring no data: what is extended has been copied, and a trigger says when something is built."""
_ODD: Final = re.compile(r"[^A-Za-z0-9_]+")
_NUMBER: Final = re.compile(r"\d+")

Shown = Dashboard | Explore


class Owner(NamedTuple):
    """Who answers for an exposure; dbt wants at least one of the two.

    Attributes:
        name: of a person or a team; empty if there is only an address.
        email: one address; may be empty.
    """

    name: str
    email: str


class Exposure(msgspec.Struct, frozen=True, kw_only=True):
    """A dashboard or an explore as dbt knows it.

    Attributes:
        id: of the dashboard or explore.
        name: that no other exposure has, of letters, digits and underscores.
        label: for people.
        kind: what dbt calls it.
        description: as written in the LookML; may be empty.
        file: that declares it, from the root of the LookML project.
        path: of its page in a Looker instance.
        owner: None if nobody is known.
        depends_on: what it reads of dbt, as ``ref`` and ``source``; sorted.
    """

    id: str
    name: str
    label: str
    kind: Literal["dashboard", "analysis"]
    description: str
    file: str
    path: str
    owner: Owner | None
    depends_on: tuple[str, ...]


class Exposures(msgspec.Struct, frozen=True):
    """The exposures of a project.

    Attributes:
        found: sorted by id.
        without: the ids of dashboards and explores that read no table of dbt; sorted.
    """

    found: tuple[Exposure, ...]
    without: tuple[str, ...]


def shown(project: Project) -> dict[str, Shown]:
    """The dashboards and explores that people can open, by id: those of a model that are no templates for others."""
    dashboards = {one.id: one for one in project.dashboards if one.model is not None and not one.extension_required}
    explores = {one.id: one for one in project.explores if not one.extension_required}
    return {**dashboards, **explores}


def exposures(
    chosen: Iterable[Shown],
    project: Project,
    tables: Graph,
    dbt: DbtProject,
    owner: Callable[[str], Owner | None],
    prefix: str = "",
) -> Exposures:
    """Make exposures of dashboards and explores.

    Each depends on the models, seeds, snapshots and sources whose tables it reads itself: through explores, views and derived
    tables, however many. What these are made of dbt knows. An explore may read whatever it joins; a dashboard reads what the
    queries of its tiles and filters need (R6.11).

    Args:
        chosen: dashboards and explores.
        project: that they are of.
        tables: the graph of tables, views, explores and dashboards, traced with `dbt`.
        dbt: the dbt project.
        owner: gives the owner of a file.
        prefix: that all names begin with.
    """
    reads = _Reads(project, tables, dbt)
    read = {one.id: (one, reads.of(one)) for one in chosen}
    names = _names((identity for identity, (_, depends_on) in read.items() if depends_on), prefix)
    found = (_exposure(one, names[identity], owner, on) for identity, (one, on) in sorted(read.items()) if on)
    return Exposures(tuple(found), tuple(sorted(identity for identity, (_, depends_on) in read.items() if not depends_on)))


def _exposure(one: Shown, name: str, owner: Callable[[str], Owner | None], depends_on: tuple[str, ...]) -> Exposure:
    return Exposure(
        id=one.id,
        name=name,
        label=_label(one) or one.name.replace("_", " ").title(),
        kind="dashboard" if isinstance(one, Dashboard) else "analysis",
        description=_description(one),
        file=one.span.file,
        path=_path(one),
        owner=owner(one.span.file),
        depends_on=depends_on,
    )


def _label(one: Shown) -> str | None:
    return one.title if isinstance(one, Dashboard) else dict(one.properties).get("label")


def _description(one: Shown) -> str:
    written = dict(one.properties).get("description", "")
    if isinstance(one, Dashboard) and written:  # of a dashboard, which is YAML, the properties are values and no text
        written = str(msgspec.json.decode(written) or "")
    return written.strip()


def _path(one: Shown) -> str:
    model, name = quote(one.model or "", safe=""), quote(one.name, safe="")
    return f"/dashboards/{model}::{name}" if isinstance(one, Dashboard) else f"/explore/{model}/{name}"


# -- names -------------------------------------------------------------------------------------------------------------


def _names(ids: Iterable[str], prefix: str) -> dict[str, str]:
    """A name for each id, which does not change when others come and go, unless two would have the same."""
    plain = {identity: prefix + _ODD.sub("_", unquote(identity)) for identity in ids}
    counts = Counter(name.lower() for identity, name in plain.items() if _is_whole(identity))
    return {
        identity: name if _is_whole(identity) and counts[name.lower()] == 1 else f"{name}_{_digest(identity)}"
        for identity, name in plain.items()
    }


def _is_whole(identity: str) -> bool:
    """Tell whether a name made of an id tells it from every other, but for where its model ends."""
    return not any(_ODD.search(part) for part in re.split("[:/]", identity))  # what is percent-encoded is odd too


def _digest(identity: str) -> str:
    return sha256(identity.encode()).hexdigest()[:6]


# -- what they read ----------------------------------------------------------------------------------------------------


class _Reads:
    """Answers what of a dbt project something reads."""

    def __init__(self, project: Project, tables: Graph, dbt: DbtProject) -> None:
        self._queries = _Queries(Lookup(project), tables)
        self._graph = Graph.ordered(tables.nodes, tuple(edge for edge in tables.edges if edge.kind not in _NO_DATA))
        relations = {f"dbt:{one.unique_id}": one for one in dbt.relations}
        references = _references(dbt)
        self._of_table: Mapping[str, str] = {
            edge.target: references[relations[edge.source].unique_id]
            for edge in tables.edges
            if edge.source in relations and tables.nodes[edge.target].kind == "table"
        }

    def of(self, one: Shown) -> tuple[str, ...]:
        read = self._queries.of(one) if isinstance(one, Dashboard) else {one.id}
        upstream = {*read, *self._graph.upstream(sorted(read))}
        return tuple(sorted({self._of_table[table] for table in upstream if table in self._of_table}))


class _Queries:
    """What the queries of dashboards read of their explores: the views that they need, and what explores read beside."""

    def __init__(self, lookup: Lookup, tables: Graph) -> None:
        self._lookup = lookup
        self._needs: dict[str, Needs] = {}
        self._own: dict[str, set[str]] = {}
        for edge in tables.edges:
            if edge.target in lookup.explores and edge.kind not in _NO_DATA:
                self._own.setdefault(edge.target, set()).add(edge.source)

    def of(self, dashboard: Dashboard) -> set[str]:
        """Ids of views and tables."""
        read: set[str] = set()
        for element in dashboard.elements:
            for query in element.queries:
                read |= self._of_query(query.explore, names_in(query))
        for one in dashboard.filters:  # Looker asks for the values that it suggests
            read |= self._of_query(one.explore, {one.field.name} if one.field is not None else frozenset())
        return read

    def _of_query(self, identity: str | None, names: Set[str]) -> set[str]:
        explore = self._lookup.explores.get(identity or "")
        if explore is None:
            return set()
        if explore.id not in self._needs:
            self._needs[explore.id] = Needs(explore, self._lookup)
        always = {term.field for term in explore.filters if not term.parameter.endswith("unless")}
        needed = {explore.base_alias, *self._needs[explore.id].aliases({*names, *always})}
        views = aliases(explore)
        found = {view for alias, view in views.items() if alias in needed and view is not None}
        return found | (self._own.get(explore.id, set()) - set(views.values()))


def _references(dbt: DbtProject) -> dict[str, str]:
    """How each relation is named in ``depends_on``, by its id.

    The package is named where it is not the project itself, and where the manifest does not say which that is.
    """
    return {one.unique_id: reference(one, one.package if one.package != dbt.name else "") for one in dbt.relations}


def reference(relation: DbtRelation, package: str = "") -> str:
    """What dbt finds a relation by.

    Args:
        relation: of a dbt project.
        package: that it is in; empty where that need not be said.

    >>> from dagster_lookml.source.dbt import DbtRelation
    >>> def named(unique_id, **names):
    ...     table = {"parts": (), "columns": (), "columns_complete": False, "depends_on": (), "file": None}
    ...     return DbtRelation(unique_id=unique_id, **table, **names)
    >>> reference(named("model.shop.orders", name="orders")), reference(named("seed.crm.codes", name="codes"), "crm")
    ("ref('orders')", "ref('crm', 'codes')")
    >>> reference(named("model.shop.orders.v2", name="orders", version="2"))
    "ref('orders', v=2)"
    >>> reference(named("source.shop.app.orders", name="orders", source_name="app"))
    "source('app', 'orders')"
    """
    return f"{'source' if relation.kind == 'source' else 'ref'}({', '.join(_arguments(relation, package))})"


def _arguments(relation: DbtRelation, package: str) -> Iterator[str]:
    if relation.kind == "source":
        yield repr(relation.source_name)
    elif package:
        yield repr(package)
    yield repr(relation.name)
    if relation.version:
        yield f"v={relation.version if _NUMBER.fullmatch(relation.version) else repr(relation.version)}"
