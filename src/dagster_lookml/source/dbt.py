"""What dbt builds: the relations of a ``manifest.json``, with their columns from a ``catalog.json``.

Only the keys that are needed are decoded, and each node by itself: a manifest may hold 100 MB, and one odd node must not
take the others with it. What is needed has had the same names and places from dbt 1.0 (schema v4) to Fusion.
"""

from __future__ import annotations

import json
import re
from codecs import BOM_UTF8
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final, Literal, TypeVar

import msgspec

from dagster_lookml.errors import DbtError

ArtifactKind = Literal["manifest", "catalog"]

RELATION_KINDS: Final = frozenset(("model", "seed", "snapshot", "source"))
"""First parts of the unique ids of what is a table or view, or an ephemeral model; tests, operations and the like are none."""

_REMEDIES: Final[Mapping[ArtifactKind, str]] = {
    "manifest": "run `dbt parse`, then pass target/manifest.json",
    "catalog": "run `dbt docs generate`, then pass target/catalog.json",
}
_SCHEMA_KIND: Final = re.compile(r"/dbt/([\w-]+)/v(\d{1,9})")
KNOWN_VERSIONS: Final = (*range(4, 13), 20)
"""Versions of the manifest: of dbt 1.0 to 1.11, and of Fusion."""
_PART: Final = r'"((?:[^"]|"")*)"|`((?:[^`]|``)*)`|\[((?:[^\]]|\]\])*)\]|([^\s"`\'\[\]().,;/]+)'
_ONE_PART: Final = re.compile(_PART)
_RELATION_NAME: Final = re.compile(rf"(?:{_PART})(?:\.(?:{_PART}))*")
_OPENING_QUOTES: Final = '"`['
_CLOSING_QUOTES: Final = ("", '"', "`", "]", "")

_Entry = TypeVar("_Entry")


class DbtRelation(msgspec.Struct, frozen=True, kw_only=True):
    """A table or view in the warehouse: a model, a seed, a snapshot or a source.

    Attributes:
        unique_id: as dbt gives it, such as ``model.shop.orders``.
        parts: database, schema and identifier as dbt resolved them, without quotes; a database that is not set is left out.
        quoted: for each part whether dbt writes it in quotes, which may make case count.
        columns: in their order; from the catalog where it has them, else those that are documented.
        columns_complete: they are from the catalog; documented ones may be a part of all.
        types: of `columns`, each as the catalog or else the documentation writes it; empty where none is written.
        documented: the columns that are documented, whether a catalog has more or not.
        depends_on: unique ids of the relations it reads, sorted; each is one of the project's relations.
        file: from the root of the dbt project, as dbt wrote it.
        name: by which ``ref`` or ``source`` finds it.
        package: the dbt project that declares it.
        source_name: of a source the group of tables that it is in.
        version: of a model that has versions; empty if it has none.
        code: tells whether two are made by the same code, or from the same file; empty where dbt does not say.
    """

    unique_id: str
    parts: tuple[str, ...]
    columns: tuple[str, ...]
    columns_complete: bool
    depends_on: tuple[str, ...]
    file: str | None
    description: str = ""
    quoted: tuple[bool, ...] = ()
    types: tuple[str, ...] = ()
    documented: tuple[str, ...] = ()
    name: str = ""
    package: str = ""
    source_name: str = ""
    version: str = ""
    code: str = ""

    @property
    def kind(self) -> str:
        """``model``, ``seed``, ``snapshot`` or ``source``."""
        return self.unique_id.partition(".")[0]


class DbtProject(msgspec.Struct, frozen=True, kw_only=True):
    """The relations that a dbt project makes and reads.

    Attributes:
        adapter: the kind of warehouse, such as ``snowflake``.
        relations: sorted by unique id.
        skipped: unique ids of what could not be read, sorted: nodes that are therefore no relations, and entries of the
            catalog, whose relations have their documented columns.
        name: of the project itself, whose packages have others; None where the manifest does not say.
        version: of the manifest's schema, such as 12; None where it does not say.
    """

    adapter: str | None
    relations: tuple[DbtRelation, ...]
    skipped: tuple[str, ...] = ()
    name: str | None = None
    version: int | None = None


class _Metadata(msgspec.Struct):
    dbt_schema_version: str | None = None
    adapter_type: str | None = None
    project_name: str | None = None


class _Artifact(msgspec.Struct):
    metadata: _Metadata | None = None
    nodes: dict[str, msgspec.Raw] | None = None
    sources: dict[str, msgspec.Raw] | None = None

    @property
    def entries(self) -> dict[str, msgspec.Raw]:
        return {**(self.nodes or {}), **(self.sources or {})}


class _NodeConfig(msgspec.Struct):
    materialized: str | None = None
    enabled: bool | None = None


class _DependsOn(msgspec.Struct):
    nodes: tuple[str, ...] | None = None


class _Checksum(msgspec.Struct):
    checksum: str | None = None


