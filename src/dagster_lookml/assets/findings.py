"""What is wrong in a project, on the views, explores and dashboards that it is about."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator

from dagster_lookml.analysis.checks import check
from dagster_lookml.analysis.reporting import reported, wanted
from dagster_lookml.assets.state import NOWHERE, Finding
from dagster_lookml.assets.structures import Dashboard, Explore, LookMLStructure, View
from dagster_lookml.config import RuleSettings
from dagster_lookml.diagnostics import Diagnostic
from dagster_lookml.workspace.answer import TracedProject


def findings(traced: TracedProject, structures: Iterable[LookMLStructure], rules: RuleSettings) -> Iterator[Finding]:
    """What is wrong, by structure and place.

    A finding belongs to the object that it names, and to whatever is declared or refined where it stands: an explore that meets
    an error of a view is broken, and so is the view.

    Args:
        traced: the project, and its lineage, by which its SQL is checked.
        structures: of the project.
        rules: which findings are reported.
    """
    places = _Places(structures)
    found = [
        Finding(identity, one.rule, one.code, one.severity.value, one.message, one.hint, one.file, one.line)
        for one in reported(check(traced.project, traced, wanted(rules)), rules)
        for identity in places.concerned(one)
    ]
    yield from sorted(found, key=lambda one: (one.structure, one.file, one.line, one.code, one.message))


class _Places:
    """Where structures are declared and refined."""

    def __init__(self, structures: Iterable[LookMLStructure]) -> None:
        self._ids: set[str] = set()
        self._in_file: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
        for one in structures:
            if isinstance(one, View | Explore | Dashboard) and one.source is not None:
                self._ids.add(one.id)
                for place in (one.source.place, *(one.refined_by if isinstance(one, View) else ())):
                    self._in_file[place.file][place.line].add(one.id)

    def concerned(self, found: Diagnostic) -> list[str]:
        """The ids of the structures that a finding is about; `NOWHERE` if it is about none."""
        named = {found.object} & self._ids
        return sorted(one for one in named | self._at(found.file, found.line) if one is not None) or [NOWHERE]

    def _at(self, file: str, line: int) -> set[str]:
        """What is declared or refined last before a line; all of a file, for what is about it as a whole or stands before all."""
        declared = self._in_file.get(file, {})
        lines = sorted(declared)
        before = bisect_right(lines, line)
        return declared[lines[before - 1]] if before else {one for ids in declared.values() for one in ids}
