"""Mutations of fields."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from tests.seeded.expecting import (
    BREAKING,
    EQUIVALENT,
    METADATA,
    NUMBERS,
    Claim,
    Corpus,
    Edit,
    Kind,
    Mutation,
    added,
    renamed,
    valued,
    without,
)  # fmt: skip
from tests.seeded.reading import TIMEFRAMES, Field, View
from tests.seeded.scan import Node, entries
from tests.seeded.sqltext import MEANING, Rewrite, columns, other_column, other_literal, other_operator, sound
from tests.seeded.uses import renamable, unused, used_by_tiles

_TYPES: Final = {"sum": "max", "max": "min", "min": "max", "average": "sum", "count_distinct": "sum"}
_UNKNOWN_FIELD: Final = frozenset({"unknown-tile-field", "unknown-field", "unknown-timeframe", "field-excluded"})
_FREE: Final = frozenset({METADATA})


def _plain(one: Field) -> bool:
    """A field that can go alone: no key, nothing that other views need silently."""
    return one.node.get("primary_key") is None and one.node.key in {"dimension", "measure", "dimension_group"}


def remove_used_field(corpus: Corpus) -> Iterator[Mutation]:
    """A field that a tile names is gone."""
    for view, one in corpus.shuffled(corpus.fields):
        if _plain(one) and used_by_tiles(corpus, view, one):
            claim = Claim(
                "remove a field used by a tile", BREAKING, f"remove {one.node.key} {view.name}.{one.name}",
                new_errors=_UNKNOWN_FIELD, hard=True,
            )  # fmt: skip
            yield corpus.of_field(claim, view, one, [without(corpus, view.path, one.node)])


def rename_used_field(corpus: Corpus) -> Iterator[Mutation]:
    """A field that a tile names has another name, and the tile does not know."""
    for view, one in corpus.shuffled(corpus.fields):
        if _plain(one) and used_by_tiles(corpus, view, one):
            name = _free(corpus, one.name, "_renamed")
            claim = Claim(
                "rename a field used by a tile", BREAKING, f"rename {one.node.key} {view.name}.{one.name} to {name}",
                new_errors=_UNKNOWN_FIELD, hard=True, ids=_ids(view, one, name),
            )  # fmt: skip
            yield corpus.of_field(claim, view, one, [renamed(corpus, view.path, one.node, name)])


def remove_unused_field(corpus: Corpus) -> Iterator[Mutation]:
    """Nothing in the repo names the field; what people saved outside may."""
    for view, one in corpus.shuffled(corpus.fields):
        if _plain(one) and len(view.fields) > 3 and unused(corpus, view, one):
            claim = Claim(
                "remove a field that nothing uses", BREAKING, f"remove {one.node.key} {view.name}.{one.name}, which nothing uses",
                also=_FREE, hard=True,
            )  # fmt: skip
            yield _unfelt(corpus.of_field(claim, view, one, [without(corpus, view.path, one.node)]))


def rename_everywhere(corpus: Corpus) -> Iterator[Mutation]:
    """The field and every use of it have another name: no tile breaks."""
    for view, one in corpus.shuffled(corpus.fields):
        name = _free(corpus, one.name, "_renamed")
        places = renamable(corpus, view, one) if _plain(one) and _explicit(one) else None
        if places:
            claim = Claim(
                "rename a field with all its uses", METADATA,
                f"rename {view.name}.{one.name} to {name} in all {len(places)} places",
                also=frozenset({BREAKING, EQUIVALENT}), hard=True, ids=_ids(view, one, name),
            )  # fmt: skip
            edits = [Edit(path, at, at + len(one.name), name) for path, at in places]
            edits.append(renamed(corpus, view.path, one.node, name))
            yield _unfelt(corpus.of_field(claim, view, one, edits))


def _unfelt(mutation: Mutation) -> Mutation:
    """The same, felt by no dashboard of the repo; the neighbourhood stays its own."""
    told = replace(mutation.expectation, dashboards=frozenset(), at_most=frozenset())
    return replace(mutation, expectation=told, ripple=frozenset(told.ids))


def _explicit(one: Field) -> bool:
    """Whether the name says nothing about the column."""
    return one.node.key != "dimension_group" and (one.node.get("sql") is not None or one.node.text("type") == "count")


def _free(corpus: Corpus, name: str, suffix: str) -> str:
    """A name that the repo does not know."""
    while name in corpus.repo.words or suffix not in name:
        name += suffix
    return name


def _ids(view: View, one: Field, name: str) -> frozenset[str]:
    renamed_picks = {re.sub(rf"(^|_){re.escape(one.name)}(_|$)", rf"\g<1>{name}\g<2>", pick) for pick in one.generated}
    return frozenset({f"field:{view.name}.{pick}" for pick in renamed_picks | {name}})


def _sql_change(kind: str, which: frozenset[str], rewrites: tuple[Rewrite, ...]) -> Kind:
    def propose(corpus: Corpus) -> Iterator[Mutation]:
        for view, one in corpus.shuffled(corpus.fields):
            sql = one.node.get("sql")
            if one.node.key in which and sql is not None and sound(sql.value):
                found = [text for rewrite in rewrites for text in rewrite(sql.value)]
                found += other_column(sql.value, _columns(view)) if not rewrites or which == _MEASURE else ()
                if found:
                    text = corpus.random.choice(found)
                    claim = Claim(kind, NUMBERS, f"{view.name}.{one.name}: {_short(sql.value)} becomes {_short(text)}")
                    yield corpus.of_field(claim, view, one, [valued(view.path, sql, f" {text} ")])

    return propose


def _columns(view: View) -> list[str]:
    """Columns that the fields of a view read: they exist, or so the text of a derived table says."""
    read = sorted({name for one in view.fields.values() for name in columns(one.node.text("sql"))})
    table = view.node.get("derived_table")
    return read if table is None else [name for name in read if _put_out(table, name)]


def _put_out(table: Node, name: str) -> bool:
    """Whether a derived table plainly puts a column out: as an alias, or as a column of a native one."""
    alias = re.compile(rf"\bas\s+{name}\s*(?:,|\bfrom\b)", re.IGNORECASE)
    named = any(node.key in {"column", "derived_column"} and node.value == name for node in table.walk())
    return named or alias.search(table.text("sql")) is not None


def _short(sql: str) -> str:
    return " ".join(sql.split())[:80]


def change_measure_type(corpus: Corpus) -> Iterator[Mutation]:
    """A sum that becomes a maximum, say."""
    for view, one in corpus.shuffled(corpus.fields):
        given = one.node.get("type")
        if one.node.key == "measure" and given is not None and given.value in _TYPES:
            other = _TYPES[given.value]
            claim = Claim("change a measure's type", NUMBERS, f"{view.name}.{one.name}: {given.value} becomes {other}")
            yield corpus.of_field(claim, view, one, [valued(view.path, given, other)])


def change_measure_filter(corpus: Corpus) -> Iterator[Mutation]:
    """A measure counts other rows."""
    for view, one in corpus.shuffled(corpus.fields):
        for listed in one.node.all("filters"):
            value = re.search(r':\s*"([^"]*)"', listed.value) if listed.value.startswith("[") else None
            if one.node.key == "measure" and value is not None:
                other = {"yes": "no", "no": "yes", "Yes": "No", "No": "Yes", "": "-NULL"}.get(value[1], f"{value[1]},other")
                claim = Claim(
                    "change a measure's filter", NUMBERS, f'{view.name}.{one.name}: filter "{value[1]}" becomes "{other}"'
                )
                text = f"{listed.value[: value.start(1)]}{other}{listed.value[value.end(1) :]}"
                yield corpus.of_field(claim, view, one, [valued(view.path, listed, text)])
                break


def remove_used_timeframe(corpus: Corpus) -> Iterator[Mutation]:
    """A timeframe that a tile names is no longer offered."""
    for view, one in corpus.shuffled(corpus.fields):
        listed = _timeframes(one)
        for frame in corpus.shuffled(entries(listed)) if listed is not None and len(entries(listed)) > 1 else ():
            pick = f"{one.name}_{frame}"
            places = frozenset(
                tile.place for tile, name in corpus.reach.direct.get(("field", view.name, one.name), ()) if name == pick
            )
            places &= corpus.reach.sure.get(("field", view.name, one.name), frozenset())
            if places and listed is not None:
                claim = Claim(
                    "remove a timeframe used by a tile", BREAKING, f"{view.name}.{one.name}: no timeframe {frame}",
                    new_errors=_UNKNOWN_FIELD, hard=True,
                )  # fmt: skip
                kept = ", ".join(name for name in entries(listed) if name != frame)
                yield _only(corpus.of_field(claim, view, one, [valued(view.path, listed, f"[{kept}]")]), places, pick)
                break


def _only(mutation: Mutation, places: frozenset[tuple[str, str]], pick: str) -> Mutation:
    told = replace(mutation.expectation, dashboards=places, names=mutation.expectation.names | {pick})
    return replace(mutation, expectation=told)


def _timeframes(one: Field) -> Node | None:
    if one.node.key != "dimension_group" or one.node.text("type", "time") != "time":
        return None
    return one.node.get("timeframes")


def add_timeframe(corpus: Corpus) -> Iterator[Mutation]:
    """One more timeframe is offered."""
    for view, one in corpus.shuffled(corpus.fields):
        listed = _timeframes(one)
        free = [
            frame for frame in TIMEFRAMES[1:25]
            if listed is not None and frame not in entries(listed) and f"{one.name}_{frame}" not in corpus.repo.words
        ]  # fmt: skip
        if free and listed is not None:
            frame = corpus.random.choice(free)
            claim = Claim(
                "add a timeframe", METADATA, f"{view.name}.{one.name}: timeframe {frame} too",
                ids=frozenset({f"field:{view.name}.{one.name}_{frame}"}),
            )  # fmt: skip
            yield corpus.of_field(claim, view, one, [valued(view.path, listed, f"[{', '.join([*entries(listed), frame])}]")])


def add_field(corpus: Corpus) -> Iterator[Mutation]:
    """A view has one more field."""
    for view in corpus.shuffled(corpus.repo.clear_views.values()):
        if not _columns(view):
            continue
        name = _free(corpus, f"{view.name}_extra", "_extra")
        claim = Claim(
            "add a field", METADATA, f"{view.name} has a new dimension {name}", ids=frozenset({f"field:{view.name}.{name}"})
        )
        line = f"dimension: {name} {{ type: string sql: ${{TABLE}}.{corpus.random.choice(_columns(view))} ;; }}"
        made = corpus.of_view(claim, view, [added(corpus, view.path, view.node, line)])
        subject = replace(made.expectation.object, kind="field", name=f"{view.name}.{name}")
        told = replace(made.expectation, object=subject, ids=claim.ids)
        yield replace(made, expectation=told, writes=frozenset(claim.ids), touches=made.touches | {f"view:{view.name}"})


def _said(kind: str, key: str, make: str, *, kinds: frozenset[str], only_new: bool = False) -> Kind:
    """A kind that gives a field another text under a key."""

    def propose(corpus: Corpus) -> Iterator[Mutation]:
        for view, one in corpus.shuffled(corpus.fields):
            given = one.node.get(key)
            skip = (
                (only_new and given is not None)
                or "\\" in (given.value if given else "")
                or one.node.get(f"{key}_name") is not None
            )
            skip |= key == "hidden" and view.node.text("fields_hidden_by_default") == "yes"
            if one.node.key not in kinds or skip:
                continue
            value = make.format(old=given.value if given else one.name.replace("_", " "))
            edit = valued(view.path, given, value) if given else added(corpus, view.path, one.node, f"{key}: {value}")
            yield corpus.of_field(Claim(kind, METADATA, f"{view.name}.{one.name}: {key} {value}"[:160]), view, one, [edit])

    return propose


_DIMENSION, _MEASURE, _BOTH = frozenset({"dimension"}), frozenset({"measure"}), frozenset({"dimension", "measure"})
_SQL: Final = frozenset({"dimension", "dimension_group"})

KINDS: Final[dict[str, Kind]] = {
    "rename a field used by a tile": rename_used_field,
    "remove a field used by a tile": remove_used_field,
    "remove a field that nothing uses": remove_unused_field,
    "rename a field with all its uses": rename_everywhere,
    "dimension reads another column": _sql_change("dimension reads another column", _SQL, ()),
    "dimension has another literal": _sql_change("dimension has another literal", _SQL, (other_literal,)),
    "dimension has another operator": _sql_change("dimension has another operator", _SQL, (other_operator,)),
    "change a measure's SQL": _sql_change("change a measure's SQL", _MEASURE, MEANING),
    "change a measure's type": change_measure_type,
    "change a measure's filter": change_measure_filter,
    "remove a timeframe used by a tile": remove_used_timeframe,
    "add a timeframe": add_timeframe,
    "add a field": add_field,
    "relabel a field": _said("relabel a field", "label", '"{old} (new)"', kinds=_BOTH),
    "change a description": _said("change a description", "description", '"{old}, as told in the handbook"', kinds=_BOTH),
    "change a value_format": _said("change a value_format", "value_format", '"#,##0.0000"', kinds=_MEASURE),
    "hide a field": _said("hide a field", "hidden", "yes", kinds=_BOTH, only_new=True),
}
