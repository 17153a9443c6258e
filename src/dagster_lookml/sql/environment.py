"""``-- if prod --`` and ``-- if dev --``: lines of SQL that count in one environment only (R10.20-R10.22)."""

from __future__ import annotations

import re
from typing import Final, Literal

Environment = Literal["prod", "dev"]

_MARKER: Final = re.compile(r"--[ \t]*if[ \t]+(prod|dev)[ \t]*--", re.IGNORECASE)


def in_environment(sql: str, environment: Environment = "prod") -> str:
    r"""What an SQL text says in one environment.

    A marker reaches to the next marker or to the end of its line. Text without a marker counts everywhere.

    Args:
        sql: constants expanded.
        environment: which marker is live; what stands behind the other is left out.

    >>> in_environment("-- if prod -- shop.orders\n-- if dev -- shop_dev.orders").strip()
    'shop.orders'
    """
    if not _MARKER.search(sql):
        return sql
    return "\n".join(_line(line, environment) for line in sql.split("\n"))


def _line(line: str, environment: Environment) -> str:
    before, *rest = _MARKER.split(line)
    live = [text for marker, text in zip(rest[::2], rest[1::2], strict=True) if marker.lower() == environment]
    return before + "".join(live)