class _Node(msgspec.Struct):
    relation_name: str | None = None
    database: str | None = None
    schema: str | None = None
    alias: str | None = None
    identifier: str | None = None
    name: str | None = None
    config: _NodeConfig | None = None
    depends_on: _DependsOn | None = None
    columns: dict[str, msgspec.Raw] | None = None
    original_file_path: str | None = None
    description: str | None = None
    package_name: str | None = None
    source_name: str | None = None
    version: str | float | None = None
    raw_code: str | None = None
    raw_sql: str | None = None  # what `raw_code` was called up to dbt 1.2
    checksum: _Checksum | None = None

    @property
    def enabled(self) -> bool:
        return self.config is None or self.config.enabled is not False

    @property
    def ephemeral(self) -> bool:
        return self.config is not None and self.config.materialized == "ephemeral"

    @property
    def reads(self) -> tuple[str, ...]:
        return (self.depends_on and self.depends_on.nodes) or ()

    @property
    def parts(self) -> tuple[str, ...]:
        written = relation_parts(self.relation_name or "")
        name = self.alias or self.identifier or self.name
        if written or not name:
            return written
        return tuple(part for part in (self.database, self.schema, name) if part)

    @property
    def code(self) -> str:
        written = (self.raw_code or self.raw_sql or "").strip()
        return sha256(written.encode("utf-8", "surrogatepass")).hexdigest() if written else self._file_checksum

    @property
    def _file_checksum(self) -> str:
        return (self.checksum and self.checksum.checksum) or ""


class _DocumentedColumn(msgspec.Struct):
    data_type: str | None = None


class _CatalogColumn(msgspec.Struct):
    index: float | None = None
    type: str | None = None


class _CatalogTable(msgspec.Struct):
    columns: dict[str, _CatalogColumn] | None = None

    @property
    def ordered(self) -> tuple[str, ...]:
        columns = self.columns or {}
        return tuple(sorted(columns, key=lambda name: columns[name].index or 0))

    @property
    def types(self) -> tuple[str, ...]:
        columns = self.columns or {}
        return tuple(columns[name].type or "" for name in self.ordered)


_ARTIFACT: Final = msgspec.json.Decoder(_Artifact)
_NODE: Final = msgspec.json.Decoder(_Node)
_DOCUMENTED: Final = msgspec.json.Decoder(_DocumentedColumn)
_CATALOG_TABLE: Final = msgspec.json.Decoder(_CatalogTable)


def read_dbt(manifest: Path, catalog: Path | None = None) -> DbtProject:
    """Read what dbt wrote about a project.

    Ephemeral models are in no warehouse: they are left out, and what reads them depends on what they read.

    Args:
        manifest: ``target/manifest.json`` of the dbt project.
        catalog: its ``target/catalog.json``, which knows all columns.

    Raises:
        DbtError: a file cannot be read, or is not what it should be.
    """
    written = _read_artifact(manifest, "manifest")
    nodes, odd_nodes = _present_nodes(written.entries)
    catalogued = _read_artifact(catalog, "catalog").entries if catalog else {}
    tables, odd_tables = _decode_each({key: raw for key, raw in catalogued.items() if key in nodes}, _CATALOG_TABLE)
    return DbtProject(
        adapter=(written.metadata and written.metadata.adapter_type) or None,
        relations=tuple(_relation(key, nodes, tables.get(key)) for key in sorted(nodes) if not nodes[key].ephemeral),
        skipped=tuple(sorted({*odd_nodes, *odd_tables})),
        name=(written.metadata and written.metadata.project_name) or None,
        version=_schema_version(written),
    )


def relation_parts(relation_name: str) -> tuple[str, ...]:
    """The names in a relation's name as dbt renders it, without quotes.

    Args:
        relation_name: quoted as any warehouse quotes.

    Returns:
        No names if it is not a relation's name: dbt-duckdb writes ``read_csv('...')`` there for an external file.

    >>> relation_parts('"shop"."raw"."orders"'), relation_parts("`shop.raw.orders`")
    (('shop', 'raw', 'orders'), ('shop', 'raw', 'orders'))
    """
    return tuple(part for part, _ in _named_parts(relation_name))


def relation_quotes(relation_name: str) -> tuple[bool, ...]:
    """For each of `relation_parts` whether it stands in quotes.

    >>> relation_quotes('ANALYTICS.prod."Orders"')
    (False, False, True)
    """
    return tuple(quoted for _, quoted in _named_parts(relation_name))


def _named_parts(relation_name: str) -> list[tuple[str, bool]]:
    text = relation_name.strip()
    if not _RELATION_NAME.fullmatch(text):
        return []
    parts = [(_unquoted(found), text[found.start()] in _OPENING_QUOTES) for found in _ONE_PART.finditer(text)]
    if len(parts) == 1 and text[0] == "`":
        # BigQuery lets one pair of backticks stand around the whole path, whose project may be "example.com:shop".
        domain, colon, path = parts[0][0].rpartition(":")
        names = path.split(".")
        names[0] = domain + colon + names[0]
        parts = [(name, True) for name in names]
    return [(part, quoted) for part, quoted in parts if part]


