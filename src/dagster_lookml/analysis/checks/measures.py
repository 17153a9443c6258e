"""Fields that aggregate what is aggregated already, or group by it; filters without effect; what a type needs (R4)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from dagster_lookml.analysis.checks.names import FieldSql, Names
from dagster_lookml.analysis.checks.uses import Uses
from dagster_lookml.diagnostics import Severity
from dagster_lookml.semantic.findings import Findings
from dagster_lookml.semantic.objects import Field, View

AGGREGATES: Final = frozenset(
    """average average_distinct count_distinct max median median_distinct min percentile percentile_distinct sum
    sum_distinct""".split()
)
"""Types of measures that aggregate their ``sql``; that of ``count`` Looker does not look at (R4.16, R4.18)."""
NON_AGGREGATE: Final = frozenset("number string yesno date date_time int".split())
"""Types of measures whose ``sql`` has to aggregate, or to read measures, itself (R4.16)."""
_POST_SQL: Final = frozenset({"percent_of_previous", "percent_of_total", "running_total"})
"""Types of measures that Looker calculates from the rows of an answer (R4.16)."""
_CALCULATED: Final = NON_AGGREGATE | _POST_SQL
"""Types of measures that aggregate nothing by themselves."""
_AGGREGATED: Final = AGGREGATES | {"count"}
"""Types of measures whose SQL is an aggregate, whatever their own ``sql`` is."""
_CALLED: Final = re.compile(
    r"\b(avg|sum|min|max|count|median|stddev|stddev_pop|stddev_samp|variance|var_pop|var_samp)\s*\(\s*(?:distinct\s+)?\Z",
    re.IGNORECASE,
)
_CLOSED: Final = re.compile(r"\s*\)(?!\s*(?:over|filter|within)\b)", re.IGNORECASE)
_QUOTED: Final = re.compile(r"'[^']*'")
_OF_DIMENSIONS: Final = frozenset({"bin", "tier"})
"""Types that filters and measures may not have, or not with these parts; what they do without them nobody says."""
_NEEDED: Final = {
    "bin": ("bins",),
    "tier": ("tiers",),
    "duration": ("sql_start", "sql_end"),
    "location": ("sql_latitude", "sql_longitude"),
    "distance": ("start_location_field", "end_location_field"),
    "list": ("list_field",),
    "period_over_period": ("based_on", "based_on_time"),
}
"""The parameters without which a type means nothing (R4.12, R4.14, R4.19, R4.21)."""


class Misplaced(NamedTuple):
    """What is wrong with a measure that stands where none may; not sure where Liquid may leave it out."""

    rule: str
    message: str
    hint: str
    is_sure: bool


def check_measures(uses: Uses, findings: Findings) -> None:
    """Check the fields of every view against what their types allow and need."""
    told: set[int] = set()  # a field that several views inherit is one object
    for view in uses.views:
        for field in view.fields:
            if id(field) not in told:
                told.add(id(field))
                _check_filters(findings, view, field)
                _check_sql(findings, view, field)
                _check_count(findings, view, field)
                _check_parts(findings, view, field, is_used=bool(uses.of(view)))
    seen: set[tuple[int, int]] = set()
    for view, use, target in read_measures(uses):
        key = (id(use.field), use.reference.start)
        if key not in seen:
            seen.add(key)
            _check_reference(findings, view, use, target)


def read_measures(uses: Uses) -> Iterator[tuple[View, FieldSql, Field]]:
    """Every reference from a field's SQL to a measure: within a view, and between the views of an explore.

    Args:
        uses: of the views.
    """
    names = uses.names
    for view in uses.views:
        for use in names.field_sql(view):
            target = names.field(view, use.name) if use.scope is None else None
            if target is not None and _is_measure(target, names):
                yield view, use, target
    for explore in uses.explores:
        aliased = uses.aliased(explore)
        for view in (one for one in aliased.values() if one is not None):
            for use in names.field_sql(view):
                other = aliased.get(use.scope) if use.scope is not None else None
                target = names.field(other, use.name) if other is not None else None
                if target is not None and _is_measure(target, names):
                    yield view, use, target


def _is_measure(field: Field, names: Names) -> bool:
    return field.kind == "measure" and names.is_told_apart(field)


def misplaced(view: View, use: FieldSql, target: Field) -> Misplaced | None:
    """What is wrong with a measure that the SQL of a field reads, if anything is (R4.17).

    A measure may stand in measures that calculate, and nowhere else; what Liquid leaves out does no harm.

    Args:
        view: whose field it is.
        use: the reference.
        target: the measure that it means.
    """
    field, written = use.field, use.reference.written
    if target.type == "list":
        rule, message = "reference-to-list", f"`{view.name}.{field.name}` reads the list `{written}`"
        hint = "a list is put together after the query, and no SQL can read it"
    elif field.kind in ("dimension", "dimension_group"):
        rule, message = "dimension-reads-measure", f"the dimension `{view.name}.{field.name}` reads the measure `{written}`"
        hint = "rows are grouped by a dimension before any measure is known"
    elif field.kind == "measure" and field.type in AGGREGATES and use.text.parameter == "sql":
        rule = "measure-of-measure"
        message = f"`{view.name}.{field.name}` is {with_article(field.type)} of `{written}`, which is a measure itself"
        hint = "`type: number` calculates with measures"
    elif field.kind == "measure" and target.type in _AGGREGATED and (function := _aggregating(use)):
        rule = "measure-of-measure"
        message = f"`{view.name}.{field.name}` is the {function.upper()} of `{written}`, which is an aggregate itself"
        hint = "databases reject an aggregate of an aggregate"
    else:
        return None
    return Misplaced(rule, message, hint, is_sure="{%" not in use.text.value)


def _check_reference(findings: Findings, view: View, use: FieldSql, target: Field) -> None:
    found = misplaced(view, use, target)
    if found is not None:
        span, length = use.written
        severity = None if found.is_sure else Severity.WARNING
        findings.add(found.rule, found.message, span, object=view.id, hint=found.hint, length=length, severity=severity)


def _aggregating(use: FieldSql) -> str:
    """The aggregate function whose only argument a reference is; empty for none, for a window, and where that is not sure."""
    sql = _QUOTED.sub(lambda one: " " * len(one.group()), use.text.value)
    before, after = sql[: use.reference.start], sql[use.reference.end :]
    found = _CALLED.search(before)
    is_sure = _CLOSED.match(after) is not None and re.search(r"\bselect\b", sql, re.IGNORECASE) is None
    return found.group(1) if found is not None and is_sure else ""


def _check_filters(findings: Findings, view: View, field: Field) -> None:
    if field.kind == "measure" and field.filters and (field.type in _CALCULATED or field.type == "list"):
        message = f"the filters of `{view.name}.{field.name}` have no effect: its type is {field.type}"
        hint = "filter the measures that it is made of" if field.type != "list" else ""
        first = field.filters[0]
        findings.add("filters-on-non-aggregate", message, first.span, object=view.id, hint=hint, length=len(first.field))


def _check_sql(findings: Findings, view: View, field: Field) -> None:
    """Without ``sql`` a measure that does not aggregate is a bare column (R4.23), by which nothing is grouped."""
    if field.kind == "measure" and field.type in _CALCULATED and not field.sql and not field.expressions:
        kind = with_article(field.type)
        message = f"the measure `{view.name}.{field.name}` is {kind} and has no sql, so it is a column and no aggregate"
        hint = "give it an aggregating type, such as sum, or sql that calculates with measures"
        findings.add("measure-without-sql", message, field.span, object=view.id, hint=hint, length=_length(field))


def _check_count(findings: Findings, view: View, field: Field) -> None:
    """R4.18: rows are counted, whatever the ``sql`` says."""
    written = next((text for text in field.sql if text.parameter == "sql" and text.value.strip()), None)
    if field.kind == "measure" and field.type == "count" and written is not None:
        message = f"the sql of `{view.name}.{field.name}` has no effect: a count counts rows"
        hint = "count_distinct counts the values of its sql"
        findings.add("sql-of-count", message, written.span, object=view.id, hint=hint)


def _check_parts(findings: Findings, view: View, field: Field, *, is_used: bool) -> None:
    kind = field.type
    if field.kind == "dimension":  # here it is duration_<interval>; the type of a group is told as that (R4.14, R4.15)
        kind = "" if kind == "duration" else "duration" if kind.startswith("duration_") else kind
    has = (
        {text.parameter for text in field.sql}
        | {one.parameter for one in field.references}
        | {key for key, _ in field.properties}
    )
    missing = (
        [key for key in _NEEDED.get(kind, ()) if key not in has]
        if kind not in _OF_DIMENSIONS or field.kind == "dimension"
        else []
    )
    if missing and not (kind != field.type and "sql" in has):
        message = f"`{view.name}.{field.name}` is {with_article(field.type)} and has no {' and no '.join(missing)}"
        severity = None if is_used and kind not in _OF_DIMENSIONS else Severity.WARNING
        findings.add("incomplete-field", message, field.span, object=view.id, length=_length(field), severity=severity)


def with_article(word: str) -> str:
    """A word as one speaks of one thing.

    >>> with_article("average"), with_article("sum")
    ('an average', 'a sum')
    """
    return f"{'an' if word[:1] in 'aeiou' else 'a'} {word}"


def _length(field: Field) -> int:
    return len(f"{field.kind}: {field.name}")
