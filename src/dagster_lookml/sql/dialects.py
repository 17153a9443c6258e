"""Which SQL a connection speaks, and how its dialect tells names apart."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, Literal

import msgspec

STANDARD: Final = ""
"""Standard SQL: what sqlglot reads when no dialect is named."""

_IDIOMS: Final[Mapping[str, tuple[str, ...]]] = {
    "bigquery": (
        r"`[\w-]+\.[\w-]+", r"\[[\w-]+:\w+\.", r"\b_TABLE_SUFFIX\b", r"\bSAFE_CAST\s*\(", r"\bSAFE_DIVIDE\s*\(", r"\bSTRUCT\s*\(",
        r"\b(?:DATE|TIMESTAMP|DATETIME)_(?:SUB|ADD|DIFF)\s*\(", r"\bTIMESTAMP_TRUNC\s*\(", r"\bCOUNTIF\s*\(", r"\bUNNEST\s*\(",
        r"\bGENERATE_(?:DATE|TIMESTAMP)_ARRAY\b", r"\bIFNULL\s*\(", r"\bFORMAT_(?:DATE|TIMESTAMP)\s*\(", r"\bML\.\w+\s*\(",
        r"\bPARSE_(?:DATE|TIMESTAMP)\s*\(", r"\b(?:INT64|FLOAT64)\b", r"\bEXCEPT\s*\(", r"\bSAFE_OFFSET\b", r"\bAPPROX_QUANTILES\b",
    ),
    "snowflake": (
        r"\bFLATTEN\s*\(", r"\bIFF\s*\(", r"\bDATEADD\s*\(\s*'?\w+", r":\w+(?:\.\w+)*::\w+", r"\bTO_VARIANT\b", r"\bVARIANT\b",
        r"\bTO_TIMESTAMP_(?:NTZ|LTZ|TZ)\b", r"\bQUALIFY\b", r"\bARRAY_AGG\b", r"\bZEROIFNULL\b", r"\bTIMESTAMP_NTZ\b", r"\bDATEDIFF\b",
        r"\bDIV0(?:NULL)?\s*\(", r"\bOBJECT_CONSTRUCT\b", r"\bGENERATOR\s*\(", r"\bSEQ4\s*\(", r"::", r"\bTIMEDIFF\b",
    ),
    "redshift": (
        r"\bGETDATE\s*\(", r"\bNVL\s*\(", r"\bDATEDIFF\s*\(", r"\bDATEADD\s*\(", r"\bCONVERT_TIMEZONE\b", r"\bLISTAGG\b", r"::\w+",
        r"\bSPLIT_PART\b", r"\bDISTKEY\b", r"\bSORTKEY\b", r"\bSTL_\w+|\bSVV_\w+", r"\bBTRIM\b", r"\bSYSDATE\b", r"\bJSON_EXTRACT_PATH_TEXT\b",
    ),
    "postgres": (
        r"::\w+", r"\bGENERATE_SERIES\b", r"\bTO_CHAR\s*\(", r"\bILIKE\b", r"->>", r"\bDISTINCT\s+ON\b", r"\bNOW\s*\(\)", r"\bINTERVAL\s+'",
        r"\bSTRING_AGG\b", r"~\*?\s*'", r"\bAGE\s*\(", r"\bDATE_PART\s*\(\s*'", r"\bjsonb_\w+",
    ),
    "mysql": (
        r"\bDATE_FORMAT\s*\(", r"\bDATE_SUB\s*\([^)]*INTERVAL", r"\bDATE_ADD\s*\([^)]*INTERVAL", r"\bIFNULL\s*\(", r"\bSTR_TO_DATE\b",
        r"\bGROUP_CONCAT\b", r"`\w+`", r"\bNOW\s*\(\)", r"\bCURDATE\s*\(", r"\bTIMESTAMPDIFF\b", r"\bUNIX_TIMESTAMP\b",
    ),
    "presto": (
        r"\bDATE_PARSE\s*\(", r"\bFROM_ISO8601_TIMESTAMP\b", r"\bAPPROX_DISTINCT\b", r"\bAPPROX_PERCENTILE\b", r"\bCROSS\s+JOIN\s+UNNEST\b",
        r"\bDATE_DIFF\s*\(\s*'", r"\bDATE_ADD\s*\(\s*'", r"\bELEMENT_AT\b", r"\bCARDINALITY\s*\(", r"\bTRY\s*\(", r"\bFROM_UNIXTIME\b",
        r"\bDATE_TRUNC\s*\(\s*'", r"\bMAP_AGG\b", r"\bJSON_EXTRACT_SCALAR\b", r"\bAT\s+TIME\s+ZONE\b", r"\bVARCHAR\b",
    ),
    "databricks": (
        r"\bLATERAL\s+VIEW\b", r"\bEXPLODE\s*\(", r"\bDATE_TRUNC\s*\(\s*'", r"\bFROM_UTC_TIMESTAMP\b", r"\bCOLLECT_(?:LIST|SET)\b",
        r"\bGET_JSON_OBJECT\b", r"\bUSING\s+DELTA\b", r"`\w+`", r"\bRLIKE\b", r"\bTO_DATE\s*\(", r"\bUNIX_TIMESTAMP\b",
    ),
    "tsql": (
        r"\bGETDATE\s*\(", r"\[\w+\]\.\[\w+\]", r"\bISNULL\s*\(", r"\bTOP\s*\(?\s*\d+", r"\bCONVERT\s*\(\s*\w+(?:\(\w+\))?\s*,",
        r"\bNOLOCK\b", r"\b(?:CROSS|OUTER)\s+APPLY\b", r"\bDATEADD\s*\(", r"\bDATEDIFF\s*\(", r"\bCHARINDEX\b", r"\bdbo\.", r"\bNVARCHAR\b",
    ),
    "duckdb": (r"\bREAD_(?:PARQUET|CSV)", r"\bLIST_\w+\s*\(", r"\bSTRFTIME\s*\(", r"\bEPOCH_MS\b", r"::", r"\bUNNEST\s*\("),
}  # fmt: skip
_COMPILED: Final = {name: tuple(re.compile(one, re.IGNORECASE) for one in idioms) for name, idioms in _IDIOMS.items()}
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
MAX_SAMPLES: Final = 200
"""Statements of one connection that are looked at to tell its dialect."""

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
        return f"{name}, inferred, {self.read} of {self.tried} statements" if self.source == "inferred" else f"{name}, {self.source}"


def infer_dialect(connection: str, statements: Sequence[str], reads: Callable[[str, str], bool]) -> Dialect:
    """Tell which dialect the statements of a connection are written in.

    The dialect that reads most of them wins; among equals the one whose idioms they use, then the one that the connection is
    named after, then the one that comes first in the list. So the answer depends on the statements and on nothing else.

    Args:
        connection: its name.
        statements: without Liquid and substitutions, each once.
        reads: tells whether a dialect reads a statement.
    """
    samples = _samples(statements)
    idioms = {name: _idioms(name, samples) for name in _IDIOMS}
    named = {name: any(part in connection.lower() for part in parts) for name, parts in _NAMES.items()}
    order = sorted(_IDIOMS, key=lambda name: (-idioms[name], not named[name]))
    if not samples or (not idioms[order[0]] and not any(named.values())):
        name = next((name for name in order if named[name]), STANDARD)
        return Dialect(name=name, source="inferred" if name and samples else "default")
    best, best_read = "", -1
    for name in order:
        if not idioms[name] and not named[name]:
            continue
        read = sum(reads(sample, name) for sample in samples)
        if read > best_read:
            best, best_read = name, read
        if read == len(samples):
            break
    return Dialect(name=best, source="inferred", read=best_read, tried=len(samples))


def _samples(statements: Iterable[str]) -> list[str]:
    """Of very many statements the longest, which tell most."""
    distinct = sorted(set(statements), key=lambda text: (-len(text), text))
    return [text for text in distinct if len(text) < 100_000][:MAX_SAMPLES]


def _idioms(name: str, samples: Sequence[str]) -> int:
    """How many statements use an idiom of a dialect, each idiom counted once a statement."""
    return sum(1 for sample in samples for idiom in _COMPILED[name] if idiom.search(sample))


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
