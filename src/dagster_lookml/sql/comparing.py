"""Compares two texts without Liquid: token by token, and where that is not enough by their normal forms.

Imported when the first two texts differ; calls sqlglot.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

from sqlglot import Dialect, exp
from sqlglot.errors import SqlglotError

from dagster_lookml.sql.ctes import Ctes
from dagster_lookml.sql.differences import difference
from dagster_lookml.sql.foldings import MYSQL
from dagster_lookml.sql.marks import MARK, Marks
from dagster_lookml.sql.name_kinds import tables_of
from dagster_lookml.sql.normal_form import RULES, NormalForm, Rule, needed
from dagster_lookml.sql.ordinals import grouped_columns
from dagster_lookml.sql.parsing import candidates, said
from dagster_lookml.sql.precedence import may_be_made
from dagster_lookml.sql.quantifiers import has_unclear_not
from dagster_lookml.sql.reading import Form, excess, quiet, rewritten
from dagster_lookml.sql.token_form import TokenForm, UnreadTokensError, token_form

WHITE_SPACE = "only white space differs"
COMMENTS = "only white space and comments differ"
KEYWORDS = "the case of keywords differs"
FUNCTIONS = "the case of functions differs"
OTHERWISE = RULES["spelling"]
CTE_NAMES = "the names of the queries of WITH differ"
_WORD: Final = re.compile(r"\w+")
_IN_TURN: Final = re.compile(r":=|\b(?:nextval|currval|setval|lastval)\b", re.IGNORECASE)
"""What sets a variable or takes from a sequence: what is evaluated first counts."""
_ORDERED: Final[tuple[Rule, ...]] = ("connectors", "operands", "lists", "groups")
_LONG: Final = 50_000
"""Characters of the texts in which it is looked for what makes them equal to others; in more it is not."""


class Finding(NamedTuple):
    """What comparing two texts told; the reasons are the differences that mean nothing, or the one that does.

    Where the old text alone cannot be read they differ, and it is ``mended``.
    """

    sameness: Literal["equivalent", "different", "mended", "unknown"]
    reasons: tuple[str, ...] = ()


class _Read(NamedTuple):
    """A text as statements, or why it is none."""

    statements: tuple[exp.Expr, ...] = ()
    fault: str = ""


class Comparing:
    """Compares pairs of texts of one parameter.

    Args:
        form: what they are.
        dialect: name of the dialect.
        marks: what stands in them for Liquid and references.
    """

    def __init__(self, form: Form, dialect: str, marks: Marks) -> None:
        quiet()
        self.form = form
        self.dialect = dialect
        self.marks = marks
        self._told = 0
        self._read: dict[str, _Read] = {}

    def flat(self, old: str, new: str) -> Finding | None:
        """Compare templates whose every tag is a mark; None if they have to be looked at more closely."""
        if old.strip() == new.strip():
            return Finding("equivalent", (WHITE_SPACE,))
        try:
            ours, theirs = (token_form(one, self.dialect, has_branches=True) for one in (old, new))
        except UnreadTokensError:
            return None
        if not self._is_cut(old, ours) or not self._is_cut(new, theirs):
            return None
        return _alike(ours, theirs)

    def _is_cut(self, sql: str, tokens: TokenForm) -> bool:
        """The tokens of a template are those of all that it may become: no comment and no string is of one branch only."""
        is_in_comment = self.marks.branchings(sql) > sum(map(self.marks.branchings, tokens.exact))
        return not is_in_comment and all(self.marks.are_paired(text) for text in tokens.texts if MARK in text)

    def texts(self, old: str, new: str) -> Finding:
        """Compare what two templates say in one world."""
        if old == new:
            return Finding("equivalent")
        ours, theirs = self._tokens(old), self._tokens(new)
        if isinstance(ours, str) or isinstance(theirs, str):
            return self._unread(ours if isinstance(ours, str) else "", self.fault(new))
        if not ours.exact or not theirs.exact:
            return _alike(ours, theirs) or Finding("different", ("nothing became SQL" if theirs.exact else "SQL became nothing",))
        found = _alike(ours, theirs) or self._trees(old, new, ours, theirs)
        return (self._by_numbers(old, new) or found) if found.sameness == "different" else found

    def _by_numbers(self, old: str, new: str) -> Finding | None:
        """Whether the texts are alike but for the names of the queries of WITH; None if they are not."""
        ours, theirs = (Ctes(self.read(one).statements) for one in (old, new))
        if ours.names == theirs.names or len(ours.names) != len(theirs.names):
            return None
        before = ours.numbered(old, self.dialect, self.marks.tables)
        after = theirs.numbered(new, self.dialect, self.marks.tables) if before is not None else None
        if before is None or after is None:
            return None
        found = self.texts(before, after)
        more = tuple(one for one in found.reasons if one not in (WHITE_SPACE, COMMENTS))
        return Finding("equivalent", (CTE_NAMES, *more)) if found.sameness == "equivalent" else None

    def _trees(self, old: str, new: str, old_tokens: TokenForm, new_tokens: TokenForm) -> Finding:
        ours, theirs = self.read(old), self.read(new)
        if ours.fault or theirs.fault:
            return self._unread(ours.fault, theirs.fault)
        tables = tables_of((*ours.statements, *theirs.statements)) | self.marks.tables
        form = NormalForm(self.dialect, self.marks.open, self.form == "field", self._rules(old, new), tables)
        before, after = (tuple(form.of(one) for one in read.statements) for read in (ours, theirs))
        if before != after or not self._have_the_same_words(ours, theirs, old_tokens, new_tokens):
            return Finding("different", (difference(ours.statements, theirs.statements, form, self.marks.shown),))
        self._told += len(old) + len(new)
        reasons = [] if self._told > _LONG else [RULES[rule] for rule in needed(ours.statements, theirs.statements, form)]
        is_case = _without_case(old_tokens) == _without_case(new_tokens)
        return Finding("equivalent", tuple(reasons) or (FUNCTIONS if is_case else OTHERWISE,))

    def _unread(self, old: str, new: str) -> Finding:
        """What it means that texts cannot be read, by what is wrong with each."""
        if new:
            return Finding("unknown", (f"the SQL cannot be read: {self.marks.shown(new)}",))
        return Finding("mended", (f"the SQL before could not be read: {self.marks.shown(old)}",))

    def fault(self, text: str) -> str:
        """Why a text cannot be read; empty for one that can, and for one in which there is no SQL."""
        tokens = self._tokens(text)
        return tokens if isinstance(tokens, str) else self.read(text).fault if tokens.exact else ""

    def _tokens(self, text: str) -> TokenForm | str:
        """The tokens of a text, or why it has none."""
        try:
            return token_form(text, self.dialect)
        except UnreadTokensError as error:
            return str(error)

    def _have_the_same_words(self, old: _Read, new: _Read, old_tokens: TokenForm, new_tokens: TokenForm) -> bool:
        """Nothing got lost in a tree; nor has one text brackets which sqlglot may have put into the tree of the other."""
        if old_tokens.content != new_tokens.content and self._content(old, old_tokens) != self._content(new, new_tokens):
            return False
        if any(map(has_unclear_not, old.statements)):
            return _without_case(old_tokens) == _without_case(new_tokens)
        brackets = (one for read in (old, new) for tree in read.statements for one in tree.find_all(exp.Paren))
        return old_tokens.brackets == new_tokens.brackets or not any(map(may_be_made, brackets))

    def _content(self, read: _Read, tokens: TokenForm) -> Counter[tuple[str, str]]:
        """The words of a text, with columns in place of the numbers that mean them."""
        content = tokens.content.copy()
        for tree in read.statements:
            for group in tree.find_all(exp.Group):
                for place, column in grouped_columns(group, self.dialect).items():
                    content["number", group.expressions[place].name] -= 1
                    content.update(("word", word) for part in column.parts for word in _WORD.findall(part.name.lower()))
        return content

    def _rules(self, old: str, new: str) -> tuple[Rule, ...]:
        """Where ``||`` may be OR or may join strings, its operands stay where they are; and all, where their order counts."""
        is_unclear = self.dialect in MYSQL and ("||" in old or "||" in new)
        kept = _ORDERED if any(map(_IN_TURN.search, (old, new))) else ("connectors",) if is_unclear else ()
        return tuple(rule for rule in RULES if rule not in kept)

    # -- reading -------------------------------------------------------------------------------------------------------

    def read(self, text: str) -> _Read:
        """Parse a text once."""
        if text not in self._read:
            self._read[text] = self._parsed(text)
        return self._read[text]

    def _parsed(self, text: str) -> _Read:
        fault = excess(text) or ""
        for candidate in self._candidates(text) if not fault else ():
            try:
                trees = tuple(one for one in Dialect.get_or_raise(self.dialect or None).parse(candidate) if one is not None)
            except SqlglotError as error:
                fault = fault or said(error)
            except RecursionError:
                fault = fault or "nested too deep"
            except Exception as error:  # sqlglot raises what it likes
                fault = fault or f"{type(error).__name__}: {error}"
            else:
                unread = next((tree.name.upper() for tree in trees if tree.find(exp.Command) is not None), None)
                if trees and unread is None:
                    return _Read(trees)
                fault = fault or ("empty" if not trees else f"{unread or 'it'} is a statement that is not known")
        return _Read(fault=fault)

    def _candidates(self, text: str) -> Iterator[str]:
        """As a text is read; but T-SQL's ``SELECT a = b`` names a column, so there an expression is put in brackets first."""
        for one in dict.fromkeys((text, rewritten(text, self.dialect))):
            found = list(candidates(one, self.form, self.dialect))
            yield from reversed(found) if self.form == "field" and self.dialect in ("tsql", "fabric") else found


def _without_case(tokens: TokenForm) -> list[str]:
    return [one.lower() for one in tokens.exact]


def _alike(old: TokenForm, new: TokenForm) -> Finding | None:
    """What differs in two texts that have the same tokens."""
    if old.folded != new.folded:
        return None
    space = COMMENTS if old.comments != new.comments else WHITE_SPACE
    return Finding("equivalent", (space if old.exact == new.exact else KEYWORDS,))
