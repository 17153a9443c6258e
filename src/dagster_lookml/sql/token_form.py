"""The tokens of SQL: what differs in white space and comments only has the same, and nothing is lost where trees lose it.

Imported when the first two texts differ: sqlglot's tokenizers know the quotes and comments of every dialect.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final, NamedTuple

from sqlglot import Dialect
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from dagster_lookml.sql.foldings import MYSQL
from dagster_lookml.sql.marks import MARK

_RESERVED: Final = frozenset(
    """select from where and or not in is null case when then else end as on join left right inner outer full cross group by
    order having limit union all distinct between like with over partition cast exists using asc desc true false""".split()
)
"""Keywords that are no names in any dialect, unless they are quoted."""
_MEANINGLESS: Final = frozenset("as asc case cast else end if iff iif inner not outer then when".split())
"""Words that may be left out, or that one of two ways to write the same has; what they mean the tree knows."""
_QUERY: Final = frozenset({"select", "with"})
_TEXTS: Final = frozenset(kind for kind in TokenType if "STRING" in kind.name)
_QUOTED: Final = _TEXTS | {TokenType.IDENTIFIER}
_WORD: Final = re.compile(r"[\w'\"`$@]")
_NO_BRACKET: Final = re.compile(r"[^\s,;()]")
_ENDS_IN_MARK: Final = re.compile(rf"{MARK}\d+z$")
_EXECUTED: Final = re.compile(r"/\*!|--[^\s-]")


class UnreadTokensError(ValueError):
    """A text that cannot be cut into tokens."""


class TokenForm(NamedTuple):
    """The tokens of a text.

    Attributes:
        exact: as written.
        folded: keywords in lower case.
        content: how often each word, number and string stands there, without words that a tree may say otherwise.
        brackets: how many are opened.
        texts: the strings and quoted names.
        comments: in order.
    """

    exact: tuple[str, ...]
    folded: tuple[str, ...]
    content: Counter[tuple[str, str]]
    brackets: int
    texts: tuple[str, ...]
    comments: tuple[str, ...]


def token_form(sql: str, dialect: str, *, has_branches: bool = False) -> TokenForm:
    """Cut a text into tokens.

    Args:
        sql: with marks in place of Liquid and references.
        dialect: its name; empty for standard SQL.
        has_branches: marks may stand for the beginning of a branch, and what touches one may be a half of a token.

    Raises:
        UnreadTokensError: the text cannot be cut.

    >>> token_form("select a -- b", "").exact
    ('select', 'a')
    """
    if dialect in MYSQL and _EXECUTED.search(sql):
        raise UnreadTokensError("MySQL may take a comment in it for a part of the statement")
    try:
        tokens = Dialect.get_or_raise(dialect or None).tokenize(sql)
    except SqlglotError as error:
        raise UnreadTokensError(str(error).splitlines()[0]) from error
    parts = [part for token in tokens for part in _parts(sql, token)]
    touching = _NO_BRACKET if has_branches else _WORD
    written = [part.text for part in parts]
    exact = tuple(f"{_glue(sql, part, touching)}{part.text}" for part in parts)
    folded = tuple(_folded(written, number, one) for number, one in enumerate(exact))
    comments = tuple(one.strip() for token in tokens for one in token.comments)
    texts = tuple(part.text for part in parts if part.kind in _QUOTED)
    return TokenForm(exact, folded, _content(parts, written, exact), written.count("("), texts, comments)


class _Part(NamedTuple):
    """A token, or a word of one like ``ORDER BY``, where it begins, and what it says without its quotes."""

    kind: TokenType
    start: int
    text: str
    value: str


def _parts(sql: str, token: Token) -> Iterator[_Part]:
    text = sql[token.start : token.end + 1]
    if token.token_type in _QUOTED:
        yield _Part(token.token_type, token.start, text, token.text)
        return
    for found in re.finditer(r"\S+", text):
        yield _Part(token.token_type, token.start + found.start(), found.group(), found.group())


def _glue(sql: str, part: _Part, touching: re.Pattern[str]) -> str:
    """Tells that a part touches the one before it, where one of both is a mark: they are one word then, whatever comes of it."""
    start = part.start
    if not start or not touching.match(sql[start - 1]) or not touching.match(sql[start]):
        return ""
    is_near = part.text.startswith(MARK) or _ENDS_IN_MARK.search(sql[max(start - 24, 0) : start])
    return "+" if is_near else ""


def _folded(written: list[str], number: int, exact: str) -> str:
    """A keyword in lower case; but beside a dot, behind a colon and as an alias it may be a name that is told by its case."""
    if exact.lower() not in _RESERVED or "." in (written[number - 1 : number] + written[number + 1 : number + 2]):
        return exact
    before = written[number - 1].lower() if number else ""
    is_name = before == ":" or (before == "as" and exact.lower() not in _QUERY)
    return exact if is_name else exact.lower()


def _content(parts: list[_Part], written: list[str], exact: tuple[str, ...]) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for number, part in enumerate(parts):
        if exact[number] != part.text:
            found["touching", f"{written[number - 1]}{part.text}".lower()] += 1
        if part.kind in _TEXTS:
            found["string", part.value] += 1
        elif part.kind == TokenType.NUMBER:
            if [one.lower() for one in written[number - 2 : number + 2]] != ["count", "(", "1", ")"]:
                found["number", part.text] += 1
        else:
            for word in re.findall(r"\w+|!(?!=)", part.text.lower()):
                if word not in _MEANINGLESS or part.kind == TokenType.IDENTIFIER:
                    found["word", word] += 1
    return found
