"""One walk over a parsed statement: its scopes, their sources, and what every output column is made of.

sqlglot gives the tree; what is kept of it is `Statement`. The walk goes once through every expression and is no recursion there,
so that a sum of a thousand terms is no deep call; only scopes inside scopes are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from sqlglot import exp

from dagster_lookml.sql.names import Names
from dagster_lookml.sql.nodes import (
    QUERIES,
    alias_names,
    alias_of,
    combined,
    first_line,
    is_ml,
    is_plain,
    is_query,
    is_word,
    line_of,
    name_of,
    without_alias,
)
from dagster_lookml.sql.placeholders import TABLE, Substituted, reference_numbers, with_unknowns
from dagster_lookml.sql.statement import (
    OWN,
    UNQUALIFIED,
    ColumnUse,
    ElementSource,
    ModelSource,
    Output,
    PivotSource,
    QuerySource,
    QueryUse,
    Select,
    Source,
    Star,
    TableRead,
    TableSource,
    Use,
)

_LATERAL_ALIASES: Final = frozenset(
    {"snowflake", "redshift", "databricks", "spark", "spark2", "duckdb", "clickhouse", "teradata"}
)
_FLATTENED: Final = ("seq", "key", "path", "index", "value", "this")
_READS: Final = (
    "where",
    "prewhere",
    "group",
    "having",
    "qualify",
    "connect",
    "order",
    "sort",
    "cluster",
    "distribute",
    "windows",
)


class Scope:
    """A SELECT while it is walked over."""

    def __init__(self, number: int, parent: Scope | None, ctes: dict[str, int]) -> None:
        self.number = number
        self.parent = parent
        self.ctes = ctes
        self.sources: list[Source] = []
        self.reads: list[Use] = []
        self.shared: list[str] = []
        self.aliases: dict[str, int] = {}
        self.tables: dict[str, tuple[str, ...]] = {}
        self.windows: dict[str, exp.Expr] = {}

    def add(self, source: Source) -> int:
        self.sources.append(source)
        if source.alias:
            self.aliases.setdefault(source.alias, len(self.sources) - 1)
        return len(self.sources) - 1


class QueryWalk:
    """The walk over the queries of one statement.

    Args:
        substituted: the text of the statement, which knows what its placeholders mean.
        dialect: name of the dialect; empty for standard SQL.

    Attributes:
        names: what names mean.
        tables: that were read so far, or written.
        selects: the scopes, by number; None while one is walked over.
    """

    def __init__(self, substituted: Substituted, dialect: str) -> None:
        self.names = Names(substituted, dialect)
        self.dialect = dialect
        self.tables: list[TableRead] = []
        self.selects: list[Select | None] = []

    # -- queries -------------------------------------------------------------------------------------------------------

    def reserve(self) -> int:
        """The number of a scope that is about to be walked over."""
        self.selects.append(None)
        return len(self.selects) - 1

    def close(self, scope: Scope, outputs: Sequence[Output | Star], names: tuple[str, ...] = ()) -> None:
        """Keep a scope that was walked over."""
        self.selects[scope.number] = Select(
            scope.parent.number if scope.parent is not None else -1,
            tuple(scope.sources),
            tuple(outputs),
            tuple(dict.fromkeys(scope.reads)),
            (),
            tuple(scope.shared),
            names,
            self.dialect in _LATERAL_ALIASES,
        )

    def ctes(self, node: exp.Expr, parent: Scope | None, known: dict[str, int]) -> dict[str, int]:
        clause = node.args.get("with_")
        if clause is None:
            return known
        known = dict(known)
        for cte in clause.expressions:
            names = tuple(name_of(one) for one in cte.args["alias"].args.get("columns") or ()) if cte.args.get("alias") else ()
            number = self.reserve()
            if clause.args.get("recursive") or self.dialect in ("snowflake", "tsql", "bigquery"):
                known = {**known, cte.alias.lower(): number}
            self.query(cte.this, parent, known, names, number)
            known = {**known, cte.alias.lower(): number}
        return known

    def query(
        self,
        node: exp.Expr,
        parent: Scope | None,
        ctes: dict[str, int],
        names: tuple[str, ...] = (),
        number: int | None = None,
    ) -> int:
        """Walk over a query; returns the number of its scope."""
        number = self.reserve() if number is None else number
        while isinstance(node, exp.Subquery | exp.Paren) and not node.args.get("pivots"):
            ctes = self.ctes(node, parent, ctes)
            node = node.this
        ctes = self.ctes(node, parent, ctes)
        scope = Scope(number, parent, ctes)
        if isinstance(node, exp.SetOperation):
            branches = tuple(self.query(one, parent, ctes) for one in combined(node))
            above = parent.number if parent is not None else -1
            self.selects[number] = Select(above, branches=branches, names=names)
        elif isinstance(node, exp.Select):
            self.select(node, scope, names)
        elif isinstance(node, exp.Values):
            self.values(node, scope, names)
        else:  # TABLE t, or a table function in the place of a query
            self.add_source(node, scope)
            self.close(scope, [Star(UNQUALIFIED)], names)
        return number

    def values(self, node: exp.Values, scope: Scope, names: tuple[str, ...]) -> None:
        rows = [one.expressions if isinstance(one, exp.Tuple) else [one] for one in node.expressions]
        width = max((len(row) for row in rows), default=0)
        outputs = [
            Output(
                names[at] if at < len(names) else f"column{at + 1}",
                tuple(use for row in rows if at < len(row) for use in self.uses(row[at], scope)),
            )
            for at in range(width)
        ]
        self.close(scope, outputs, names)

    def select(self, node: exp.Select, scope: Scope, names: tuple[str, ...] = ()) -> None:
        self.add_from(node, scope)
        scope.windows = {name_of(one.this): one for one in node.args.get("windows") or ()}
        outputs: list[Output | Star] = []
        for one in node.expressions:
            outputs += self.outputs(one, scope)
        named = {output.name for output in outputs if isinstance(output, Output)}
        for key in _READS:
            clause = node.args.get(key)
            for part in clause if isinstance(clause, list) else [clause]:
                self.read(part, scope, () if key in ("where", "prewhere", "connect") else named)
        self.close(scope, outputs, names)

    def add_from(self, node: exp.Expr, scope: Scope) -> None:
        clause = node.args.get("from_")
        if clause is not None:
            self.add_source(clause.this, scope)
        self.add_joins(node, scope)

    def add_joins(self, node: exp.Expr, scope: Scope) -> None:
        for join in node.args.get("joins") or ():
            self.add_source(join.this, scope)
            self.read(join.args.get("on"), scope)
            for one in join.args.get("using") or ():
                scope.shared.append(name_of(one))
                scope.reads.append(ColumnUse(scope.number, UNQUALIFIED, (name_of(one),), line_of(one)))
        for lateral in node.args.get("laterals") or ():
            self.add_source(lateral, scope)

    def read(self, node: exp.Expr | None, scope: Scope, outputs: Iterable[str] = ()) -> None:
        """Note what a clause reads; the name of an output there is that output, and read already."""
        if node is None:
            return
        for use in self.uses(node, scope):
            is_output = isinstance(use, ColumnUse) and use.source == UNQUALIFIED and len(use.path) == 1 and use.path[0] in outputs
            if not is_output:
                scope.reads.append(use)

    # -- sources -------------------------------------------------------------------------------------------------------

    def add_source(self, node: exp.Expr, scope: Scope) -> None:
        if node.args.get("pivots"):
            self.add_pivots(node, scope)
        elif isinstance(node, exp.Table):
            self.add_table(node, scope)
        elif isinstance(node, exp.Subquery) and isinstance(node.this, exp.Table | exp.Subquery) and not is_query(node.this):
            self.add_parenthesised(node, scope)
        elif isinstance(node, exp.Subquery | exp.Query | exp.Values):
            alias, names = alias_of(node), alias_names(node)
            scope.add(QuerySource(alias, self.query(without_alias(node), scope.parent, scope.ctes, names), names))
            self.add_joins(node, scope) if isinstance(node, exp.Subquery) else None
        elif isinstance(node, exp.Lateral):
            self.add_lateral(node, scope)
        elif isinstance(node, exp.Unnest):
            self.add_unnest(node, scope)
        else:
            self.add_function(node, scope, node)

    def add_parenthesised(self, node: exp.Subquery, scope: Scope) -> None:
        """``FROM (a JOIN b ON ...)``, with an alias for all of it or without."""
        if not node.alias:
            self.add_source(node.this, scope)
            self.add_joins(node, scope)
            return
        inner = Scope(self.reserve(), scope, scope.ctes)
        self.add_source(node.this, inner)
        self.close(inner, [Star(UNQUALIFIED)])
        scope.add(QuerySource(alias_of(node), inner.number, alias_names(node)))
        self.add_joins(node, scope)

    def add_table(self, node: exp.Table, scope: Scope) -> None:
        if not isinstance(node.this, exp.Identifier | exp.Dot):
            self.add_function(node, scope, node.this)
            self.add_joins(node, scope)
            return
        parts = [part.name for part in node.parts]
        alias = alias_of(node) or parts[-1].lower()
        first = parts[0].lower()
        if len(parts) == 1 and first in scope.ctes:
            scope.add(QuerySource(alias, scope.ctes[first], alias_names(node)))
        elif len(parts) > 1 and (found := self.find_alias([first], scope)) is not None:  # FROM t, t.items (R6.8)
            use = ColumnUse(found[0].number, found[1], tuple(part.lower() for part in parts[1:]), line_of(node))
            scope.add(ElementSource(alias, (use,), True))
        elif len(parts) > 1 and first == TABLE:
            use = ColumnUse(scope.number, self.own_source(scope), tuple(part.lower() for part in parts[1:]), line_of(node))
            scope.add(ElementSource(alias, (use,), True))
        else:
            read = self.names.table_read(node)
            self.tables.append(read)
            if read.kind == "view" and not alias_of(node):  # Looker puts its query before the statement, under its name (R5.2)
                alias = read.parts[0].lower()
            scope.tables[alias] = tuple(part.lower() for part in parts)
            scope.add(TableSource(alias, len(self.tables) - 1, alias_names(node)))
        self.add_joins(node, scope)

    def own_source(self, scope: Scope) -> int:
        """``${TABLE}`` in the FROM of a subquery: the own table of the field, as a source of this scope."""
        self.tables.append(TableRead("own", (OWN,), OWN, 1))
        return scope.add(TableSource("", len(self.tables) - 1))

    def add_lateral(self, node: exp.Lateral, scope: Scope) -> None:
        inner, alias, names = node.this, alias_of(node), alias_names(node)
        if isinstance(inner, exp.Subquery | exp.Query):
            scope.add(QuerySource(alias, self.query(inner, scope, scope.ctes, names), names))
        elif isinstance(inner, exp.Unnest):
            self.add_elements(inner.expressions, alias, names, scope)
        elif isinstance(inner, exp.Explode) and self.dialect == "snowflake":
            self.add_elements([inner], alias, _FLATTENED, scope, plain=False)
        elif isinstance(inner, exp.Explode | exp.Posexplode | exp.Inline):
            counters = names[:1] if isinstance(inner, exp.Posexplode) else ()
            self.add_elements([inner.this], alias, tuple(name for name in names if name not in counters), scope, counters)
        else:
            self.add_function(node, scope, inner)

    def add_unnest(self, node: exp.Unnest, scope: Scope) -> None:
        alias, names = alias_of(node), alias_names(node)
        offset = node.args.get("offset")
        counters = (offset.name.lower(),) if isinstance(offset, exp.Identifier) else ("offset",) if offset else ()
        if not alias and len(names) == 1:  # BigQuery: the alias is the element
            alias, names = names[0], ()
        self.add_elements(node.expressions, alias, names, scope, counters)

    def add_elements(
        self,
        arrays: Sequence[exp.Expr],
        alias: str,
        names: tuple[str, ...],
        scope: Scope,
        counters: tuple[str, ...] = (),
        plain: bool | None = None,
    ) -> None:
        uses = tuple(use for array in arrays for use in self.uses(array, scope))
        as_they_are = len(arrays) == 1 and is_plain(arrays[0]) if plain is None else plain
        scope.add(ElementSource(alias, uses, as_they_are, names, closed=bool(names), counters=counters))

    def add_function(self, node: exp.Expr, scope: Scope, function: exp.Expr) -> None:
        """A table function: machine learning passes its rows on; of others every column comes from the arguments."""
        alias, names = alias_of(node), alias_names(node)
        if isinstance(function, exp.Predict | exp.MLForecast) or is_ml(node, function):
            scope.add(self.model_source(alias, function, scope))
            return
        if isinstance(node, exp.TableFromRows) and isinstance(node.this, exp.Explode):
            names = _FLATTENED
        scope.add(ElementSource(alias, tuple(self.uses(function, scope)), False, names, closed=names == _FLATTENED))

    def model_source(self, alias: str, function: exp.Expr, scope: Scope) -> ModelSource:
        model, select = -1, -1
        for child in function.iter_expressions():
            inner = (
                child.this if isinstance(child, exp.Kwarg | exp.ModelAttribute) and isinstance(child.this, exp.Expr) else child
            )
            if isinstance(inner, exp.Table) and model < 0:
                read = self.names.table_read(inner)
                self.tables.append(TableRead("model" if read.kind == "table" else read.kind, read.parts, read.written, read.line))
                model = len(self.tables) - 1
            elif isinstance(inner, exp.Table | exp.Subquery | exp.Query) and select < 0:
                select = self.query(inner, scope, scope.ctes)
        return ModelSource(alias, model, select)

    def add_pivots(self, node: exp.Expr, scope: Scope) -> None:
        pivots, alias = node.args["pivots"], ""
        bare = node.copy()
        bare.set("pivots", None)
        inner = Scope(self.reserve(), scope, scope.ctes)
        self.add_source(bare, inner)
        made: list[tuple[str, tuple[Use, ...]]] = []
        consumed: list[str] = []
        names: tuple[str, ...] = ()
        for pivot in pivots:
            alias = pivot.alias.lower() or alias
            names = alias_names(pivot) or names
            if pivot.args.get("unpivot"):
                self.unpivot(pivot, inner, made, consumed)
                continue
            uses = tuple(use for one in (*pivot.expressions, *(pivot.args.get("fields") or ())) for use in self.uses(one, inner))
            consumed += [use.path[0] for use in uses if isinstance(use, ColumnUse) and use.path]
            made += [(name_of(one), uses) for one in pivot.args.get("columns") or ()]
        self.close(inner, [Star(UNQUALIFIED)])
        scope.add(PivotSource(alias or alias_of(node), inner.number, tuple(made), tuple(consumed), names))

    def unpivot(self, pivot: exp.Pivot, inner: Scope, made: list[tuple[str, tuple[Use, ...]]], consumed: list[str]) -> None:
        """The value column is made of all the columns that are turned; the name column of none."""
        turned: list[Use] = []
        for field in pivot.args.get("fields") or ():
            made.append((name_of(field.this), ()))
            turned += [use for one in field.expressions for use in self.uses(one, inner)]
        consumed += [use.path[0] for use in turned if isinstance(use, ColumnUse) and use.path]
        made += [(name_of(one), tuple(turned)) for one in pivot.expressions]

    # -- outputs and uses ----------------------------------------------------------------------------------------------

    def outputs(self, node: exp.Expr, scope: Scope) -> Iterator[Output | Star]:
        if isinstance(node, exp.Star):
            yield from self.star(node, UNQUALIFIED, None, scope)
        elif isinstance(node, exp.Column) and isinstance(node.this, exp.Star):
            qualifier = [part.name.lower() for part in node.parts[:-1]]
            found = self.find_alias(qualifier, scope)
            if found is not None and found[0] is scope and len(qualifier) == found[2]:
                yield from self.star(node.this, found[1], None, scope)
            else:
                column = self.column_use(qualifier, line_of(node), scope)
                yield from self.star(node.this, UNQUALIFIED, column if isinstance(column, ColumnUse) else None, scope)
        elif isinstance(node, exp.Aliases):
            uses = tuple(self.uses(node.this, scope))
            yield from (Output(name_of(one), uses) for one in node.expressions)
        else:
            yield self.output(node.alias or node.output_name, node.this if isinstance(node, exp.Alias) else node, scope)

    def star(self, node: exp.Star, source: int, column: ColumnUse | None, scope: Scope) -> Iterator[Output | Star]:
        replaced = [
            self.output(one.alias, one.this, scope) for one in node.args.get("replace") or () if isinstance(one, exp.Alias)
        ]
        renamed = [self.output(one.alias, one.this, scope) for one in node.args.get("rename") or () if isinstance(one, exp.Alias)]
        left_out = [one.name.lower() for one in node.args.get("except_") or ()]
        gone = [one.this.name.lower() for one in node.args.get("rename") or () if isinstance(one, exp.Alias)]
        yield from replaced
        yield from renamed
        yield Star(source, column, (*left_out, *gone, *(one.name for one in replaced)))

    def output(self, name: str, node: exp.Expr, scope: Scope) -> Output:
        return Output(self.names.with_references(name).lower(), tuple(dict.fromkeys(self.uses(node, scope))), is_plain(node))

    def uses(self, node: exp.Expr, scope: Scope) -> Iterator[Use]:
        """Every column, field and subquery in an expression."""
        stack = [node]
        opened: set[str] = set()
        while stack:
            one = stack.pop()
            if isinstance(one, exp.Column):
                if not isinstance(one.this, exp.Star) and not is_word(one):
                    yield from self.named([part.name for part in one.parts], line_of(one.this), scope)
            elif isinstance(one, exp.Dot):
                yield from self.dotted(one, stack, scope)
            elif isinstance(one, QUERIES) or (isinstance(one, exp.Subquery) and is_query(one)):
                yield QueryUse(self.query(one, scope, scope.ctes), first_line(one))
            elif isinstance(one, exp.Subquery | exp.Table):
                inner = Scope(self.reserve(), scope, scope.ctes)
                self.add_source(one, inner)
                self.close(inner, [])
            elif isinstance(one, exp.Literal):
                if one.is_string:
                    yield from (self.names.reference(number, 1) for number in reference_numbers(one.name))
            elif isinstance(one, exp.Parameter) and isinstance(one.this, exp.Literal):
                yield ColumnUse(scope.number, UNQUALIFIED, (f"${one.this.name}",), 1)
            elif isinstance(one, exp.Identifier | exp.Var | exp.Anonymous):
                yield from (self.names.reference(number, 1) for number in reference_numbers(str(one.name)))
                stack.extend(one.expressions)
            elif isinstance(one, exp.Window):
                stack.extend(reversed([child for child in one.iter_expressions() if child is not one.args.get("alias")]))
                name = name_of(one.args["alias"]) if one.args.get("alias") else ""
                named = scope.windows.get(name)
                if named is not None and named is not one and name not in opened:
                    opened.add(name)
                    stack.extend(child for child in named.iter_expressions() if child is not named.this)
            elif not isinstance(one, exp.DataType):
                stack.extend(reversed(list(one.iter_expressions())))

    def dotted(self, node: exp.Dot, stack: list[exp.Expr], scope: Scope) -> Iterator[Use]:
        """``a.b.c.d.e``: a struct path longer than a column; or a function with a path for its name."""
        suffix: list[str] = []
        base: exp.Expr = node
        while isinstance(base, exp.Dot | exp.Bracket | exp.Paren):
            if isinstance(base, exp.Dot):
                right = base.expression
                if isinstance(right, exp.Func):
                    stack.append(right)
                    if isinstance(base.this, exp.Identifier | exp.Dot):
                        return
                else:
                    suffix.append(right.name)
            elif isinstance(base, exp.Bracket):
                stack.extend(base.expressions)
            base = base.this
        if isinstance(base, exp.Column) and not isinstance(base.this, exp.Star):
            yield from self.named([*(part.name for part in base.parts), *reversed(suffix)], line_of(base.this), scope)
        elif not isinstance(base, exp.Identifier):  # an identifier is the variable of a lambda
            stack.append(base)

    def named(self, parts: list[str], line: int, scope: Scope) -> Iterator[Use]:
        """What a dotted name means: a field, a column of a source, or a column of nobody knows which."""
        numbers = [number for part in parts for number in reference_numbers(part)]
        if numbers and self.find_alias([part.lower() for part in parts], scope) is None:
            yield from (self.names.reference(number, line) for number in numbers)
        else:
            yield self.column_use([with_unknowns(part).lower() for part in parts], line, scope)

    def column_use(self, parts: list[str], line: int, scope: Scope) -> Use:
        found = self.find_alias(parts if len(parts) > 1 else [*parts], scope)
        if found is not None:
            holder, source, used = found
            if used < len(parts) or self.is_whole(parts, holder, source):
                return ColumnUse(holder.number, source, tuple(parts[used:]), line)
        return ColumnUse(scope.number, UNQUALIFIED, tuple(parts), line)

    def is_whole(self, parts: list[str], holder: Scope, source: int) -> bool:
        """A name alone that is an alias: the element of an array, or ``${TABLE}`` itself."""
        return parts == [TABLE] or isinstance(holder.sources[source], ElementSource)

    def find_alias(self, parts: list[str], scope: Scope) -> tuple[Scope, int, int] | None:
        """The source that the beginning of a dotted name means, and how many parts of it do."""
        at: Scope | None = scope
        while at is not None:
            for length in range(1, len(parts) + 1):
                source = at.aliases.get(parts[length - 1])
                if source is not None and (
                    length == 1 or at.tables.get(parts[length - 1], ())[-length:] == tuple(parts[:length])
                ):
                    return at, source, length
            at = at.parent
        return None
