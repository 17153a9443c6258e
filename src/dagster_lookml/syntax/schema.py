"""What LookML's parameters are, as data: which belong where, which are expressions, which may repeat, how they merge.

The key tables of lkml are taken from lkml itself, so that both always read alike. What lkml does not know (which parameter
belongs in which block, how extends and refinements merge) stands here, with the rule it comes from.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final

from lkml.keys import EXPR_BLOCK_KEYS, PLURAL_KEYS

EXPRESSION_KEYS: Final = frozenset(EXPR_BLOCK_KEYS)
"""Keys whose value lkml reads raw up to ``;;`` (R15.7)."""

REPEATABLE_KEYS: Final = frozenset(PLURAL_KEYS) | {"visualization", "application"}
"""Keys that may stand several times in one block (R15.1). lkml keeps only the last visualization and application (R15.5)."""


def is_expression_key(key: str) -> bool:
    """Tell whether Looker reads the value of a key raw up to ``;;``, also where lkml does not know it (R15.7).

    >>> is_expression_key("sql_having"), is_expression_key("label")
    (True, False)
    """
    return key in EXPRESSION_KEYS or key.startswith("sql_") or key == "filter_expression"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_FIELD: Final = _words(
    """action alias allow_fill alpha_sort bypass_suggest_restrictions can_filter case_sensitive convert_tz datatype
    description drill_fields full_suggestions group_item_label group_label hidden html label label_from_parameter link
    order_by_field required_access_grants required_fields skip_drill_filter sql style suggest_dimension suggest_explore
    suggest_persist_for suggestable suggestions tags type value_format value_format_name view_label can_visualize"""
)
_PERSISTENCE: Final = _words(
    """cluster_keys datagroup_trigger distribution distribution_style increment_key increment_offset indexes
    interval_trigger materialized_view partition_keys persist_for publish_as_db_view sortkeys sql_trigger_value
    table_compression table_format"""
)
_CUSTOM_TIMEFRAMES: Final = _words("custom_date custom_period custom_quarter custom_season custom_week custom_year")
_QUERY: Final = _words("description dimensions filters label limit measures pivots sorts timezone expression_custom_filter")

CHILDREN: Final[Mapping[str, frozenset[str]]] = {
    "": _words(
        """access_grant application case_sensitive connection constant datagroup explore fiscal_month_offset include label
        local_dependency localization_settings map_layer named_value_format new_lookml_runtime persist_for persist_with
        project_name remote_dependency test view visualization week_start_day marketplace_ref"""
    ),
    "view": _words(
        """calendar_definition derived_analytic_model derived_table description dimension dimension_group drill_fields extends
        extension fields_hidden_by_default filter final label measure parameter required_access_grants set
        sql_analytic_model_name sql_table_name suggestions tags view_label"""
    ),
    "calendar_definition": _words("previous_ordinal_mapping reference_date timeframe_mapping timeframe_ordinal_mapping"),
    "timeframe_mapping": _CUSTOM_TIMEFRAMES,
    "timeframe_ordinal_mapping": _CUSTOM_TIMEFRAMES,
    "previous_ordinal_mapping": _CUSTOM_TIMEFRAMES,
    "derived_table": _PERSISTENCE | _words("create_process explore_source sql sql_create"),
    "derived_analytic_model": _words("create_process model_source publish_as_db_analytic_model sql sql_create"),
    "model_source": _words("fields join"),
    "create_process": _words("sql_step"),
    "explore_source": _words(
        """bind_all_filters bind_filters column derived_column dev_filters expression_custom_filter filters limit sorts sort
        timezone"""
    ),
    "column": _words("field"),
    "derived_column": _words("sql"),
    "bind_filters": _words("from_field to_field"),
    "dimension": _FIELD
    | _words(
        """bins case end_location_field expression fanout_on map_layer_name primary_key sql_end sql_latitude
        sql_longitude sql_start start_location_field tiers units"""
    ),
    "dimension_group": _FIELD
    | _words("based_on_calendar custom_timeframes expression fiscal_month_offset intervals sql_end sql_start timeframes"),
    "measure": _FIELD
    | _words(
        """allow_approximate_optimization approximate approximate_threshold based_on based_on_time direction expression
        filter_expression filters kind list_field percentile period precision sql_distinct_key value_to_date fields"""
    ),
    "filter": _FIELD | _words("default_value"),
    "parameter": _FIELD | _words("allowed_value default_value"),
    "set": _words("fields"),
    "explore": _words(
        """access_filter aggregate_table always_filter always_join cancel_grouping_fields case_sensitive
        conditionally_filter description extends extension fields final from group_label hidden join label persist_for
        persist_with query required_access_grants sql_always_having sql_always_where sql_analytic_model_name sql_preamble
        sql_table_name symmetric_aggregates tags view_label view_name suggestions"""
    ),
    "join": _words(
        """fields foreign_key from outer_only relationship required_access_grants required_joins sql sql_foreign_key
        sql_having sql_on sql_table_name sql_where type view_label view_name label"""
    ),
    "always_filter": _words("filters"),
    "conditionally_filter": _words("filters unless"),
    "filters": _words("field value"),
    "dev_filters": _words("field value"),
    "access_filter": _words("field user_attribute"),
    "aggregate_table": _words("materialization query"),
    "materialization": _PERSISTENCE,
    "query": _QUERY,
    "datagroup": _words("description interval_trigger label max_cache_age sql_trigger"),
    "access_grant": _words("allowed_values user_attribute"),
    "named_value_format": _words("strict_value_format value_format"),
    "map_layer": _words(
        """extents_json_url feature_key file format label max_zoom_level min_zoom_level projection property_key
        property_label_key url"""
    ),
    "test": _words("assert explore_source"),
    "assert": _words("expression"),
    "constant": _words("export value"),
    "override_constant": _words("export value"),
    "local_dependency": _words("override_constant project"),
    "remote_dependency": _words("override_constant ref url"),
    "localization_settings": _words("default_locale localization_level"),
    "link": _words("icon_url label url"),
    "action": _words("form_param form_url icon_url label param url user_attribute_param"),
    "param": _words("name value"),
    "form_param": _words("default description label name option required type"),
    "option": _words("label name"),
    "user_attribute_param": _words("name user_attribute"),
    "allowed_value": _words("label value"),
    "case": _words("else when"),
    "when": _words("label sql"),
}
"""Parameters by the block they stand in; ``""`` is the file (R3.1, R4.32, R4.45, R6.16, and the counts of real repos)."""

MANIFEST_KEYS: Final = _words(
    """application constant local_dependency localization_settings new_lookml_runtime project_name remote_dependency
    visualization"""
)
"""Parameters that belong in the manifest and nowhere else (R1.2, R1.5)."""

KNOWN_KEYS: Final = frozenset(key for keys in CHILDREN.values() for key in keys)

NAMED_BLOCKS: Final = _words(
    """access_grant aggregate_table assert column constant datagroup derived_column dimension dimension_group explore filter
    join map_layer measure named_value_format override_constant parameter remote_dependency set test view"""
)
"""Blocks that declare something by name: where one stands that does not belong there, a brace is missing or too many."""

FIELD_KINDS: Final = ("dimension", "dimension_group", "measure", "filter", "parameter")
"""The kinds of field; they share one namespace in a view (R4.6)."""


class Merge(Enum):
    """How a parameter of a child, or of a refinement, meets the one it finds (R7.6-R7.12, rule book section 16)."""

    REPLACE = "replace"
    """The later one wins; in a list, ``EXTENDED*`` stands for the earlier one."""
    APPEND = "append"
    """Both are kept, the earlier first."""
    BY_NAME = "by name"
    """Blocks of one kind and name are merged parameter by parameter."""
    BLOCK = "block"
    """The only block of its kind is merged parameter by parameter."""
    OWN = "own"
    """Belongs to the object that says it, and is never inherited (R7.14)."""


_BY_NAME: Final = _words(
    "dimension dimension_group measure filter parameter set join aggregate_table query column derived_column"
)
_BLOCK: Final = _words(
    """derived_table explore_source always_filter conditionally_filter case create_process materialization calendar_definition
    derived_analytic_model model_source     timeframe_mapping timeframe_ordinal_mapping previous_ordinal_mapping"""
)
_APPEND: Final = frozenset(
    {
        *((kind, key) for kind in FIELD_KINDS for key in ("action", "link")),
        ("measure", "filters"),
        ("parameter", "allowed_value"),
        ("explore_source", "bind_filters"),
        ("explore_source", "dev_filters"),
        ("explore_source", "filters"),
        ("explore_source", "sorts"),
        ("view", "extends"),
        ("explore", "extends"),
        ("explore", "access_filter"),
    }
)


def merge_rule(parent: str, key: str) -> Merge:
    """Look up how a parameter merges.

    Args:
        parent: key of the block that holds it, such as ``"measure"``.
        key: key of the parameter.

    >>> merge_rule("measure", "filters"), merge_rule("always_filter", "filters")
    (<Merge.APPEND: 'append'>, <Merge.REPLACE: 'replace'>)
    """
    if (parent, key) in _APPEND:
        return Merge.APPEND
    if key in ("extension", "final"):
        return Merge.OWN
    if key in _BLOCK or (key == "query" and parent == "aggregate_table"):
        return Merge.BLOCK
    if key in _BY_NAME:
        return Merge.BY_NAME
    return Merge.REPLACE
