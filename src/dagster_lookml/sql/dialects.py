"""Which SQL a connection speaks, and how its dialect tells names apart."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal

import msgspec

STANDARD: Final = ""
"""Standard SQL: what sqlglot reads when no dialect is named."""

_FUNCTIONS: Final[Mapping[str, str]] = {
    "bigquery": """safe_cast safe_divide struct date_sub date_add date_diff timestamp_sub timestamp_add timestamp_diff
    datetime_sub datetime_add datetime_diff timestamp_trunc datetime_trunc countif unnest generate_date_array
    generate_timestamp_array ifnull format_date format_timestamp format_datetime parse_date parse_timestamp except
    approx_quantiles timestamp_seconds timestamp_millis timestamp_micros safe_offset to_json_string net.host farm_fingerprint""",
    "snowflake": """flatten iff dateadd datediff timestampdiff timeadd to_variant to_timestamp_ntz to_timestamp_ltz
    to_timestamp_tz zeroifnull div0 div0null object_construct generator seq4 try_to_number try_to_date parse_json to_varchar
    array_construct get_path convert_timezone nvl2 regexp_substr listagg hour minute split_part""",
    "redshift": """getdate nvl datediff dateadd convert_timezone listagg split_part btrim json_extract_path_text trunc
    months_between regexp_substr approximate len nvl2 strtol""",
    "postgres": """generate_series to_char now string_agg age date_part jsonb_array_elements jsonb_extract_path_text
    to_timestamp split_part regexp_matches array_to_string make_date""",
    "mysql": """date_format date_sub date_add ifnull str_to_date group_concat now curdate timestampdiff unix_timestamp
    from_unixtime makedate concat_ws last_day""",
    "presto": """date_parse from_iso8601_timestamp approx_distinct approx_percentile element_at cardinality try
    from_unixtime map_agg json_extract_scalar parse_datetime regexp_like split_to_map""",
    "databricks": """explode posexplode from_utc_timestamp to_utc_timestamp collect_list collect_set get_json_object
    unix_timestamp date_add date_sub datediff from_json months_between""",
    "tsql": """getdate isnull convert dateadd datediff charindex datepart datename patindex eomonth datefromparts stuff""",
    "duckdb": """read_parquet read_csv list_aggregate list_value strftime epoch_ms unnest strptime""",
}
"""Functions that one dialect has and not all others."""
_MARKS: Final[Mapping[str, str]] = {
    "bigquery": r"`[\w-]+\.[\w-]+|\[[\w-]+:\w+\.|\b_table_suffix\b|\b(?:int64|float64)\b|\bml\.\w+(?=\()|\bas\s+struct\b",
    "snowflake": r":\w+(?:\.\w+)*::\w+|\bvariant\b|\bqualify\b|\btimestamp_ntz\b|::|\$\d\b",
    "redshift": r"::|\bdistkey\b|\bsortkey\b|\bst[lv]_\w+|\bsvv_\w+|\bsysdate\b|\bilike\b",
    "postgres": r"::|\bilike\b|->>|\bdistinct\s+on\b|\binterval\s+'|~\*?\s*'",
    "mysql": r"`\w+`|\binterval\s+\d+\s+\w+",
    "presto": r"\bcross\s+join\s+unnest\b|\bdate_(?:diff|add|trunc)\s*\(\s*'|\bat\s+time\s+zone\b|\bas\s+varchar\b",
    "databricks": r"\blateral\s+view\b|\busing\s+delta\b|\brlike\b|`\w+`|\bdate_trunc\s*\(\s*'",
    "tsql": r"\[\w+\]\.\[\w+\]|\btop\s*\(?\s*\d+|\bnolock\b|\b(?:cross|outer)\s+apply\b|\bdbo\.|\bnvarchar\b",
    "duckdb": r"::|\bstruct_pack\b",
}
"""Other ways of writing that one dialect has and not all others."""
_ALONE: Final[Mapping[str, re.Pattern[str]]] = {
    "bigquery": re.compile(
        r"""\bformat_timestamp\s*\(                                     # a function
          | `?\bregion-[a-z][\w-]*`?\s*\.\s*`?information_schema\b     # what a region knows of its jobs
          | \binformation_schema`?\s*\.\s*`?jobs(?:_by_\w+|_timeline\w*)?\b
          | `\w+-[\w-]*`\s*\.\s*`[^`]+`\s*\.\s*`[^`]+`               # a project, whose name may have hyphens""",
        re.VERBOSE,
    )
}
"""Ways of writing that one dialect has and no other, so that they count for more than any number of those that some share."""
_DIALECTS_OF: Final = {
    function: frozenset(name for name, functions in _FUNCTIONS.items() if function in functions.split())
    for functions in _FUNCTIONS.values()
    for function in functions.split()
}
_CALL: Final = re.compile(r"\b([a-z_][\w.]*)\s*\(")
_COMPILED: Final = {name: re.compile(mark) for name, mark in _MARKS.items()}
_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "bigquery": ("bigquery", "bq", "gcp", "telemetry"),
    "snowflake": ("snowflake", "snow"),
    "redshift": ("redshift",),
    "postgres": ("postgres", "pg"),
    "mysql": ("mysql", "maria"),
    "presto": ("presto", "trino", "athena"),
    "databricks": ("databricks", "spark"),
    "tsql": ("mssql", "sqlserver", "sql_server", "synapse"),
    "duckdb": ("duckdb", "motherduck"),
}
MAX_SAMPLES: Final = 120
"""Statements of one connection that are looked at to tell its dialect."""
MAX_SAMPLE: Final = 6_000
"""Characters of a statement that is looked at; longer ones tell no more."""

DialectSource = Literal["config", "inferred", "default"]


class Dialect(msgspec.Struct, frozen=True, kw_only=True):
    """The dialect of a connection, and how it is known.

    Attributes:
        name: as sqlglot calls it; empty for standard SQL.
        source: from the configuration, inferred from the connection's SQL, or the default because there is none.
        read: how many of the statements that were tried it reads.
        tried: how many were tried.
    """

    name: str
    source: DialectSource
    read: int = 0
    tried: int = 0

    @property
    def shown(self) -> str:
        """For people.

        >>> Dialect(name="bigquery", source="inferred", read=135, tried=135).shown
        'bigquery, inferred, 135 of 135 statements'
        """
        name = self.name or "standard SQL"
        return (
            f"{name}, inferred, {self.read} of {self.tried} statements" if self.source == "inferred" else f"{name}, {self.source}"
        )


_OPTIONS: Final[Mapping[str, str]] = {"distribution": "redshift", "distribution_style": "redshift", "sortkeys": "redshift"}
"""Build options of derived tables that one dialect has (R5.12)."""


def infer_dialect(
    connection: str, statements: Sequence[str], reads: Callable[[str, str], bool], options: Iterable[str] = ()
) -> Dialect:
    """Tell which dialect the statements of a connection are written in.

    The dialect that reads most of them wins; among equals the one whose idioms they use, then the one that the connection is
    named after, then the one that comes first in the list. So the answer depends on the statements and on nothing else.

    Args:
        connection: its name.
        statements: without Liquid and substitutions, each once.
        reads: tells whether a dialect reads a statement.
        options: the build options of its derived tables, such as ``sortkeys``.
    """
    samples = sampled(statements)
    given = [_OPTIONS.get(option) for option in options]
    lowered = [sample.lower() for sample in samples]
    counts = Counter(name for sample in lowered for name in _idioms(sample))
    idioms = {name: counts[name] + 5 * given.count(name) for name in _FUNCTIONS}
    alone = {name: sum(mark.search(sample) is not None for sample in lowered) for name, mark in _ALONE.items()}
    named = {name: any(part in connection.lower() for part in parts) for name, parts in _NAMES.items()}
    order = sorted(_FUNCTIONS, key=lambda name: (-alone.get(name, 0), -idioms[name], not named[name]))
    if not samples or (not alone.get(order[0]) and not idioms[order[0]] and not any(named.values())):
        name = next((name for name in order if named[name]), STANDARD)
        return Dialect(name=name, source="inferred" if name and samples else "default")
    best, best_read = "", -1
    for name in order:
        if not idioms[name] and not named[name] and not alone.get(name):
            continue
        read = sum(reads(sample, name) for sample in samples)
        if read > best_read:
            best, best_read = name, read
        if read == len(samples):
            break
    return Dialect(name=best, source="inferred", read=best_read, tried=len(samples))


def sampled(statements: Iterable[str]) -> list[str]:
    """Of many statements those that tell most: the longest, none of them very long, and those without Liquid first."""
    distinct = sorted({text for text in statements if len(text) <= MAX_SAMPLE}, key=lambda text: ("{%" in text, -len(text), text))
    return distinct[:MAX_SAMPLES]


def _idioms(sample: str) -> Iterator[str]:
    """The dialects whose idioms a statement in lower case uses, once for each idiom."""
    for function in set(_CALL.findall(sample)):
        yield from _DIALECTS_OF.get(function, ())
    for name, mark in _COMPILED.items():
        yield from (name for _ in set(mark.findall(sample)))


# -- names -------------------------------------------------------------------------------------------------------------

_AS_WRITTEN: Final = frozenset({"bigquery", "mysql"})
"""Tables are told apart by case; BigQuery's always, MySQL's on most servers."""
_QUOTES_KEEP_CASE: Final = frozenset({STANDARD, "postgres", "snowflake"})


def table_part(name: str, *, quoted: bool, dialect: str) -> str:
    """One part of a table's name as the dialect tells it from others.

    >>> table_part("Orders", quoted=False, dialect="snowflake"), table_part("ORDERS", quoted=True, dialect="snowflake")
    ('orders', 'orders')
    >>> table_part("Orders", quoted=True, dialect="postgres"), table_part("Orders", quoted=False, dialect="bigquery")
    ('Orders', 'Orders')
    """
    if dialect in _AS_WRITTEN:
        return name
    if quoted and dialect in _QUOTES_KEEP_CASE and not (dialect == "snowflake" and name == name.upper()):
        return name
    return name.lower()
