"""Fields: from merged blocks to typed fields, with the names that dimension groups generate (R4.6-R4.36)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from dagster_lookml.semantic.merge import EXTENDED, Block, Member, Part, SplicedList
from dagster_lookml.semantic.objects import Field, FieldKind, FilterTerm, Reference, Text
from dagster_lookml.syntax.nodes import PairNode

DEFAULT_TIMEFRAMES: Final = tuple(
    """raw time time_of_day hour hour_of_day minute second date week day_of_week day_of_week_index day_of_month day_of_year
    week_of_year month month_num month_name quarter quarter_of_year year""".split()
)
"""What ``type: time`` without ``timeframes`` is listed with (R4.9)."""
DEFAULT_INTERVALS: Final = ("second", "minute", "hour", "day", "week", "month", "quarter", "year")
"""What ``type: duration`` without ``intervals`` creates (R4.12)."""
CUSTOM_TIMEFRAMES: Final = tuple(f"custom_{unit}" for unit in "date week period quarter season year".split())
"""What ``type: custom_calendar`` without ``custom_timeframes`` creates: the timeframes that a calendar has to map."""
TIMEFRAME: Final = re.compile(
    r"""raw|yesno|time|time_of_day|hour|hour_of_day|hour(?:[23468]|12)|minute|minute(?:[23456]|10|12|15|20|30)|second
    |millisecond|millisecond(?:[2458]|10|20|25|40|50|100|125|200|250|500)|microsecond|date|week|day_of_week|day_of_week_index
    |month|month_num|month_name|day_of_month|fiscal_month_num|quarter|quarter_of_year|fiscal_quarter|fiscal_quarter_of_year
    |year|day_of_year|week_of_year|fiscal_year""",
    re.VERBOSE,
)
"""The timeframes that exist (R4.10)."""

_DEFAULT_TYPES: Final[dict[str, str]] = {
    "dimension": "string",
    "dimension_group": "time",
    "measure": "string",
    "filter": "string",
    "parameter": "string",
}
_REFERENCES: Final = frozenset(
    """drill_fields required_fields order_by_field suggest_dimension suggest_explore list_field based_on based_on_time
    label_from_parameter start_location_field end_location_field based_on_calendar""".split()
)
_EXPRESSIONS: Final = frozenset({"expression", "filter_expression", "expression_custom_filter"})
_OWN_ATTRIBUTES: Final = frozenset(
    {
        "type",
        "hidden",
        "primary_key",
        "timeframes",
        "custom_timeframes",
        "intervals",
        "alias",
        "tags",
        "required_access_grants",
        "filters",
    }
)


def field(block: Block, *, hidden: bool = False) -> Field:
    """Make a field of its merged block.

    Args:
        block: of one of the five kinds, with a name.
        hidden: what holds where the field itself does not say: its view hides its fields by default (R4.42).
    """
    kind: FieldKind = block.key  # type: ignore[assignment]
    name = block.name or ""
    builder = _Builder(name)
    for member in block.members:
        builder.take(member)
    field_type = block.value("type") or _DEFAULT_TYPES[kind]
    generated: tuple[str, ...] = ()
    every_timeframe = False
    if kind == "dimension_group":
        generated, every_timeframe = _generated(block, name, field_type)
    return Field(
        kind=kind,
        name=name,
        type=field_type,
        span=block.span,
        hidden=block.is_yes("hidden") if says_hidden(block) else hidden,
        primary_key=block.is_yes("primary_key"),
        generated=generated,
        every_timeframe=every_timeframe,
        sql=tuple(builder.sql.values()),
        expressions=tuple(builder.expressions),
        templates=tuple(builder.templates),
        references=tuple(builder.references),
        filters=tuple(builder.filters),
        allowed_values=tuple(builder.allowed_values),
        alias=tuple(entry.text for entry in block.entries("alias")) if builder.has_alias else (),
        tags=tuple(entry.text for entry in block.entries("tags")) if builder.has_tags else (),
        access_grants=tuple(builder.access_grants),
        properties=tuple(sorted(builder.properties.items())),
    )


def says_hidden(block: Block) -> bool:
    """Tell whether a field says itself whether it is hidden."""
    return block.last("hidden") is not None


def _generated(block: Block, name: str, field_type: str) -> tuple[tuple[str, ...], bool]:
    if field_type == "duration":
        intervals = [entry.text for entry in block.entries("intervals")] or DEFAULT_INTERVALS
        return tuple(f"{interval}s_{name}" for interval in intervals), False
    if field_type == "custom_calendar":
        custom = [entry.text for entry in block.entries("custom_timeframes")] or CUSTOM_TIMEFRAMES
        return tuple(dict.fromkeys(f"{name}_{timeframe}" for timeframe in custom)), False
    listed = block.last("timeframes")
    timeframes = DEFAULT_TIMEFRAMES if listed is None else tuple(entry.text for entry in block.entries("timeframes"))
    return tuple(dict.fromkeys(generated_name(name, timeframe) for timeframe in timeframes)), listed is None


def generated_name(group: str, timeframe: str) -> str:
    """The name of one timeframe of a group (R4.7, R4.8).

    >>> generated_name("created", "date"), generated_name("created", "yesno")
    ('created_date', 'created')
    """
    return group if timeframe == "yesno" else f"{group}_{timeframe}"


def is_generated_by(field: Field, name: str) -> bool:
    """Tell whether a name is one of a group that has every timeframe, also one that is not listed (R4.9)."""
    if not field.every_timeframe or not name.startswith(field.name + "_"):
        return False
    timeframe = name[len(field.name) + 1 :]
    return timeframe != "yesno" and TIMEFRAME.fullmatch(timeframe) is not None


class _Builder:
    """Sorts the parameters of one field by what they are."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.sql: dict[str, Text] = {}
        self.expressions: list[Text] = []
        self.templates: list[Text] = []
        self.references: list[Reference] = []
        self.filters: list[FilterTerm] = []
        self.allowed_values: list[str] = []
        self.access_grants: list[Reference] = []
        self.properties: dict[str, str] = {}
        self.has_alias = False
        self.has_tags = False

    def take(self, member: Member) -> None:
        key = member.key
        if isinstance(member, Part) and isinstance(member.node, PairNode):
            self.take_pair(key, member)
        elif isinstance(member, Block):
            self.take_block(key, member)
        elif key == "filters":
            self.filters += filter_terms(member)
        elif key in _REFERENCES:
            self.references += references(member)
        elif key == "required_access_grants":
            self.access_grants = list(references(member))
        elif key in ("alias", "tags"):
            self.has_alias = self.has_alias or key == "alias"
            self.has_tags = self.has_tags or key == "tags"
        elif key not in _OWN_ATTRIBUTES:
            self.properties[key] = "[" + ", ".join(entry.text for entry in member.entries) + "]"

    def take_pair(self, key: str, member: Part) -> None:
        if key == "sql" or key.startswith("sql_"):
            text = _text(key, member)
            if EXTENDED in text.value:  # nothing was there to extend (R7.11)
                text = Text(key, text.value.replace(EXTENDED, f"${{TABLE}}.{self.name}"), text.span)
            self.sql.pop(key, None)
            self.sql[key] = text
        elif key in _OWN_ATTRIBUTES:
            self.has_alias = self.has_alias or key == "alias"
            self.has_tags = self.has_tags or key == "tags"
            if key == "required_access_grants":
                self.access_grants = list(references(member))
        elif key in _REFERENCES:
            self.references += references(member)
        elif key in _EXPRESSIONS:
            self.expressions.append(_text(key, member))
        elif key == "html":
            self.templates.append(_text(key, member))
        else:
            assert isinstance(member.node, PairNode)
            self.properties[key] = member.file.expand(member.node.value)

    def take_block(self, key: str, block: Block) -> None:
        if key == "filters":
            self.filters += filter_terms(block)
        elif key == "case":
            self.take_case(block)
        elif key == "allowed_value":
            value, label = block.value("value"), block.value("label")
            if value is not None:
                self.allowed_values.append(value)
                self.properties |= {f"allowed_value[{value}].label": label} if label is not None else {}
        elif key in ("link", "action"):
            self.templates += _templates(key, block)
        else:
            self.properties[key] = flat(block)

    def take_case(self, block: Block) -> None:
        """The conditions of a ``case`` are SQL; what it gives where they hold, and where none does, are properties (R4.33)."""
        for number, when in enumerate(block.blocks("when"), 1):
            part, label = when.last("sql"), when.value("label")
            if isinstance(part, Part):
                self.sql[f"case.when.sql {number}"] = _text("case.when.sql", part)
            if label is not None:
                self.properties[f"case.when.label {number}"] = label
        otherwise = block.value("else")
        if otherwise is not None:
            self.properties["case.else"] = otherwise


