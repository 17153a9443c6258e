"""Which tiles feel an object: surely (through clear objects alone), and at most (through anything that may name it)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Final

from tests.seeded.dashboards import Dashboard, Item, Ref
from tests.seeded.reading import Explore, Field, Repo, View
from tests.seeded.scan import Node, entries

Token = tuple[str, ...]
"""``("field", view, name)``, ``("table", view)``, ``("join", model, explore, name)`` or ``("explore", model, name)``."""

_DOLLAR: Final = re.compile(r"\$\{\s*(?:([A-Za-z_]\w*)\.)?([A-Za-z_]\w*)(?:::\w+)?\s*\}")
_TABLE: Final = re.compile(r"\$\{\s*([A-Za-z_]\w*)\.SQL_TABLE_NAME\s*\}")
_DOTTED: Final = re.compile(r"\b([A-Za-z_]\w*)\.([A-Za-z_]\w*)\b")
_LONE: Final = re.compile(r"\b[A-Za-z_]\w*\b")
_NO_FIELD: Final = {"TABLE", "SQL_TABLE_NAME", "EXTENDED"}


@dataclass(frozen=True)
class Tile:
    """A tile as one model sees it."""

    model: str
    dashboard: Dashboard
    item: Item

    @property
    def place(self) -> tuple[str, str]:
        """Model and dashboard."""
        return self.model, self.dashboard.name


def sure_refs(node: Node, home: str) -> Iterator[Ref]:
    """Fields that the SQL and the filters of a block name, by alias; `home` is the alias of names without one.

    Example:
        >>> from tests.seeded.scan import scan
        >>> list(sure_refs(scan("dimension: a { sql: ${b} + ${c.d} + ${TABLE}.e ;; }")[0], "v"))
        [('v', 'b'), ('c', 'd')]
    """
    for item in node.walk():
        if item.items is None and item.key.startswith("sql"):
            yield from ((found[1] or home, found[2]) for found in _DOLLAR.finditer(item.value) if found[2] not in _NO_FIELD)
        elif item.items is None and (item.key == "filters" or (item.key == "field" and node.key in {"measure", "access_filter"})):
            yield from (_scoped(name, home) for name in entries(item))


def _scoped(name: str, home: str) -> Ref:
    alias, _, field = name.rpartition(".")
    return alias or home, field


class Reach:
    """What the tiles of a repo read.

    Args:
        repo: as read.
    """

    def __init__(self, repo: Repo) -> None:
        self.repo = repo
        self.by_name: dict[str, list[View]] = defaultdict(list)
        for view in repo.views:
            self.by_name[view.name].append(view)

    @cached_property
    def tiles(self) -> list[Tile]:
        """Every tile of a dashboard that a model includes."""
        repo = self.repo
        return [
            Tile(model, one, item) for one in repo.dashboards for model in sorted(repo.models_of[one.path]) for item in one.tiles
        ]

    @cached_property
    def sure(self) -> Mapping[Token, frozenset[tuple[str, str]]]:
        """Dashboards, as model and name, that surely feel a change of an object."""
        found: dict[Token, set[tuple[str, str]]] = defaultdict(set)
        shown = {(model, one.name) for one in self.repo.dashboards if not one.abstract for model in self.repo.models_of[one.path]}
        for tile in self.tiles:
            for token in self.tile_sure(tile) if tile.place in shown else ():
                found[token].add(tile.place)
        return {token: frozenset(places) for token, places in found.items()}

    @cached_property
    def direct(self) -> Mapping[Token, list[tuple[Tile, str]]]:
        """Tiles that name a field themselves, with the field as they name it."""
        found: dict[Token, list[tuple[Tile, str]]] = defaultdict(list)
        for tile in self.tiles:
            for query in tile.item.queries:
                explore = self.repo.clear_explores.get((query.model or tile.model, query.explore))
                for alias, name in query.refs if explore else ():
                    assert explore is not None
                    field = self._field(query.model or tile.model, explore, alias, name)
                    if field is not None:
                        found["field", field.view, field.name].append((tile, name))
        return found

    @cache  # noqa: B019  one Reach lives as long as its repo
    def tile_sure(self, tile: Tile) -> frozenset[Token]:
        """What a tile surely reads."""
        found: set[Token] = set()
        for query in tile.item.queries:
            found |= self._query(query.model or tile.model, query.explore, query.refs)
        return frozenset(found)

    def _field(self, model: str, explore: Explore, alias: str, name: str) -> Field | None:
        view = self.repo.clear_views.get(explore.views.get(alias, ""))
        return view.owner.get(name) if view is not None and model in self.repo.models_of[view.path] else None

    def _query(self, model: str, name: str, refs: Iterable[Ref]) -> set[Token]:
        explore = self.repo.clear_explores.get((model, name))
        if explore is None:
            return set()
        found: set[Token] = {("explore", model, name)}
        always = [
            node for node in explore.node.items or () if node.key in {"sql_always_where", "sql_always_having", "access_filter"}
        ]
        todo = [*refs, *(ref for node in always for ref in sure_refs(node, explore.alias)), (explore.alias, "")]
        todo += [(alias, "") for node in explore.node.all("always_join") for alias in entries(node)]
        seen: set[Ref] = set()
        while todo:
            alias, field = todo.pop()
            if (alias, field) not in seen and alias in explore.views:
                seen.add((alias, field))
                todo += self._one(model, explore, alias, field, found)
        return found

    def _one(self, model: str, explore: Explore, alias: str, name: str, found: set[Token]) -> Iterator[Ref]:
        """Note one field, and give what it reads in turn."""
        if name == "":
            yield from self._alias(model, explore, alias, found)
            return
        yield alias, ""
        field = self._field(model, explore, alias, name)
        if field is not None:
            found.add(("field", field.view, field.name))
            yield from sure_refs(field.node, alias)
            found |= {token for view in _TABLE.findall(_sql(field.node)) for token in self._table(model, view)}

    def _alias(self, model: str, explore: Explore, alias: str, found: set[Token]) -> Iterator[Ref]:
        join = explore.joins.get(alias)
        nested = join is not None and join.get("sql") is not None
        if not nested:
            found |= self._table(model, explore.views[alias])
        if join is not None:
            found.add(("join", model, explore.name, alias))
            yield from sure_refs(join, alias)
            yield from ((name, "") for node in join.all("required_joins") for name in entries(node))
            yield from (_scoped(node.value, explore.alias) for node in join.all("foreign_key"))

    @cache  # noqa: B019
    def _table(self, model: str, name: str) -> frozenset[Token]:
        """The table of a view, and those that it is derived from."""
        found: set[Token] = set()
        todo = [name]
        while todo:
            one = todo.pop()
            view = self.repo.clear_views.get(one)
            if ("table", one) in found or view is None or model not in self.repo.models_of[view.path]:
                continue
            found.add(("table", one))
            todo += _TABLE.findall(_table_sql(view))
            found |= self._native(model, view)
        return frozenset(found)

    def _native(self, model: str, view: View) -> set[Token]:
        """Tables below a native derived table; which fields it needs depends on the columns that are used."""
        table = view.node.get("derived_table")
        source = table.get("explore_source") if table is not None else None
        if source is None or source.items is None or view.name in self._busy:
            return set()
        self._busy.add(view.name)
        explore = self.repo.clear_explores.get((model, source.value))
        home = explore.alias if explore is not None else ""
        refs = [_scoped(column.text("field") or column.value, home) for column in source.all("column")]
        found = self._query(model, source.value, refs)
        self._busy.discard(view.name)
        return {token for token in found if token[0] != "field"}

    @cached_property
    def _busy(self) -> set[str]:
        return set()

    # At most: everything that may name it.

    @cached_property
    def _named_views(self) -> Mapping[str, frozenset[str]]:
        """For each view, the views whose blocks name it or inherit from it: derived tables, fields, extends, native ones."""
        found: dict[str, set[str]] = defaultdict(set)
        sources = {explore.name: set(explore.views.values()) for explore in self.repo.explores}
        for explore in self.repo.explores:
            for parent in explore.parents:
                sources[explore.name] |= sources.get(parent, set())
        for view in self.repo.views:
            text = self.repo.texts[view.path][view.node.start : view.node.end]
            for name in {*_LONE.findall(text)}:
                found[name].add(view.name)
                for below in sources.get(name, ()) if f"explore_source: {name}" in text else ():
                    found[below].add(view.name)
        return {name: frozenset(views) for name, views in found.items()}

    @cache  # noqa: B019
    def spread(self, view: str) -> frozenset[str]:
        """Views that may read a view, itself included."""
        seen: set[str] = set()
        todo = [view]
        while todo:
            one = todo.pop()
            if one not in seen:
                seen.add(one)
                todo += self._named_views.get(one, ())
        return frozenset(seen)

    @cache  # noqa: B019
    def explores_with(self, view: str) -> frozenset[tuple[str, str]]:
        """Explores, as model and name, in whose declarations a view or what reads it may take part."""
        spread = self.spread(view)
        near = {explore.name for explore in self.repo.explores if spread & set(explore.views.values())}
        while True:
            more = {one.name for one in self.repo.explores if set(one.parents) & near} - near
            if not more:
                return frozenset(key for key in self.repo.explores_in if key[1] in near)
            near |= more

    @cache  # noqa: B019
    def explores_from(self, model: str, explore: str) -> frozenset[tuple[str, str]]:
        """An explore and those that read it through native derived tables or extends."""
        found = {(model, explore)}
        for view in self.repo.views:
            if f"explore_source: {explore}" in self.repo.texts[view.path][view.node.start : view.node.end]:
                found |= self.explores_with(view.name)
        return frozenset(
            found | {key for key, blocks in self.repo.explores_in.items() if any(explore in one.parents for one in blocks)}
        )

    @cached_property
    def _mentions(self) -> Mapping[Ref, set[tuple[str, str]]]:
        """Fields, as view and name, by what their blocks may name."""
        found: dict[Ref, set[tuple[str, str]]] = defaultdict(set)
        for view in self.repo.views:
            for field in view.fields.values():
                for alias, name in loose_refs(self.repo.texts[view.path][field.node.inner : field.node.inner_end]):
                    found[alias or f"={view.name}", name].add((view.name, field.name))
        return found

    @cache  # noqa: B019
    def fields_from(self, view: str, name: str) -> frozenset[tuple[str, str]]:
        """Fields, as view and name, that may read a field, itself included."""
        children = defaultdict(set)
        for one in self.repo.views:
            for parent in one.parents:
                children[parent].add(one.name)
        seen: set[tuple[str, str]] = set()
        todo = [(view, name)]
        while todo:
            this = todo.pop()
            if this in seen:
                continue
            seen.add(this)
            todo += [(child, this[1]) for child in children[this[0]]]
            for alias, picked in self._picks(*this):
                todo += self._mentions.get((alias, picked), ())
        return frozenset(seen)

    def _picks(self, view: str, name: str) -> frozenset[Ref]:
        """The names by which a field may be picked: by alias, or alone in its own view."""
        names = {name} | {one for decl in self.by_name[view] if name in decl.fields for one in decl.fields[name].generated}
        aliases = {*self.repo.aliases.get(view, ()), view, f"={view}"}
        return frozenset((alias, one) for alias in aliases for one in names)

    @cache  # noqa: B019
    def at_most(self, view: str, name: str) -> frozenset[tuple[str, str]]:
        """Dashboards that may feel a change of a field."""
        picks = {pick for field in self.fields_from(view, name) for pick in self._picks(*field)}
        found = self.sure.get(("field", view, name), frozenset()) | self._wording(picks)
        for explore in self.repo.explores:
            if self._names_one(explore.path, explore.node, set(explore.views.values()), picks):
                keys = {key for model in self.repo.models_of[explore.path] for key in self.explores_from(model, explore.name)}
                found |= self.dashboards_on(keys)
        for one in self.repo.views:
            table = one.node.get("derived_table")
            if table is not None and self._names_one(one.path, table, None, picks):
                found |= self.dashboards_on(self.explores_with(one.name))
        return found

    def _names_one(self, path: str, node: Node, homes: set[str] | None, picks: set[Ref]) -> bool:
        refs = loose_refs(self.repo.texts[path][node.start : node.end])
        lone = {name for alias, name in picks if alias.startswith("=") and (homes is None or alias[1:] in homes)}
        return bool(refs & picks) or any(alias == "" and name in lone for alias, name in refs)

    def _wording(self, picks: set[Ref]) -> frozenset[tuple[str, str]]:
        own: dict[str, bool] = {}
        for one in self.repo.dashboards:
            own[one.name] = own.get(one.name, False) or any(item.words & picks for item in (*one.tiles, *one.filters))
            own[one.name] |= any((_scoped(str(item.values.get("field", "")), "")) in picks for item in one.filters)
        parents = {one.name: one.extends for one in self.repo.dashboards}
        while True:
            more = {name for name, above in parents.items() if not own[name] and any(own.get(parent) for parent in above)}
            if not more:
                return frozenset(place for place in self._used if own.get(place[1]))
            own |= dict.fromkeys(more, True)

    def dashboards_on(self, explores: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
        """Dashboards that have to do with any of the explores, those that inherit a tile included."""
        keys = set(explores)
        found = {place for place, used in self._used.items() if used & keys}
        return frozenset(found)

    @cached_property
    def _used(self) -> Mapping[tuple[str, str], set[tuple[str, str]]]:
        """Explores by dashboard, with those of its parents."""
        own: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
        for one in self.repo.dashboards:
            for model in self.repo.models_of[one.path]:
                queries = [query for tile in one.tiles for query in tile.queries]
                own[model, one.name] |= {(query.model or model, query.explore) for query in queries}
                named = [item.values for item in one.filters if item.values.get("explore")]
                own[model, one.name] |= {(str(value.get("model") or model), str(value["explore"])) for value in named}
        parents = {one.name: one.extends for one in self.repo.dashboards}
        for model, name in list(own):
            todo, seen = [name], set()
            while todo:
                this = todo.pop()
                if this not in seen:
                    seen.add(this)
                    own[model, name] |= own.get((model, this), set())
                    todo += parents.get(this, ())
        return own


def _sql(node: Node) -> str:
    return "\n".join(item.value for item in node.walk() if item.items is None and item.key.startswith("sql"))


def _table_sql(view: View) -> str:
    table = view.node.get("derived_table")
    own = [] if table is None else [item.value for item in table.walk() if item.key in {"sql", "sql_create", "sql_step"}]
    return "\n".join([view.node.text("sql_table_name"), *own])


def loose_refs(text: str) -> frozenset[Ref]:
    """Everything in a text that may name a field: dotted words, and lone ones under the empty alias."""
    dotted = {(found[1], found[2]) for found in _DOTTED.finditer(text)}
    return frozenset(dotted | {("", word) for word in _LONE.findall(text)})
