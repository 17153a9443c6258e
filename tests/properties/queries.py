"""SQL that some database may well understand, made by chance: few names, so that they meet; every clause that moves columns."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

NAMES = ("a", "b", "c", "t", "u", "x", "q", "id")
FUNCTIONS = ("SUM", "COALESCE", "UPPER", "STRUCT", "ARRAY", "ANY_VALUE")
VIEWS = ("x", "y", "z")
DIALECTS = ("", "bigquery", "snowflake", "redshift", "postgres", "mysql", "trino", "databricks", "tsql", "duckdb", "clickhouse")


class Queries:
    """Makes SQL.

    Args:
        chance: decides everything.
    """

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance

    def one_of(self, makers: Sequence[str | Callable[[], str]]) -> str:
        """Any of some texts, or what any of some functions makes."""
        made = self.chance.choice(makers)
        return made if isinstance(made, str) else made()

    def name(self) -> str:
        """A name."""
        return self.chance.choice(NAMES)

    def likely(self, share: float, make: Callable[[], str]) -> str:
        """What a function makes, in so many of all cases; otherwise nothing."""
        return make() if self.chance.random() < share else ""

    def several(self, most: int, make: Callable[[], str]) -> str:
        """One to so many, with commas."""
        return ", ".join(make() for _ in range(self.chance.randint(1, most)))

    # -- expressions ---------------------------------------------------------------------------------------------------

    def column(self) -> str:
        """A column, more or less qualified; or what LookML puts in its place."""
        name, view = self.name(), self.chance.choice(VIEWS)
        plain = (name, name, f"{self.name()}.{name}", f"{self.name()}.{name}", f"{self.name()}.{self.name()}.{name}", f'"{name}"')
        lookml = (f"${{TABLE}}.{name}", f"${{{view}.a}}", "${b}", "{% if a._in_query %} a {% else %} b {% endif %}", "1", "'s'")
        return self.chance.choice(plain if self.chance.random() < 0.8 else lookml)

    def expression(self, depth: int) -> str:
        """Anything that has a value."""
        if depth <= 0 or self.chance.random() < 0.3:
            return self.column()

        def inner() -> str:
            return self.expression(depth - 1)

        return self.one_of(
            [
                lambda: f"{inner()} {self.chance.choice(['+', '=', 'AND', '||', 'LIKE'])} {inner()}",
                lambda: f"{self.chance.choice(FUNCTIONS)}({self.several(2, inner)})",
                lambda: f"CASE WHEN {inner()} THEN {inner()} ELSE {inner()} END",
                lambda: f"({self.query(depth - 1)})",
                lambda: f"{inner()} IN ({self.query(depth - 1)})",
                lambda: f"EXISTS ({self.query(depth - 1)})",
                lambda: f"SUM({inner()}) OVER (PARTITION BY {inner()} ORDER BY {inner()})",
                lambda: f"SUM({inner()}) OVER {self.name()}",
                lambda: f"CAST({inner()} AS INT)",
                lambda: f"{self.column()}[0].{self.name()}",
                lambda: f"DATEDIFF(day, {inner()}, {inner()})",
                lambda: f"FILTER({self.column()}, {self.name()} -> {inner()})",
                lambda: f"{self.column()}:{self.name()}.{self.name()}::INT",
                lambda: f"ARRAY({self.query(depth - 1)})",
            ]
        )

    # -- sources -------------------------------------------------------------------------------------------------------

    def table(self) -> str:
        """The name of a table, or of a view's."""
        view = f"${{{self.chance.choice(VIEWS)}.SQL_TABLE_NAME}}"
        return self.one_of(
            [self.name(), f"s.{self.name()}", f"p.s.{self.name()}", view, view, "${TABLE}", f"{self.name()}.items"]
        )

    def source(self, depth: int) -> str:
        """What may stand in FROM."""
        alias = self.chance.choice(["", f" AS {self.name()}", f" {self.name()}"])
        if depth <= 0 or self.chance.random() < 0.5:
            return self.table() + alias
        name = self.name
        return self.one_of(
            [
                lambda: f"({self.query(depth - 1)}) {name()}",
                lambda: f"({self.query(depth - 1)}) AS {name()}({name()}, {name()})",
                lambda: f"({self.source(depth - 1)} JOIN {self.source(depth - 1)} ON {self.expression(1)}){alias}",
                lambda: f"UNNEST({self.expression(1)}) AS {name()}",
                lambda: f"LATERAL FLATTEN(input => {self.expression(1)}) {name()}",
                lambda: f"LATERAL ({self.query(depth - 1)}) {name()}",
                lambda: f"{self.table()} PIVOT (SUM({name()}) FOR {name()} IN ('a', 'b')){alias}",
                lambda: f"{self.table()} UNPIVOT ({name()} FOR {name()} IN ({name()}, {name()})){alias}",
                lambda: f"(VALUES (1, {name()}), (2, 3)) AS {name()}({name()}, {name()})",
                lambda: f"ML.PREDICT(MODEL s.{name()}, ({self.query(depth - 1)}))",
            ]
        )

    def join(self, depth: int) -> str:
        """One join."""
        kind = self.chance.choice(["JOIN", "LEFT JOIN", "CROSS JOIN", "NATURAL JOIN", ","])
        condition = self.one_of([lambda: f" ON {self.expression(1)}", f" USING ({self.name()})", f" USING ({self.name()}, id)"])
        return f" {kind} {self.source(depth)}{condition if kind.endswith('T JOIN') or kind == 'JOIN' else ''}"

    # -- queries -------------------------------------------------------------------------------------------------------

    def output(self, depth: int) -> str:
        """One entry of a SELECT."""
        name = self.name
        stars = ("*", f"{name()}.*", f"* EXCEPT ({name()})", f"* REPLACE (1 AS {name()})", f"{name()}.{name()}.*")
        alias = self.chance.choice(["", f" AS {name()}", f" AS {name()}"])
        return self.chance.choice(stars) if self.chance.random() < 0.2 else self.expression(depth) + alias

    def select(self, depth: int) -> str:
        """A SELECT."""
        clauses = (
            self.likely(0.95, lambda: f" FROM {self.source(depth)}")
            + "".join(self.join(depth - 1) for _ in range(self.chance.choice([0, 0, 1, 1, 2])))
            + self.likely(0.3, lambda: f" WHERE {self.expression(depth)}")
            + self.likely(0.2, lambda: f" GROUP BY {self.expression(1)}")
            + self.likely(0.1, lambda: f" HAVING {self.expression(1)}")
            + self.likely(0.1, lambda: f" QUALIFY ROW_NUMBER() OVER (PARTITION BY {self.expression(1)} ORDER BY id) = 1")
            + self.likely(0.1, lambda: f" WINDOW {self.name()} AS (PARTITION BY {self.expression(1)})")
            + self.likely(0.1, lambda: f" ORDER BY {self.expression(1)}")
        )
        return f"SELECT {self.several(4, lambda: self.output(depth - 1))}{clauses}"

    def query(self, depth: int) -> str:
        """A query."""
        if depth <= 0:
            return f"SELECT {self.name()}, {self.column()} AS {self.name()} FROM {self.table()}"

        def step() -> str:
            names = self.likely(0.2, lambda: f"({self.name()}, {self.name()})")
            return f"{self.name()}{names} AS ({self.query(depth - 1)})"

        def combined() -> str:
            return f" {self.chance.choice(['UNION ALL', 'UNION', 'INTERSECT'])} {self.select(depth - 1)}"

        steps = self.likely(0.3, lambda: f"WITH {self.chance.choice(['', 'RECURSIVE '])}{self.several(3, step)} ")
        return f"{steps}{self.select(depth)}{self.likely(0.25, combined)}"

    def statement(self, depth: int) -> str:
        """A statement that makes, fills or changes a table."""
        target = self.chance.choice(["${SQL_TABLE_NAME}", f"s.{self.name()}"])
        query = self.query(depth)
        merge = f"MERGE INTO {target} USING {self.source(depth)} ON {self.expression(1)} WHEN MATCHED THEN UPDATE SET a = b"
        return self.chance.choice(
            [
                f"CREATE TABLE {target} AS {query}",
                f"CREATE OR REPLACE TABLE {target} (a INT, b INT) AS {query}",
                f"INSERT INTO {target} {query}",
                f"INSERT INTO {target} (a, b) {query}",
                f"{merge} WHEN NOT MATCHED THEN INSERT (a, b) VALUES (a, {self.column()})",
                f"UPDATE {target} SET a = {self.expression(1)} FROM {self.source(depth)} WHERE {self.expression(1)}",
                f"DELETE FROM {target} WHERE {self.expression(1)}",
                f"DROP TABLE {target}",
                f"SET a = ({query})",
                query,
            ]
        )
