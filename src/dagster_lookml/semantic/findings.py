"""Where findings are collected while a project is compiled."""

from __future__ import annotations

from collections.abc import Iterable

from dagster_lookml.diagnostics import Diagnostic, Severity
from dagster_lookml.rules import RULES
from dagster_lookml.source.files import Span


class Findings:
    """A list that findings are added to; nothing is ever raised for what is wrong in LookML."""

    def __init__(self) -> None:
        self.diagnostics: list[Diagnostic] = []

    def add(
        self,
        rule: str,
        message: str,
        span: Span,
        *,
        object: str | None = None,  # noqa: A002 - the word of the contract
        hint: str = "",
        length: int = 1,
        severity: Severity | None = None,
        also: Iterable[str] = (),
        subject: str = "",
    ) -> None:
        """Note one finding.

        Args:
            rule: name in `RULES`.
            message: one line, which names the thing concerned.
            span: the place.
            object: id of the object concerned.
            hint: what may help.
            length: how many characters are meant.
            severity: another than the rule's own.
            also: ids of other objects that it concerns, or paths of files.
            subject: what is wrong, where the words of the message depend on how many objects there are.
        """
        self.diagnostics.append(
            Diagnostic(
                rule=rule,
                severity=severity or RULES[rule].severity,
                message=message,
                hint=hint,
                file=span.file,
                line=span.line,
                column=span.column,
                object=object,
                length=length,
                also=tuple(also),
                subject=subject,
            )
        )
