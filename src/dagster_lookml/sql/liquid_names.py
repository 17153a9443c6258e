"""The fields that the Liquid of a text names, and what it asks them for (R10.3, R10.5, R10.6)."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Final, NamedTuple

from dagster_lookml.semantic.references import comments
from dagster_lookml.sql.environment import Environment, in_environment
from dagster_lookml.sql.texts import has_liquid

VALUES: Final = frozenset({"_value", "_rendered_value", "_linked_value", "_filterable_value", "_link"})
"""What stands behind a field whose value is shown: the query has the field then."""

_OPENING: Final = re.compile(r"\{[%{]")
_TAG: Final = re.compile(r"\{%-?(?P<tag>(?:[^%]|%(?!\}))*)%\}|\{\{-?(?P<output>(?:\$\{[^}]*\}|[^}]|\}(?!\}))*)\}\}")
_STRING: Final = re.compile(r"'[^']*'|\"[^\"]*\"")
_NAMING: Final = re.compile(r"\s*(condition|parameter|date_start|date_end)\s+([A-Za-z]\w*(?:\.[A-Za-z]\w*)?)\s*-?\Z")
_PATH: Final = re.compile(
    r"""(?<![\w.\[])([A-Za-z]\w*(?:\.[A-Za-z]\w*)?)\.
        (_value|_rendered_value|_linked_value|_filterable_value|_link|_in_query|_is_selected|_is_filtered|_parameter_value|_sql)\b""",
    re.VERBOSE,
)
_FILTERS: Final = re.compile(r"\b_filters\s*\[\s*(['\"])\s*([A-Za-z]\w*\.[A-Za-z]\w*)\s*\1\s*\]")
_ASSIGNED: Final = re.compile(r"\{%-?\s*(?:assign|capture|for)\s+(\w+)")


class Named(NamedTuple):
    """A field that Liquid names.

    Attributes:
        scope: the alias before the dot, or None.
        name: the field.
        start: offset of the name in the text.
        asked: what of it: the tag, as in ``{% condition f %}``, or what stands behind the field, as ``_in_query``; ``_filters``
            for what stands in these.
    """

    scope: str | None
    name: str
    start: int
    asked: str

    @property
    def written(self) -> str:
        """As it stands in the text."""
        return f"{self.scope}.{self.name}" if self.scope else self.name

    @property
    def is_tag(self) -> bool:
        """It stands in one of Looker's own tags, or is the value of a parameter: nothing but a field can be meant."""
        return not self.asked.startswith("_") or self.asked == "_parameter_value"


@lru_cache(maxsize=10_000)
def liquid_names(template: str) -> tuple[Named, ...]:
    """Every field that a template names, in order; variables of its own are no fields.

    >>> [(one.written, one.asked) for one in liquid_names("{% if users.age._in_query %} {% parameter grain %} {% endif %}")]
    [('users.age', '_in_query'), ('grain', 'parameter')]
    """
    return tuple(_names(template)) if has_liquid(template) else ()


def live_names(sql: str, environment: Environment) -> Iterator[Named]:
    """The same of an SQL text, without what makes no SQL: the other environment, and tags in comments that write something.

    What stands behind a branch in a comment need not be in it.

    Args:
        sql: constants expanded.
        environment: which of ``-- if prod --`` and ``-- if dev --`` counts.

    >>> [one.written for one in live_names("{% parameter a %} -- {% parameter b %} {% if c._in_query %}", "prod")]
    ['a', 'c']
    """
    if has_liquid(sql):
        text = in_environment(sql, environment)
        dead = comments(text)
        for one in liquid_names(text):
            at = bisect_right(dead, one.start, key=lambda comment: comment[0]) - 1
            if one.asked.startswith("_") or at < 0 or one.start >= dead[at][1]:
                yield one


def _names(template: str) -> Iterator[Named]:
    own = {found.group(1) for found in _ASSIGNED.finditer(template)}
    for found in liquid_tags(template):
        inside = inside_of(found)
        start = found.start("tag") if found.group("tag") is not None else found.start("output")
        naming = _NAMING.match(inside) if found.group("tag") is not None else None
        if naming is not None:
            yield _named(naming.group(2), start + naming.start(2), naming.group(1))
        for filtered in _FILTERS.finditer(inside):
            yield _named(filtered.group(2), start + filtered.start(2), "_filters")
        for path in _PATH.finditer(_STRING.sub(lambda one: " " * len(one.group()), inside)):
            if path.group(1).partition(".")[0] not in own:
                yield _named(path.group(1), start + path.start(1), path.group(2))


def _named(written: str, start: int, asked: str) -> Named:
    scope, _, name = written.rpartition(".")
    return Named(scope or None, name, start, asked)


def liquid_tags(template: str) -> Iterator[re.Match[str]]:
    """Every ``{% %}`` and ``{{ }}`` that is no comment and not raw: with the group ``tag`` or ``output``, what is inside."""
    if not has_liquid(template):
        return
    ended = "|".join(word for word in ("comment", "raw") if f"end{word}" in template)
    text = _left_out(ended).sub(lambda one: " " * len(one.group()), template) if ended else template
    last = {"{%": text.rfind("%}"), "{{": text.rfind("}}")}  # behind it a tag has no end, for which nobody need look
    at = 0
    while (opening := _OPENING.search(text, at)) is not None:
        found = _TAG.match(text, opening.start()) if opening.start() < last[opening.group()] else None
        at = found.end() if found is not None else opening.start() + 1
        if found is not None:
            yield found


@cache
def _left_out(words: str) -> re.Pattern[str]:
    """Blocks with these words, divided by ``|``."""
    return re.compile(rf"\{{%-?\s*({words})\b.*?\{{%-?\s*end\1\s*-?%\}}", re.DOTALL)


def inside_of(tag: re.Match[str]) -> str:
    """What stands inside one of `liquid_tags`."""
    return tag.group("tag") or tag.group("output") or ""


def without_strings(liquid: str) -> str:
    """What stands inside a tag, without what is in quotes there."""
    return _STRING.sub("", liquid)
