"""The rules as answers: a table of all of them, their manual pages, and both as data."""

from __future__ import annotations

from collections.abc import Iterable
from types import ModuleType
from typing import Final

from dagster_lookml.outputs.contract import SCHEMA_VERSION, Json
from dagster_lookml.rules import FAMILIES, RULES, Rule

_NAME_WIDTH: Final = max(map(len, RULES))


def rules_text() -> str:
    """Every rule in a line of its own: its code, its name, its severity, whether it is opt-in, and what is wrong.

    >>> rules_text().splitlines()[1].split()[:3]
    ['LM101', 'syntax-error', 'error']
    """
    return "\n".join(_family_text(family) for family in FAMILIES)


def page_text(rule: Rule) -> str:
    """The manual page of a rule, with its code, name and severity above it."""
    opt_in = "" if rule.is_default else ", opt-in"
    return f"{rule.code} {rule.name} ({rule.severity.value}{opt_in})\n\n{rule.page}\n"


def rules_json() -> Json:
    """The answer of ``rules``."""
    return {
        "schema_version": SCHEMA_VERSION,
        "rules": [_rule_json(one, family) for family in FAMILIES for one in _rules(family)],
    }


def _rules(family: ModuleType) -> Iterable[Rule]:
    return [one for one in vars(family).values() if isinstance(one, Rule)]


def _name(family: ModuleType) -> str:
    return family.__name__.rpartition(".")[2]


def _family_text(family: ModuleType) -> str:
    """A family under its first line; without docstrings under its name."""
    title = (family.__doc__ or _name(family)).partition("\n")[0].rstrip(".")
    return "".join(f"{line}\n" for line in (title, *map(_line, _rules(family))))


def _line(rule: Rule) -> str:
    opt_in = "" if rule.is_default else "opt-in"
    return f"  {rule.code}  {rule.name:{_NAME_WIDTH}}  {rule.severity.value:7}  {opt_in:6}  {rule.summary}".rstrip()


def _rule_json(rule: Rule, family: ModuleType) -> Json:
    return {
        "code": rule.code,
        "name": rule.name,
        "severity": rule.severity.value,
        "default": rule.is_default,
        "family": _name(family),
        "summary": rule.summary,
        "page": rule.page,
    }
