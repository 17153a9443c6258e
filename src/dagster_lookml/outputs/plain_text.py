"""What findings say, as one line of plain text that no terminal, log or parser trips over."""

from __future__ import annotations

import re
from typing import Final

from dagster_lookml.diagnostics import Diagnostic

_SPACE: Final = re.compile(r"\s+")
_NOT_SHOWN: Final = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)
"""Control characters, those that turn the direction of reading, halves of pairs, and no characters at all."""


def one_line(text: str, longest: int | None = None) -> str:
    r"""Text in one line: white space becomes one blank, and what cannot be shown, or must not be in XML, becomes U+FFFD.

    Args:
        text: from anywhere.
        longest: of how many characters the answer may be; None for any number.

    >>> one_line("a\n\tb  \x00"), one_line("orders.revenue", 8)
    ('a b \ufffd', 'orders.…')
    """
    line = _NOT_SHOWN.sub("\ufffd", _SPACE.sub(" ", text).strip())
    return line if longest is None or len(line) <= longest else line[: longest - 1] + "…"


def said(found: Diagnostic) -> str:
    """The message of a finding, with its hint."""
    return one_line(f"{found.message}; {found.hint}" if found.hint else found.message)
