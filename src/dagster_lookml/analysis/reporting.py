"""Which findings are reported: the settings of the configuration, and of the command line, applied."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

import msgspec

from dagster_lookml.config import RuleSettings, rule_name
from dagster_lookml.diagnostics import Diagnostic, Severity


def reported(diagnostics: Iterable[Diagnostic], settings: RuleSettings) -> tuple[Diagnostic, ...]:
    """The findings that the settings leave, each with the severity that they give it.

    Args:
        diagnostics: in order.
        settings: whose rules exist.
    """
    selected = {rule_name(name) for name in settings.select}
    ignored = {rule_name(name) for name in settings.ignore}
    levels = {rule_name(name): level for name, level in settings.severity.items()}
    kept: list[Diagnostic] = []
    for found in diagnostics:
        level = levels.get(found.rule, found.severity.value)
        if (selected and found.rule not in selected) or found.rule in ignored or level == "off":
            continue
        if any(_matches(found.file, one.path) and found.rule in map(rule_name, one.ignore) for one in settings.paths):
            continue
        kept.append(found if level == found.severity.value else msgspec.structs.replace(found, severity=Severity(level)))
    return tuple(kept)


def _matches(path: str, pattern: str) -> bool:
    return fnmatchcase(path, pattern) or fnmatchcase(path, pattern.rstrip("/") + "/*")


def fails(diagnostics: Iterable[Diagnostic], fail_on: str) -> bool:
    """Tell whether a check fails.

    Args:
        diagnostics: reported.
        fail_on: ``error``, ``warning`` or ``never``.
    """
    if fail_on == "never":
        return False
    limit = Severity(fail_on).rank
    return any(found.severity.rank <= limit for found in diagnostics)
