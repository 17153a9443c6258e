"""One walk over a parsed statement: its scopes, their sources, and what every output column is made of.

sqlglot gives the tree; what is kept of it is `Statement`. The walk goes once through every expression and is no recursion there,
so that a sum of a thousand terms is no deep call; only scopes inside scopes are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from sqlglot import exp

from dagster_lookml.semantic.references import SqlReference
from dagster_lookml.sql.dialects import table_part
from dagster_lookml.sql.placeholders import TABLE, Substituted, is_unknown, reference_numbers, with_unknowns
from dagster_lookml.sql.statement import (
    BUILT,
    OWN,
    UNQUALIFIED,
    ColumnUse,
    ElementSource,
    FieldUse,
    ModelSource,
    Output,
    PivotSource,
    QuerySource,
    QueryUse,
    Select,
    Source,
    Star,
    Statement,
    TableRead,
    TableSource,
    Use,
)

_NO_COLUMNS: Final = frozenset("sysdate systimestamp localtime localtimestamp getdate default".split())
"""Bare words that are functions or values in some dialect, and no columns."""
_DATE_PARTS: Final = frozenset(
    """microsecond millisecond second minute hour day week month quarter year isoweek isoyear dayofweek dayofyear date time
    epoch dow doy ns us ms s mi min hh h dd d dw dy wk ww w qq q mm m mon yy yyyy y microseconds milliseconds seconds minutes
    mins hours hrs hr days weeks months quarters years decade century weekday timestamp weekofyear yearofweek""".split()
)
"""Bare words that say which part of a date a function is about."""
_DATE_FUNCTIONS: Final = frozenset(
    """datediff date_diff dateadd date_add date_sub datesub date_trunc datetrunc datetime_trunc timestamp_trunc time_trunc
    timestamp_diff timestampdiff datetime_diff time_diff timestamp_add timestampadd datetime_add timestamp_sub datetime_sub
    date_part datepart datename last_day extract timediff timeadd ts_or_ds_diff ts_or_ds_add""".split()
)
_LATERAL_ALIASES: Final = frozenset(
    {"snowflake", "redshift", "databricks", "spark", "spark2", "duckdb", "clickhouse", "teradata"}
)
_FLATTENED: Final = ("seq", "key", "path", "index", "value", "this")
_QUERIES: Final = (exp.Select, exp.SetOperation, exp.Values)
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


def read_statement(
    tree: exp.Expr,
    substituted: Substituted,
    dialect: str,
    *,
    own_alias: str | None = None,
) -> Statement:
    """Walk over one parsed statement.

    Args:
        tree: of the statement; its substitutions are placeholders.
        substituted: the text that it was parsed from, which knows what the placeholders mean.
        dialect: name of the dialect; empty for standard SQL.
        own_alias: another name under which ``${TABLE}`` may be meant; given for SQL of a field, of which ``${TABLE}`` is a
            source though it does not say so.
    """
    return _Walk(substituted, dialect).statement(tree, own_alias)


class _Scope:
    """A SELECT while it is walked over."""

    def __init__(self, number: int, parent: _Scope | None, ctes: dict[str, int]) -> None:
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


class _Walk:
    def __init__(self, substituted: Substituted, dialect: str) -> None:
        self.references = substituted.references
        self.live = substituted.live
        self.dialect = dialect
        self.tables: list[TableRead] = []
        self.selects: list[Select | None] = []
        self.met: set[int] = set()
        self.columns: tuple[str, ...] = ()

    # -- statements ----------------------------------------------------------------------------------------------------

    def statement(self, tree: exp.Expr, own_alias: str | None) -> Statement:
        target: TableRead | None = None
        result = -1
        top: _Scope | None = None
        if own_alias is not None and isinstance(tree, exp.Select):
            result = self.reserve()
            top = self.scope_of_field(result, own_alias)
            self.select(tree, top)
        elif isinstance(tree, exp.Query | exp.Subquery | exp.Values):
            result = self.query(tree, None, {})
        elif isinstance(tree, exp.Create | exp.Insert):
            target, result = self.written(tree)
        elif isinstance(tree, exp.Merge | exp.Update | exp.Delete):
            target, result = self.changed(tree)
        elif isinstance(tree, exp.Drop | exp.TruncateTable):
            gone = tree.this if isinstance(tree, exp.Drop) else next(iter(tree.expressions), None)
            target = self.table_read(gone) if isinstance(gone, exp.Table) else None
        elif not isinstance(tree, exp.Command):
            result = self.other(tree)
        uses = self.unmet()
        selects = tuple(select if select is not None else Select(-1) for select in self.selects)
        anew = isinstance(tree, exp.Create | exp.Drop | exp.TruncateTable) and not tree.args.get("exists")
        return Statement(tuple(self.tables), selects, result, target, uses, self.columns, tuple(_declared(tree)), anew)

    def scope_of_field(self, number: int, own_alias: str) -> _Scope:
        scope = _Scope(number, None, {})
        self.tables.append(TableRead("own", (OWN,), OWN, 1))
        scope.add(TableSource(TABLE, 0))
        if own_alias:
            scope.aliases.setdefault(own_alias.lower(), 0)
        return scope

    def written(self, tree: exp.Create | exp.Insert) -> tuple[TableRead | None, int]:
        """CREATE TABLE ... AS, CREATE VIEW, CREATE MODEL, INSERT ... SELECT."""
        node = tree.this
        names: tuple[str, ...] = ()
        if isinstance(node, exp.Schema):
            names = tuple(_name(one) for one in node.expressions if isinstance(one, exp.Identifier | exp.ColumnDef))
            self.columns = names
            node = node.this
        target = self.table_read(node) if isinstance(node, exp.Table) else None
        ctes = self.ctes(tree, None, {})
        body = tree.args.get("expression")
        if isinstance(tree.args.get("clone"), exp.Clone):
            body = exp.select("*").from_(tree.args["clone"].this)
        if not isinstance(body, exp.Query | exp.Subquery | exp.Values) or tree.args.get("kind") in ("FUNCTION", "PROCEDURE"):
            return target, -1
        return target, self.query(body, None, ctes, names)

    def changed(self, tree: exp.Merge | exp.Update | exp.Delete) -> tuple[TableRead | None, int]:
        """MERGE and UPDATE put out the columns that they set; DELETE puts out none."""
        number = self.reserve()
        scope = _Scope(number, None, self.ctes(tree, None, {}))
        target = self.table_read(tree.this) if isinstance(tree.this, exp.Table) else None
        if isinstance(tree.this, exp.Table):
            if target is not None and target.kind == "table" and not isinstance(tree, exp.Delete):
                self.add_source(tree.this, scope)
            else:  # the table that is being built knows its own columns
                scope.add(ElementSource(_alias(tree.this), (), False))
        outputs: list[Output | Star] = []
        if isinstance(tree, exp.Merge):
            self.add_source(tree.args["using"], scope)
            self.read(tree.args.get("on"), scope)
            for when in tree.args["whens"].expressions:
                self.read(when.args.get("condition"), scope)
                outputs += self.assigned(when.args.get("then"), scope)
        else:
            self.add_from(tree, scope)
            outputs += self.assigned(tree, scope)
            for source in tree.args.get("using") or ():
                self.add_source(source, scope)
            self.read(tree.args.get("where"), scope)
        self.close(scope, outputs)
        return target, number

    def assigned(self, node: exp.Expr | None, scope: _Scope) -> Iterator[Output]:
        if isinstance(node, exp.Update):
            for one in node.expressions:
                if isinstance(one, exp.EQ) and isinstance(one.this, exp.Column):
                    yield self.output(one.this.name, one.expression, scope)
        elif isinstance(node, exp.Insert) and isinstance(node.this, exp.Tuple) and isinstance(node.expression, exp.Tuple):
            for column, value in zip(node.this.expressions, node.expression.expressions, strict=False):
                yield self.output(_name(column), value, scope)

    def other(self, tree: exp.Expr) -> int:
        """Anything else, such as ``SET x = (SELECT ...)`` or DELETE: what its subqueries read."""
        number = self.reserve()
        scope = _Scope(number, None, {})
        self.close(scope, [Output("", tuple(self.uses(tree, scope)))])
        return number if any(select is not None for select in self.selects[number + 1 :]) else -1

    def unmet(self) -> tuple[Use, ...]:
        """References that stand where no expression was walked: in a name, a type or a literal. None gets lost."""
        missed = sorted(self.live - self.met)
        return tuple(self.reference(number, 1) for number in missed if not self.references[number].is_table)

    # -- queries -------------------------------------------------------------------------------------------------------

    def reserve(self) -> int:
        self.selects.append(None)
        return len(self.selects) - 1

    def close(self, scope: _Scope, outputs: Sequence[Output | Star], names: tuple[str, ...] = ()) -> None:
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

    def ctes(self, node: exp.Expr, parent: _Scope | None, known: dict[str, int]) -> dict[str, int]:
        clause = node.args.get("with_")
        if clause is None:
            return known
        known = dict(known)
        for cte in clause.expressions:
            names = tuple(_name(one) for one in cte.args["alias"].args.get("columns") or ()) if cte.args.get("alias") else ()
            number = self.reserve()
            if clause.args.get("recursive") or self.dialect in ("snowflake", "tsql", "bigquery"):
                known = {**known, cte.alias.lower(): number}
            self.query(cte.this, parent, known, names, number)
            known = {**known, cte.alias.lower(): number}
        return known

    def query(
        self,
        node: exp.Expr,
        parent: _Scope | None,
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
        scope = _Scope(number, parent, ctes)
        if isinstance(node, exp.SetOperation):
            branches = tuple(self.query(one, parent, ctes) for one in _branches(node))
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

    def values(self, node: exp.Values, scope: _Scope, names: tuple[str, ...]) -> None:
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

    def select(self, node: exp.Select, scope: _Scope, names: tuple[str, ...] = ()) -> None:
        self.add_from(node, scope)
        scope.windows = {_name(one.this): one for one in node.args.get("windows") or ()}
        outputs: list[Output | Star] = []
        for one in node.expressions:
            outputs += self.outputs(one, scope)
        named = {output.name for output in outputs if isinstance(output, Output)}
        for key in _READS:
            clause = node.args.get(key)
            for part in clause if isinstance(clause, list) else [clause]:
                self.read(part, scope, () if key in ("where", "prewhere", "connect") else named)
        self.close(scope, outputs, names)

    def add_from(self, node: exp.Expr, scope: _Scope) -> None:
        clause = node.args.get("from_")
        if clause is not None:
            self.add_source(clause.this, scope)
        self.add_joins(node, scope)

    def add_joins(self, node: exp.Expr, scope: _Scope) -> None:
        for join in node.args.get("joins") or ():
            self.add_source(join.this, scope)
            self.read(join.args.get("on"), scope)
            for one in join.args.get("using") or ():
                scope.shared.append(_name(one))
                scope.reads.append(ColumnUse(scope.number, UNQUALIFIED, (_name(one),), _line(one)))
        for lateral in node.args.get("laterals") or ():
            self.add_source(lateral, scope)

    def read(self, node: exp.Expr | None, scope: _Scope, outputs: Iterable[str] = ()) -> None:
        """Note what a clause reads; the name of an output there is that output, and read already."""
        if node is None:
            return
        for use in self.uses(node, scope):
            is_output = isinstance(use, ColumnUse) and use.source == UNQUALIFIED and len(use.path) == 1 and use.path[0] in outputs
            if not is_output:
                scope.reads.append(use)

    # -- sources -------------------------------------------------------------------------------------------------------

    def add_source(self, node: exp.Expr, scope: _Scope) -> None:
        if node.args.get("pivots"):
            self.add_pivots(node, scope)
        elif isinstance(node, exp.Table):
            self.add_table(node, scope)
        elif isinstance(node, exp.Subquery) and isinstance(node.this, exp.Table | exp.Subquery) and not _is_query(node.this):
            self.add_parenthesised(node, scope)
        elif isinstance(node, exp.Subquery | exp.Query | exp.Values):
            alias, names = _alias(node), _alias_names(node)
            scope.add(QuerySource(alias, self.query(_without_alias(node), scope.parent, scope.ctes, names), names))
            self.add_joins(node, scope) if isinstance(node, exp.Subquery) else None
        elif isinstance(node, exp.Lateral):
            self.add_lateral(node, scope)
        elif isinstance(node, exp.Unnest):
            self.add_unnest(node, scope)
        else:
            self.add_function(node, scope, node)

    def add_parenthesised(self, node: exp.Subquery, scope: _Scope) -> None:
        """``FROM (a JOIN b ON ...)``, with an alias for all of it or without."""
        if not node.alias:
            self.add_source(node.this, scope)
            self.add_joins(node, scope)
            return
        inner = _Scope(self.reserve(), scope, scope.ctes)
        self.add_source(node.this, inner)
        self.close(inner, [Star(UNQUALIFIED)])
        scope.add(QuerySource(_alias(node), inner.number, _alias_names(node)))
        self.add_joins(node, scope)

    def add_table(self, node: exp.Table, scope: _Scope) -> None:
        if not isinstance(node.this, exp.Identifier | exp.Dot):
            self.add_function(node, scope, node.this)
            self.add_joins(node, scope)
            return
        parts = [part.name for part in node.parts]
        alias = _alias(node) or parts[-1].lower()
        first = parts[0].lower()
        if len(parts) == 1 and first in scope.ctes:
            scope.add(QuerySource(alias, scope.ctes[first], _alias_names(node)))
        elif len(parts) > 1 and (found := self.find_alias([first], scope)) is not None:  # FROM t, t.items (R6.8)
            use = ColumnUse(found[0].number, found[1], tuple(part.lower() for part in parts[1:]), _line(node))
            scope.add(ElementSource(alias, (use,), True))
        elif len(parts) > 1 and first == TABLE:
            use = ColumnUse(scope.number, self.own_source(scope), tuple(part.lower() for part in parts[1:]), _line(node))
            scope.add(ElementSource(alias, (use,), True))
        else:
            read = self.table_read(node)
            self.tables.append(read)
            scope.tables[alias] = tuple(part.lower() for part in parts)
            scope.add(TableSource(alias, len(self.tables) - 1, _alias_names(node)))
        self.add_joins(node, scope)

    def own_source(self, scope: _Scope) -> int:
        """``${TABLE}`` in the FROM of a subquery: the own table of the field, as a source of this scope."""
        self.tables.append(TableRead("own", (OWN,), OWN, 1))
        return scope.add(TableSource("", len(self.tables) - 1))

    def table_read(self, node: exp.Table) -> TableRead:
        identifiers = [part for part in node.parts if isinstance(part, exp.Identifier)]
        parts = [part.name for part in identifiers]
        line = _line(node)
        if len(parts) == 1:
            name = parts[0].lower()
            if name == TABLE:
                return TableRead("own", (OWN,), OWN, line)
            numbers = reference_numbers(name)
            if len(numbers) == 1 and name == f"lkml_ref_{numbers[0]}z":
                return self.referenced_table(numbers[0], line)
        shown = tuple(with_unknowns(self.with_references(part)) for part in parts)
        name_parts = tuple(
            table_part(part, quoted=bool(identifier.args.get("quoted")), dialect=self.dialect)
            for part, identifier in zip(shown, identifiers, strict=True)
        )
        return TableRead("table", name_parts, ".".join(shown), line)

    def with_references(self, name: str) -> str:
        for number in reference_numbers(name):
            self.met.add(number)
            name = name.replace(f"lkml_ref_{number}z", f"{{{self.references[number].written}}}")
        return name

    def referenced_table(self, number: int, line: int) -> TableRead:
        self.met.add(number)
        reference = self.references[number]
        if not reference.is_table:
            return TableRead("table", (f"{{{reference.written}}}",), f"${{{reference.written}}}", line)
        if reference.view is None:
            return TableRead("built", (BUILT,), BUILT, line)
        return TableRead("view", (reference.view,), f"${{{reference.view}.SQL_TABLE_NAME}}", line)

    def add_lateral(self, node: exp.Lateral, scope: _Scope) -> None:
        inner, alias, names = node.this, _alias(node), _alias_names(node)
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

    def add_unnest(self, node: exp.Unnest, scope: _Scope) -> None:
        alias, names = _alias(node), _alias_names(node)
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
        scope: _Scope,
        counters: tuple[str, ...] = (),
        plain: bool | None = None,
    ) -> None:
        uses = tuple(use for array in arrays for use in self.uses(array, scope))
        is_plain = len(arrays) == 1 and _is_plain(arrays[0]) if plain is None else plain
        scope.add(ElementSource(alias, uses, is_plain, names, closed=bool(names), counters=counters))

    def add_function(self, node: exp.Expr, scope: _Scope, function: exp.Expr) -> None:
        """A table function: machine learning passes its rows on; of others every column comes from the arguments."""
        alias, names = _alias(node), _alias_names(node)
        if isinstance(function, exp.Predict | exp.MLForecast) or _is_ml(node, function):
            scope.add(self.model_source(alias, function, scope))
            return
        if isinstance(node, exp.TableFromRows) and isinstance(node.this, exp.Explode):
            names = _FLATTENED
        scope.add(ElementSource(alias, tuple(self.uses(function, scope)), False, names, closed=names == _FLATTENED))

    def model_source(self, alias: str, function: exp.Expr, scope: _Scope) -> ModelSource:
        model, select = -1, -1
        for child in function.iter_expressions():
            inner = (
                child.this if isinstance(child, exp.Kwarg | exp.ModelAttribute) and isinstance(child.this, exp.Expr) else child
            )
            if isinstance(inner, exp.Table) and model < 0:
                read = self.table_read(inner)
                self.tables.append(TableRead("model" if read.kind == "table" else read.kind, read.parts, read.written, read.line))
                model = len(self.tables) - 1
            elif isinstance(inner, exp.Table | exp.Subquery | exp.Query) and select < 0:
                select = self.query(inner, scope, scope.ctes)
        return ModelSource(alias, model, select)

    def add_pivots(self, node: exp.Expr, scope: _Scope) -> None:
        pivots, alias = node.args["pivots"], ""
        bare = node.copy()
        bare.set("pivots", None)
        inner = _Scope(self.reserve(), scope, scope.ctes)
        self.add_source(bare, inner)
        made: list[tuple[str, tuple[Use, ...]]] = []
        consumed: list[str] = []
        names: tuple[str, ...] = ()
        for pivot in pivots:
            alias = pivot.alias.lower() or alias
            names = _alias_names(pivot) or names
            if pivot.args.get("unpivot"):
                self.unpivot(pivot, inner, made, consumed)
                continue
            uses = tuple(use for one in (*pivot.expressions, *(pivot.args.get("fields") or ())) for use in self.uses(one, inner))
            consumed += [use.path[0] for use in uses if isinstance(use, ColumnUse) and use.path]
            made += [(_name(one), uses) for one in pivot.args.get("columns") or ()]
        self.close(inner, [Star(UNQUALIFIED)])
        scope.add(PivotSource(alias or _alias(node), inner.number, tuple(made), tuple(consumed), names))

    def unpivot(self, pivot: exp.Pivot, inner: _Scope, made: list[tuple[str, tuple[Use, ...]]], consumed: list[str]) -> None:
        """The value column is made of all the columns that are turned; the name column of none."""
        turned: list[Use] = []
        for field in pivot.args.get("fields") or ():
            made.append((_name(field.this), ()))
            turned += [use for one in field.expressions for use in self.uses(one, inner)]
        consumed += [use.path[0] for use in turned if isinstance(use, ColumnUse) and use.path]
        made += [(_name(one), tuple(turned)) for one in pivot.expressions]

    # -- outputs and uses ----------------------------------------------------------------------------------------------

    def outputs(self, node: exp.Expr, scope: _Scope) -> Iterator[Output | Star]:
        if isinstance(node, exp.Star):
            yield from self.star(node, UNQUALIFIED, None, scope)
        elif isinstance(node, exp.Column) and isinstance(node.this, exp.Star):
            qualifier = [part.name.lower() for part in node.parts[:-1]]
            found = self.find_alias(qualifier, scope)
            if found is not None and found[0] is scope and len(qualifier) == found[2]:
                yield from self.star(node.this, found[1], None, scope)
            else:
                column = self.column_use(qualifier, _line(node), scope)
                yield from self.star(node.this, UNQUALIFIED, column if isinstance(column, ColumnUse) else None, scope)
        elif isinstance(node, exp.Aliases):
            uses = tuple(self.uses(node.this, scope))
            yield from (Output(_name(one), uses) for one in node.expressions)
        else:
            yield self.output(node.alias or node.output_name, node.this if isinstance(node, exp.Alias) else node, scope)

    def star(self, node: exp.Star, source: int, column: ColumnUse | None, scope: _Scope) -> Iterator[Output | Star]:
        replaced = [
            self.output(one.alias, one.this, scope) for one in node.args.get("replace") or () if isinstance(one, exp.Alias)
        ]
        renamed = [self.output(one.alias, one.this, scope) for one in node.args.get("rename") or () if isinstance(one, exp.Alias)]
        left_out = [one.name.lower() for one in node.args.get("except_") or ()]
        gone = [one.this.name.lower() for one in node.args.get("rename") or () if isinstance(one, exp.Alias)]
        yield from replaced
        yield from renamed
        yield Star(source, column, (*left_out, *gone, *(one.name for one in replaced)))

    def output(self, name: str, node: exp.Expr, scope: _Scope) -> Output:
        return Output(self.with_references(name).lower(), tuple(dict.fromkeys(self.uses(node, scope))), _is_plain(node))

    def uses(self, node: exp.Expr, scope: _Scope) -> Iterator[Use]:
        """Every column, field and subquery in an expression."""
        stack = [node]
        while stack:
            one = stack.pop()
            if isinstance(one, exp.Column):
                if not isinstance(one.this, exp.Star) and not self.is_word(one):
                    yield from self.named([part.name for part in one.parts], _line(one.this), scope)
            elif isinstance(one, exp.Dot):
                yield from self.dotted(one, stack, scope)
            elif isinstance(one, _QUERIES) or (isinstance(one, exp.Subquery) and _is_query(one)):
                yield QueryUse(self.query(one, scope, scope.ctes), _first_line(one))
            elif isinstance(one, exp.Subquery | exp.Table):
                inner = _Scope(self.reserve(), scope, scope.ctes)
                self.add_source(one, inner)
                self.close(inner, [])
            elif isinstance(one, exp.Literal):
                if one.is_string:
                    yield from (self.reference(number, 1) for number in reference_numbers(one.name))
            elif isinstance(one, exp.Parameter) and isinstance(one.this, exp.Literal):
                yield ColumnUse(scope.number, UNQUALIFIED, (f"${one.this.name}",), 1)
            elif isinstance(one, exp.Identifier | exp.Var | exp.Anonymous):
                yield from (self.reference(number, 1) for number in reference_numbers(str(one.name)))
                stack.extend(one.expressions)
            elif isinstance(one, exp.Window):
                stack.extend(reversed([child for child in one.iter_expressions() if child is not one.args.get("alias")]))
                named = scope.windows.get(_name(one.args["alias"])) if one.args.get("alias") else None
                if named is not None and named is not one:
                    stack.extend(child for child in named.iter_expressions() if child is not named.this)
            elif not isinstance(one, exp.DataType):
                stack.extend(reversed(list(one.iter_expressions())))

    def is_word(self, node: exp.Column) -> bool:
        """A bare word that is no column: ``CURRENT_DATE``, the ``day`` of a date function, a value that is not known."""
        if len(node.parts) > 1:
            return False
        name = node.name.lower()
        if is_unknown(name):
            return True
        if node.this.args.get("quoted"):
            return False
        return name in _NO_COLUMNS or (name in _DATE_PARTS and _is_date_part(node))

    def dotted(self, node: exp.Dot, stack: list[exp.Expr], scope: _Scope) -> Iterator[Use]:
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
                    suffix.insert(0, right.name)
            elif isinstance(base, exp.Bracket):
                stack.extend(base.expressions)
            base = base.this
        if isinstance(base, exp.Column) and not isinstance(base.this, exp.Star):
            yield from self.named([*(part.name for part in base.parts), *suffix], _line(base.this), scope)
        elif not isinstance(base, exp.Identifier):  # an identifier is the variable of a lambda
            stack.append(base)

    def named(self, parts: list[str], line: int, scope: _Scope) -> Iterator[Use]:
        """What a dotted name means: a field, a column of a source, or a column of nobody knows which."""
        numbers = [number for part in parts for number in reference_numbers(part)]
        if numbers and self.find_alias([part.lower() for part in parts], scope) is None:
            yield from (self.reference(number, line) for number in numbers)
        else:
            yield self.column_use([with_unknowns(part).lower() for part in parts], line, scope)

    def reference(self, number: int, line: int) -> Use:
        self.met.add(number)
        reference = self.references[number] if number < len(self.references) else SqlReference(None, "", 0, 0)
        return FieldUse(reference.view, reference.name, line)

    def column_use(self, parts: list[str], line: int, scope: _Scope) -> Use:
        found = self.find_alias(parts if len(parts) > 1 else [*parts], scope)
        if found is not None:
            holder, source, used = found
            if used < len(parts) or self.is_whole(parts, holder, source):
                return ColumnUse(holder.number, source, tuple(parts[used:]), line)
        return ColumnUse(scope.number, UNQUALIFIED, tuple(parts), line)

    def is_whole(self, parts: list[str], holder: _Scope, source: int) -> bool:
        """A name alone that is an alias: the element of an array, or ``${TABLE}`` itself."""
        return parts == [TABLE] or isinstance(holder.sources[source], ElementSource)

    def find_alias(self, parts: list[str], scope: _Scope) -> tuple[_Scope, int, int] | None:
        """The source that the beginning of a dotted name means, and how many parts of it do."""
        at: _Scope | None = scope
        while at is not None:
            for length in range(1, len(parts) + 1):
                source = at.aliases.get(parts[length - 1])
                if source is not None and (
                    length == 1 or at.tables.get(parts[length - 1], ())[-length:] == tuple(parts[:length])
                ):
                    return at, source, length
            at = at.parent
        return None


# -- small questions about nodes ---------------------------------------------------------------------------------------


def _name(node: exp.Expr) -> str:
    return node.name.lower() if isinstance(node, exp.Expr) else ""


def _alias(node: exp.Expr) -> str:
    return node.alias.lower() if node.args.get("alias") else ""


def _alias_names(node: exp.Expr) -> tuple[str, ...]:
    alias = node.args.get("alias")
    return tuple(_name(one) for one in alias.args.get("columns") or ()) if isinstance(alias, exp.TableAlias) else ()


def _without_alias(node: exp.Expr) -> exp.Expr:
    return node.this if isinstance(node, exp.Subquery) and not node.args.get("with_") else node


def _line(node: exp.Expr) -> int:
    """The line of a name in the statement, as the tokenizer saw it."""
    inner = node
    while not isinstance(inner, exp.Identifier):
        following = inner.this
        if not isinstance(following, exp.Expr):
            return 1
        inner = following
    line = inner.meta.get("line", 1)
    return int(line)


def _declared(tree: exp.Expr) -> Iterator[str]:
    """The variables that a statement declares."""
    if isinstance(tree, exp.Declare):
        for declare in tree.expressions:
            names = declare.this if isinstance(declare.this, list) else [declare.this]
            yield from (_name(name) for name in names)


def _first_line(node: exp.Expr) -> int:
    """The line of the first name in a query."""
    return min((int(one.meta.get("line", 1)) for one in node.find_all(exp.Identifier) if one.meta), default=1)


def _is_query(node: exp.Expr) -> bool:
    """A subquery that is a query, and no parenthesised join."""
    while isinstance(node, exp.Subquery | exp.Paren):
        node = node.this
    return isinstance(node, _QUERIES)


def _is_plain(node: exp.Expr) -> bool:
    """A column and nothing more; its struct fields are the column's."""
    while isinstance(node, exp.Dot | exp.Paren) or (isinstance(node, exp.Array) and len(node.expressions) == 1):
        node = node.expressions[0] if isinstance(node, exp.Array) else node.this
    return isinstance(node, exp.Column)


