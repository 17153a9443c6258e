"""Breaking circles: Dagster loads assets that depend on each other in one, and fails later, at something else."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Final

import dagster as dg

from dagster_lookml.assets.state import ProjectState

_MOST_MESSAGES: Final = 10


def without_cycles(specs: Mapping[str, dg.AssetSpec], state: ProjectState) -> Iterator[dg.AssetSpec]:
    """Specs of which none depends on itself, directly or through others; what is left out is logged.

    Args:
        specs: by the ids of their structures.
        state: that has the structures, for saying where they are.
    """
    names = {spec.key: identity for identity, spec in specs.items()}
    left_out = _left_out({spec.key: [dep.asset_key for dep in spec.deps if _counts(dep, spec, names)] for spec in specs.values()})
    messages: list[str] = []
    for identity, spec in specs.items():
        circular = left_out.get(spec.key, set())
        for key in sorted(circular, key=_path):
            other = "itself" if key == spec.key else f"{_shown(state, names[key])}, which depends on it"
            messages.append(f"{_shown(state, identity)} depends on {other}: this dependency is left out")
        kept = [dep for dep in spec.deps if dep.asset_key not in circular or not _counts(dep, spec, names)]
        yield spec.replace_attributes(deps=kept) if circular else spec
    more = len(messages) - _MOST_MESSAGES
    for message in (*messages[:_MOST_MESSAGES], *([f"and {more:,} more dependencies in circles"] if more > 0 else ())):
        dg.get_dagster_logger("dagster_lookml").warning(message)


def _counts(dep: dg.AssetDep, spec: dg.AssetSpec, names: Container[dg.AssetKey]) -> bool:
    """Whether a dependency may be part of a circle: one on the asset's own earlier partitions is none."""
    return dep.asset_key in names and not (dep.asset_key == spec.key and dep.partition_mapping is not None)


def _shown(state: ProjectState, identity: str) -> str:
    structure = state.by_id[identity]
    return f"{identity} ({structure.source.place})" if structure.source is not None else identity


def _left_out(deps: Mapping[dg.AssetKey, Sequence[dg.AssetKey]]) -> dict[dg.AssetKey, set[dg.AssetKey]]:
    """For each asset its dependencies that close a circle: of every circle one, the same whenever the graph is the same.

    A walk into the depth, without recursion: a chain of derived tables may be long. What leads back to where the walk has come
    from closes a circle, and nothing else does.
    """
    found: dict[dg.AssetKey, set[dg.AssetKey]] = {}
    done: set[dg.AssetKey] = set()
    for root in sorted(deps, key=_path):
        if root in done:
            continue
        way = {root: iter(sorted(deps[root], key=_path))}
        while way:
            asset, others = next(reversed(way.items()))
            for other in others:
                if other in way:
                    found.setdefault(asset, set()).add(other)
                elif other not in done:
                    way[other] = iter(sorted(deps[other], key=_path))
                    break
            else:
                done.add(asset)
                del way[asset]
    return found


def _path(key: dg.AssetKey) -> tuple[str, ...]:
    return tuple(key.path)
