"""The normal form of a parsed statement: equal for statements that mean the same, as far as that is sure.

Every rule holds in three-valued logic, for every type of operand and in every dialect that it is used in. What may be more than
one operand (see `Marks.open`) is left where it stands, and with it all that it might be torn from.

Imported when the first two texts differ in more than white space.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, Final, Literal

from sqlglot import exp

from dagster_lookml.sql.foldings import folded
from dagster_lookml.sql.marks import MARK
from dagster_lookml.sql.name_kinds import name_kind
from dagster_lookml.sql.ordinals import grouped_columns
from dagster_lookml.sql.precedence import is_clear, is_natural, is_operator, may_be_made
from dagster_lookml.sql.quantifiers import compares_many

Rule = Literal["parentheses", "names", "connectors", "operands", "lists", "groups", "numbers", "spelling"]
RULES: Final[Mapping[Rule, str]] = {
    "parentheses": "redundant parentheses differ",
    "names": "the case or quotes of names differ",
    "connectors": "the order of AND or OR conditions differs",
    "operands": "the order of operands differs",
    "lists": "the order of an IN list differs",
    "groups": "the order of GROUP BY differs",
    "numbers": "GROUP BY has the number of a column instead of it",
    "spelling": "the same is written in another way",
}
"""What is not looked at, and what it means to people if nothing else differs."""

_NUMERIC_PLUS: Final = frozenset("bigquery snowflake postgres mysql presto trino athena databricks spark".split())
"""Dialects in which ``+`` joins no strings and no lists."""
_NAMED_WITHOUT_TEXT: Final = frozenset("bigquery postgres redshift presto trino athena".split())
"""Dialects in which the name of an output without an alias does not depend on how its expression is written."""
_OWN_FUNCTIONS: Final = frozenset({"bigquery", "clickhouse"})
"""Dialects that tell functions of one's own by their case."""
_QUERIES: Final = (exp.Query, exp.Values)
_BOUNDED: Final = (exp.Paren, exp.Query, exp.Case, exp.Tuple, exp.Array, exp.Struct)
_TURNING: Final = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Mul, exp.NullSafeEQ, exp.NullSafeNEQ)
_ARGUMENTS: Final = (exp.Anonymous, exp.Property, exp.ReadCSV, exp.ReadParquet)
"""Where `a = b` may name an argument."""
_NAMED: Final = (exp.Alias, exp.Aliases, exp.Column, exp.Star, exp.Dot)
_TAKES_VALUES: Final = (
    exp.Binary,
    exp.Not,
    exp.In,
    exp.Exists,
    exp.Between,
    exp.Any,
    exp.All,
    exp.Cast,
    exp.Case,
    exp.If,
    exp.Coalesce,
)
"""What a subquery is a value or a list of values to, whatever its outputs are called."""
_NEGATED: Final[Mapping[type[exp.Expr], type[exp.Expr]]] = {exp.EQ: exp.NEQ, exp.NEQ: exp.EQ}


