"""SQL parameters to statements: one environment, every variant of the Liquid, each read once (R10.18)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, Protocol

import msgspec

from dagster_lookml.semantic.constants import CONSTANT
from dagster_lookml.sql.environment import Environment, in_environment
from dagster_lookml.sql.liquid_values import Known
from dagster_lookml.sql.placeholders import unknown
from dagster_lookml.sql.reading import Form, Reading, column_statement, plain_column, read_sql
from dagster_lookml.sql.scanning import ScannedUses, expression_statement, scan_expression
from dagster_lookml.sql.statement import ColumnUse
from dagster_lookml.sql.templates import COMBINATIONS, MAX_VARIANTS, Expansion, Variant, expand

Statement = tuple[str, Form, str]
"""One variant of a text, what it is, and the name of its dialect."""


LONG_TEXT: Final = 20_000
"""Characters of a text in which branches are taken and not combined."""


class StatementReader(Protocol):
    """Reads single statements; the place where a cache of readings can step in."""

    def __call__(self, sql: str, form: Form, dialect: str) -> Reading:
        """Read one statement."""

    def fetch(self, statements: Iterable[Statement]) -> None:
        """Be told which statements will be asked for."""


class PlainReader:
    """The reader that reads every time."""

    def __call__(self, sql: str, form: Form, dialect: str) -> Reading:
        return read_sql(sql, form, dialect)

    def fetch(self, statements: Iterable[Statement]) -> None:
        return


class ReadVariant(msgspec.Struct, frozen=True, gc=False):
    """One variant of a text, read."""

    variant: Variant
    reading: Reading


class ReadText(msgspec.Struct, frozen=True, gc=False):
    """One SQL parameter, read.

    Attributes:
        variants: each with its conditions.
        liquid_fault: what is wrong with its Liquid, or None.
        complete: every branch of the Liquid is in some variant.
        undefined: which constant is missing in it (R9.7), or None.
    """

    variants: tuple[ReadVariant, ...]
    liquid_fault: str | None = None
    complete: bool = True
    undefined: str | None = None

    @property
    def fault(self) -> str | None:
        """Why not all of it could be read."""
        unread = next((one.reading.fault for one in self.variants if one.reading.fault is not None), None)
        too_many = None if self.complete or self.liquid_fault else f"its Liquid has more than {MAX_VARIANTS} branches"
        return self.undefined or unread or too_many


class SqlTexts:
    """Reads SQL parameters, each text once for each dialect and each world it stands in.

    Args:
        environment: which of ``-- if prod --`` and ``-- if dev --`` counts.
        reader: reads one variant.
    """

    def __init__(self, environment: Environment = "prod", reader: StatementReader | None = None) -> None:
        self._environment = environment
        self.reader = reader or PlainReader()
        self._expansions: dict[tuple[str, Form, int], Expansion] = {}
        self._expressions: dict[tuple[str, str], ReadText | None] = {}
        self._texts: dict[tuple[str, Form, str, int], ReadText] = {}
        self._worlds: list[Known] = []  # keeps alive what the numbers in the keys stand for

    def read(self, sql: str, form: Form, dialect: str, known: Known) -> ReadText:
        """Read a text.

        Args:
            sql: constants expanded.
            form: what it is.
            dialect: name of the dialect.
            known: what its Liquid may know.
        """
        if form == "field":
            simple = self._simple(sql, dialect)
            if simple is not None:
                return simple
        key = (sql, form, dialect, id(known) if has_liquid(sql) else 0)
        found = self._texts.get(key)
        if found is None:
            found = self._texts[key] = self._read_text(sql, form, dialect, known)
        return found

    def statements(self, sql: str, form: Form, dialect: str, known: Known) -> Iterator[Statement]:
        """What the reader will be asked for when a text is read; arguments as for `read`."""
        if form != "field" or self._simple(sql, dialect) is None:
            yield from ((one.text, form, dialect) for one in self._expanded(sql, form, known).variants)

    def _simple(self, sql: str, dialect: str) -> ReadText | None:
        """An expression that needs no parser: a column, or one in which only ``${...}`` names anything."""
        key = (sql, dialect)
        if key not in self._expressions:
            path = plain_column(sql)
            if path is not None:
                found: tuple[ScannedUses, ...] | None = (ScannedUses((), (ColumnUse(0, 0, path, 1),)),)
            else:
                is_simple = sql.strip() and "@{" not in sql
                found = scan_expression(self._written(sql), dialect) if is_simple else None
            self._expressions[key] = None if found is None else ReadText(tuple(_scanned(one, path) for one in found))
        return self._expressions[key]

    def _expanded(self, sql: str, form: Form, known: Known) -> Expansion:
        if not has_liquid(sql):
            return expand(self._written(sql), known)
        key = (sql, form, id(known))
        if key not in self._expansions:
            self._worlds.append(known)
            combinations = COMBINATIONS if len(sql) < LONG_TEXT else 1
            wanted = MAX_VARIANTS if form == "table" else combinations
            self._expansions[key] = expand(self._written(sql), known, wanted)
        return self._expansions[key]

    def _written(self, sql: str) -> str:
        """The text in its environment; a constant that is nowhere defined becomes an identifier made of its name."""
        text = in_environment(sql, self._environment)
        return CONSTANT.sub(lambda found: unknown(found.group(1)), text) if "@{" in text else text

    def _read_text(self, sql: str, form: Form, dialect: str, known: Known) -> ReadText:
        expansion = self._expanded(sql, form, known)
        variants = tuple(ReadVariant(one, self.reader(one.text, form, dialect)) for one in expansion.variants)
        if len(variants) > 1:  # a variant that says nothing is a way in which the text adds nothing
            variants = tuple(one for one in variants if one.variant.text.strip()) or variants[:1]
        constant = CONSTANT.search(in_environment(sql, self._environment)) if "@{" in sql else None
        undefined = f"the constant {constant.group(1)} is not defined" if constant is not None else None
        return ReadText(variants, expansion.fault, expansion.complete, undefined)


def has_liquid(sql: str) -> bool:
    """Tell whether a text has any Liquid."""
    return "{%" in sql or "{{" in sql


def _scanned(found: ScannedUses, path: tuple[str, ...] | None) -> ReadVariant:
    statement = expression_statement(found.uses) if path is None else column_statement(path)
    return ReadVariant(Variant("", found.conditions), Reading((statement,)))
