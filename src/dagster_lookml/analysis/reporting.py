"""Which findings are reported: the settings of the configuration, and of the command line, applied."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

import msgspec

from dagster_lookml.config import RuleLevel, RuleSettings
from dagster_lookml.diagnostics import Diagnostic, Severity
from dagster_lookml.rules import matching


def wanted(settings: RuleSettings) -> frozenset[str]:
    """The names of the rules that settings ask for.

    Args:
        settings: whose rules exist.

    >>> sorted(wanted(RuleSettings(select=("LM101", "syntax-error", "quoted-name"), ignore=("LM110",))))
    ['syntax-error']
    """
    chosen = _named(settings.select or ("default",)) | _named(settings.extend_select)
    levels = _levels(settings)
    chosen |= {name for name, level in levels.items() if level != "off"} if not settings.select else frozenset()
    return chosen - _named(settings.ignore) - {name for name, level in levels.items() if level == "off"}


def reported(diagnostics: Iterable[Diagnostic], settings: RuleSettings) -> tuple[Diagnostic, ...]:
    """The findings that the settings leave, each with the severity that they give it.

    Args:
        diagnostics: in order.
        settings: whose rules exist.
    """
    asked, levels = wanted(settings), _levels(settings)
    exceptions = [(one.path, _named(one.ignore)) for one in settings.paths]
    kept: list[Diagnostic] = []
    for found in diagnostics:
        if found.rule not in asked or any(found.rule in names and _matches(found.file, path) for path, names in exceptions):
            continue
        level = levels.get(found.rule, found.severity.value)
        kept.append(found if level == found.severity.value else msgspec.structs.replace(found, severity=Severity(level)))
    return tuple(kept)


def _named(names: Iterable[str]) -> frozenset[str]:
    return frozenset(rule for name in names for rule in matching(name))


def _levels(settings: RuleSettings) -> dict[str, RuleLevel]:
    """The level of each rule that has one; what is said of a rule is stronger than what is said of many."""
    said = sorted(((matching(name), level) for name, level in settings.severity.items()), key=lambda one: -len(one[0]))
    return {name: level for names, level in said for name in names}


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