def _templates(key: str, block: Block) -> Iterator[Text]:
    """Every text of a ``link`` or ``action``, those of its blocks included."""
    for member in block.members:
        if isinstance(member, Block):
            yield from _templates(f"{key}.{member.key}", member)
        elif isinstance(member, Part) and isinstance(member.node, PairNode):
            yield _text(f"{key}.{member.key}", member)


def _text(parameter: str, member: Part) -> Text:
    assert isinstance(member.node, PairNode)
    return Text(parameter, member.file.expand(member.node.value), member.file.span(member.node.start))


def text_of(block: Block, key: str, parameter: str | None = None) -> Text | None:
    """The pair of a key as a `Text`, or None."""
    found = block.last(key)
    if isinstance(found, Part) and isinstance(found.node, PairNode):
        return _text(parameter or key, found)
    return None


def references(member: Part | SplicedList) -> Iterator[Reference]:
    """The names in a list, or the one in a pair."""
    return (Reference(member.key, entry.text, entry.span) for entry in member.entries)


def reference_list(block: Block, key: str) -> tuple[Reference, ...]:
    """The names in the parameter that counts; none where there is none."""
    found = block.last(key)
    return () if found is None or isinstance(found, Block) else tuple(references(found))


def filter_terms(member: Member) -> Iterator[FilterTerm]:
    """The terms of a ``filters`` parameter, in any of its three syntaxes (R4.35)."""
    if isinstance(member, Block):
        field = member.last("field")
        if isinstance(field, Part) and isinstance(field.node, PairNode):
            name = member.file.expand(field.node.value)
            yield FilterTerm(member.key, name, member.value("value") or "", field.file.span(field.node.start))
        return
    for entry in member.entries:
        if entry.key is not None:
            yield FilterTerm(member.key, entry.file.expand(entry.key), entry.text, entry.span)


def flat(block: Block) -> str:
    """A block as one line of text, for comparing."""
    parts: list[str] = []
    for member in block.members:
        if isinstance(member, Block):
            parts.append(f"{member.key}: {member.name or ''}{{{flat(member)}}}")
        elif isinstance(member, Part) and isinstance(member.node, PairNode):
            parts.append(f"{member.key}: {member.file.expand(member.node.value)}")
        else:
            entries = (f"{entry.key}: {entry.text}" if entry.key else entry.text for entry in member.entries)
            parts.append(f"{member.key}: [{', '.join(entries)}]")
    return " ".join(parts)


def other_properties(block: Block, known: frozenset[str]) -> tuple[tuple[str, str], ...]:
    """Every pair, list and unnamed block that is not among the known keys, as text, sorted by key."""
    found: dict[str, str] = {}
    for member in block.members:
        if member.key in known:
            continue
        if isinstance(member, Block):
            if member.name is None:
                found[member.key] = flat(member)
        elif isinstance(member, Part) and isinstance(member.node, PairNode):
            found[member.key] = member.file.expand(member.node.value)
        else:
            found[member.key] = "[" + ", ".join(entry.text for entry in member.entries) + "]"
    return tuple(sorted(found.items()))
