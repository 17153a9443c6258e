"""Which findings are new: those that a base does not have, be it another ref or a file of findings that somebody accepted.

Findings are compared by their fingerprints, which name what they are about and not where it stands: moved, reformatted and
reordered LookML has the findings that it had. Each is counted, for two of the same are more than one.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Annotated, Final, NamedTuple

import msgspec

from dagster_lookml.diagnostics import Diagnostic
from dagster_lookml.errors import ConfigError
from dagster_lookml.rules import RULES
from dagster_lookml.source import SourceTree

_SCHEMA_VERSION: Final = 1


class Introduced(NamedTuple):
    """Findings that a base does not have.

    Attributes:
        findings: in their order.
        known: how many the base has too.
        gone: how many only the base has.
    """

    findings: tuple[Diagnostic, ...]
    known: int
    gone: int


def introduced(findings: Iterable[Diagnostic], base: Mapping[str, int], renamed: Mapping[str, str] | None = None) -> Introduced:
    """Leave out what a base has too.

    Args:
        findings: in order.
        base: how often it has each fingerprint.
        renamed: what files are called in the base that have another name now.
    """
    left = Counter(base)
    new: list[Diagnostic] = []
    known = 0
    for found in findings:
        names = _in_base(found, renamed or {}).fingerprints
        if all(left[name] > 0 for name in names):
            known += 1
        else:
            new.append(found)
        left.subtract(name for name in names if left[name] > 0)
    return Introduced(tuple(new), known, left.total())


def _in_base(found: Diagnostic, renamed: Mapping[str, str]) -> Diagnostic:
    also = tuple(renamed.get(one, one) for one in found.also)
    return msgspec.structs.replace(found, file=renamed.get(found.file, found.file), also=also)


def fingerprints(findings: Iterable[Diagnostic]) -> Counter[str]:
    """How often there is each fingerprint."""
    return Counter(name for found in findings for name in found.fingerprints)


def renamed_files(base: SourceTree, head: SourceTree) -> dict[str, str]:
    """What files of the head are called in the base, where they have the same content and another name.

    Args:
        base: the tree before.
        head: the tree after.
    """
    before, after = frozenset(base.paths()), frozenset(head.paths())
    gone = {base.read(path).blob_id: path for path in sorted(before - after)}
    contents = ((path, head.read(path).blob_id) for path in sorted(after - before) if gone)
    return {path: gone[content] for path, content in contents if content in gone}


class _Known(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Findings of one fingerprint in a baseline; all but the fingerprint and the number is for people."""

    fingerprint: str
    rule: str
    about: str
    message: str
    count: Annotated[int, msgspec.Meta(ge=1)] = 1


class _Baseline(msgspec.Struct, frozen=True, kw_only=True):
    schema_version: int
    findings: tuple[_Known, ...]


def baseline_of(findings: Iterable[Diagnostic]) -> bytes:
    """A file of findings that are accepted: sorted, so that it differs only where they do.

    Args:
        findings: all of them.
    """
    listed = list(findings)
    counts = fingerprints(listed)
    first = {name: (found, about) for found in reversed(listed) for name, about in _named(found)}
    entries = [
        _Known(fingerprint=name, rule=found.rule, about=about, message=found.message, count=counts[name])
        for name, (found, about) in first.items()
    ]
    ordered = tuple(sorted(entries, key=lambda one: (one.rule, one.about, one.message, one.fingerprint)))
    content = msgspec.json.encode(_Baseline(schema_version=_SCHEMA_VERSION, findings=ordered))
    return msgspec.json.format(content, indent=2) + b"\n"


def _named(found: Diagnostic) -> Iterator[tuple[str, str]]:
    """Its fingerprints, each with the id or file that it is about."""
    return zip(found.fingerprints, (found.object or found.file, *found.also), strict=True)


def read_baseline(content: bytes, file: str, asked: Container[str] = RULES) -> dict[str, int]:
    """How often a file of accepted findings has each fingerprint.

    Args:
        content: of the file.
        file: its name, for errors.
        asked: the rules that were checked: of others nobody can tell whether what is accepted is still there. A rule that does
            not exist any more says nothing again.

    Raises:
        ConfigError: it is no such file.
    """
    try:
        found = msgspec.json.decode(content.removeprefix(BOM_UTF8), type=_Baseline)
    except RecursionError as error:
        raise ConfigError(file, "", "no baseline: nested too deep; --write-baseline writes one") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ConfigError(file, "", f"no baseline: {error}; --write-baseline writes one") from error
    if found.schema_version != _SCHEMA_VERSION:
        raise ConfigError(file, "schema_version", f"it is {found.schema_version}, and this release reads {_SCHEMA_VERSION}")
    counts: Counter[str] = Counter()
    for one in found.findings:
        if one.rule in asked or one.rule not in RULES:
            counts[one.fingerprint] += one.count
    return dict(counts)