class NormalForm:
    """Makes normal forms.

    Args:
        dialect: name of the dialect.
        open_marks: identifiers that may stand for more than one operand.
        is_field: the statement is an expression behind SELECT, whose output nobody names.
        rules: what is not looked at.
        tables: names that stand for tables and for nothing else.
    """

    def __init__(
        self,
        dialect: str,
        open_marks: Collection[str],
        is_field: bool,
        rules: Collection[Rule] = tuple(RULES),
        tables: Collection[str] = (),
    ) -> None:
        self.dialect = dialect
        self.open_marks = open_marks
        self.is_field = is_field
        self.rules = frozenset(rules)
        self.tables = tables
        self._ways: Mapping[type[exp.Expr], Callable[[Any], str]] = {
            exp.Identifier: self._identifier,
            exp.Var: self._var,
            exp.Anonymous: self._anonymous,
            exp.Paren: self._paren,
            exp.Subquery: self._subquery,
            exp.Select: self._select,
            exp.Alias: self._alias,
            exp.And: self._connector,
            exp.Or: self._connector,
            exp.Not: self._not,
            exp.In: self._in,
            exp.Group: self._group,
            exp.Join: self._join,
            exp.Count: self._count,
            exp.If: self._if,
            exp.Pivot: self._pivot,
        }

    def of(self, statement: exp.Expr) -> str:
        """The normal form of a statement.

        >>> from sqlglot import parse_one
        >>> form = NormalForm("", (), is_field=True)
        >>> form.of(parse_one("SELECT (a > b) AND c")) == form.of(parse_one("SELECT C AND b < a"))
        True
        """
        if isinstance(statement, _QUERIES):
            return self.form(statement)
        return self.without("connectors", "operands", "lists", "groups").form(statement)  # `=` may assign there

    def without(self, *rules: Rule) -> NormalForm:
        return NormalForm(self.dialect, self.open_marks, self.is_field, self.rules - frozenset(rules), self.tables)

    @property
    def strict(self) -> NormalForm:
        """As it is written, but for the case of names."""
        return self.without("parentheses", "connectors", "operands", "lists", "groups", "numbers", "spelling")

    # -- nodes ---------------------------------------------------------------------------------------------------------

    def form(self, node: exp.Expr) -> str:
        """The normal form of a node."""
        way = self._ways.get(type(node))
        if way is not None:
            return way(node)
        return self._binary(node) if isinstance(node, exp.Binary) else self.plain(node)

    def plain(self, node: exp.Expr, **other: str) -> str:
        """A node by its kind and arguments, some of them given; empty ones are left out, as sqlglot does."""
        arguments = {key: self.value(value) for key, value in node.args.items() if key not in other and not _is_empty(value)}
        return _call(type(node), arguments | {key: value for key, value in other.items() if value})

    def value(self, value: Any) -> str:
        """An argument: a node, a list of them, or text."""
        if isinstance(value, exp.Expr):
            return self.form(value)
        if isinstance(value, list | tuple):
            return f"[{','.join(self.value(one) for one in value)}]"
        return repr(value)

    def _is_open(self, node: exp.Expr) -> bool:
        """What stands in a node, outside of brackets, may be torn: by what a mark stands for, or in another dialect's eyes."""
        return self._has_mark(node) or any(
            (is_operator(inner) and not is_natural(one, inner)) or may_be_made(inner)
            for one in _unbracketed(node)
            if is_operator(one)
            for inner in _operands(one)
        )

    def _has_mark(self, node: exp.Expr) -> bool:
        """A mark that may stand for more than one operand is in a node, outside of brackets."""
        return bool(self.open_marks) and any(
            isinstance(one, exp.Column) and len(one.parts) == 1 and one.name.lower() in self.open_marks
            for one in _unbracketed(node)
        )

    # -- names ---------------------------------------------------------------------------------------------------------

    def _identifier(self, node: exp.Identifier) -> str:
        quoted = bool(node.args.get("quoted"))
        if "names" not in self.rules:
            return f"{node.name!r}{'q' if quoted else ''}"
        kind = name_kind(node, self.tables, is_field=self.is_field)
        return repr(folded(node.name, quoted=quoted, kind=kind, dialect=self.dialect))

    def _var(self, node: exp.Var) -> str:
        is_exact = "names" not in self.rules or self.dialect == "clickhouse" or not node.name.isidentifier()
        return f"Var({node.name!r})" if is_exact else f"Var({node.name.lower()!r})"

    def _anonymous(self, node: exp.Anonymous) -> str:
        name = node.this
        if not isinstance(name, str):
            return self.plain(node)
        if name.startswith(MARK):  # a templated filter puts a comparison behind what stands in it, and no brackets around it
            return self.strict.plain(node)
        is_exact = "names" not in self.rules or self.dialect in _OWN_FUNCTIONS or isinstance(node.parent, exp.Dot) or "." in name
        return self.plain(node) if is_exact else self.plain(node, this=repr(name.lower()))

    # -- brackets ------------------------------------------------------------------------------------------------------

    def _paren(self, node: exp.Paren) -> str:
        inner, outer = _unwrapped(node), node.parent
        is_kept = "parentheses" not in self.rules or self._has_mark(inner) or (is_operator(inner) and compares_many(inner))
        is_kept = is_kept or (
            isinstance(inner, exp.Literal) and isinstance(outer, exp.Group | exp.Ordered)
        )  # no ordinal, to some
        if outer is not None and is_operator(outer) and is_operator(inner):
            is_kept = is_kept or not is_clear(outer, inner) or self._is_open(inner)
        return self.plain(node) if is_kept else self.form(node.this)

    def _subquery(self, node: exp.Subquery) -> str:
        is_bare = all(_is_empty(value) for key, value in node.args.items() if key != "this")
        if "parentheses" in self.rules and is_bare and isinstance(node.parent, exp.Subquery | exp.Paren | None):
            return self.form(node.this)
        return self.plain(node)

    def _alias(self, node: exp.Alias) -> str:
        is_open = node.alias.lower() in self.open_marks  # what looks like an alias may go on with the expression
        return self.strict.plain(node) if is_open else self.plain(node)

    # -- queries -------------------------------------------------------------------------------------------------------

    def _select(self, node: exp.Select) -> str:
        if self.dialect in _NAMED_WITHOUT_TEXT or not self._puts_out(node):
            return self.plain(node)
        strict = self.strict.without("names")
        outputs = ",".join((self if isinstance(one, _NAMED) else strict).form(one) for one in node.expressions)
        return self.plain(node, expressions=f"[{outputs}]")

    def _puts_out(self, node: exp.Select) -> bool:
        """The names of its outputs matter: to whoever reads its rows, or as the columns of a table that is made of them."""
        parent = node.parent
        while isinstance(parent, exp.Subquery | exp.SetOperation | exp.Paren):
            parent = parent.parent
        if parent is None:
            return not self.is_field
        is_output = isinstance(parent, exp.Alias) and isinstance(parent.parent, exp.Select)
        is_field = self.is_field and isinstance(parent, exp.Select) and parent.parent is None
        return not (is_output or is_field or isinstance(parent, _TAKES_VALUES))

    def _group(self, node: exp.Group) -> str:
        if [key for key, value in node.args.items() if not _is_empty(value)] != ["expressions"]:
            return self.plain(node)
        columns = grouped_columns(node, self.dialect) if "numbers" in self.rules else {}
        parts = [self.form(columns.get(place, one)) for place, one in enumerate(node.expressions)]
        return self.plain(node, expressions=f"[{','.join(sorted(parts) if 'groups' in self.rules else parts)}]")

    def _join(self, node: exp.Join) -> str:
        if "spelling" not in self.rules:
            return self.plain(node)
        side, kind = node.side.upper(), node.kind.upper()
        kind = "" if (kind == "INNER" and not side) or (kind == "OUTER" and side) else kind
        return self.plain(node, side=side, kind=kind)

    def _pivot(self, node: exp.Pivot) -> str:
        """Names become values in UNPIVOT, and values names in PIVOT."""
        return self.without("names").plain(node)

    # -- expressions ---------------------------------------------------------------------------------------------------

    def _count(self, node: exp.Count) -> str:
        one = node.this
        is_one = isinstance(one, exp.Literal) and not one.is_string and one.name == "1"
        if "spelling" in self.rules and is_one and not node.expressions:
            return self.plain(node, this="Star()")
        return self.plain(node)

    def _if(self, node: exp.If) -> str:
        """``IF(c, a, b)`` is CASE WHEN c THEN a ELSE b END; what stands within a CASE is its own."""
        if "spelling" not in self.rules or isinstance(node.parent, exp.Case) or node.args.get("true") is None:
            return self.plain(node)
        branch = _call(exp.If, {"this": self.form(node.this), "true": self.form(node.args["true"])})
        otherwise = node.args.get("false")
        return _call(exp.Case, {"ifs": f"[{branch}]"} | ({"default": self.form(otherwise)} if otherwise is not None else {}))

    def _in(self, node: exp.In) -> str:
        if "lists" not in self.rules or len(node.expressions) < 2 or isinstance(node.parent, exp.Pivot):
            return self.plain(node)
        return self.plain(node, expressions=f"[{','.join(sorted(map(self.form, node.expressions)))}]")

    def _not(self, node: exp.Not) -> str:
        inner = _unwrapped(node.this)
        turned = _NEGATED.get(type(inner))
        if turned is None or "spelling" not in self.rules or not _has_two_values(inner) or self._is_open(inner):
            return self.plain(node)
        return self._combined(turned, inner, self.form(inner.this), self.form(inner.expression))

    def _connector(self, node: exp.Connector) -> str:
        if "connectors" not in self.rules or self._is_open(node):
            return self._binary(node)
        return f"{type(node).__name__}({','.join(sorted(map(self.form, self.connected(node))))})"

    def connected(self, node: exp.Connector) -> list[exp.Expr]:
        """The conditions that a chain of AND or OR connects, whatever brackets there are in it."""
        operands: list[exp.Expr] = []
        stack: list[exp.Expr] = [node]
        while stack:
            one = stack.pop()
            inner = _unwrapped(one) if "parentheses" in self.rules else one
            if type(inner) is type(node) and (inner is one or not self._is_open(inner)):
                stack += (inner.expression, inner.this)
            else:
                operands.append(one)
        return operands

    def _binary(self, node: exp.Expr) -> str:
        """A chain of operators, without a call for each of its links."""
        chain = [node]
        while isinstance(chain[-1].this, exp.Binary) and (
            type(chain[-1].this) not in self._ways or type(node) is type(chain[-1].this)
        ):
            chain.append(chain[-1].this)
        left = self.form(chain[-1].this)
        for one in reversed(chain):
            left = self._combined(type(one), one, left, self.value(one.args.get("expression")))
        return left

    def _combined(self, kind: type[exp.Expr], node: exp.Expr, left: str, right: str) -> str:
        """An operator and its operands, in an order that does not matter where it does not."""
        if self._turns(kind, node):
            if kind in (exp.GT, exp.GTE):
                kind, left, right = (exp.LT if kind is exp.GT else exp.LTE), right, left
            elif kind not in (exp.LT, exp.LTE):
                left, right = sorted((left, right))
        others = {
            key: self.value(value)
            for key, value in node.args.items()
            if key not in ("this", "expression") and not _is_empty(value)
        }
        return _call(kind, {"this": left, "expression": right} | others)

    def _turns(self, kind: type[exp.Expr], node: exp.Expr) -> bool:
        may_turn = kind in _TURNING or (kind is exp.Add and self.dialect in _NUMERIC_PLUS and not _has_string(node))
        if not may_turn or "operands" not in self.rules or isinstance(node.parent, _ARGUMENTS):
            return False
        return _has_two_values(node) and not self._is_open(node)


