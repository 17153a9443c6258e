"""Exposures as the YAML file that dbt reads, and what differs between two such files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import yaml

from dagster_lookml.analysis.exposures import Exposure, Exposures, Owner

_HEADER: Final = (
    "# `dagster-lookml exposures` wrote this file from the LookML; what is changed here is lost when it does so again.\n"
)
_JINJA: Final = re.compile(r"\{[{%#]")
_WIDTH: Final = 120


def exposures_yaml(exposures: Exposures, base_url: str = "") -> str:
    """The file: a properties file of dbt, version 2.

    What the LookML says of them is no Jinja, even where it looks like that, as Liquid does.

    Args:
        exposures: each with an owner.
        base_url: of the Looker instance; without one there are no URLs.
    """
    content = {"version": 2, "exposures": [_exposure(one, base_url.rstrip("/")) for one in exposures.found]}
    written: str = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=_WIDTH)
    return _HEADER + written


def _exposure(one: Exposure, base_url: str) -> dict[str, object]:
    given = {
        "name": one.name,
        "label": _plain(one.label),
        "type": one.kind,
        "url": _plain(f"{base_url}{one.path}") if base_url else "",
        "description": _plain(one.description),
        "owner": _owner(one.owner),
        "depends_on": list(one.depends_on),
        # As a key of its own `meta` is on its way out; in here older dbt leaves it alone.
        "config": {"meta": {"lookml": {"id": one.id, "file": _plain(one.file)}}},
    }
    return {key: value for key, value in given.items() if value}


def _owner(owner: Owner | None) -> dict[str, str]:
    named = owner._asdict() if owner is not None else {}
    return {key: _plain(value) for key, value in named.items() if value}


def _plain(text: str) -> str:
    """A text that dbt renders to itself.

    >>> _plain("total {{ value }}")
    "total {{ '{{' }} value }}"
    """
    return _JINJA.sub(lambda found: f"{{{{ '{found[0]}' }}}}", text)


def changed_exposures(old: str, new: str) -> list[str]:
    """What differs between two files, a line for each exposure: ``+`` one that is new, ``-`` one that is gone, ``~`` another.

    Args:
        old: the file that is there; whatever it holds.
        new: the file that would be written.

    >>> changed_exposures("exposures: [{name: a}, {name: b, label: B}]", "exposures: [{name: b, label: C}, {name: c}]")
    ['- a', '~ b: label', '+ c']
    """
    before, after = _by_name(old), _by_name(new)
    return [line for name in sorted({*before, *after}) for line in _difference(name, before.get(name), after.get(name))]


def _difference(name: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> Iterator[str]:
    if old is None or new is None:
        yield f"{'+' if old is None else '-'} {name}"
    elif old != new:
        keys = [key for key in dict.fromkeys((*new, *old)) if old.get(key) != new.get(key)]
        yield f"~ {name}: {', '.join(map(str, keys))}"


def _by_name(text: str) -> dict[str, Mapping[str, Any]]:
    """The exposures in a file; none where it is no such file."""
    try:
        content = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}
    listed = content.get("exposures") if isinstance(content, dict) else None
    named = listed if isinstance(listed, list) else []
    return {str(one["name"]): one for one in named if isinstance(one, dict) and "name" in one}
