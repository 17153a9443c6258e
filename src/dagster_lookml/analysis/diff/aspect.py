"""One thing that can differ between two states of an object, and what it means if it does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

import msgspec

from dagster_lookml.analysis.diff.naming import named
from dagster_lookml.semantic.objects import FilterTerm, Reference, Text
from dagster_lookml.source import Span

Nature = Literal["sql", "numbers", "metadata", "names", "grants", "breaking"]
"""SQL, which may be written in many ways; what decides numbers; what people read; names that others use; grants that one has to
have; what breaks if it is set."""


class Aspect(msgspec.Struct, frozen=True, kw_only=True):
    """One parameter of an object, or several that mean one thing together.

    Attributes:
        name: of the parameter.
        items: its values, as text; of SQL one.
        nature: what it is.
        span: where it is written; None for a default.
        form: of SQL: what the text is; see `sql.reading.Form`.
        meaning: what it decides, to be put behind "it decides"; of metadata and of what breaks the whole reason; empty for what
            goes without saying.
    """

    name: str
    items: tuple[str, ...]
    nature: Nature
    span: Span | None = None
    form: Literal["field", "query", "table", "join"] = "field"
    meaning: str = ""

    @property
    def text(self) -> str:
        """For people."""
        return ", ".join(self.items)


Aspects = dict[str, Aspect]

EVERY_TIMEFRAME: Final = "every other timeframe"
"""Beside the names of a dimension group's listed timeframes: those not listed can be used too (R4.9)."""
COUNTED_ONCE: Final = "which rows are counted once"
"""What a primary key decides, and the relationship of a join."""

METADATA: Final = frozenset(
    """action allowed_value alpha_sort body_text bypass_suggest_restrictions can_visualize col crossfilter_enabled description
    description_override documentation drill_fields elements_expandable enable_viz_full_screen fields_hidden_by_default
    filters_bar_collapsed filters_location_top full_suggestions group_item_label group_label height hidden hidden_fields html
    icon label label_from_parameter layout limit_displayed_rows link map_layer_name note note_display note_state note_text
    preferred_slug preferred_viewer refresh row show_applied_filters skip_drill_filter style subtitle_text suggest_dimension
    suggest_explore suggest_persist_for suggestable suggestions tags text title title_hidden title_text top_note ui_config
    units value_format value_format_name view_label width""".split()
)
"""Parameters that people read or see, and that no number depends on."""

AGE: Final = "how old the rows are that answers are made of"
"""What every trigger and every cache decides: an answer from older rows may be another one (R11.4)."""
INHERITED: Final = "whatever it inherits otherwise now is a change of its own"
"""Said of ``extends``."""
_DECIDED: Final = {
    "allow_approximate_optimization": "whether it is counted exactly",
    "approximate": "whether it is counted exactly",
    "persist_for": AGE,
}
"""What some of the parameters decide on which numbers depend."""


def plain(name: str, value: str | None, nature: Nature, span: Span | None, meaning: str = "") -> Iterable[Aspect]:
    """A parameter with one value, where it has one."""
    if value is not None:
        yield Aspect(name=name, items=(value,), nature=nature, span=span, meaning=meaning)


def properties(found: Iterable[tuple[str, str]], span: Span, metadata: frozenset[str] = METADATA) -> Iterable[Aspect]:
    """Parameters that no other attribute of an object tells; of one that nobody knows to be harmless numbers may depend."""
    for key, value in found:
        nature: Nature = "metadata" if key.partition("[")[0] in metadata else "numbers"
        meaning = "which value a row has" if key.startswith("case.") else _DECIDED.get(key, "")
        yield Aspect(name=key, items=(value,), nature=nature, span=span, meaning=meaning)


def sql_texts(texts: Iterable[Text], form: Literal["field", "query", "table", "join"] = "field") -> Iterable[Aspect]:
    """SQL parameters."""
    for text in texts:
        yield Aspect(name=text.parameter, items=(text.value,), nature="sql", span=text.span, form=form)


def filter_terms(terms: Iterable[FilterTerm], prefix: str = "") -> Iterable[Aspect]:
    """Filters, each by its field: their order says nothing."""
    found: dict[str, list[FilterTerm]] = {}
    for term in terms:
        found.setdefault(f"{prefix}{term.parameter}[{term.field}]", []).append(term)
    for key, ones in found.items():
        items = tuple(one.value.strip() for one in ones)
        yield Aspect(name=key, items=items, nature="numbers", span=ones[0].span, meaning="which rows count")


def references(found: Iterable[Reference], nature: Nature, meaning: str = "") -> Iterable[Aspect]:
    """Names in other parameters, one aspect for each parameter."""
    by_parameter: dict[str, list[Reference]] = {}
    for one in found:
        by_parameter.setdefault(one.parameter, []).append(one)
    for key, ones in by_parameter.items():
        known: Nature = "metadata" if key in METADATA else nature
        yield Aspect(name=key, items=tuple(one.name for one in ones), nature=known, span=ones[0].span, meaning=meaning)


def grants(found: Iterable[Reference]) -> Iterable[Aspect]:
    """The access grants that somebody has to have."""
    ones = tuple(found)
    if ones:
        names = tuple(sorted(one.name for one in ones))
        yield Aspect(name="required_access_grants", items=names, nature="grants", span=ones[0].span)


def by_property(aspects: Iterable[Aspect]) -> Aspects:
    """Aspects by their names, of which none is lost."""
    return named(aspects, lambda one: one.name)
