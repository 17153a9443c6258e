"""SQL statements, each read once: in this process, and with a store in any."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from dagster_lookml.cache import Store, key
from dagster_lookml.sql.reading import Form, Reading, read_sql
from dagster_lookml.workspace.keys import VERSION

KIND: Final = "statement"
_DECODER: Final = msgspec.msgpack.Decoder(Reading)
_Statement = tuple[str, Form, str]


class ContentReader:
    """Reads a statement once for each text, form and dialect.

    Args:
        store: where readings are looked for and kept.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._readings: dict[_Statement, Reading] = {}
        self._fresh: list[_Statement] = []

    def fetch(self, statements: Iterable[_Statement]) -> None:
        """Look for many statements at once, which is much quicker than one by one."""
        wanted = {_key(one): one for one in statements if one not in self._readings}
        for name, content in self._store.get(KIND, list(wanted)).items():
            try:
                self._readings[wanted[name]] = _DECODER.decode(content)
            except msgspec.DecodeError:
                continue  # of another version that says it is this one

    def keep(self) -> None:
        """Keep what was read since the last time."""
        if self._fresh:
            self._store.put(KIND, {_key(one): msgspec.msgpack.encode(self._readings[one]) for one in self._fresh})
            self._fresh.clear()

    def __call__(self, sql: str, form: Form, dialect: str) -> Reading:
        """Read one statement."""
        statement = (sql, form, dialect)
        reading = self._readings.get(statement)
        if reading is None:
            reading = self._readings[statement] = read_sql(sql, form, dialect)
            self._fresh.append(statement)
        return reading


def _key(statement: _Statement) -> str:
    return key(VERSION, *statement)
