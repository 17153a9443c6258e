"""Words that LookML does not have: parameters in a place that does not know them, values that a parameter does not have (V21)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from dagster_lookml.errors import did_you_mean, near_names
from dagster_lookml.source.problems import Problem
from dagster_lookml.syntax.nodes import BlockNode, Node, PairNode
from dagster_lookml.syntax.schema import CHILDREN, FIELD_KINDS, MANIFEST_KEYS

_AGGREGATES: Final = """average average_distinct count count_distinct list max median median_distinct min percentile
percentile_distinct sum sum_distinct period_over_period date date_time number string yesno percent_of_previous percent_of_total
running_total int"""
_DIMENSIONS: Final = """string number yesno date date_time tier bin zipcode location distance int"""

VALUES: Final[Mapping[tuple[str, str], frozenset[str]]] = {
    ("join", "type"): frozenset("left_outer inner full_outer cross".split()),
    ("join", "relationship"): frozenset("many_to_one one_to_one one_to_many many_to_many".split()),
    ("measure", "type"): frozenset(_AGGREGATES.split()),
    ("dimension", "type"): frozenset(_DIMENSIONS.split()),
    ("dimension_group", "type"): frozenset("time duration custom_calendar".split()),
    ("filter", "type"): frozenset("string number date date_time yesno unquoted time tier zipcode".split()),
    ("parameter", "type"): frozenset("string number unquoted date date_time yesno".split()),
}
"""What a parameter may say (R4.15, R4.16, R6.6); dimensions take ``date_<timeframe>`` and ``duration_<interval>`` too (R4.14)."""

YES_OR_NO: Final = frozenset(
    """allow_approximate_optimization allow_fill alpha_sort approximate bind_all_filters bypass_suggest_restrictions can_filter
    can_visualize case_sensitive convert_tz fields_hidden_by_default final full_suggestions hidden primary_key
    publish_as_db_view skip_drill_filter strict_value_format suggestable suggestions symmetric_aggregates""".split()
)
"""Parameters that say ``yes`` or ``no``."""

_FREE: Final = frozenset({"visualization", "application"})
"""Blocks whose parameters are for others to define."""


_LISTING: Final = frozenset({"timeframes", "intervals", "custom_timeframes"})
"""What lists the fields of a dimension group."""


def unknown_words(nodes: tuple[Node, ...], parent: str = "", *, manifest: bool = False) -> Iterator[Problem]:
    """Every parameter and value that LookML does not have in its place.

    Args:
        nodes: the parameters of a file or a block.
        parent: key of the block; empty for the file.
        manifest: the file is a manifest, the one place for its parameters (R1.2).
    """
    known = CHILDREN.get(parent)
    if parent == "dimension" and any(_is_group_type(node) for node in nodes):  # one mistake is told once
        known = CHILDREN["dimension"] | _LISTING
    for node in nodes:
        if not parent and not manifest and node.key in MANIFEST_KEYS:
            message = f"`{node.key}` counts only in manifest.lkml, in the root of the project"
            yield Problem("misplaced-manifest", message, node.key_start, node.key_start + len(node.key))
        elif known is not None and node.key not in known:
            where = f"`{parent}`" if parent else "a file"
            hint = did_you_mean(near_names(node.key, known, 1))
            message = f"LookML knows no parameter `{node.key}` in {where}{hint}"
            yield Problem("unknown-parameter", message, node.key_start, node.key_start + len(node.key))
        elif isinstance(node, PairNode) and (parent, node.key) in VALUES:
            yield from _unknown_value(node, parent)
        elif isinstance(node, PairNode) and node.key in YES_OR_NO and not _is_yes_or_no(node.value):
            yield Problem("unknown-value", f"`{node.key}: {node.value}` is neither yes nor no", node.start, node.end)
        if isinstance(node, BlockNode) and node.key not in _FREE:
            yield from unknown_words(node.children, node.key)


def _is_group_type(node: Node) -> bool:
    """Tell whether a parameter says a type that only dimension groups have (R4.15)."""
    return isinstance(node, PairNode) and node.key == "type" and node.value in VALUES["dimension_group", "type"]


def _is_yes_or_no(value: str) -> bool:
    return value.strip().lower() in ("yes", "no") or "{" in value


def _unknown_value(node: PairNode, parent: str) -> Iterator[Problem]:
    values = VALUES[parent, node.key]
    value = node.value
    if value in values or "@{" in value or (parent in FIELD_KINDS and value.startswith(("date_", "duration_"))):
        return
    if parent == "dimension" and _is_group_type(node):
        hint = ", but of a dimension_group"
    else:
        hint = did_you_mean(near_names(value, values, 1))
    message = f"`{node.key}: {value}` is no {node.key} of a {parent}{hint}"
    yield Problem("unknown-value", message, node.start, node.end)
