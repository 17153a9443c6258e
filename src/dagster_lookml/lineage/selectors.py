"""Selectors in dbt's grammar: ``+view:orders``, ``2+column:*.amount``, ``model:sales,tag:core``, ``explore:sales/*+1``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Final, NamedTuple
from urllib.parse import unquote

from dagster_lookml.errors import SelectorError, near_names
from dagster_lookml.lineage.graph import KINDS, Graph, Node
from dagster_lookml.lineage.ids import field_id, may_mean
from dagster_lookml.semantic.objects import Lookup

METHODS: Final = ("model", "path", "tag", "state", "pdt")
"""What can be selected by beside the kinds of nodes."""

_SELECTOR: Final = re.compile(r"(?:(\d*)(\+))?(@)?(.*?)(?:(\+)(\d*))?", re.DOTALL)
_MANY_DIGITS: Final = 10
_GLOB: Final = re.compile(r"[*?\[]")


class Term(NamedTuple):
    """One part of a selector.

    Attributes:
        written: all of it.
        name: with its method, without what says how far.
        up: how many steps towards what it reads; None for none, -1 for all.
        down: likewise towards what reads it.
        complete_readers: all that reads it, with all that this reads: dbt's ``@``.
    """

    written: str
    name: str
    up: int | None
    down: int | None
    complete_readers: bool = False

    @property
    def method(self) -> str:
        """What stands before the colon; empty if there is none."""
        head, colon, _ = self.name.partition(":")
        return head if colon else ""

    @property
    def value(self) -> str:
        """What stands behind the colon."""
        return self.name.partition(":")[2] if self.method else self.name


def parse_term(written: str) -> Term:
    """Read one part of a selector.

    Raises:
        SelectorError: it names nothing.

    >>> parse_term("2+view:orders+")
    Term(written='2+view:orders+', name='view:orders', up=2, down=-1, complete_readers=False)
    """
    found = _SELECTOR.fullmatch(written.strip())
    if found is None or not found.group(4):
        raise SelectorError(written, "it names nothing; write for example +view:orders")
    up_steps, up, at_sign, name, down, down_steps = found.groups()
    return Term(written, name, _steps(up_steps) if up else None, _steps(down_steps) if down else None, at_sign is not None)


def _steps(written: str | None) -> int:
    """How far a ``+`` goes; -1 is all the way, as a number of many digits is."""
    return int(written) if written and len(written) < _MANY_DIGITS else -1


def with_both_sides(selector: str) -> str:
    """A selector that names a single kind of object and no direction, with both directions.

    >>> with_both_sides("view:orders"), with_both_sides("+view:orders"), with_both_sides("model:sales")
    ('+view:orders+', '+view:orders', 'model:sales')
    """
    if "," in selector:
        return selector
    term = parse_term(selector)
    is_bare = term.up is None and term.down is None and not term.complete_readers
    return f"+{selector}+" if is_bare and term.method not in METHODS else selector


def without_readers(selector: str) -> str:
    """A selector without what reads the things that it names, for who asks for exactly that.

    >>> without_readers("table:shop.orders+"), without_readers("+view:orders+2,model:sales")
    ('table:shop.orders', '+view:orders,model:sales')
    """
    parts = [part.strip() for part in selector.split(",")]
    return ",".join(re.sub(r"\+\d*\Z", "", part) if parse_term(part).down is not None else part for part in parts)


def expanded(graph: Graph, start: frozenset[str], term: Term) -> frozenset[str]:
    """What a term names, with what it asks for upstream and downstream of that.

    Args:
        graph: in which is walked.
        start: the ids that it names itself.
        term: that says how far.
    """
    chosen = set(start)
    if term.complete_readers:
        readers = start | graph.downstream(start).keys()
        chosen |= readers | graph.upstream(readers).keys()
    if term.up is not None:
        chosen |= graph.upstream(start, None if term.up < 0 else term.up).keys()
    if term.down is not None:
        chosen |= graph.downstream(start, None if term.down < 0 else term.down).keys()
    return frozenset(chosen)


class Selection:
    """Answers selectors over one graph.

    Args:
        graph: with every node that can be selected.
        lookup: the objects behind the nodes, for models, tags and persistence.
        modified: ids of what differs from the base, for ``state:``; None if there is no base.
    """

    def __init__(self, graph: Graph, lookup: Lookup, modified: Mapping[str, frozenset[str]] | None = None) -> None:
        self._graph = graph
        self._lookup = lookup
        self._modified = modified

    def select(self, selectors: Sequence[str], exclude: Sequence[str] = ()) -> frozenset[str]:
        """The ids that any of some selectors names, without those that others name.

        Raises:
            SelectorError: one of them names nothing, or more than one thing without being a pattern.
        """
        chosen = frozenset().union(*(self.one(one) for one in selectors)) if selectors else frozenset(self._graph.nodes)
        return chosen - frozenset().union(*(self.one(one) for one in exclude)) if exclude else chosen

    def one(self, selector: str) -> frozenset[str]:
        """The ids that one selector names: where it has commas, those that all its parts name."""
        found = [self._term(parse_term(part)) for part in selector.split(",")]
        return frozenset.intersection(*found)

    def _term(self, term: Term) -> frozenset[str]:
        return expanded(self._graph, self.named(term), term)

    def named(self, term: Term) -> frozenset[str]:
        """The ids that a term names itself.

        Raises:
            SelectorError: none, or several where one is meant.
        """
        method = term.method
        if method in METHODS:
            return self._by_method(term)
        if method and method not in KINDS:
            known = ", ".join(f"{kind}:" for kind in (*KINDS, *METHODS))
            raise SelectorError(
                term.written, f"there is no selector {method}:; there are {known}", near_names(method, [*KINDS, *METHODS])
            )
        nodes = [node for node in self._graph.nodes.values() if not method or node.kind == method]
        found = self._matching(term, nodes)
        if not found:
            raise SelectorError(term.written, f"no such {method or 'object'}", self._near(term, nodes))
        return frozenset(found)

    def _matching(self, term: Term, nodes: Sequence[Node]) -> list[str]:
        value = term.value
        if _GLOB.search(value) and f"{term.method}:{value}" not in self._graph.nodes:
            return [node.id for node in nodes if fnmatchcase(_rest(node), value)]
        exact = [one for kind in ([term.method] if term.method else KINDS) if (one := self._exact(kind, value)) is not None]
        if exact and term.method:
            return exact
        ending = [node.id for node in nodes if _ends_with(node, value)] or self._groups(nodes, value)
        if not ending and term.method == "table":
            ending = [node.id for node in nodes if may_mean(node.id, f"table:{value}")]
        named = list(dict.fromkeys((*exact, *ending)))  # without its kind a name may be that of a view and of an explore
        if len(named) > 1:
            raise SelectorError(term.written, f"{len(named)} objects have this name", tuple(named[:5]))
        return named

    def _groups(self, nodes: Sequence[Node], value: str) -> list[str]:
        """The dimension groups that a timeframe belongs to, in whatever view of that name."""
        view, _, name = value.rpartition(".")
        wholes = dict.fromkeys(node.whole for node in nodes if node.kind == "field")
        views = [self._lookup.views[whole] for whole in wholes if whole is not None]
        named = [one for one in views if one.name == view and name in self._lookup.names_by_view[one.id]]
        return [field_id(one.id, self._lookup.names_by_view[one.id][name].own_name) for one in named]

    def _exact(self, kind: str, name: str) -> str | None:
        """An id as it is; ``view:MODEL/NAME``, which means what the model sees; a timeframe, which means its group."""
        ids = (f"{kind}:{value}" for value in self._spellings(kind, name))
        return next((one for one in ids if one in self._graph.nodes), None) or self._unquoted.get(f"{kind}:{name}")

    @cached_property
    def _unquoted(self) -> Mapping[str, str]:
        """Ids by how people write them, with spaces; the others are written as they are."""
        return {unquote(one): one for one in self._graph.nodes if "%" in one}

    def _spellings(self, kind: str, value: str) -> Iterable[str]:
        yield value
        if kind in ("table", "column"):
            yield value.lower()
        if kind == "view":
            yield self._seen_view(value)
        if kind == "explore":  # that only refinements of are here
            model, slash, name = value.rpartition("/")
            yield f"{model}{slash}+{name}"
        if kind == "field":
            view, _, name = value.rpartition(".")
            for view_name in (view, self._seen_view(view)):
                yield f"{view_name}.{name}"
                found = self._lookup.views.get(f"view:{view_name}")
                field = self._lookup.names_by_view[found.id].get(name) if found is not None else None
                if field is not None:
                    yield f"{view_name}.{field.own_name}"

    def _seen_view(self, value: str) -> str:
        """The id, without its kind, of the view that ``model/name`` means."""
        model, _, name = value.rpartition("/")
        view = self._lookup.view(model, name)
        return view.id.removeprefix("view:") if view is not None else value

    def _near(self, term: Term, nodes: Sequence[Node]) -> tuple[str, ...]:
        """Ids that somebody may have meant, by their ends: few people write a project and a dataset."""
        ends = {_end(node): node.id for node in nodes}
        wanted = term.value.rpartition("/")[2].rpartition(".")[2]
        by_end = [ends[name] for name in near_names(wanted, ends)]
        return tuple(by_end) or near_names(f"{term.method}:{term.value}", [node.id for node in nodes])

    # -- methods -------------------------------------------------------------------------------------------------------

    def _by_method(self, term: Term) -> frozenset[str]:
        if term.method == "state":
            return self._state(term)
        if term.method == "pdt":
            return self._pdt(term)
        tests: dict[str, Callable[[Node, str], bool]] = {"model": self._in_model, "path": _in_path, "tag": self._has_tag}
        found = frozenset(node.id for node in self._graph.nodes.values() if tests[term.method](node, term.value))
        if not found:
            raise SelectorError(term.written, f"nothing has this {term.method}", self._near_value(term))
        return found

    def _near_value(self, term: Term) -> tuple[str, ...]:
        if term.method == "model":
            return tuple(f"model:{name}" for name in near_names(term.value, self._lookup.models))
        if term.method == "tag":
            tags = {tag for view in self._lookup.views.values() for tag in view.tags}
            tags |= {tag for view in self._lookup.views.values() for field in view.fields for tag in field.tags}
            tags |= {tag for explore in self._lookup.explores.values() for tag in explore.tags}
            return tuple(f"tag:{name}" for name in near_names(term.value, tags))
        files = {node.span.file for node in self._graph.nodes.values() if node.span is not None}
        return tuple(f"path:{name}" for name in near_names(term.value, files))

    def _in_model(self, node: Node, pattern: str) -> bool:
        whole = self._graph.nodes.get(node.whole) if node.whole is not None else None
        return any(fnmatchcase(name, pattern) for name in self._models(whole or node))

    def _models(self, node: Node) -> Sequence[str]:
        if node.kind == "view":
            return self._lookup.views[node.id].models
        if node.kind == "explore":
            return (self._lookup.explores[node.id].model,)
        if node.kind == "dashboard":
            model = self._lookup.dashboards[node.id].model
            return (model,) if model is not None else ()
        return ()

    def _has_tag(self, node: Node, pattern: str) -> bool:
        if node.kind == "view":
            tags = self._lookup.views[node.id].tags
        elif node.kind == "explore":
            tags = self._lookup.explores[node.id].tags
        elif node.kind == "field" and node.whole is not None:
            view = self._lookup.views[node.whole]
            tags = next((field.tags for field in view.fields if node.id.endswith(f".{field.own_name}")), ())
        else:
            tags = ()
        return any(fnmatchcase(tag, pattern) for tag in tags)

    def _pdt(self, term: Term) -> frozenset[str]:
        """A persistent view as one model builds it: ``pdt:model/view``."""
        found: set[str] = set()
        names: set[str] = set()
        for view in self._lookup.views.values():
            if view.is_pdt:
                ids = [f"{model}/{view.name}" for model in view.models]
                names.update(ids)
                if any(fnmatchcase(one, term.value) for one in (*ids, view.name)):
                    found.add(view.id)
        if not found:
            near = tuple(f"pdt:{name}" for name in near_names(term.value, names))
            raise SelectorError(term.written, "no persistent derived table has this name", near)
        return frozenset(found & self._graph.nodes.keys())

    def _state(self, term: Term) -> frozenset[str]:
        if self._modified is None:
            raise SelectorError(term.written, "state: needs something to compare with; add --base REF")
        if term.value not in self._modified:
            raise SelectorError(
                term.written,
                f"no such state; there are {', '.join(sorted(self._modified))}",
                near_names(term.value, self._modified),
            )
        return self._modified[term.value] & self._graph.nodes.keys()


def _rest(node: Node) -> str:
    return node.id.partition(":")[2]


def _end(node: Node) -> str:
    return re.split(r"[/.#]", _rest(node))[-1]


def _ends_with(node: Node, value: str) -> bool:
    """Tell whether a name is the end of an id: ``orders`` of ``db.schema.orders``, ``orders.total`` of a field or column."""
    rest = _rest(node)
    if node.kind in ("table", "column"):
        rest, value = rest.lower(), value.lower()
    ends = (f".{value}", f"/{value}", f"#{value}", f"+{value}")
    return any(one == value or one.endswith(ends) for one in ((rest, unquote(rest)) if "%" in rest else (rest,)))


def _in_path(node: Node, pattern: str) -> bool:
    if node.span is None:
        return False
    return fnmatchcase(node.span.file, pattern) or fnmatchcase(node.span.file, pattern.rstrip("/") + "/*")