def _unquoted(part: re.Match[str]) -> str:
    kind = part.lastindex or 0
    quote = _CLOSING_QUOTES[kind]
    return part[kind].replace(quote * 2, quote) if quote else part[kind]


def _present_nodes(entries: Mapping[str, msgspec.Raw]) -> tuple[dict[str, _Node], list[str]]:
    """The nodes that are relations or ephemeral, and the ids of those that cannot be read or have no name."""
    # The kind is told from the id, so that tests, often most of the nodes, are never decoded.
    candidates = {key: raw for key, raw in entries.items() if key.partition(".")[0] in RELATION_KINDS}
    decoded, odd = _decode_each(candidates, _NODE)
    enabled = {key: node for key, node in decoded.items() if node.enabled}
    nodes = {key: node for key, node in enabled.items() if node.ephemeral or node.parts}
    return nodes, odd + [key for key in enabled if key not in nodes]


def _decode_each(
    entries: Mapping[str, msgspec.Raw], decoder: msgspec.json.Decoder[_Entry]
) -> tuple[dict[str, _Entry], list[str]]:
    """Decode what can be decoded, and name what cannot."""
    decoded: dict[str, _Entry] = {}
    odd: list[str] = []
    for unique_id, raw in entries.items():
        try:
            decoded[unique_id] = decoder.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError):
            odd.append(unique_id)
    return decoded, odd


def _relation(unique_id: str, nodes: Mapping[str, _Node], table: _CatalogTable | None) -> DbtRelation:
    node = nodes[unique_id]
    catalogued = table.ordered if table else ()
    documented = tuple(node.columns or ())
    return DbtRelation(
        unique_id=unique_id,
        parts=node.parts,
        columns=catalogued or documented,
        columns_complete=bool(catalogued),
        depends_on=_relations_read(unique_id, nodes),
        file=node.original_file_path or None,
        description=node.description or "",
        quoted=relation_quotes(node.relation_name or "")[-len(node.parts) :],
        types=table.types if table and catalogued else tuple(map(_documented_type, (node.columns or {}).values())),
        documented=documented,
        name=node.name or unique_id.rpartition(".")[2],
        package=node.package_name or unique_id.partition(".")[2].partition(".")[0],
        source_name=node.source_name or "",
        version=_version(node.version),
        code=node.code,
    )


def _documented_type(column: msgspec.Raw) -> str:
    try:
        return _DOCUMENTED.decode(column).data_type or ""
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""


def _version(version: str | float | None) -> str:
    """A version as people write it: ``2`` and never ``2.0``.

    >>> _version(2.0), _version("beta"), _version(None)
    ('2', 'beta', '')
    """
    return f"{version:g}" if isinstance(version, float) else version or ""


def _relations_read(unique_id: str, nodes: Mapping[str, _Node]) -> tuple[str, ...]:
    """The relations that one reads, itself or through ephemeral models; a cycle, which dbt forbids, ends the walk."""
    relations: set[str] = set()
    seen = {unique_id}
    waiting = list(nodes[unique_id].reads)
    while waiting:
        read = waiting.pop()
        if read in seen or read not in nodes:
            continue
        seen.add(read)
        if nodes[read].ephemeral:
            waiting += nodes[read].reads
        else:
            relations.add(read)
    return tuple(sorted(relations))


def _read_artifact(file: Path, kind: ArtifactKind) -> _Artifact:
    try:
        artifact = _decode_artifact(file.read_bytes().removeprefix(BOM_UTF8))
    except OSError as error:
        raise DbtError(str(file), f"{error.strerror or error}; {_REMEDIES[kind]}") from error
    except msgspec.ValidationError as error:
        raise DbtError(str(file), f"not a dbt {kind} ({_lower_first(str(error))}); {_REMEDIES[kind]}") from error
    except (ValueError, RecursionError) as error:
        raise DbtError(str(file), f"not JSON ({_lower_first(str(error))}); {_REMEDIES[kind]}") from error
    found = _artifact_kind(artifact)
    if found != kind:
        what = f"a dbt {found} file, not a dbt {kind}" if found else f"not a dbt {kind}: no metadata of dbt in it"
        raise DbtError(str(file), f"{what}; {_REMEDIES[kind]}")
    return artifact


def _decode_artifact(content: bytes) -> _Artifact:
    try:
        return _ARTIFACT.decode(content)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        # dbt writes a `.nan` or `.inf` of YAML as NaN or Infinity, which is no JSON, but which Python's own reader takes.
        return _ARTIFACT.decode(msgspec.json.encode(json.loads(content)))


def _artifact_kind(artifact: _Artifact) -> str | None:
    """What the file says it is: ``manifest``, ``catalog``, ``run-results``, ``sources`` and the like."""
    version = artifact.metadata and artifact.metadata.dbt_schema_version
    found = _SCHEMA_KIND.search(version or "")
    return found[1] if found else None


def _schema_version(artifact: _Artifact) -> int | None:
    found = _SCHEMA_KIND.search((artifact.metadata and artifact.metadata.dbt_schema_version) or "")
    return int(found[2]) if found else None


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]
