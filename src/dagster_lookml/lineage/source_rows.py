"""The rows of what stands in FROM of a statement: its own scopes, and what renames, pivots or models other rows."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from dagster_lookml.lineage.rows import PassedOnRows, Rows, UnseenRows
from dagster_lookml.lineage.trace import NOTHING, Trace, gap
from dagster_lookml.sql.statement import ModelSource, PivotSource, Use

if TYPE_CHECKING:
    from dagster_lookml.lineage.resolving import Resolver


class OutsideRows(PassedOnRows):
    """The rows of a table, known to be asked from inside a statement."""

    def __init__(self, resolver: Resolver, rows: Rows) -> None:
        super().__init__(rows)
        self._resolver = resolver

    def column(self, path: tuple[str, ...]) -> Trace:
        with self._resolver.outside():
            return super().column(path)


class ScopeRows(UnseenRows):
    """The outputs of a scope as rows."""

    def __init__(self, resolver: Resolver, select: int) -> None:
        self._resolver = resolver
        self._select = select

    def column(self, path: tuple[str, ...]) -> Trace:
        return self._resolver.column(self._select, path)

    def has(self, name: str) -> bool | None:
        return self._resolver.scope_has(self._select, name)

    def likely(self, name: str) -> bool:
        return self._resolver.scope_likely(self._select, name)

    @property
    def names(self) -> tuple[str, ...] | None:
        return self._resolver.scope_names(self._select)

    @property
    def tables(self) -> frozenset[str]:
        return self._resolver.scope_tables(self._select)


class RenamedRows(UnseenRows):
    """A table whose alias renames its columns: ``t AS x (a, b)``."""

    def __init__(self, rows: Rows, names: tuple[str, ...]) -> None:
        self._rows = rows
        self._new = names
        self.names: tuple[str, ...] | None = names

    @property
    def tables(self) -> frozenset[str]:
        return self._rows.tables

    def column(self, path: tuple[str, ...]) -> Trace:
        if path and path[0] in self._new:
            old = self._rows.names
            at = self._new.index(path[0])
            if old is not None and at < len(old):
                return self._rows.column((old[at], *path[1:]))
            return gap("ambiguous-column", path[0], self.tables)
        return self._rows.column(path)

    def has(self, name: str) -> bool | None:
        return name in self._new

    def likely(self, name: str) -> bool:
        return name in self._new


class PivotRows(UnseenRows):
    """PIVOT and UNPIVOT: columns that were made, and those of the source that were not used up.

    Args:
        resolver: of the statement.
        source: the pivot.
        uses: traces what a made column is made of, by what stands before the pivot.
    """

    def __init__(self, resolver: Resolver, source: PivotSource, uses: Callable[[tuple[Use, ...]], Trace]) -> None:
        self._inner = resolver.source(source.select, 0)
        self._made = dict(source.made)
        self._renamed: dict[str, str] = {}
        if source.names:  # they name all columns, and those that were made come last
            made = [uses for _, uses in source.made]
            self._made = dict(zip(source.names[-len(made) :], made, strict=False))
            kept = [name for name in self._inner.names or () if name not in source.consumed]
            self._renamed = dict(zip(source.names[: -len(made)], kept, strict=False))
        self._uses = uses
        self._source = source
        self.names: tuple[str, ...] | None = None

    @property
    def tables(self) -> frozenset[str]:
        return self._inner.tables

    def column(self, path: tuple[str, ...]) -> Trace:
        if not path:
            return self._inner.column(())
        if path[0] in self._made:
            return self._uses(self._made[path[0]])
        return self._inner.column((self._renamed.get(path[0], path[0]), *path[1:]))

    def has(self, name: str) -> bool | None:
        if name in self._made or name in self._renamed:
            return True
        return False if name in self._source.consumed else self._inner.has(name)

    def likely(self, name: str) -> bool:
        return name in self._made or self._inner.likely(name)


_PUT_OUT_BY_MODELS: Final = re.compile(
    r"predicted_|prediction_|forecast_|confidence_|standard_error|is_anomaly|anomaly_|probability|lower_bound|upper_bound|ml_"
    r"|centroid_|nearest_centroids|mean_squared_error|trial_id|attribution|top_feature|roc_auc|precision|recall|accuracy|log_loss"
)
"""Beginnings of the columns that BigQuery ML adds, by its reference of ML.PREDICT and its neighbours."""


class ModelRows(UnseenRows):
    """Machine learning: the columns of the rows go through, those that are added come from the model."""

    names: tuple[str, ...] | None = None

    def __init__(self, resolver: Resolver, source: ModelSource) -> None:
        self._rows = ScopeRows(resolver, source.select) if source.select >= 0 else None
        self._model = resolver.table(resolver.statement.tables[source.table]) if source.table >= 0 else None
        self._is_built = source.table >= 0 and resolver.statement.tables[source.table].kind == "view"

    @property
    def tables(self) -> frozenset[str]:
        return frozenset[str]().union(*(rows.tables for rows in (self._rows, self._model) if rows is not None))

    def column(self, path: tuple[str, ...]) -> Trace:
        has = self._rows.has(path[0]) if self._rows is not None and path else False
        if self._rows is not None and (has or (has is None and not _PUT_OUT_BY_MODELS.match(path[0]))):
            return self._rows.column(path) if has else self._rows.column(path).inferred()
        if self._model is not None and path:  # a model that the project itself builds is made of all that it was trained on
            return self._model.column(() if self._is_built else path).inferred()
        return self._rows.column(path) if self._rows is not None else NOTHING

    def has(self, name: str) -> bool | None:
        return True if self._rows is not None and self._rows.has(name) else None

    def likely(self, name: str) -> bool:
        return self._rows is not None and self._rows.likely(name)
