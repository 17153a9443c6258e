"""LookML dashboards: extends merged by element name, then typed (R12)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from dagster_lookml.semantic.objects import Dashboard, DashboardFilter, Element, FilterTerm, Reference, Text, TileQuery
from dagster_lookml.semantic.sources import ParsedFile
from dagster_lookml.source.files import Span
from dagster_lookml.syntax.dashboards import Mapping, Scalar, YamlNode, read_yaml
from dagster_lookml.syntax.dashboards import Sequence as YamlSequence

CUSTOM_FILTER: Final = "filter_expression"
"""The parameter of a tile whose Looker expression decides which rows it shows."""
_MERGED_BY_NAME: Final = ("elements", "filters")
_DASHBOARD_KEYS: Final = frozenset({"dashboard", "elements", "filters", "extends", "extension", "title"})
_RAW_KEYS: Final = frozenset({"pivots", "sorts", "dynamic_fields", CUSTOM_FILTER})
"""Parameters of a query that are kept as they are written, too."""
_TOLD_KEYS: Final = frozenset({"model", "explore", "fields", "dimensions", "measures", "filters", "listen"})
_QUERY_KEYS: Final = _TOLD_KEYS | _RAW_KEYS
_ELEMENT_KEYS: Final = frozenset({"name", "title", "type", "merged_queries", *_QUERY_KEYS})
_MERGED_KEYS: Final = _ELEMENT_KEYS - _RAW_KEYS
"""Of a tile that only merges queries: what stands beside them is done with their result (R12.10)."""
_FILTER_KEYS: Final = frozenset({"name", "title", "type", "model", "explore", "field", "dimension", "listens_to_filters"})
_OF_FIELD_FILTERS: Final = frozenset({"model", "explore", "field", "dimension"})
_EXPRESSION_FIELD: Final = re.compile(r"\$\{([^{}\n]+)\}")
_NUMBERED: Final = re.compile(r"q([1-9][0-9]*)_(.+)")
_MAX_EXTENDS: Final = 50

ExploreId = Callable[[str | None, str], str | None]
"""Finds the id of an explore from its model (None for the including one) and its name."""


class Value(NamedTuple):
    """A YAML value and the file it stands in, so that inherited values know their place and their constants."""

    node: YamlNode
    file: ParsedFile

    @property
    def span(self) -> Span:
        return self.file.span(self.node.start)

    @property
    def text(self) -> str | None:
        return self.file.expand(self.node.value) if isinstance(self.node, Scalar) and self.node.value is not None else None

    def items(self) -> Iterator[Value]:
        """The items of a list; a single value counts as a list of one, null and a map as none."""
        if isinstance(self.node, YamlSequence):
            yield from (Value(item, self.file) for item in self.node.items)
        elif self.text is not None:
            yield self

    def texts(self) -> Iterator[tuple[str, Span]]:
        """The single values of a list."""
        for item in self.items():
            if item.text is not None:
                yield item.text, item.span

    def pairs(self) -> Iterator[tuple[Value, Value]]:
        """Keys and values of a map, or of a list of maps (R12.8, R12.9)."""
        if isinstance(self.node, Mapping):
            for key, value in self.node.pairs:
                yield Value(key, self.file), Value(value, self.file)
        elif isinstance(self.node, YamlSequence):
            for item in self.items():
                if isinstance(item.node, (Mapping, YamlSequence)):
                    yield from item.pairs()


Properties = dict[str, Value]
"""The parameters of a dashboard, an element or a filter; of a key that stands twice the last."""


class Declared(NamedTuple):
    """One ``- dashboard: name`` of a file."""

    name: str
    properties: Properties
    file: ParsedFile
    start: int

    @property
    def span(self) -> Span:
        return self.file.span(self.start)


class Merged(NamedTuple):
    """A dashboard after its extends."""

    properties: Properties
    elements: tuple[Properties, ...]
    filters: tuple[Properties, ...]
    missing: tuple[str, ...]
    circular: tuple[str, ...]


def declared(file: ParsedFile) -> Iterator[Declared]:
    """The dashboards that a file declares, in order; those without a name are left out."""
    for item in file.dashboards.items if file.dashboards else ():
        properties = _properties(Value(item, file))
        name = properties["dashboard"].text if "dashboard" in properties else None
        key = item.key("dashboard")
        if name and key is not None:
            yield Declared(name, properties, file, key.start)


def _properties(value: Value) -> Properties:
    return {key.text: entry for key, entry in value.pairs() if key.text is not None} if isinstance(value.node, Mapping) else {}


def merged(dashboard: Declared, known: dict[str, Declared]) -> Merged:
    """Put a dashboard over those that it extends (R12.15).

    Args:
        dashboard: as declared.
        known: the dashboards of the same model by name.
    """
    return _merged(dashboard, known, (), {})


def _merged(dashboard: Declared, known: dict[str, Declared], path: tuple[str, ...], made: dict[str, Merged]) -> Merged:
    """The same, where `path` has the names on the way here, so that a circle is seen, and `made` what was met before."""
    properties: Properties = {}
    lists: dict[str, list[Properties]] = {key: [] for key in _MERGED_BY_NAME}
    missing: list[str] = []
    circular: tuple[str, ...] = ()
    path = (*path, dashboard.name)
    extends = dashboard.properties.get("extends")
    for name, _ in extends.texts() if extends else ():
        if name in path or len(path) > _MAX_EXTENDS:
            circular = circular or (*path[path.index(name) if name in path else 0 :], name)
        elif name not in known:
            missing.append(name)
        else:
            if name not in made:
                made[name] = _merged(known[name], known, path, made)
            parent = made[name]
            properties |= {key: value for key, value in parent.properties.items() if key != "extension"}
            for key, entries in zip(_MERGED_BY_NAME, (parent.elements, parent.filters), strict=True):
                lists[key] = _merged_by_name(lists[key], entries)
            missing += parent.missing
            circular = circular or parent.circular
    for key in _MERGED_BY_NAME:
        lists[key] = _merged_by_name(lists[key], list(_entries(dashboard.properties.get(key))))
    properties |= dashboard.properties
    return Merged(properties, tuple(lists["elements"]), tuple(lists["filters"]), tuple(dict.fromkeys(missing)), circular)


def _entries(value: Value | None) -> Iterator[Properties]:
    for item in value.items() if value else ():
        properties = _properties(item)
        if properties:
            yield properties | {"": item}  # the entry itself, for its place


def _merged_by_name(base: Sequence[Properties], over: Iterable[Properties]) -> list[Properties]:
    """Entries of `base` with those of `over` merged in by name; only a name of `base` is merged, new ones are added (R12.15).

    An entry without a name that comes from one dashboard by two ways is still one.
    """
    result = list(base)
    met = {id(entry) for entry in base}
    places = {_name(entry): at for at, entry in enumerate(base) if _name(entry) is not None}
    for entry in over:
        at = places.get(_name(entry)) if _name(entry) is not None else None
        if at is None:
            result += [] if id(entry) in met else [entry]
        else:
            result[at] = result[at] | entry
    return result


def _name(entry: Properties) -> str | None:
    return entry["name"].text if "name" in entry else None


def dashboard(declaration: Declared, made: Merged, model: str | None, identity: str, explore_id: ExploreId) -> Dashboard:
    """Make a dashboard of what its extends made of it.

    Args:
        declaration: its own.
        made: after extends.
        model: that includes it; None if none does.
        identity: its id.
        explore_id: finds the explores it names.
    """
    properties = made.properties
    extension, extends = properties.get("extension"), properties.get("extends")
    return Dashboard(
        id=identity,
        name=declaration.name,
        model=model,
        span=declaration.span,
        included=model is not None,
        title=_text(properties, "title"),
        extension_required=extension is not None and extension.text == "required",
        extends=tuple(name for name, _ in extends.texts()) if extends else (),
        missing_parents=made.missing,
        filters=tuple(_filter(entry, explore_id) for entry in made.filters),
        elements=_elements(made.elements, explore_id),
        properties=_other(properties, _DASHBOARD_KEYS),
    )


def _text(properties: Properties, key: str) -> str | None:
    return properties[key].text if key in properties else None


def _other(properties: Properties, known: frozenset[str]) -> tuple[tuple[str, str], ...]:
    others = ((key, _flat(value.node)) for key, value in properties.items() if key and key not in known)
    return tuple(sorted((key, json.dumps(value, ensure_ascii=False, sort_keys=True)) for key, value in others))


def _flat(node: YamlNode) -> Any:
    """YAML as JSON can say it, for comparing."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Mapping):
        return {key.value or "": _flat(value) for key, value in node.pairs}
    return [_flat(item) for item in node.items]


