"""White space in Looker expressions and SQL that means nothing."""

from __future__ import annotations

import re
from typing import Final

_PARTS: Final = re.compile(
    r"""\$\{\s*+(?P<reference>[^\s{}]++)\s*+\}|(?P<quoted>"(?:[^"\\]|\\.)*+\\?+"?|'(?:[^'\\]|\\.)*+\\?+'?|`[^`]*+`?)|(?P<comment>(?:--|\#)[^\n]*+)(?:\n\s*+)?|\s++""",
    re.DOTALL | re.VERBOSE,
)
"""A reference, what is quoted, a comment with the end of its line, or white space."""


def folded(text: str) -> str:
    r"""A text with one blank for all white space together, but for what is quoted, and for the lines that end a comment.

    In references there is none (R4.24).

    >>> folded('concat(\n  "a  b",  ${ x })')
    'concat( "a  b", ${x})'
    """
    return _PARTS.sub(_folded, text).strip()


def _folded(found: re.Match[str]) -> str:
    if found["reference"]:
        return f"${{{found['reference']}}}"
    comment = found["comment"]
    return found["quoted"] or (" " if comment is None else f"{comment.rstrip()}\n")
