"""Selectors over PDTs, in dbt's grammar: ``+pdt:sales/orders``, ``datagroup:nightly``, ``table:*.orders+``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Final, get_args
from urllib.parse import unquote

from dagster_lookml.errors import SelectorError, near_names
from dagster_lookml.lineage.graph import Edge, Graph
from dagster_lookml.lineage.selectors import Term, expanded, parse_term
from dagster_lookml.pdt.planning.plan import Plan
from dagster_lookml.pdt.planning.planned import PlannedPdt
from dagster_lookml.semantic.objects import PersistenceKind, View

METHODS: Final = ("pdt", "view", "model", "connection", "path", "tag", "datagroup", "persistence", "state", "table")
"""What PDTs can be selected by."""
_GLOB: Final = re.compile(r"[*?\[]")
_NAMES: Final = ("pdt", "view", "")
_TRIGGERED: Final = "datagroup_trigger"


class PdtSelection:
    """Answers selectors over a plan.

    Args:
        plan: of the whole project.
        states: ids of the PDTs that differ from the base, for ``state:``; None if there is no base.
    """

    def __init__(self, plan: Plan, states: Mapping[str, frozenset[str]] | None = None) -> None:
        self._plan = plan
        self._states = states
        self._ids = frozenset(one.id for one in plan.pdts)
        reads = (Edge(read, one.id, "derives") for one in plan.pdts for read in (*one.upstream, *one.tables))
        self._graph = Graph({}, reads)
        self._tables = frozenset(table for one in plan.pdts for table in one.tables)

    def select(self, selectors: Sequence[str], exclude: Sequence[str] = ()) -> frozenset[str]:
        """The ids of the PDTs that any of some selectors names, without those that others name; without selectors all.

        Raises:
            SelectorError: one of them names nothing that is built.
        """
        chosen = frozenset().union(*map(self.one, selectors)) if selectors else self._ids
        return chosen - frozenset().union(*map(self.one, exclude))

    def one(self, selector: str) -> frozenset[str]:
        """The ids that one selector names: where it has commas, those that all its parts name."""
        return frozenset.intersection(*(self._term(term) for term in _terms(selector)))

    def _term(self, term: Term) -> frozenset[str]:
        return expanded(self._graph, self._named(term), term) & self._ids

    def _named(self, term: Term) -> frozenset[str]:
        """The ids of PDTs that a term names itself; of tables where it names these."""
        if term.method in _NAMES:
            return self._by_name(term)
        if term.method == "state":
            return self._by_state(term)
        if term.method == "table":
            return self._by_table(term)
        tests: dict[str, Callable[[PlannedPdt], Iterable[str]]] = {
            "model": lambda one: (one.model,),
            "connection": lambda one: (one.connection or "",),
            "tag": lambda one: self._plan.lookup.views[one.view_id].tags,
            "datagroup": lambda one: (one.persistence.value.strip(),) if one.persistence.kind == _TRIGGERED else (),
            "persistence": lambda one: (one.persistence.kind,),
            "path": lambda one: (one.span.file,),
        }
        if term.method not in tests:
            known = ", ".join(f"{method}:" for method in METHODS)
            near = near_names(term.method, METHODS)
            raise SelectorError(term.written, f"there is no selector {term.method}: of PDTs; there are {known}", near)
        return self._by_value(term, tests[term.method])

    def _by_value(self, term: Term, values: Callable[[PlannedPdt], Iterable[str]]) -> frozenset[str]:
        patterns = [term.value, term.value.rstrip("/") + "/*"] if term.method == "path" else [term.value]
        found = [
            one.id for one in self._plan.pdts if any(fnmatchcase(value, pattern) for value in values(one) for pattern in patterns)
        ]
        if not found:
            known = {value for one in self._plan.pdts for value in values(one)}
            if term.method == "persistence":
                known |= set(get_args(PersistenceKind))
            near = tuple(f"{term.method}:{name}" for name in near_names(term.value, known) if name != term.value)
            raise SelectorError(term.written, f"no PDT has this {term.method}", near)
        return frozenset(found)

    def _by_state(self, term: Term) -> frozenset[str]:
        if self._states is None:
            raise SelectorError(term.written, "state: needs something to compare with; add --base REF")
        if term.value not in self._states:
            known = ", ".join(sorted(self._states))
            raise SelectorError(term.written, f"no such state; there are {known}", near_names(term.value, self._states))
        return self._states[term.value] & self._ids

    def _by_table(self, term: Term) -> frozenset[str]:
        if term.down is None and not term.complete_readers:
            raise SelectorError(term.written, f"a table is read and not built; {term.written}+ is what reads it")
        value = term.value.lower()
        names = {table: unquote(table.removeprefix("table:")).lower() for table in self._tables}
        if _GLOB.search(value) and f"table:{term.value}" not in self._tables:
            found = [table for table, name in names.items() if fnmatchcase(name, value)]
        else:
            found = [table for table, name in names.items() if name == value or name.endswith(f".{value}")]
        if not found:
            near = tuple(f"table:{name}" for name in near_names(value, names.values()))
            raise SelectorError(term.written, "no PDT reads such a table", near)
        return frozenset(found)

    # -- names ---------------------------------------------------------------------------------------------------------

    def _by_name(self, term: Term) -> frozenset[str]:
        """PDTs by the names of their models and views; without a model those of every model."""
        value = term.value
        found = [one.id for one in self._plan.pdts if value in _spellings(one)]
        if not found and _GLOB.search(value):
            found = [one.id for one in self._plan.pdts if any(fnmatchcase(name, value) for name in _spellings(one))]
        if not found:
            raise self._nothing(term)
        return frozenset(found)

    def _nothing(self, term: Term) -> SelectorError:
        """Why a name is that of no PDT."""
        model, slash, view = unquote(term.value).rpartition("/")
        models = [model] if slash else sorted({name for one in self._views(view) for name in one.models})
        reason = self._plan.refusal(models[0], view) if models and not _GLOB.search(term.value) else None
        if reason is not None and (self._views(view) or model in self._plan.lookup.models):
            return SelectorError(term.written, reason)
        names = {name for one in self._plan.pdts for name in _spellings(one)}
        near = tuple(f"pdt:{name}" for name in near_names(term.value, names))
        return SelectorError(term.written, "no persistent derived table has this name", near)

    def _views(self, name: str) -> list[View]:
        return [view for view in self._plan.lookup.project.views if view.name == name]


def _terms(selector: str) -> list[Term]:
    """The parts of a selector.

    Raises:
        SelectorError: one of them names nothing.
    """
    parts = selector.split(",")
    try:
        return [_named_with_method(parse_term(part)) for part in parts]
    except SelectorError as error:
        what = "a part of it names nothing" if len(parts) > 1 else "it names nothing"
        raise SelectorError(repr(selector), f"{what}; write for example +sales/order_totals") from error


def _named_with_method(term: Term) -> Term:
    """A term that is the name of an aggregate table, in which a colon stands that ends no method."""
    is_bare = term.method not in METHODS and "::" in term.name and "/" in term.method
    return term._replace(name=f"pdt:{term.name}") if is_bare else term


def _spellings(one: PlannedPdt) -> tuple[str, ...]:
    """How a PDT can be written, without ``pdt:``."""
    return one.view, f"{one.model}/{one.view}", one.id.removeprefix("pdt:"), one.view_id.removeprefix("view:")
