"""Findings: what is wrong in a project, as data. Which findings exist is said by `rules`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha256
from typing import Final

import msgspec

from dagster_lookml.rules import RULES
from dagster_lookml.rules import Severity as Severity


class Diagnostic(msgspec.Struct, frozen=True, kw_only=True):
    """One finding at one place.

    Attributes:
        rule: name of its rule.
        severity: how bad it is.
        message: one line; names the thing concerned.
        hint: what may help, such as names that look alike; may be empty.
        file: path from the root of the repository; empty if it is about the repository.
        line: 1-based; 0 if it is about a file as a whole.
        column: 1-based, in characters; 0 likewise.
        object: id of the object concerned, or None.
        length: how many characters of the line are meant.
        also: ids of the other objects that it concerns, where `object` is the first of several; or paths of files, where it is
            about those and not about their content; the first is where formats show it that want a file of every finding.
        subject: what is wrong, in words that are the same whatever objects there are; empty where the message is that.
    """

    rule: str
    severity: Severity
    message: str
    file: str
    line: int = 0
    column: int = 0
    object: str | None = None
    hint: str = ""
    length: int = 1
    also: tuple[str, ...] = ()
    subject: str = ""

    @property
    def code(self) -> str:
        """Code of the rule."""
        return RULES[self.rule].code

    @property
    def fingerprint(self) -> str:
        """Names the finding by what it is about and not by where it stands, so that it survives moved lines."""
        return self._fingerprint(self.object)

    @property
    def fingerprints(self) -> tuple[str, ...]:
        """One for each object that it concerns: that something broken is seen in one more is news."""
        return tuple(self._fingerprint(one) for one in (self.object, *self.also))

    def _fingerprint(self, identity: str | None) -> str:
        """Ids of views change when another view gets the same name, so what makes them unique does not count."""
        place = _QUALIFIER.sub(r"\1", identity) if identity else self.file
        return sha256(f"{self.rule}\0{place}\0{self.subject or self.message}".encode()).hexdigest()[:16]


_QUALIFIER: Final = re.compile(r"^(view:|field:).*[/#]")


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Sort findings by place, and say each only once, though several objects may inherit what is wrong."""
    same: dict[tuple[str, str, int, int, str], list[Diagnostic]] = {}
    for found in diagnostics:
        same.setdefault((found.rule, found.file, found.line, found.column, found.message), []).append(found)
    kept = {key: _together(ones) if len(ones) > 1 else ones[0] for key, ones in same.items()}
    return tuple(
        sorted(
            kept.values(),
            key=lambda found: (
                found.file, found.line, found.column, found.code, found.object or "", found.message, found.severity.rank,
            ),
        )
    )  # fmt: skip


def _together(ones: list[Diagnostic]) -> Diagnostic:
    """One finding for several that differ in their objects: that of the first object, which names the others too."""
    first = min(ones, key=lambda found: found.object or "")
    objects = {identity for found in ones for identity in (found.object, *found.also) if identity is not None}
    return msgspec.structs.replace(first, also=tuple(sorted(objects - {first.object})))
