"""Small LookML repositories for tests of assets, written to disk and loaded as anybody's would be."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import dagster as dg

from tests.building import MODEL


def written(root: Path, files: Mapping[str, str]) -> Path:
    """Write a repository; without a model of its own it has one named ``m`` that includes everything."""
    if not any(name.endswith(".model.lkml") for name in files):
        files = {"m.model.lkml": MODEL, **files}
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content, "utf-8")
    return root


def by_key(specs: object) -> dict[str, dg.AssetSpec]:
    """Specs by their keys as people write them."""
    assert isinstance(specs, list | tuple)
    return {spec.key.to_user_string(): spec for spec in specs}


def deps(spec: dg.AssetSpec) -> list[str]:
    """The keys that a spec depends on."""
    return [dep.asset_key.to_user_string() for dep in spec.deps]
