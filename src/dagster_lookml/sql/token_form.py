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
_MEANINGLESS: Final = frozenset("as asc case else end inner not outer then when".split())
"""Words that may be left out, or that one of two ways to write the same has; what they mean the tree knows."""
_IF: Final = {
    **dict.fromkeys("bigquery mysql databricks spark hive presto trino athena duckdb clickhouse".split(), "if"),
    **dict.fromkeys(("tsql", "fabric"), "iif"),
    "snowflake": "iff",
}
"""What CASE with one condition is called as a function."""
_PAIRS: Final = frozenset({"()", ",)", ",from"})
"""Brackets and commas that a tree leaves out, and some databases do not take."""
_TYPES: Final = frozenset({"date", "time", "timestamp", "timestamptz", "datetime"})
"""What makes a literal of a string behind it, which is another thing than a function of a string."""
_TOUCHED: Final = frozenset(
    """adddate bit_and bit_or bit_xor cast count curdate curtime date_add date_sub extract group_concat json_arrayagg
    json_objectagg max mid min now position session_user std stddev stddev_pop stddev_samp st_collect subdate substr substring
    sum sysdate system_user trim variance var_pop var_samp""".split()
)
"""What MySQL takes for a function only if its bracket follows at once."""
_QUERY: Final = frozenset({"select", "with"})
_TEXTS: Final = frozenset(kind for kind in TokenType if "STRING" in kind.name)
_QUOTED: Final = _TEXTS | {TokenType.IDENTIFIER}
_WORD: Final = re.compile(r"[\w'\"`$@]")
_NO_BRACKET: Final = re.compile(r"[^\s,;()]")
_CONTENT: Final = re.compile(r"\w+|::|[\[{@$#]|!(?!=)")
_NAMES: Final = re.compile(r"\w+|!(?!=)")
_ESCAPED: Final = re.compile(r"\\(['\"`])")
_QUOTES: Final = re.compile(r"\w*&?('''|\"\"\"|'|\"|\$\w*\$)(.*)\1", re.DOTALL)
_ENDS_IN_MARK: Final = re.compile(rf"{MARK}\d+z$")
_NO_NESTING: Final = frozenset({"clickhouse", "athena", "hive"})
"""Where a comment ends at the first ``*/``, and sqlglot reads on."""
_SIGNS: Final = frozenset({"@", "@@", "$", "#", "##"})
"""What is one name with what it touches."""
_TABLE_FOLLOWS: Final = frozenset({"from", "join", "into", "table", "update", "using"})
_DASHES: Final = 8
"""Of the name of a project."""
_DEEPEST: Final = 8
"""Levels of ``EXPLAIN CALL …``."""
_EXECUTED: Final = re.compile(r"/\*!|--[^\s-]")


class UnreadTokensError(ValueError):
    """A text that cannot be cut into tokens."""


