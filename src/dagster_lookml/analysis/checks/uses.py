"""Where views are used: in which explores, and under which aliases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import NamedTuple

from dagster_lookml.analysis.checks.names import Names
from dagster_lookml.semantic.objects import Explore, View

Aliased = Mapping[str, tuple[View | None, ...]]
"""For each alias of some explores the views behind it."""


class Use(NamedTuple):
    """A view in an explore that users can query."""

    explore: Explore
    alias: str


class Uses:
    """Looks up where views are used; an explore that must be extended uses none itself (R6.17).

    Args:
        names: of the project.
    """

    def __init__(self, names: Names) -> None:
        self.names = names
        self._aliased: dict[str, dict[str, View | None]] = {}
        self._models: dict[str, Aliased | None] = {}
        self._beside: dict[str, Aliased | None] = {}

    @cached_property
    def explores(self) -> tuple[Explore, ...]:
        """Those that users can query and of which everything is known."""
        return tuple(one for one in self.names.project.explores if one.complete and not one.extension_required)

    @cached_property
    def _by_view(self) -> dict[str, list[Use]]:
        found: dict[str, list[Use]] = {}
        for explore in self.names.project.explores:
            for alias, view in self.aliased(explore).items() if not explore.extension_required else ():
                if view is not None:
                    found.setdefault(view.id, []).append(Use(explore, alias))
        return found

    def of(self, view: View) -> tuple[Use, ...]:
        """Every use of a view."""
        return tuple(self._by_view.get(view.id, ()))

    def models(self, view: View) -> frozenset[str]:
        """The models in which users can query a view; others may include its file, and show none of its fields."""
        return self._models_by_view.get(view.id, frozenset())

    @cached_property
    def _models_by_view(self) -> dict[str, frozenset[str]]:
        return {view: frozenset(use.explore.model for use in uses) for view, uses in self._by_view.items()}

    def aliased(self, explore: Explore) -> dict[str, View | None]:
        """The view behind each alias of an explore."""
        found = self._aliased.get(explore.id)
        if found is None:
            found = self._aliased[explore.id] = self.names.aliased(explore)
        return found

    def aliases(self, explores: Iterable[Explore]) -> Aliased | None:
        """The views behind every alias of some explores; None where not all aliases are known."""
        found: dict[str, dict[str | None, View | None]] = {}
        for explore in explores:
            if not explore.complete:
                return None
            for alias, view in self.aliased(explore).items():
                found.setdefault(alias, {})[view.id if view is not None else None] = view
        return {alias: tuple(views.values()) for alias, views in found.items()}

    def beside(self, view: View) -> Aliased | None:
        """The same for all explores that have a view."""
        if view.id not in self._beside:
            self._beside[view.id] = self.aliases(use.explore for use in self.of(view))
        return self._beside[view.id]

    def of_model(self, model: str) -> Aliased | None:
        """The same for all explores of a model."""
        if model not in self._models:
            self._models[model] = self.aliases(one for one in self.names.project.explores if one.model == model)
        return self._models[model]

    @cached_property
    def views(self) -> tuple[View, ...]:
        """The views that some model includes, of which everything is known, and that are no templates for others.

        What several of them inherit should be told of once: those that are used come first, and parents before children.
        """
        views = (one for one in self.names.project.views if one.included and one.complete and one.kind != "abstract")
        return tuple(sorted(views, key=lambda one: (one.id not in self._by_view, len(one.extends), one.id)))
