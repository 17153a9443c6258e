"""Which part of a script a call has come to."""

from __future__ import annotations

from collections import Counter

from dagster_lookml.pdt.sandbox.actions import Action
from dagster_lookml.pdt.sandbox.contract import Operation
from dagster_lookml.pdt.sandbox.script import Script


class Playback:
    """Counts calls, and says what the script has for each.

    Args:
        script: to be played.
    """

    def __init__(self, script: Script) -> None:
        self._script = script
        self._counted: Counter[tuple[int, str | None]] = Counter()
        self.calls: Counter[Operation] = Counter()

    def action(self, operation: Operation, pdt: str | None) -> Action | None:
        """Count a call, and say what happens to it; None for what Looker would do.

        Args:
            operation: of the call.
            pdt: that it is about, as ``model/view``; None if about none.
        """
        self.calls[operation] += 1
        struck = [fault.action for index, fault in enumerate(self._script.faults) if self._counts(index, operation, pdt)]
        if struck:
            return struck[0]
        if self._script.random is None:
            return None
        return self._script.random.action(operation, self.calls[operation])

    def _counts(self, index: int, operation: Operation, pdt: str | None) -> bool:
        """Count the call for one fault, and tell whether it strikes."""
        fault = self._script.faults[index]
        if not fault.fits(operation, pdt):
            return False
        key = (index, pdt if fault.per_pdt else None)
        self._counted[key] += 1
        return fault.strikes(self._counted[key])
