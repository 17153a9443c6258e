"""Which rules of LookML are shown by which test: a table that is made from the tests, and kept in ``rule_coverage.txt``.

The rules are those of the rule book that rest on text which was read (grade V), in its sections 1-9, 11 and 12.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

TESTS: Final = Path(__file__).parent
TABLE: Final = TESTS / "rule_coverage.txt"

VERIFIED: Final = tuple(
    """
    R1.1 R1.2 R1.4 R1.5 R1.6 R1.10 R1.11 R1.13 R1.14
    R2.1 R2.2 R2.3 R2.7 R2.9 R2.10 R2.11 R2.12 R2.13 R2.14 R2.16 R2.17 R2.18 R2.19 R2.21 R2.22 R2.23 R2.24
    R3.2 R3.3 R3.5 R3.6 R3.7 R3.8 R3.9 R3.10
    R4.1 R4.6 R4.7 R4.8 R4.9 R4.10 R4.11 R4.12 R4.14 R4.16 R4.17 R4.18 R4.19 R4.20 R4.21 R4.22 R4.23 R4.24 R4.25 R4.26 R4.27
    R4.28 R4.29 R4.31 R4.32 R4.33 R4.34 R4.36 R4.37 R4.38 R4.39 R4.41 R4.42 R4.43 R4.44 R4.45
    R5.1 R5.2 R5.3 R5.4 R5.5 R5.6 R5.7 R5.8 R5.9 R5.11 R5.12 R5.13 R5.14 R5.15 R5.16 R5.17 R5.18 R5.19 R5.20
    R6.2 R6.6 R6.7 R6.10 R6.14 R6.15 R6.17 R6.19
    R7.1 R7.2 R7.3 R7.4 R7.5 R7.6 R7.8 R7.9 R7.10 R7.11 R7.13 R7.16 R7.17 R7.18
    R8.1 R8.2 R8.3 R8.4 R8.5 R8.6 R8.8 R8.9 R8.10 R8.11 R8.12
    R11.1 R11.2 R11.3 R11.4
    R12.1 R12.3 R12.4 R12.6 R12.7 R12.8 R12.9 R12.12 R12.13 R12.14 R12.15
    """.split()
)

NOT_SHOWN: Final = {
    "R1.13": "localization is no part of the objects, so its clash with imports cannot be seen",
}
"""Rules that the compiled objects cannot show, and why."""


def shown() -> dict[str, list[str]]:
    """The tests by the rule that each of them is marked with."""
    found: dict[str, list[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        for function in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(function, ast.FunctionDef):
                for rule in _marks(function):
                    found.setdefault(rule, []).append(f"{path.relative_to(TESTS).as_posix()}::{function.name}")
    return found


def _marks(function: ast.FunctionDef) -> Iterator[str]:
    for decorator in function.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.rule":
            for argument in decorator.args:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value


def table() -> str:
    """A line for each rule and test, and for each rule that is not shown the reason."""
    found = shown()
    lines = [f"{rule} {test}" for rule in sorted(found, key=_order) for test in found[rule]]
    lines += [f"{rule} not shown: {reason}" for rule, reason in NOT_SHOWN.items()]
    return "".join(line + "\n" for line in lines)


def _order(rule: str) -> tuple[int, ...]:
    return tuple(int(part) for part in rule[1:].split("."))