def _has_string(node: exp.Expr) -> bool:
    """What a string is taken for may depend on what stands before it."""
    return any(isinstance(one, exp.Literal) and one.is_string for one in map(_unwrapped, _operands(node)))


def _has_two_values(node: exp.Expr) -> bool:
    """Both operands are one value each: a row is not compared with a subquery from either side, nor by NULL as values are."""
    return not compares_many(node) and not any(isinstance(_unwrapped(one), exp.Tuple) for one in _operands(node))


def _unbracketed(node: exp.Expr) -> Iterator[exp.Expr]:
    """A node and what stands in it, but for what has brackets around it."""
    stack = [node]
    while stack:
        one = stack.pop()
        yield one
        if is_operator(one):
            stack += _operands(one)
        elif not isinstance(one, _BOUNDED) and (not isinstance(one, exp.Func) or isinstance(one, exp.Cast)):
            stack += one.iter_expressions()


def _operands(node: exp.Expr) -> list[exp.Expr]:
    """What an operator stands beside; the list behind IN has brackets."""
    return [node.this] if isinstance(node, exp.In) else list(node.iter_expressions())


def _unwrapped(node: exp.Expr) -> exp.Expr:
    while isinstance(node, exp.Paren):
        node = node.this
    return node


def _is_empty(value: Any) -> bool:
    return value is None or value is False or (isinstance(value, list) and not value)


def _call(kind: type[exp.Expr], arguments: Mapping[str, str]) -> str:
    return f"{kind.__name__}({','.join(f'{key}={arguments[key]}' for key in sorted(arguments))})"


def needed(old: Sequence[exp.Expr], new: Sequence[exp.Expr], form: NormalForm) -> list[Rule]:
    """Of statements whose normal forms are equal, which rules make them so."""
    found: list[Rule] = []
    for rule in RULES:
        without = form.without(rule)
        if [without.of(one) for one in old] != [without.of(one) for one in new]:
            found.append(rule)
    return found
