"""Plain text that no terminal, log or parser trips over."""

from __future__ import annotations

import re
from typing import Final

from dagster_lookml.diagnostics import Diagnostic
from dagster_lookml.sql.shortening import cut

_NOT_SHOWN: Final = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)
"""Control characters, those that turn the direction of reading, halves of pairs, and no characters at all."""

_ACTS: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
"""What a terminal acts upon, or shows nothing of: all control characters but tabs and line feeds, and what turns the reading."""
_COMMAND: Final = re.compile(r"^([ \t]*):(?=:)|(?<=\#)\#(?=\[)", re.MULTILINE)
"""Where GitHub and Azure would read a workflow command: ``::`` at the beginning of a line, ``##[`` anywhere."""


def for_people(text: str) -> str:
    r"""Lines as they can be printed: no name or label in them can act on a terminal, or pass for a command of a forge.

    >>> print(for_people("a\x1b[31m\n::error::b.view.lkml:1"))
    a\x1b[31m
    \x3a:error::b.view.lkml:1
    """
    return _COMMAND.sub(lambda found: f"{found[1] or ''}\\x{ord(found[0][-1]):02x}", _ACTS.sub(_escaped, text))


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def visible(text: str) -> str:
    r"""Text of the same length, in which what cannot be shown is U+FFFD.

    >>> visible("a\x1b\u202eb")
    'a\ufffd\ufffdb'
    """
    return _ACTS.sub("\ufffd", _NOT_SHOWN.sub("\ufffd", text))


def one_line(text: str, longest: int | None = None) -> str:
    r"""Text in one line: white space becomes one blank, and what cannot be shown, or must not be in XML, becomes U+FFFD.

    Args:
        text: from anywhere.
        longest: of how many characters the answer may be; None for any number.

    >>> one_line("a\n\tb  \x00"), one_line("orders.revenue", 8)
    ('a b \ufffd', 'orders.…')
    """
    return cut(_NOT_SHOWN.sub("\ufffd", text), longest)


def said(found: Diagnostic) -> str:
    """The message of a finding, with its hint."""
    return one_line(f"{found.message}; {found.hint}" if found.hint else found.message)