# -- elements ----------------------------------------------------------------------------------------------------------


def _elements(entries: Sequence[Properties], explore_id: ExploreId) -> tuple[Element, ...]:
    """The elements with the names that ids use: ``#n`` for one without, ``~2`` behind a repeated one."""
    elements: list[Element] = []
    seen: dict[str, int] = {}
    for number, entry in enumerate(entries, 1):
        written = _name(entry)
        name = written or f"#{number}"
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            name = f"{name}~{seen[name]}"
        elements.append(
            Element(
                name=name,
                written_name=written,
                title=_text(entry, "title"),
                type=_text(entry, "type"),
                span=_span(entry),
                queries=tuple(_queries(entry, explore_id)),
                properties=_other(entry, _ELEMENT_KEYS if _own_explore(entry) else _MERGED_KEYS),
            )
        )
    return tuple(elements)


def _span(entry: Properties) -> Span:
    return entry[""].span


def _own_explore(entry: Properties) -> bool:
    return "explore" in entry and bool(entry["explore"].text)


def _queries(entry: Properties, explore_id: ExploreId) -> Iterator[TileQuery]:
    if _own_explore(entry):
        own = {key: value for key, value in entry.items() if key in _QUERY_KEYS}  # the others are the element's
        yield _query(own, explore_id, entry.get("listen"))
    listens = list(entry["listen"].items()) if "merged_queries" in entry and "listen" in entry else []
    for number, query in enumerate(_entries(entry.get("merged_queries"))):
        if _own_explore(query):
            yield _query(query, explore_id, query.get("listen") or (listens[number] if number < len(listens) else None))


