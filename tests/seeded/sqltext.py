"""Changes of a piece of SQL: some alter what it says, others only how it is written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

_COVERED: Final = re.compile(
    r"'(?:[^'\\]|\\.|'')*'|\"[^\"]*\"|`[^`]*`|[$@]\{[^}]*\}|\{\{.*?\}\}|\{%.*?%\}|--[^\n]*|/\*.*?\*/|#[^\n]*", re.DOTALL
)
_STRING: Final = re.compile(r"'([\w .-]+)'")
_NUMBER: Final = re.compile(r"(?<![\w.$@%])\d+(?![\w.])")
_COLUMN: Final = re.compile(r"(\$\{TABLE\}\.)(\w+)\b(?!\s*[(.\[])")
_OPERATORS: Final = (
    (re.compile(r"(?<![<>!=:|])=(?![=>])"), "<>"),
    (re.compile(r"(?<=\s)>(?=\s)"), ">="),
    (re.compile(r"(?<=\s)<(?=\s)"), "<="),
    (re.compile(r"(?<=\s)\+(?=\s)"), "-"),
    (re.compile(r"(?<![/*])/(?![/*])"), "*"),
)
_REF: Final = r"\$\{[\w.]+\}"
_EQUALITY: Final = re.compile(rf"(?:^|(?<=\band)|(?<=\bon))(\s*)({_REF})\s*=\s*({_REF})(\s*)(?=$|and\b)", re.IGNORECASE)
_KEYWORD: Final = re.compile(
    r"(?<![.\w:])(?:case|when|then|else|end|and|or|is|not|null|in|between|like|as|cast|coalesce|sum)(?![\w.])", re.IGNORECASE
)
_UNSAFE: Final = re.compile(r"\{%|\{\{|--|/\*|#|\bselect\b|;", re.IGNORECASE)

Rewrite = Callable[[str], Iterator[str]]


def covered(sql: str) -> str:
    """The same SQL with strings, quoted names, references, Liquid and comments covered, every offset kept.

    Example:
        >>> covered("${a} = 'x'")
        '~~~~ = ~~~'
    """
    return _COVERED.sub(lambda found: "~" * len(found[0]), sql)


def sound(sql: str) -> bool:
    """Whether brackets match and each CAST says AS what: of other SQL nobody can tell what a change means.

    Example:
        >>> sound("CAST(a AS INT64)"), sound("CAST(a INT64)"), sound("(a")
        (True, False, False)
    """
    bare = covered(sql)
    casts = re.findall(r"\bcast\s*\(([^()]*)\)", bare, re.IGNORECASE)
    return bare.count("(") == bare.count(")") and all(re.search(r"\bas\b", cast, re.IGNORECASE) for cast in casts)


def columns(sql: str) -> list[str]:
    """Columns of the table that the SQL reads by name.

    Example:
        >>> columns("${TABLE}.a + ${TABLE}.b.c")
        ['a']
    """
    return [found[2] for found in _COLUMN.finditer(sql)]


def other_column(sql: str, others: Iterable[str]) -> Iterator[str]:
    """Read another column of the table, one of those given."""
    for found in _COLUMN.finditer(sql):
        yield from (f"{sql[: found.start(2)]}{name}{sql[found.end(2) :]}" for name in others if name != found[2])


def other_literal(sql: str) -> Iterator[str]:
    """Compare with, or give, another string or number."""
    for found in _COVERED.finditer(sql):
        if text := _STRING.fullmatch(found[0]):
            yield f"{sql[: found.start()]}'{_other_text(text[1])}'{sql[found.end() :]}"
    numbers = _NUMBER.finditer(covered(sql))
    yield from (f"{sql[: found.start()]}{int(found[0]) + 1}{sql[found.end() :]}" for found in numbers)


def _other_text(text: str) -> str:
    """``2 days`` for ``1 day``, so that what is a date or an interval stays one."""
    digits = re.search(r"[0-8](?!\d)", text)
    return f"{text[: digits.start()]}{int(digits[0]) + 1}{text[digits.end() :]}" if digits else f"{text}x"


def other_operator(sql: str) -> Iterator[str]:
    """Compare or reckon otherwise."""
    bare = covered(sql)
    for pattern, operator in _OPERATORS:
        yield from (f"{sql[: found.start()]}{operator}{sql[found.end() :]}" for found in pattern.finditer(bare))


def more_where(sql: str) -> Iterator[str]:
    """Let a SELECT see fewer rows."""
    if "{%" in sql:
        return
    bare = covered(sql)
    for found in re.finditer(r"\bwhere\b", bare, re.IGNORECASE):
        yield f"{sql[: found.end()]} CURRENT_DATE > '2024-06-30' AND{sql[found.end() :]}"
    if len(re.findall(r"\b(?:select|from|where|union|with|qualify|window)\b", bare, re.IGNORECASE)) == 2:
        flat = _outermost(bare)
        tail = re.search(r"\b(?:group|order|having|limit)\b", flat, re.IGNORECASE)
        at = tail.start() if tail else len(sql)
        yield f"{sql[:at].rstrip()}\n    WHERE CURRENT_DATE > '2024-06-30'\n    {sql[at:]}"


def _outermost(bare: str) -> str:
    """What stands in no brackets; the rest is covered too."""
    depth, kept = 0, []
    for letter in bare:
        depth += (letter == "(") - (letter == ")")
        kept.append("~" if depth or letter == ")" else letter)
    return "".join(kept)


def in_brackets(sql: str) -> Iterator[str]:
    """The same in one more pair of brackets."""
    if sql.strip() and not _UNSAFE.search(sql):
        yield f"({sql.strip()})"


def swapped(sql: str) -> Iterator[str]:
    """``a = b`` as ``b = a``."""
    if not _UNSAFE.search(sql):
        yield from (
            f"{sql[: found.start()]}{found[1]}{found[3]} = {found[2]}{found[4]}{sql[found.end() :]}"
            for found in _EQUALITY.finditer(sql)
        )


def other_unequal(sql: str) -> Iterator[str]:
    """``<>`` as ``!=``, or the other way."""
    for found in re.finditer("<>|!=", covered(sql)):
        yield f"{sql[: found.start()]}{'!=' if found[0] == '<>' else '<>'}{sql[found.end() :]}"


def other_case(sql: str) -> Iterator[str]:
    """Keywords in the other case."""
    bare, changed = covered(sql), list(sql)
    for found in _KEYWORD.finditer(bare):
        changed[found.start() : found.end()] = found[0].swapcase() if found[0].islower() else found[0].lower()
    if "".join(changed) != sql and "{%" not in sql:
        yield "".join(changed)


def other_order(sql: str) -> Iterator[str]:
    """``a AND b`` as ``b AND a``."""
    bare = covered(sql)
    parts = [found.span() for found in re.finditer(r"\band\b", bare, re.IGNORECASE)]
    if len(parts) == 1 and not _UNSAFE.search(sql) and not re.search(r"\bor\b|\bbetween\b|\bcase\b|\bnot\b", bare, re.IGNORECASE):
        (start, end), whole = parts[0], sql.strip()
        if "(" not in bare:
            first, second = sql[:start].strip(), sql[end:].strip()
            if first and second and whole:
                yield f"{second} {sql[start:end]} {first}"


def other_space(sql: str) -> Iterator[str]:
    """More white space between the words."""
    if _UNSAFE.search(sql):
        return
    bare = covered(sql)
    spots = [found.span() for found in re.finditer(r"(?<=\S)[ \n]+(?=\S)", bare)]
    changed = sql
    for start, end in reversed(spots[:3]):
        changed = f"{changed[:start]}\n        {changed[end:]}"
    if changed != sql:
        yield changed


MEANING: Final[tuple[Rewrite, ...]] = (other_literal, other_operator)
"""What alters the numbers."""
WRITING: Final[tuple[Rewrite, ...]] = (in_brackets, swapped, other_unequal, other_case, other_order)
"""What alters nothing."""
