"""The scopes of a statement, asked where their columns come from, with all that is known of the tables below."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Final

from dagster_lookml.lineage.choosing import chosen
from dagster_lookml.lineage.questions import Questions
from dagster_lookml.lineage.rows import CIRCULAR_ROWS, ElementRows, Rows, inner_rows
from dagster_lookml.lineage.source_rows import ModelRows, OutsideRows, PivotRows, RenamedRows, ScopeRows
from dagster_lookml.lineage.trace import CIRCULAR, NOTHING, Trace, gap, union
from dagster_lookml.sql.placeholders import has_unknown
from dagster_lookml.sql.statement import (
    UNQUALIFIED,
    ColumnUse,
    ElementSource,
    FieldUse,
    Output,
    PivotSource,
    QuerySource,
    QueryUse,
    Select,
    Star,
    Statement,
    TableRead,
    TableSource,
    Use,
)

_MOST_COLUMNS: Final = 10_000
"""No warehouse has a table of more; a chain of ``SELECT * FROM t AS a, t AS b`` doubles them with every step."""
_DEEPEST: Final = 20
"""Parts of the longest path to a struct field; longer ones come from a recursive query that goes down into its own output."""

TableFinder = Callable[[TableRead], Rows]
"""Gives the rows of a table that a statement names."""
FieldFinder = Callable[[FieldUse], Trace]
"""Gives the trace of a field that a statement mentions."""
AliasFinder = Callable[[str, bool], Rows | None]
"""Gives the rows of an alias of an explore, for SQL that names it without ``${}`` (R4.30); told whether it stands alone."""


def _no_alias(_alias: str, _is_alone: bool) -> None:
    return None


@contextmanager
def _while_at(places: dict[int, int], scope: int, place: int) -> Iterator[None]:
    """Note where in a scope the work is; afterwards it is where it was before."""
    outer = places.get(scope)
    places[scope] = place
    try:
        yield
    finally:
        if outer is None:
            del places[scope]
        else:
            places[scope] = outer


class Resolver:
    """One statement in its surroundings.

    Args:
        statement: read.
        questions: that are asked at the moment.
        table: gives the rows of its tables.
        field: gives the traces of its fields.
        alias: gives the rows of aliases that it does not declare itself.
        outer: what a column may belong to that none of its own sources has; for SQL of an explore its base view.
        variables: of the script that it stands in.

    Attributes:
        making: by scope, the source that is made of what stands before it at the moment.
        put_out: by scope, the position of the output that is traced at the moment.
    """

    __slots__ = (
        "_alias",
        "_field",
        "_has",
        "_likely",
        "_names",
        "_open",
        "_outer",
        "_outside",
        "_rows",
        "_tables",
        "_traces",
        "_variables",
        "making",
        "put_out",
        "questions",
        "statement",
        "table",
    )

    def __init__(
        self,
        statement: Statement,
        questions: Questions,
        table: TableFinder,
        field: FieldFinder,
        alias: AliasFinder = _no_alias,
        outer: Rows | None = None,
        variables: frozenset[str] = frozenset(),
    ) -> None:
        self.statement = statement
        self.questions = questions
        self.table = table
        self._field = field
        self._alias = alias
        self._outer = outer
        self._variables = variables
        self._rows: dict[tuple[int, int], Rows] = {}
        self._traces: dict[tuple[object, ...], Trace] = {}  # one for all kinds of questions, as there are many resolvers
        self._has: dict[tuple[int, str], bool | None] = {}
        self._likely: dict[tuple[int, str], bool] = {}
        self._names: dict[int, tuple[str, ...] | None] = {}
        self._open: dict[int, bool] = {}
        self._tables: dict[int, frozenset[str]] = {}
        self.making: dict[int, int] = {}
        self.put_out: dict[int, int] = {}
        self._outside = 0

    # -- sources -------------------------------------------------------------------------------------------------------

    def source(self, select: int, number: int) -> Rows:
        """The rows of a source of a scope."""
        key = (select, number)
        rows = self._rows.get(key)
        if rows is None:
            rows = self.questions.answer(self._rows, key, partial(self._source, select, number), CIRCULAR_ROWS)
        return rows

    def _before(self, select: int, number: int) -> AbstractContextManager[None]:
        """What a source is made of stands before it: a name there is looked for in the sources before."""
        return _while_at(self.making, select, number)

    @contextmanager
    def outside(self) -> Iterator[None]:
        """While a table is asked: what comes back to this statement from there is a circle."""
        self._outside += 1
        try:
            yield
        finally:
            self._outside -= 1

    def unnested(self, select: int) -> Trace:
        """What is unnested in FROM of a scope, each as what stands before it tells."""
        traces: list[Trace] = []
        for number, source in enumerate(self.statement.selects[select].sources):
            if isinstance(source, ElementSource):
                traces.append(self._uses_before(select, number, source.uses))
        return union(traces)

    def _uses_before(self, select: int, number: int, uses: Iterable[Use]) -> Trace:
        with self._before(select, number):
            return self.uses(uses)

    def _element(self, select: int, number: int, path: tuple[str, ...]) -> Trace:
        source = self.statement.selects[select].sources[number]
        assert isinstance(source, ElementSource)

        def find() -> Trace:
            with self._before(select, number):
                return self.below(source.uses, path)

        if len(path) > _DEEPEST:
            return self._again
        return self.questions.answer(self._traces, ("element", select, number, path), find, self._again)

    def _pivot(self, select: int, number: int, uses: tuple[Use, ...]) -> Trace:
        find = partial(self._uses_before, select, number, uses)
        return self.questions.answer(self._traces, ("pivot", select, number, uses), find, self._again)

    def _source(self, select: int, number: int) -> Rows:
        with self._before(select, number):
            return self._source_rows(select, number)

    def _source_rows(self, select: int, number: int) -> Rows:
        source = self.statement.selects[select].sources[number]
        if isinstance(source, TableSource):
            rows = OutsideRows(self, self.table(self.statement.tables[source.table]))
            return RenamedRows(rows, source.names) if source.names else rows
        if isinstance(source, QuerySource):
            return ScopeRows(self, source.select)
        if isinstance(source, ElementSource):
            whole = self.uses(source.uses)
            return ElementRows(
                whole,
                partial(self._element, select, number) if source.plain else None,
                names=source.names,
                closed=source.closed,
                counters=source.counters,
            )
        if isinstance(source, PivotSource):
            return PivotRows(self, source, partial(self._pivot, select, number))
        return ModelRows(self, source)

    # -- outputs -------------------------------------------------------------------------------------------------------

    def column(self, select: int, path: tuple[str, ...]) -> Trace:
        """Where an output of a scope comes from; an empty path means all of them."""
        if select < 0:  # a statement that puts out nothing
            return NOTHING
        key = ("column", select, path)
        trace = self._traces.get(key)
        if trace is not None:
            return trace
        if len(path) > _DEEPEST:
            return self._again
        return self.questions.answer(self._traces, key, partial(self._column, select, path), self._again)

    @property
    def _again(self) -> Trace:
        """A recursive query adds nothing to itself; by way of another statement it is a circle."""
        return CIRCULAR if self._outside else NOTHING

    def _column(self, number: int, path: tuple[str, ...]) -> Trace:
        select = self.statement.selects[number]
        if not path:
            return self.everything(number)
        if select.branches:
            return self._branch_column(select, path)
        if path[0] in select.names:
            at = select.names.index(path[0])
            outputs = select.outputs[: at + 1]
            if len(outputs) > at and not any(isinstance(one, Star) for one in outputs):
                return self._output(number, at, path[1:])
        for position, output in enumerate(select.outputs):
            if isinstance(output, Output) and output.name == path[0]:
                return self._output(number, position, path[1:])
        return self._starred(number, select, path)

    def _output(self, number: int, position: int, below: tuple[str, ...]) -> Trace:
        output = self.statement.selects[number].outputs[position]
        assert isinstance(output, Output)
        with self._putting_out(number, position):
            return self.below(output.uses, below) if output.plain else self.uses(output.uses)

    def _putting_out(self, number: int, position: int) -> AbstractContextManager[None]:
        """A name in an output may be an alias of one that stands before it, and of none behind (R5.3)."""
        return _while_at(self.put_out, number, position)

    def _branch_column(self, select: Select, path: tuple[str, ...]) -> Trace:
        """A set operation goes by position where positions are known, else by name."""
        position = self._position(select, path[0])
        if position is None and (select.names or self.scope_names(select.branches[0]) is not None):
            return gap("missing-column", path[0], self._branch_tables(select))
        traces: list[Trace] = []
        for branch in select.branches:
            names = self.scope_names(branch)
            if position is not None and names is not None and position < len(names):
                traces.append(self.at(branch, position, path[1:]))
            elif self.scope_has(branch, path[0]) is not False:
                traces.append(self.column(branch, path))
        return union(traces) if traces else gap("missing-column", path[0], self._branch_tables(select))

    def _branch_tables(self, select: Select) -> frozenset[str]:
        return frozenset[str]().union(*(self.scope_tables(branch) for branch in select.branches))

    def _position(self, select: Select, name: str) -> int | None:
        names = select.names or self.scope_names(select.branches[0])
        return names.index(name) if names is not None and name in names else None

    def at(self, number: int, position: int, below: tuple[str, ...]) -> Trace:
        """Where the output at a position comes from."""
        if len(below) > _DEEPEST:
            return self._again
        find = partial(self._at_position, number, position, below)
        return self.questions.answer(self._traces, ("at", number, position, below), find, self._again)

    def _at_position(self, number: int, position: int, below: tuple[str, ...]) -> Trace:
        select = self.statement.selects[number]
        if select.branches:
            return union(self.at(branch, position, below) for branch in select.branches)
        if not any(isinstance(one, Star) for one in select.outputs[: position + 1]):
            if position >= len(select.outputs):
                return gap("missing-column", f"column {position + 1}", self.scope_tables(number))
            return self._output(number, position, below)
        names = self.scope_names(number)
        return self.column(number, (names[position], *below)) if names is not None and position < len(names) else NOTHING

    def _starred(self, number: int, select: Select, path: tuple[str, ...]) -> Trace:
        """A column that only a ``*`` can put out."""
        sources: list[int] = []
        for star in select.outputs:
            if not isinstance(star, Star) or path[0] in star.without:
                continue
            if star.column is not None:
                return self.below((star.column,), path)
            sources += range(len(select.sources)) if star.source == UNQUALIFIED else [star.source]
        sources = list(dict.fromkeys(sources))
        found = chosen(self, number, sources, path) if sources else None
        return found or gap("dynamic-name" if self._is_open(number) else "missing-column", path[0], self.scope_tables(number))

    def everything(self, number: int) -> Trace:
        """What all outputs of a scope read."""
        select = self.statement.selects[number]
        traces = [self.column(branch, ()) for branch in select.branches]
        for position, output in enumerate(select.outputs):
            if isinstance(output, Output):
                with self._putting_out(number, position):
                    traces.append(self.uses(output.uses))
            elif output.column is not None:
                traces.append(self.use(output.column))
            else:
                wanted = range(len(select.sources)) if output.source == UNQUALIFIED else [output.source]
                traces += [self._all_of(self.source(number, one)) for one in wanted]
        return union(traces)

    @staticmethod
    def _all_of(rows: Rows) -> Trace:
        return union(rows.column((name,)) for name in rows.names) if rows.names is not None else rows.column(())

    # -- what a scope has ----------------------------------------------------------------------------------------------

    def scope_has(self, number: int, name: str) -> bool | None:
        """Tell whether a scope puts out a column; None where a ``*`` leaves it open."""
        return self.questions.answer(self._has, (number, name), partial(self._scope_has, number, name), again=False)

    def _scope_has(self, number: int, name: str) -> bool | None:
        select = self.statement.selects[number]
        if select.branches:
            return name in select.names or self.scope_has(select.branches[0], name)
        if name in select.names or any(isinstance(one, Output) and one.name == name for one in select.outputs):
            return True
        answer: bool | None = None if self._is_open(number) else False
        for star in select.outputs:
            if not isinstance(star, Star) or name in star.without:
                continue
            if star.column is not None:
                answer = None
                continue
            for source in range(len(select.sources)) if star.source == UNQUALIFIED else [star.source]:
                has = self.source(number, source).has(name)
                if has:
                    return True
                answer = None if has is None else answer
        return answer

    def _is_open(self, number: int) -> bool:
        """Tell whether a scope puts out a column whose name is put together when the query runs."""
        found = self._open.get(number)
        if found is None:
            outputs = self.statement.selects[number].outputs
            found = self._open[number] = any(isinstance(one, Output) and has_unknown(one.name) for one in outputs)
        return found

    def scope_likely(self, number: int, name: str) -> bool:
        """Tell whether a scope may well put out a column, by what its sources are known for."""
        has = self.scope_has(number, name)
        if has is not None:
            return has
        return self.questions.answer(self._likely, (number, name), partial(self._scope_likely, number, name), again=False)

    def _scope_likely(self, number: int, name: str) -> bool:
        sources = range(len(self.statement.selects[number].sources))
        return any(self.source(number, one).likely(name) for one in sources)

    def scope_names(self, number: int) -> tuple[str, ...] | None:
        """The outputs of a scope in order, where all are known."""
        return self.questions.answer(self._names, number, partial(self._scope_names, number), again=None)

    def _scope_names(self, number: int) -> tuple[str, ...] | None:
        select = self.statement.selects[number]
        if select.names:
            return select.names
        if select.branches:
            return self.scope_names(select.branches[0])
        names: list[str] = []
        for output in select.outputs:
            if isinstance(output, Output):
                names.append(output.name)
                continue
            if output.column is not None:
                return None
            starred = self._starred_names(number, select, output)
            if starred is None or len(names) + len(starred) > _MOST_COLUMNS:
                return None
            names += starred
        return tuple(names)

    def _starred_names(self, number: int, select: Select, star: Star) -> list[str] | None:
        """What a ``*`` puts out, in order: what USING has made one column of comes first, and once."""
        shared = tuple(dict.fromkeys(select.shared)) if star.source == UNQUALIFIED else ()
        names = [name for name in shared if name not in star.without]
        for source in range(len(select.sources)) if star.source == UNQUALIFIED else [star.source]:
            known = self.source(number, source).names
            if known is None:
                return None
            names += [name for name in known if name not in star.without and name not in shared]
        return names

    def scope_tables(self, number: int) -> frozenset[str]:
        """The warehouse tables below a scope."""
        return self.questions.answer(self._tables, number, partial(self._scope_tables, number), again=frozenset())

    def _scope_tables(self, number: int) -> frozenset[str]:
        select = self.statement.selects[number]
        found = [self.scope_tables(branch) for branch in select.branches]
        found += [self.source(number, source).tables for source in range(len(select.sources))]
        return frozenset[str]().union(*found)

    # -- uses ----------------------------------------------------------------------------------------------------------

    def uses(self, uses: Iterable[Use]) -> Trace:
        """What some mentions read."""
        return union(self.use(use) for use in uses)

    def use(self, use: Use) -> Trace:
        """What one mention reads."""
        if isinstance(use, FieldUse):
            return self._field(use)
        if isinstance(use, QueryUse):
            return union((self.column(use.select, ()), self.read_by(use.select)))
        return self._column_use(use, ())

    def _column_use(self, use: ColumnUse, below: tuple[str, ...]) -> Trace:
        if use.source != UNQUALIFIED:
            return self.source(use.select, use.source).column(use.path + below)
        return self.unqualified(use.select, use.path + below, is_alone=len(use.path) == 1)

    def below(self, uses: tuple[Use, ...], path: tuple[str, ...]) -> Trace:
        """What struct fields below a mention read: where it is made of several things, all of these and nothing below them."""
        if not uses:  # Liquid puts out a whole column, whose name nobody knows
            return gap("dynamic-name", ".".join(path) or "a column")
        [use] = uses
        return self._column_use(use, path) if isinstance(use, ColumnUse) else self.use(use).below(path)

    def read_by(self, number: int) -> Trace:
        """What a scope and those below it read without putting it out."""
        return self.questions.answer(self._traces, ("read by", number), partial(self._read_by, number), again=NOTHING)

    def _read_by(self, number: int) -> Trace:
        select = self.statement.selects[number]
        below = [*select.branches, *(source.select for source in select.sources if isinstance(source, QuerySource | PivotSource))]
        return union((self.uses(select.reads), *(self.read_by(one) for one in below)))

    def is_variable(self, name: str) -> bool:
        """Tell whether the script declares a variable of a name."""
        return name in self._variables

    def unqualified(self, number: int, path: tuple[str, ...], *, is_alone: bool, is_outer: bool = False) -> Trace:
        """A column without its table: looked for in its scope, then in those around it.

        Args:
            number: of the scope.
            path: the name and what is wanted below it.
            is_alone: the name stands there alone, and cannot be that of a table before a column.
            is_outer: the scope is one around the one that the name stands in.
        """
        select = self.statement.selects[number]
        if path[0] in self._variables and not any(self.source(number, one).has(path[0]) for one in range(len(select.sources))):
            return NOTHING
        if not is_outer:
            rows = self._alias(path[0], is_alone)
            if rows is not None and not is_alone:
                return rows.column(path[1:]).inferred()
            if rows is not None and isinstance(inner_rows(rows), ElementRows):  # the bare name of an element is the element
                return rows.column(path[1:])
        found = chosen(self, number, range(self.making.get(number, len(select.sources))), path)
        if found is not None:
            return found
        if select.parent >= 0:
            return self.unqualified(select.parent, path, is_alone=is_alone, is_outer=True)
        if self._outer is not None and self._outer.has(path[0]) is not False:
            return self._outer.column(path).inferred()
        return gap("missing-column", ".".join(path), self.scope_tables(number))
