"""What a rule is: a kind of finding, with its manual page."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from inspect import cleandoc

import msgspec


class Severity(Enum):
    """How bad a finding is."""

    ERROR = "error"
    """It surely breaks in Looker."""
    WARNING = "warning"
    """It may be meant, or may break for some users; somebody should look."""
    INFO = "info"
    """Worth knowing; nothing needs to be done."""

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return (Severity.ERROR, Severity.WARNING, Severity.INFO).index(self)


class Rule(msgspec.Struct, frozen=True):
    """A kind of finding.

    Attributes:
        code: stable, such as ``LM101``.
        name: stable, named after the defect.
        severity: unless the configuration says otherwise.
        page: its manual page: what is wrong, in one line; why; an example that is wrong and one that is right.
        is_default: reported unless somebody says otherwise; of the others only those that are asked for.
    """

    code: str
    name: str
    severity: Severity
    page: str
    is_default: bool = True

    @property
    def summary(self) -> str:
        """What is wrong, in one line."""
        return self.page.partition("\n")[0].rstrip(".")


def rule(code: str, severity: Severity, *, is_default: bool = True) -> Callable[[Callable[[], None]], Rule]:
    """Make a rule of a function that is nothing but a name and a docstring, its manual page.

    Args:
        code: stable, never given twice.
        severity: unless the configuration says otherwise.
        is_default: see `Rule`.

    >>> @rule("LM999", Severity.ERROR)
    ... def crooked_view() -> None:
    ...     '''A view that is not straight.'''
    >>> crooked_view.name, crooked_view.summary
    ('crooked-view', 'A view that is not straight')
    """

    def declared(page: Callable[[], None]) -> Rule:
        return Rule(code, page.__name__.replace("_", "-"), severity, cleandoc(page.__doc__ or ""), is_default)

    return declared
