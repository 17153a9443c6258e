"""What a whole statement does: which query it runs, and which table it writes."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from dagster_lookml.sql.nodes import alias_of, declared, name_of
from dagster_lookml.sql.placeholders import TABLE, Substituted
from dagster_lookml.sql.scopes import QueryWalk, Scope
from dagster_lookml.sql.statement import OWN, ElementSource, Output, Select, Star, Statement, TableRead, TableSource


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
    return _Reader(substituted, dialect).statement(tree, own_alias)


class _Reader:
    def __init__(self, substituted: Substituted, dialect: str) -> None:
        self.walk = QueryWalk(substituted, dialect)
        self.columns: tuple[str, ...] = ()

    def statement(self, tree: exp.Expr, own_alias: str | None) -> Statement:
        target: TableRead | None = None
        result = -1
        top: Scope | None = None
        if own_alias is not None and isinstance(tree, exp.Select):
            result = self.walk.reserve()
            top = self.scope_of_field(result, own_alias)
            self.walk.select(tree, top)
        elif isinstance(tree, exp.Query | exp.Subquery | exp.Values):
            result = self.walk.query(tree, None, {})
        elif isinstance(tree, exp.Create | exp.Insert):
            target, result = self.written(tree)
        elif isinstance(tree, exp.Merge | exp.Update | exp.Delete):
            target, result = self.changed(tree)
        elif isinstance(tree, exp.Drop | exp.TruncateTable):
            gone = tree.this if isinstance(tree, exp.Drop) else next(iter(tree.expressions), None)
            target = self.walk.names.table_read(gone) if isinstance(gone, exp.Table) else None
        elif not isinstance(tree, exp.Command):
            result = self.other(tree)
        uses = self.walk.names.unmet()
        selects = tuple(select if select is not None else Select(-1) for select in self.walk.selects)
        anew = isinstance(tree, exp.Create | exp.Drop | exp.TruncateTable) and not tree.args.get("exists")
        return Statement(tuple(self.walk.tables), selects, result, target, uses, self.columns, tuple(declared(tree)), anew)

    def scope_of_field(self, number: int, own_alias: str) -> Scope:
        scope = Scope(number, None, {})
        self.walk.tables.append(TableRead("own", (OWN,), OWN, 1))
        scope.add(TableSource(TABLE, 0))
        if own_alias:
            scope.aliases.setdefault(own_alias.lower(), 0)
        return scope

    def written(self, tree: exp.Create | exp.Insert) -> tuple[TableRead | None, int]:
        """CREATE TABLE ... AS, CREATE VIEW, CREATE MODEL, INSERT ... SELECT."""
        node = tree.this
        names: tuple[str, ...] = ()
        if isinstance(node, exp.Schema):
            names = tuple(name_of(one) for one in node.expressions if isinstance(one, exp.Identifier | exp.ColumnDef))
            self.columns = names
            node = node.this
        target = self.walk.names.table_read(node) if isinstance(node, exp.Table) else None
        ctes = self.walk.ctes(tree, None, {})
        body = tree.args.get("expression")
        if isinstance(tree.args.get("clone"), exp.Clone):
            body = exp.select("*").from_(tree.args["clone"].this)
        if not isinstance(body, exp.Query | exp.Subquery | exp.Values) or tree.args.get("kind") in ("FUNCTION", "PROCEDURE"):
            return target, -1
        return target, self.walk.query(body, None, ctes, names)

    def changed(self, tree: exp.Merge | exp.Update | exp.Delete) -> tuple[TableRead | None, int]:
        """MERGE and UPDATE put out the columns that they set; DELETE puts out none."""
        number = self.walk.reserve()
        scope = Scope(number, None, self.walk.ctes(tree, None, {}))
        target = self.walk.names.table_read(tree.this) if isinstance(tree.this, exp.Table) else None
        if isinstance(tree.this, exp.Table):
            if target is not None and target.kind == "table" and not isinstance(tree, exp.Delete):
                self.walk.add_source(tree.this, scope)
            else:  # the table that is being built knows its own columns
                scope.add(ElementSource(alias_of(tree.this), (), False))
        outputs: list[Output | Star] = []
        if isinstance(tree, exp.Merge):
            self.walk.add_source(tree.args["using"], scope)
            self.walk.read(tree.args.get("on"), scope)
            for when in tree.args["whens"].expressions:
                self.walk.read(when.args.get("condition"), scope)
                outputs += self.assigned(when.args.get("then"), scope)
        else:
            self.walk.add_from(tree, scope)
            outputs += self.assigned(tree, scope)
            for source in tree.args.get("using") or ():
                self.walk.add_source(source, scope)
            self.walk.read(tree.args.get("where"), scope)
        self.walk.close(scope, outputs)
        return target, number

    def assigned(self, node: exp.Expr | None, scope: Scope) -> Iterator[Output]:
        if isinstance(node, exp.Update):
            for one in node.expressions:
                if isinstance(one, exp.EQ) and isinstance(one.this, exp.Column):
                    yield self.walk.output(one.this.name, one.expression, scope)
        elif isinstance(node, exp.Insert) and isinstance(node.this, exp.Tuple) and isinstance(node.expression, exp.Tuple):
            for column, value in zip(node.this.expressions, node.expression.expressions, strict=False):
                yield self.walk.output(name_of(column), value, scope)

    def other(self, tree: exp.Expr) -> int:
        """Anything else, such as ``SET x = (SELECT ...)`` or DELETE: what its subqueries read."""
        number = self.walk.reserve()
        scope = Scope(number, None, {})
        self.walk.close(scope, [Output("", tuple(self.walk.uses(tree, scope)))])
        return number if any(select is not None for select in self.walk.selects[number + 1 :]) else -1