def _query(entry: Properties, explore_id: ExploreId, listen: Value | None) -> TileQuery:
    model, name = _text(entry, "model"), entry["explore"].text or ""
    dynamic = list(_dynamic_fields(entry.get("dynamic_fields")))
    return TileQuery(
        explore=explore_id(model, name),
        model=model,
        explore_name=name,
        written=f"{model}/{name}" if model else name,
        span=entry["explore"].span,
        fields=tuple(_fields(entry)),
        filters=tuple(
            FilterTerm("filters", key.text, value.text or "", key.span)
            for key, value in (entry["filters"].pairs() if "filters" in entry else ())
            if key.text is not None
        ),
        sorts=tuple(
            Reference("sorts", text.split()[0], span)
            for text, span in (entry["sorts"].texts() if "sorts" in entry else ())
            if text.strip()
        ),
        listen=tuple(_listen(listen)),
        local_names=tuple(name for item in dynamic for name in item.names),
        dynamic=tuple(reference for item in dynamic for reference in item.references),
        expressions=(*_custom_filter(entry), *(expression for item in dynamic for expression in item.expressions)),
        properties=_other(entry, _TOLD_KEYS),
    )


def _custom_filter(entry: Properties) -> Iterator[Text]:
    """The expression that decides which rows the query has (R4.31)."""
    value = entry.get(CUSTOM_FILTER)
    if value is not None and value.text is not None:
        yield Text(CUSTOM_FILTER, value.text, value.span)


def _fields(entry: Properties) -> Iterator[Reference]:
    """The fields of a query, each once, in order (R12.4)."""
    seen: set[str] = set()
    for key in ("fields", "dimensions", "measures", "pivots"):
        for text, span in entry[key].texts() if key in entry else ():
            if text not in seen:
                seen.add(text)
                yield Reference(key, text, span)


def _listen(value: Value | None) -> Iterator[tuple[Reference, Reference]]:
    for key, field in value.pairs() if value else ():
        if key.text is not None and field.text:
            yield Reference("listen", key.text, key.span), Reference("listen", field.text, field.span)


class _Dynamic(NamedTuple):
    names: tuple[str, ...]
    references: tuple[Reference, ...]
    expressions: tuple[Text, ...]


