"""Measures whose SQL reads a column or a dimension and aggregates it nowhere (R4.16, R4.22)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from dagster_lookml.analysis.checks.measures import NON_AGGREGATE, with_article
from dagster_lookml.analysis.checks.names import Names
from dagster_lookml.analysis.checks.uses import Uses
from dagster_lookml.semantic.findings import Findings
from dagster_lookml.semantic.objects import Field, Text, View
from dagster_lookml.semantic.references import place
from dagster_lookml.sql.texts import has_liquid

_BY_ROW: Final = frozenset(
    """abs cast ceil ceiling char_length coalesce concat concat_ws convert date date_add date_diff date_part date_sub date_trunc
    dateadd datediff datetime day decode div div0 div0null exp extract float64 floor format format_date greatest if iff ifnull iif
    initcap int64 least left length ln log log10 lower lpad ltrim mod month nullif nullifzero nvl nvl2 pow power replace right
    round rpad rtrim safe_add safe_cast safe_divide safe_multiply safe_subtract sign split_part sqrt substr substring timestamp
    timestamp_diff to_char to_date to_number to_timestamp to_varchar trim trunc truncate try_cast try_to_number upper year
    zeroifnull""".split()
)
"""Functions that make one value of the values of one row in every database; of others nobody knows here."""
_KEYWORDS: Final = frozenset("and between case else in is like not on or then when".split())
"""Words before a bracket that opens no arguments."""
_KNOWN: Final = _BY_ROW | _KEYWORDS
_PIECE: Final = re.compile(
    r"""(?:'(?:[^'\\]++|''|\\.)*+'|"[^"]*+"|`[^`]*+`|--[^\n]*+|^\s*+\#[^\n]*+|/\*.*?\*/)   # strings, names, comments
      | \$\{\s*(?P<reference>[^}]*?)\s*\}(?:\.(?P<column>"[^"]++"|`[^`]++`|\w++(?!\s*\()))?
      | (?P<called>[A-Za-z_][\w.]*+)?\s*+(?P<open>\()
      | (?P<close>\))
      | \b(?P<subquery>select)\b
      | \w++""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE | re.MULTILINE,
)


class Bare(NamedTuple):
    """A reference that no aggregate stands around.

    Attributes:
        name: as it stands in the braces.
        column: behind ``${TABLE}.``, without quotes; empty of a field.
        start: offset of ``${``.
        end: offset behind it.
    """

    name: str
    column: str
    start: int
    end: int


def bare_references(sql: str) -> list[Bare]:
    """The references that certainly stand in no aggregate: there is nothing around them but what works row by row.

    Args:
        sql: constants expanded. Of one with Liquid or a subquery nothing is known.

    >>> [one.name for one in bare_references("sum(${a}) / nullif(${b}, 0) + my_sum(${c})")], bare_references("{{ x }} + ${a}")
    (['b'], [])
    """
    if has_liquid(sql) or "${" not in sql or "@{" in sql:
        return []
    found: list[Bare] = []
    inside: list[bool] = []  # for each open bracket whether rows may be aggregated in it
    for piece in _PIECE.finditer(sql):
        if piece["subquery"] is not None:
            return []
        if piece["open"] is not None:
            called = (piece["called"] or "").lower().removeprefix("safe.")
            inside.append(bool(called) and called not in _KNOWN)
        elif piece["close"] is not None and inside:
            inside.pop()
        elif piece["reference"] and not any(inside):
            found.append(Bare(piece["reference"], (piece["column"] or "").strip('"`'), piece.start(), piece.end()))
    return found


def check_unaggregated(uses: Uses, findings: Findings) -> None:
    """Check the measures of every view that do not aggregate by their type."""
    told: set[int] = set()  # a field that several views inherit is one object
    for view in uses.views:
        for field in view.fields:
            if field.kind == "measure" and field.type in NON_AGGREGATE and id(field) not in told:
                told.add(id(field))
                _check_measure(uses, findings, view, field)


def _check_measure(uses: Uses, findings: Findings, view: View, field: Field) -> None:
    for text, bare in _in_measure(field):
        what = f"column `{bare.column}`" if bare.column else f"dimension `{bare.name}`"
        if bare.column or _is_dimension(uses, view, bare.name):
            kind = with_article(field.type)
            message = f"the measure `{view.name}.{field.name}` is {kind} and reads the {what} outside of any aggregate"
            hint = "give it an aggregating type, such as sum, or aggregate in its sql"
            span, length = place(text, bare.start), bare.end - bare.start
            findings.add("unaggregated-measure", message, span, object=view.id, hint=hint, length=length)
            return


def _in_measure(field: Field) -> Iterator[tuple[Text, Bare]]:
    """What a measure reads as it is; nothing of one that brings along the dimensions by which it has to be grouped."""
    has_required_fields = any(one.parameter == "required_fields" for one in field.references)
    for text in field.sql if not has_required_fields else ():
        if text.parameter == "sql":
            yield from ((text, bare) for bare in bare_references(text.value) if bare.column or bare.name != "TABLE")


def _is_dimension(uses: Uses, view: View, written: str) -> bool:
    """Tell whether a reference certainly means a dimension that reads a column, whatever explore asks."""
    scope, _, name = written.partition("::")[0].rpartition(".")
    others: tuple[View | None, ...] = (view,)
    if scope and scope != view.name:
        others = (uses.beside(view) or {}).get(scope, ())
    return bool(others) and all(one is not None and _reads_column(uses.names, one, name, set()) for one in others)


def _reads_column(names: Names, view: View, name: str, seen: set[str]) -> bool:
    """Tell whether a field is a dimension that puts a column as it is into a query, itself or by way of others of its view."""
    field = names.field(view, name)
    if field is None or field.kind not in ("dimension", "dimension_group") or field.own_name in seen:
        return False
    if not names.is_told_apart(field):
        return False
    seen.add(field.own_name)
    return not field.sql or any(
        bare.column or _reads_column(names, view, bare.name.partition("::")[0].removeprefix(f"{view.name}."), seen)
        for text in field.sql
        for bare in bare_references(text.value)
    )