class TokenForm(NamedTuple):
    """The tokens of a text.

    Attributes:
        exact: as written.
        folded: keywords in lower case.
        content: how often each word, number, string and bracket stands there, without what a tree may say otherwise.
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
        tokens = _tokens(sql, dialect)
    except SqlglotError as error:
        raise UnreadTokensError(str(error).splitlines()[0]) from error
    parts = [part for token, start in tokens for part in _parts(sql, token, start)]
    touching = _NO_BRACKET if has_branches else _WORD
    written = [part.text for part in parts]
    exact = tuple(f"{_glue(sql, parts, number, touching, dialect)}{part.text}" for number, part in enumerate(parts))
    folded = tuple(_folded(written, number, one) for number, one in enumerate(exact))
    comments = tuple(one.strip() for token, _ in tokens for one in token.comments)
    if dialect in _NO_NESTING and any("/*" in one for one in comments):
        raise UnreadTokensError("sqlglot takes comments in comments for one")
    if any(part.text in ("$", "$$") for part in parts) and "$$" in sql:
        raise UnreadTokensError("it has a text between $$")
    texts = tuple(part.text for part in parts if part.kind in _QUOTED)
    meaningless = _MEANINGLESS | {_IF.get(dialect, "as")}
    return TokenForm(exact, folded, _content(parts, written, exact, meaningless), written.count("("), texts, comments)


class _Part(NamedTuple):
    """A token, or a word of one like ``ORDER BY``, where it begins, and what it says without its quotes."""

    kind: TokenType
    start: int
    text: str
    value: str


def _tokens(sql: str, dialect: str) -> list[tuple[Token, int]]:
    """The tokens and where they begin. What is behind CALL or EXPLAIN sqlglot takes for one string, and it is cut as well."""
    found: list[tuple[Token, int]] = []
    waiting = [(sql, 0, 0)]
    while waiting:
        text, offset, depth = waiting.pop()
        if depth > _DEEPEST:
            raise UnreadTokensError("a statement stands in too many others")
        for token in Dialect.get_or_raise(dialect or None).tokenize(text):
            is_rest = token.token_type == TokenType.STRING and token.end - token.start < len(token.text) + 1
            if is_rest:
                behind = found[-1][0].end + 1 if found else 0
                waiting.append((token.text, offset + text.index(token.text, behind), depth + 1))
            else:
                found.append((token, offset + token.start))
    return sorted(found, key=lambda one: one[1])


def _parts(sql: str, token: Token, start: int) -> Iterator[_Part]:
    text = sql[start : start + token.end - token.start + 1]
    if token.token_type in _QUOTED:
        yield _Part(token.token_type, start, text, token.text)
        return
    for found in re.finditer(r"\S+", text):
        yield _Part(token.token_type, start + found.start(), found.group(), found.group())


def _glue(sql: str, parts: list[_Part], number: int, touching: re.Pattern[str], dialect: str) -> str:
    """Tells what the white space before a part means, where it means anything.

    A mark and what it touches are one word, whatever comes of it. Two strings are one if a line ends between them.
    """
    part, before = parts[number], parts[number - 1] if number else None
    start = part.start
    if before is None:
        return ""
    is_touching = start == before.start + len(before.text)
    if part.kind in _TEXTS and before.kind in _TEXTS and "\n" in sql[before.start + len(before.text) : start]:
        return "\n"
    if dialect in MYSQL and part.text == "(" and before.text.lower() in _TOUCHED:
        return "+" if is_touching else ""
    if before.text in _SIGNS or (dialect == "bigquery" and _is_in_project(parts, number)):
        return "+" if is_touching else ""
    if not touching.match(sql[start - 1]) or not touching.match(sql[start]):
        return ""
    is_near = part.text.startswith(MARK) or _ENDS_IN_MARK.search(sql[max(start - 24, 0) : start])
    return "+" if is_near else ""


def _is_in_project(parts: list[_Part], number: int) -> bool:
    """A dash of ``FROM my-project.dataset.table``, or what is behind it: the parts of that name must touch."""
    at = number if parts[number].text == "-" else number - 1
    least = at - 2 * _DASHES
    while at > max(least, 1) and parts[at].text == "-":
        at -= 2
        if parts[at].text.lower() in _TABLE_FOLLOWS:
            return True
    return False


def _folded(written: list[str], number: int, exact: str) -> str:
    """A keyword in lower case; but beside a dot, behind a colon and as an alias it may be a name that is told by its case."""
    if exact.lower() not in _RESERVED or "." in (written[number - 1 : number] + written[number + 1 : number + 2]):
        return exact
    before = written[number - 1].lower() if number else ""
    is_name = before == ":" or (before == "as" and exact.lower() not in _QUERY)
    return exact if is_name else exact.lower()


def _content(
    parts: list[_Part], written: list[str], exact: tuple[str, ...], meaningless: frozenset[str]
) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for number, part in enumerate(parts):
        if exact[number] != part.text:
            found["touching", f"{written[number - 1]}{part.text}".lower()] += 1
        if part.kind in _TEXTS:
            found["string", _string(part)] += 1
            found["word", "a literal"] += number > 0 and written[number - 1].lower() in _TYPES
        elif part.kind == TokenType.NUMBER:
            if [one.lower() for one in written[number - 2 : number + 2]] != ["count", "(", "1", ")"]:
                found["number", part.text] += 1
        elif f"{''.join(written[max(number - 1, 0) : number])}{part.text.lower()}" in _PAIRS:
            found["word", written[number - 1] + part.text.lower()] += 1
        else:
            words = _NAMES if part.kind == TokenType.IDENTIFIER else _CONTENT
            for word in words.findall(part.text.lower()):
                if word not in meaningless or part.kind == TokenType.IDENTIFIER:
                    found["word", "::" if word == "cast" else word] += 1
    return found


def _string(part: _Part) -> str:
    """What a string says; as it is written where it has a backslash, of which sqlglot keeps what some databases drop."""
    quoted = _QUOTES.fullmatch(part.text) if "\\" in part.text else None
    return _ESCAPED.sub(r"\1", quoted.group(2)) if quoted else part.value
