"""The quick way through most fields: expressions in which only ``${...}`` can name anything.

``SUM(CASE WHEN ${status} = 'done' THEN ${TABLE}.amount END)`` reads what stands in ``${}``, whatever its structure: every other
word in it is a keyword, a function or a literal. One compiled expression tells such texts and finds their references, also where
they stand in branches of simple Liquid; then each carries the conditions around it. A text with any other word, a subquery, or
Liquid that makes text is left to the parser. A generated repository may have twenty megabytes of such SQL.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple

from dagster_lookml.sql.statement import OWN, ColumnUse, FieldUse, Output, Select, Statement, TableRead, TableSource, Use

_KEYWORDS: Final = """case when then else end and or not is null in like ilike rlike between over partition by order asc desc
    rows range unbounded preceding following current row distinct true false at time zone escape div mod within group filter
    where nulls first last ignore respect from as"""
_QUOTES_ARE_STRINGS: Final = frozenset({"bigquery", "mysql", "databricks", "spark"})
_CONDITION: Final = re.compile(r"[\w.\-]+\._(?:is_selected|in_query|is_filtered)")
_SCOPED: Final = re.compile(r"\s*([^\s{}$'\"%()]+?)(?:::\w+)?\s*")


class ScannedUses(NamedTuple):
    """What an expression mentions under the same conditions."""

    conditions: tuple[str, ...]
    uses: tuple[Use, ...]


@cache
def _pattern(dialect: str) -> re.Pattern[str]:
    """What stands between references, skipped as a whole; then a reference, a tag of Liquid, or the end."""
    keywords = "|".join(sorted(_KEYWORDS.split(), key=len, reverse=True))
    strings = r"'(?:[^'\\]++|''|\\.)*+'"
    comments = r"--[^\n]*+|/\*.*?\*/"
    if dialect in _QUOTES_ARE_STRINGS:
        strings += r'|"(?:[^"\\]++|\\.)*+"'
        comments += r"|\#[^\n]*+"
    name = r'(?:[a-z_]\w*+|`[^`\s.]++`|"[^"\s.]++")'
    return re.compile(
        rf"""(?:
            \s++
          | (?:::|\bas\s++)\s*+(?:[a-z_]\w*+)(?:\s*+\([\d,\s]*+\))?+      # a type, behind :: or in CAST
          | \b(?:{keywords})\b(?!\s*+\.)
          | [a-z_]\w*+\s*+\((?!\s*+select\b)                               # a function
          | \d[\w.]*+
          | {strings}
          | {comments}
          | [-(),=<>!+*/|&^~?\[\]](?<!--)(?<!/\*)
          | %(?!\}})
        )*+
        (?:
            \$\{{\s*+TABLE\s*+\}}\.({name}(?:\.{name})*+)(?!\s*+(?:[.(\[]|:(?!:)))   # 1 a column
          | \$\{{([^}}]*+)\}}(?![\w.`"\[]|:(?!:))                                 # 2 a field
          | \{{%-?\s*+(if|elsif|else|endif|unless|endunless)\b\s*+(.*?)\s*+-?%\}}  # 3 a tag and 4 its condition
          | (\Z)                                                                # 5
        )""",
        re.VERBOSE | re.IGNORECASE | re.DOTALL,
    )


def scan_expression(sql: str, dialect: str) -> tuple[ScannedUses, ...] | None:
    """Find what an expression mentions, without parsing it.

    Args:
        sql: one environment chosen; may hold Liquid.
        dialect: decides what quotes and ``#`` mean.

    Returns:
        The references, those under the same conditions together and those under none first; None if the text is not as simple
        as that.

    >>> [(found.conditions, len(found.uses)) for found in scan_expression("sum(${TABLE}.a) / nullif(${b}, 0)", "")]
    [((), 2)]
    >>> scan_expression("a + ${b}", "") is None
    True
    """
    found: dict[tuple[str, ...], dict[Use, None]] = {(): {}}
    branches = _Branches()
    line, counted, at = 1, 0, 0
    pattern = _pattern(dialect)
    while True:
        match = pattern.match(sql, at)
        if match is None:
            return None
        kind = match.lastindex
        line += sql.count("\n", counted, match.start(kind or 0))
        counted = match.start(kind or 0)
        if kind == 5:
            break
        if kind == 1:
            use: Use | None = ColumnUse(0, 0, tuple(part.strip('`"').lower() for part in match.group(1).split(".")), line)
        elif kind == 2:
            use = _field(match.group(2), line)
            if use is None:
                return None
        elif branches.tag(match.group(3).lower(), match.group(4)):
            use = None
        else:
            return None
        if use is not None and not branches.contradictory:
            found.setdefault(branches.conditions, {})[use] = None
        at = match.end()
    if branches.is_open or sql.count("(") != sql.count(")"):
        return None
    return tuple(ScannedUses(conditions, tuple(uses)) for conditions, uses in found.items() if uses or not conditions)


def _field(written: str, line: int) -> FieldUse | None:
    scoped = _SCOPED.fullmatch(written)
    if scoped is None:
        return None
    view, _, name = scoped.group(1).rpartition(".")
    if name in ("TABLE", "EXTENDED", "SQL_TABLE_NAME") or not name:
        return None
    return FieldUse(view or None, name, line)


class _Branches:
    """The conditions around a place, while tags of Liquid go by."""

    def __init__(self) -> None:
        self._open: list[tuple[str, list[str], bool]] = []
        self.conditions: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        return bool(self._open)

    @property
    def contradictory(self) -> bool:
        """Some condition stands there together with its opposite, so nobody gets here."""
        return len(self.conditions) > 1 and any(f"not {one}" in self.conditions for one in self.conditions)

    def tag(self, tag: str, condition: str) -> bool:
        """Go past a tag; tells whether it is a simple one."""
        if tag in ("if", "unless"):
            if not _CONDITION.fullmatch(condition):
                return False
            self._open.append((tag, [condition], tag == "if"))
        elif not self._open:
            return False
        elif tag == "elsif":
            if not _CONDITION.fullmatch(condition) or self._open[-1][0] == "unless":
                return False
            self._open[-1][1].append(condition)
        elif tag == "else":
            opened, conditions, _ = self._open[-1]
            self._open[-1] = (opened, [*conditions, ""], True)
        elif tag == f"end{self._open[-1][0]}":
            self._open.pop()
        else:
            return False
        self.conditions = tuple(dict.fromkeys(one for entry in self._open for one in self._around(entry)))
        return True

    @staticmethod
    def _around(entry: tuple[str, list[str], bool]) -> Iterator[str]:
        opened, conditions, _ = entry
        *before, here = conditions
        if opened == "unless":
            yield conditions[0] if len(conditions) > 1 else f"not {here}"
            return
        yield from (f"not {one}" for one in before)
        if here:
            yield here


def expression_statement(uses: tuple[Use, ...]) -> Statement:
    """The statement of an expression that mentions some columns and fields."""
    own = TableRead("own", (OWN,), OWN, 1)
    return Statement((own,), (Select(-1, (TableSource("lkml_table", 0),), (Output("", uses),)),), 0)
