"""What can be wrong with the text of one file."""

from __future__ import annotations

import msgspec


class Problem(msgspec.Struct, frozen=True, array_like=True):
    """One fault in the text of a file, before anything is known about the project around it.

    Attributes:
        rule: name of the rule in `dagster_lookml.diagnostics`.
        message: what is wrong, in one line.
        start: offset in the text where it shows.
        end: offset after the last character concerned.
    """

    rule: str
    message: str
    start: int
    end: int