def _dynamic_fields(value: Value | None) -> Iterator[_Dynamic]:
    """``dynamic_fields``: a list, or in old exports a string of JSON (R12.11)."""
    if value is None:
        return
    if value.text is not None and value.text.lstrip().startswith("["):
        yield from _dynamic_fields_from_json(value)
        return
    for item in _entries(value):
        if _text(item, "is_disabled") == "true":
            continue
        names = tuple(text for key in ("table_calculation", "measure", "dimension") if (text := _text(item, key)))
        references = [
            Reference(f"dynamic_fields.{key}", text, span)
            for key in ("based_on", "args")
            if key in item
            for text, span in item[key].texts()
        ]
        if "filters" in item:
            references += [
                Reference("dynamic_fields.filters", key.text, key.span) for key, _ in item["filters"].pairs() if key.text
            ]
        expressions = [
            Text(f"dynamic_fields.{key}", text, item[key].span)
            for key in ("expression", "filter_expression")
            if (text := _text(item, key))
        ]
        yield _Dynamic(names, tuple(references), tuple(expressions))


def _dynamic_fields_from_json(value: Value) -> Iterator[_Dynamic]:
    """The JSON of old exports is YAML too; every place in it is that of the whole text."""
    for tree in read_yaml(value.text or ""):
        moved = Value(_moved(tree, value.node.start), value.file)
        if isinstance(moved.node, YamlSequence):
            yield from _dynamic_fields(moved)


def _moved(node: YamlNode, start: int) -> YamlNode:
    """A tree whose places are all one."""
    if isinstance(node, Scalar):
        return Scalar(node.value, start)
    if isinstance(node, Mapping):
        pairs = ((Scalar(key.value, start), _moved(value, start)) for key, value in node.pairs)
        return Mapping(tuple(pairs), start)
    return YamlSequence(tuple(_moved(item, start) for item in node.items), start)


def expression_fields(text: str) -> tuple[str, ...]:
    """The names that a Looker expression mentions (R4.31); ``:total`` and ``:row_total`` are no part of them.

    >>> expression_fields("${orders.total} / ${orders.total:total} / ${share}")
    ('orders.total', 'share')
    """
    return tuple(dict.fromkeys(name.partition(":")[0] for name in _EXPRESSION_FIELD.findall(text)))


def result_names(queries: Sequence[TileQuery]) -> frozenset[str]:
    """The names that the fields of a tile have in its result, where calculations and display options find them (R12.10).

    A field that an earlier one of the merged queries has too is known by the number of its own query, the first being 0:
    ``q1_orders.count`` is ``orders.count`` of the second.
    """
    plain = {field.name for query in queries for field in query.fields}
    return frozenset(plain).union(f"q{n}_{field.name}" for n, query in enumerate(queries) if n for field in query.fields)


def result_sorts(element: Element) -> tuple[str, ...]:
    """The names by which the result of merged queries is sorted (R12.10); an ordinary tile sorts in its query."""
    text = dict(element.properties).get("sorts") if len(element.queries) > 1 else None
    entries = json.loads(text) if text is not None else ()
    return tuple(one.split()[0] for one in entries if isinstance(one, str) and one.strip()) if isinstance(entries, list) else ()


def named_in_result(name: str, queries: Sequence[TileQuery]) -> tuple[tuple[TileQuery, ...], str]:
    """The queries whose field a name in a merged result may be, and the name that it has in those (R12.10).

    Args:
        name: that calculations, sorts or display options say.
        queries: that are merged.
    """
    found = _NUMBERED.fullmatch(name)
    if found is None or not 0 < int(found[1]) < len(queries):
        return tuple(queries), name
    return (queries[int(found[1])],), found[2]


def _filter(entry: Properties, explore_id: ExploreId) -> DashboardFilter:
    """A dashboard filter; only a field filter has an explore and a field (R12.12)."""
    of_a_field = _text(entry, "type") in ("field_filter", None)
    model, explore = _text(entry, "model"), _text(entry, "explore") if of_a_field else None
    field = (entry.get("field") or entry.get("dimension")) if of_a_field else None
    listens_to = entry.get("listens_to_filters")
    without_effect = frozenset(key for key in _OF_FIELD_FILTERS if not of_a_field and _text(entry, key))
    return DashboardFilter(
        name=_name(entry) or _text(entry, "title") or "",
        title=_text(entry, "title"),
        type=_text(entry, "type"),
        span=_span(entry),
        explore=explore_id(model, explore) if explore else None,
        written=(f"{model}/{explore}" if model else explore) if explore else None,
        field=Reference("field", field.text, field.span) if field and field.text else None,
        listens_to=tuple(Reference("listens_to_filters", text, span) for text, span in listens_to.texts()) if listens_to else (),
        properties=_other(entry, _FILTER_KEYS - without_effect),
    )