def _is_date_part(node: exp.Column) -> bool:
    """The first or last argument of a function of dates: ``DATEDIFF(day, a, b)``, ``DATE_TRUNC(a, month)``."""
    function = node.parent
    if not isinstance(function, exp.Func):
        return False
    name = function.name if isinstance(function, exp.Anonymous) else type(function).sql_name()
    if name.lower() not in _DATE_FUNCTIONS:
        return False
    arguments: list[exp.Expr] = list(function.iter_expressions())
    return len(arguments) > 1 and any(one is node for one in (arguments[0], arguments[-1]))


def _is_ml(node: exp.Expr, function: exp.Expr) -> bool:
    """``ML.EVALUATE(MODEL m, ...)``, of which sqlglot knows only the more common ones."""
    if type(function).__name__ in ("GenerateEmbedding", "VectorSearch", "MLTranslate", "FeaturesAtTime"):
        return True
    schema = node.args.get("db")
    return isinstance(schema, exp.Identifier) and schema.name.lower() == "ml"


def _branches(node: exp.SetOperation) -> list[exp.Expr]:
    """The queries that a chain of set operations combines, in order."""
    found: list[exp.Expr] = []
    stack: list[exp.Expr] = [node]
    while stack:
        one = stack.pop()
        if isinstance(one, exp.SetOperation) and (one is node or not one.args.get("with_")):
            stack += [one.expression, one.this]
        else:
            found.append(one)
    return found
