"""Files of dbt for tests: the smallest that dbt might write, and those that the real one writes of a project."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.repositories import write

Entry = dict[str, Any]


def node(unique_id: str, schema: str = "mart", columns: Mapping[str, str] | None = None, **keys: object) -> tuple[str, Entry]:
    """A model, seed, snapshot or source of the database ``db``; `columns` are documented, with their types."""
    kind, package, *names = unique_id.split(".")
    documented = {name: {"name": name, "data_type": of or None} for name, of in (columns or {}).items()}
    own: Entry = {"name": names[-1], "alias": names[-1], "database": "db", "schema": schema, "package_name": package}
    if kind == "source":
        own |= {"source_name": names[0], "identifier": names[-1]}
    return unique_id, {**own, "resource_type": kind, "columns": documented, "config": {"materialized": "table"}, **keys}


def manifest(file: Path, *nodes: tuple[str, Entry], adapter: str = "postgres", project: str | None = "shop") -> Path:
    """Write a manifest."""
    metadata = {
        "dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json",
        "adapter_type": adapter,
        "project_name": project,
    }
    sources = {key: one for key, one in nodes if key.startswith("source.")}
    rest = {key: one for key, one in nodes if key not in sources}
    file.write_text(json.dumps({"metadata": metadata, "nodes": rest, "sources": sources}), "utf-8")
    return file


def catalog(file: Path, tables: Mapping[str, Mapping[str, str]]) -> Path:
    """Write a catalog: the types of the columns of each table by its unique id."""
    nodes = {
        key: {"columns": {name: {"index": at, "type": kind} for at, (name, kind) in enumerate(columns.items(), 1)}}
        for key, columns in tables.items()
    }
    metadata = {"dbt_schema_version": "https://schemas.getdbt.com/dbt/catalog/v1.json"}
    file.write_text(json.dumps({"metadata": metadata, "nodes": nodes, "sources": {}}), "utf-8")
    return file


def dbt(root: Path, *arguments: str) -> str:
    """Run the real dbt in a project; what it prints."""
    command = [str(Path(sys.executable).parent / "dbt"), "--no-send-anonymous-usage-stats", "--quiet", *arguments]
    done = subprocess.run([*command, "--profiles-dir", "."], cwd=root, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def dbt_project(root: Path, content: Mapping[str, str]) -> Path:
    """Write a dbt project named ``shop`` that is built in a file of DuckDB, in the schema ``prod``."""
    profile = "shop: {target: dev, outputs: {dev: {type: duckdb, path: warehouse.duckdb, schema: prod, threads: 1}}}\n"
    write(root, {"dbt_project.yml": "name: shop\nversion: '1.0'\nprofile: shop\n", "profiles.yml": profile, **content})
    return root
