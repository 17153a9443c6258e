"""Whose a column is that is written without its table, where several sources stand in FROM (R5.3, R14.10)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from dagster_lookml.lineage.trace import Trace, gap, union
from dagster_lookml.sql.statement import UNQUALIFIED, ColumnUse, ElementSource, Output

if TYPE_CHECKING:
    from dagster_lookml.lineage.resolving import Resolver

_OFTEN: Final = 0.5
_RARELY: Final = 0.34
_ENOUGH_SCOPES: Final = 3
"""When joins tell whose a column is: one table has it in half of its joins, each other in a third of three or more at most."""


def chosen(resolver: Resolver, number: int, sources: Sequence[int], path: tuple[str, ...]) -> Trace | None:
    """What a column without its table reads: it is that of the one source that must have it, if that can be told.

    Args:
        resolver: of the statement.
        number: of the scope.
        sources: of the scope, those that may be meant.
        path: the name, and what is wanted below it.

    Returns:
        None if surely no source has it.
    """
    select, name = resolver.statement.selects[number], path[0]
    answers = {one: resolver.source(number, one).has(name) for one in sources}
    sure = [one for one, answer in answers.items() if answer]
    maybe = [one for one, answer in answers.items() if answer is None]
    if name in select.shared and len(sure) + len(maybe) > 1:
        trace = union(resolver.source(number, one).column(path) for one in (*sure, *maybe))
        return trace if select.shared.count(name) + 1 >= len(sure) + len(maybe) else trace.inferred()
    if sure:  # in valid SQL no other source has it then
        trace = union(resolver.source(number, one).column(path) for one in sure)
        return trace if len(sure) == 1 else trace.inferred()
    alias = _lateral_alias(resolver, number, path)
    if alias is not None and (not maybe or not any(resolver.source(number, one).likely(name) for one in maybe)):
        return alias
    if len(maybe) == 1:
        return _only(resolver, number, maybe[0], path)
    likely = [one for one in maybe if resolver.source(number, one).likely(name)]
    if len(likely) == 1:
        return resolver.source(number, likely[0]).column(path).inferred()
    if not maybe:
        return None
    associated = _associated(resolver, number, likely or maybe, name)
    if associated is not None:
        return resolver.source(number, associated).column(path).inferred()
    return _beside_elements(resolver, number, maybe, likely, path) or _ambiguous(resolver, number, maybe, path)


def _beside_elements(resolver: Resolver, number: int, maybe: list[int], likely: list[int], path: tuple[str, ...]) -> Trace | None:
    """A table beside arrays: elements are rarely used without their alias, but an array in an element often is."""
    sources = resolver.statement.selects[number].sources
    elements = [one for one in maybe if isinstance(sources[one], ElementSource)]
    others = [one for one in maybe if one not in elements]
    if likely or len(others) != 1:
        return None
    source = elements[-1] if number in resolver.making and elements else others[0]
    return resolver.source(number, source).column(path).inferred()


def _ambiguous(resolver: Resolver, number: int, maybe: list[int], path: tuple[str, ...]) -> Trace:
    tables = frozenset[str]().union(*(resolver.source(number, one).tables for one in maybe))
    return gap("ambiguous-column", ".".join(path), tables)


def _associated(resolver: Resolver, number: int, sources: list[int], name: str) -> int | None:
    """The one table that a column goes with wherever it is joined, while the others are joined often without it."""
    shares = {one: resolver.source(number, one).share(name) for one in sources}
    unlikely = {
        one
        for one, (mentions, scopes) in shares.items()
        if (scopes >= _ENOUGH_SCOPES and mentions <= _RARELY * scopes) or resolver.source(number, one).unlikely(name)
    }
    strong = [one for one, (mentions, scopes) in shares.items() if scopes and mentions >= _OFTEN * scopes and one not in unlikely]
    return strong[0] if len(strong) == 1 and len(unlikely) == len(sources) - 1 else None


def _only(resolver: Resolver, number: int, source: int, path: tuple[str, ...]) -> Trace:
    """The only source that may have a column; less surely so where a scope around it is known to have such a column."""
    trace = resolver.source(number, source).column(path)
    at = resolver.statement.selects[number].parent
    while at >= 0:
        for one in range(len(resolver.statement.selects[at].sources)):
            rows = resolver.source(at, one)
            if rows.has(path[0]) or rows.likely(path[0]):
                return trace.inferred()
        at = resolver.statement.selects[at].parent
    return trace


def _lateral_alias(resolver: Resolver, number: int, path: tuple[str, ...]) -> Trace | None:
    select = resolver.statement.selects[number]
    if not select.lateral_aliases or number in resolver.making:  # FROM sees none
        return None
    for output in select.outputs[: resolver.put_out.get(number)]:
        if isinstance(output, Output) and output.name == path[0]:
            if any(isinstance(use, ColumnUse) and use.source == UNQUALIFIED and use.path == path[:1] for use in output.uses):
                return None  # it is a column of the table that is put out under its own name
            return resolver.column(number, path)
    return None
