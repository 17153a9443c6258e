"""Every kind of finding, one family per module; the docstring of each rule is its manual page."""

from __future__ import annotations

from types import ModuleType
from typing import Final

from dagster_lookml.rules import comments, dashboards, explores, project, sharing, sql, text, unused, views
from dagster_lookml.rules.rule import Rule, Severity

__all__ = ["FAMILIES", "RULES", "Rule", "Severity", "matching"]

FAMILIES: Final[tuple[ModuleType, ...]] = (text, project, views, explores, dashboards, sharing, sql, unused, comments)
"""The modules with rules, in the order of their codes."""

RULES: Final = {one.name: one for module in FAMILIES for one in vars(module).values() if isinstance(one, Rule)}
"""Every rule by its name, in the order of their codes within each family."""

_CODES: Final = {one.code: one.name for one in RULES.values()}


def matching(written: str) -> frozenset[str]:
    """The names of the rules that somebody means.

    Args:
        written: a name, a code, the beginning of codes (in either case), ``default`` for those that are reported where nobody
            says anything, or ``all``.

    Returns:
        Names; none if nothing is meant.

    >>> sorted(matching("LM101")), matching("no-such-rule")
    (['syntax-error'], frozenset())
    >>> matching("LM5") == matching("lm5") < matching("all")
    True
    """
    if written in RULES:
        return frozenset((written,))
    if written == "all":
        return frozenset(RULES)
    if written == "default":
        return frozenset(name for name, one in RULES.items() if one.is_default)
    if len(written) > 2 and (start := written.upper()).startswith("LM"):
        return frozenset(name for code, name in _CODES.items() if code.startswith(start))
    return frozenset()
