"""Names that Dagster accepts, made of names that LookML, warehouses and code hosts accept. Nothing else here makes such names."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Final
from urllib.parse import unquote

from dagster_lookml.lineage.ids import table_parts

_KINDS: Final = frozenset(("table", "view", "explore", "dashboard", "pdt"))
_NOT_IN_KEYS: Final = re.compile(r"[^A-Za-z0-9_.-]+")
_NOT_IN_CHECKED_KEYS: Final = re.compile(r"[^A-Za-z0-9_-]+")  # dagster 1.13.0 makes names of the keys that have checks
_NOT_IN_GROUPS: Final = re.compile(r"[^A-Za-z0-9_]+")
_EMAIL: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._%+-]*@[A-Za-z0-9.-]+\.[A-Za-z]{2,7}")
_LONGEST_TAG: Final = 63


def key_path(identity: str) -> tuple[str, ...]:
    """The asset key that a structure has by default, which no other structure has, whatever else there is.

    Tables have the parts of their name: ``[database, schema, table]``; the others their kind before their model and name. What
    Dagster cannot select or show in a URL is left out, and six characters of a digest then tell names apart.

    Args:
        identity: id of the structure.

    >>> key_path("table:proj.shop.orders"), key_path("table:orders")
    (('proj', 'shop', 'orders'), ('table', 'orders'))
    >>> key_path("view:orders"), key_path("view:sales/orders"), key_path("dashboard:sales/kpis")
    (('view', 'orders'), ('view', 'sales', 'orders'), ('dashboard', 'sales', 'kpis'))
    >>> key_path("table:{dataset}.ga_sessions_*")
    ('dataset', 'ga_sessions-83696e')
    """
    kind, _, name = identity.partition(":")
    parts = table_parts(identity) if kind == "table" else tuple(map(unquote, re.split("[/#]", name)))
    if kind != "table" or len(parts) < 2 or parts[0] in _KINDS:
        path = (kind, *parts)
    else:
        path = parts
    odd = _NOT_IN_KEYS if kind == "table" else _NOT_IN_CHECKED_KEYS
    is_whole = len(path) > 1 and "#" not in name and (kind != "table" or ".".join(parts) == name)
    if is_whole and all(part and not odd.search(part) for part in path):
        return path
    plain = [odd.sub("_", part).strip("_") for part in path]
    last = f"{plain[-1]}-{digest(identity)}" if plain[-1] else digest(identity)
    named = (*(part for part in plain[:-1] if part), last)
    return named if len(named) > 1 else (kind, *named)


def digest(text: str) -> str:
    """Six characters that tell texts apart.

    >>> digest("table:shop.orders")
    '8f04fb'
    """
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:6]


def op_name(name: str) -> str:
    """The name of an op.

    >>> op_name("block-retail.search")
    'block_retail_search'
    """
    return _NOT_IN_GROUPS.sub("_", name) or "_"


def group_name(name: str) -> str:
    """An asset group; ``/`` stands between the parts of a nested one.

    >>> group_name("block-retail"), group_name("finance/eu west"), group_name("//")
    ('block_retail', 'finance/eu_west', '_')
    """
    parts = [_NOT_IN_GROUPS.sub("_", part) for part in name.split("/") if part]
    return "/".join(parts) or "_"


def tag(written: str) -> tuple[str, str]:
    """A tag of Dagster's for one of LookML's; what stands behind its first colon is the value.

    >>> tag("pii"), tag("tier: 1 (core)"), tag("dagster/kind/x")
    (('pii', ''), ('tier', '1_core'), ('dagster_kind_x', ''))
    """
    name, _, value = written.partition(":")
    return _tag_part(name) or "_", _tag_part(value)


def _tag_part(text: str) -> str:
    return _NOT_IN_KEYS.sub("_", text.strip()).strip("_")[:_LONGEST_TAG]


def owner(written: str) -> str | None:
    """An owner that Dagster accepts: an e-mail address or a team; None where nothing is written.

    >>> owner("@acme/data"), owner("anna@acme.com"), owner("Data Platform"), owner("team:bi"), owner("@")
    ('team:acme/data', 'anna@acme.com', 'team:Data Platform', 'team:bi', None)
    """
    text = written.strip()
    if _EMAIL.fullmatch(text):
        return text
    name = text.removeprefix("team:").strip().removeprefix("@").strip()
    return f"team:{name}" if name else None
