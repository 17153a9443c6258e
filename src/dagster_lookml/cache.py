"""What was computed once, kept on disk under the digest of all that it was computed from.

Whatever goes wrong with the disk, a store then knows nothing and keeps nothing: it never fails, and never gives other bytes than
were put into it.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from hashlib import blake2b
from operator import itemgetter
from pathlib import Path
from threading import RLock
from typing import Final, Protocol

import platformdirs

DEFAULT_MAX_BYTES: Final = 1 << 30
"""Bytes of values that are kept."""

FORMAT: Final = 1
"""The version of the tables below, kept as SQLite's ``user_version``. A file with another one is made anew."""

FILE_NAME: Final = "cache.sqlite3"

_LARGEST_VALUE: Final = 999_000_000  # SQLite holds rows of up to a billion bytes
_BUSY_SECONDS: Final = 2.0
_KEYS_AT_ONCE: Final = 900  # SQLite before 3.32 binds no more than 999 variables
_STAMP_NANOSECONDS: Final = 3600 * 10**9

# The last where a message of SQLite quotes what it found in a ruined file.
_DISK_ERRORS: Final = (sqlite3.Error, OSError, UnicodeDecodeError)

# Values lie apart from the stamps, since SQLite rewrites a whole row to change one column of it.
_TABLES: Final = (
    "CREATE TABLE entry (id INTEGER PRIMARY KEY, used INTEGER NOT NULL, size INTEGER NOT NULL)",
    "CREATE INDEX entry_used ON entry (used)",
    "CREATE TABLE content (id INTEGER PRIMARY KEY, checksum BLOB NOT NULL, value BLOB NOT NULL)",
)

_Row = tuple[int, bytes, bytes]
"""Id, checksum, value."""

# SQLite must not be carried through a fork, neither an open connection nor one of its own mutexes while another thread holds it.
# So connections live only while this lock is held (opening one takes 0.3 ms), and a fork waits for the lock.
_ONE_AT_A_TIME: Final = RLock()
if sys.platform != "win32":
    os.register_at_fork(
        before=_ONE_AT_A_TIME.acquire, after_in_parent=_ONE_AT_A_TIME.release, after_in_child=_ONE_AT_A_TIME.release
    )


class Store(Protocol):
    """Remembers bytes, or may have forgotten them. A kind is a name space: the same key may be used in several."""

    def get(self, kind: str, keys: Sequence[str]) -> dict[str, bytes]:
        """The values of those keys that are there."""

    def put(self, kind: str, entries: Mapping[str, bytes]) -> None:
        """Keep values, by their keys; what was there under such a key is replaced."""


class NoStore:
    """Remembers nothing.

    >>> store = NoStore()
    >>> store.put("tree", {"a": b"1"})
    >>> store.get("tree", ["a"])
    {}
    """

    def get(self, kind: str, keys: Sequence[str]) -> dict[str, bytes]:
        return {}

    def put(self, kind: str, entries: Mapping[str, bytes]) -> None:
        pass


class DiskStore:
    """Remembers in one SQLite file, which any number of processes, threads and forks may use at once.

    Nothing is touched before the first `get` or `put`, and nothing stays open after one, so there is nothing to close. A file
    that is ruined is made anew; where none can be opened, the store stays empty.

    Args:
        directory: where the file is; made if it is not there.
        max_bytes: bytes of values to keep; beyond them, what was used least recently goes.
    """

    def __init__(self, directory: Path, max_bytes: int = DEFAULT_MAX_BYTES) -> None:
        self._file = directory / FILE_NAME
        self._max_bytes = max_bytes
        self._disabled = False
        self._made_anew = False

    def __repr__(self) -> str:
        return f"DiskStore({str(self._file.parent)!r})"

    def get(self, kind: str, keys: Sequence[str]) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        if keys:
            names = {_row_id(kind, name): name for name in keys}
            self._attempt(lambda database: _read(database, kind, names, found))
        return found

    def put(self, kind: str, entries: Mapping[str, bytes]) -> None:
        rows = self._rows(kind, entries)
        if rows:
            self._attempt(lambda database: _write(database, rows, self._max_bytes))

    def _rows(self, kind: str, entries: Mapping[str, bytes]) -> list[_Row]:
        """What to write: as many as may be kept at all."""
        rows: list[_Row] = []
        left = self._max_bytes
        for name, value in entries.items():
            if len(value) <= min(left, _LARGEST_VALUE):
                left -= len(value)
                rows.append((_row_id(kind, name), _digest(kind, name, value), value))
        rows.sort(key=itemgetter(0))  # three times as fast as writing here and there in the file
        return rows

    def _attempt(self, work: Callable[[sqlite3.Connection], None]) -> None:
        """Do something with the database. Whatever is wrong with the disk ends here and nowhere else."""
        with _ONE_AT_A_TIME:
            while not self._disabled:
                try:
                    with self._database() as database:
                        work(database)
                    return
                except _DISK_ERRORS as error:
                    if not _is_ruined(error):
                        return
                    self._disabled = self._made_anew
                    self._made_anew = True

    @contextmanager
    def _database(self) -> Iterator[sqlite3.Connection]:
        """The database, made if it is not there, removed if it turns out to be ruined."""
        try:
            file = self._file.absolute()
            _create_private(file)
            inode = file.stat().st_ino
            database = sqlite3.connect(f"{file.as_uri()}?mode=rw", timeout=_BUSY_SECONDS, isolation_level=None, uri=True)
        except _DISK_ERRORS:
            self._disabled = True
            raise
        with closing(database):
            opened = False
            try:
                _prepare(database)
                opened = True
                yield database
            except _DISK_ERRORS as error:
                if _is_ruined(error):
                    _remove(file, inode)  # while it is open, so that no new file can have the same inode
                elif not opened:
                    self._disabled = not _is_busy(error)
                raise


def cache_directory(environment: Mapping[str, str] = os.environ) -> Path | None:
    """Where to keep a `DiskStore`; None if this user has no place for caches.

    Args:
        environment: ``DAGSTER_LOOKML_CACHE_DIR`` of it names another place than the usual one.

    >>> cache_directory({"DAGSTER_LOOKML_CACHE_DIR": "/var/cache/lookml"}).as_posix()
    '/var/cache/lookml'
    """
    try:
        if named := environment.get("DAGSTER_LOOKML_CACHE_DIR"):
            return Path(named).absolute()
        usual = Path(platformdirs.user_cache_dir("dagster-lookml"))
    except (RuntimeError, KeyError, OSError):
        return None
    return usual if usual.is_absolute() else None  # where there is no home, older releases of platformdirs leave the ~ as it is


def key(*parts: str | bytes) -> str:
    """A name for what is computed from these parts, and from nothing else.

    >>> key("ab", "c") == key("a", "bc")
    False
    >>> len(key(b"view: orders {}", "1.0"))
    40
    """
    return _digest(*parts).hex()


def _digest(*parts: str | bytes) -> bytes:
    digest = blake2b(digest_size=20)
    for part in parts:
        content = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        digest.update(b"%d:" % len(content))
        digest.update(content)
    return digest.digest()


def _row_id(kind: str, name: str) -> int:
    """SQLite finds rows fastest by a number. Should two keys share one, the checksum, which covers the key, tells them apart."""
    return int.from_bytes(_digest(kind, name)[:8], "big", signed=True)


def _create_private(file: Path) -> None:
    """Make an empty file that only this user can read; SQLite gives the files it puts beside it the same permissions."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileExistsError):
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _prepare(database: sqlite3.Connection) -> None:
    """Set up a connection, and the tables of a new file.

    Raises:
        _OtherFormatError: the file holds other tables.
    """
    database.text_factory = bytes  # no value is text, but ruined ones may claim to be
    database.execute("PRAGMA synchronous = OFF")  # a power cut may ruin the file; a cache can be lost
    database.execute("PRAGMA secure_delete = OFF")  # on by default in Debian: writes zeros over whatever is evicted
    if _format(database) == FORMAT:
        return
    with suppress(sqlite3.OperationalError):
        database.execute("PRAGMA journal_mode = WAL")  # readers need not wait for writers; not every file system can do it
    database.execute("BEGIN IMMEDIATE")
    if _format(database) != FORMAT:  # no other process has made the tables meanwhile
        if database.execute("SELECT 1 FROM sqlite_master").fetchone():
            raise _OtherFormatError
        for statement in _TABLES:
            database.execute(statement)
        database.execute(f"PRAGMA user_version = {FORMAT}")
    database.execute("COMMIT")


def _format(database: sqlite3.Connection) -> int:
    return int(database.execute("PRAGMA user_version").fetchone()[0])


def _read(database: sqlite3.Connection, kind: str, names: Mapping[int, str], found: dict[str, bytes]) -> None:
    """Collect what is there and unharmed, and stamp it as used."""
    now = time.time_ns()
    aged: list[int] = []
    ids = sorted(names)
    for start in range(0, len(ids), _KEYS_AT_ONCE):
        some = ids[start : start + _KEYS_AT_ONCE]
        rows = database.execute(
            "SELECT id, checksum, value, abs(? - used) > ? FROM entry JOIN content USING (id) "  # noqa: S608 only marks are put in
            f"WHERE id IN ({', '.join('?' * len(some))})",
            (now, _STAMP_NANOSECONDS, *some),
        )
        for row_id, checksum, value, is_aged in rows:
            name = names[row_id]
            if isinstance(value, bytes) and _digest(kind, name, value) == checksum:
                found[name] = value
                if is_aged:
                    aged.append(row_id)
    if aged:
        _stamp(database, aged, now)


def _stamp(database: sqlite3.Connection, ids: Sequence[int], now: int) -> None:
    database.execute("PRAGMA busy_timeout = 0")  # it is not worth waiting for
    database.execute("BEGIN IMMEDIATE")
    database.executemany("UPDATE entry SET used = ? WHERE id = ?", ((now, row_id) for row_id in ids))
    database.execute("COMMIT")


def _write(database: sqlite3.Connection, rows: Sequence[_Row], max_bytes: int) -> None:
    now = time.time_ns()
    database.execute("BEGIN IMMEDIATE")
    _make_room(database, rows, max_bytes)
    database.executemany("REPLACE INTO entry VALUES (?, ?, ?)", ((row_id, now, len(value)) for row_id, _, value in rows))
    database.executemany("REPLACE INTO content VALUES (?, ?, ?)", rows)
    database.execute("COMMIT")


def _make_room(database: sqlite3.Connection, rows: Sequence[_Row], max_bytes: int) -> None:
    """Remove what was used least recently, until the rows fit in.

    That comes before they are written, because SQLite writes to pages that became free before it lets the file grow. So the file
    never gets much larger than what it may hold, and need not be vacuumed.
    """
    incoming = sum(len(value) for _, _, value in rows)
    if _bytes_in_use(database) + incoming <= max_bytes:
        return
    _remove_rows(database, [row[0] for row in rows])
    excess = database.execute("SELECT total(size) FROM entry").fetchone()[0] + incoming - max_bytes
    evicted: list[int] = []
    # The casts are for ruined rows, in which there may be anything.
    for row_id, size in database.execute("SELECT id, ifnull(CAST(size AS INTEGER), 0) FROM entry ORDER BY used"):
        if excess <= 0:
            break
        evicted.append(row_id)
        excess -= size
    _remove_rows(database, evicted)


def _bytes_in_use(database: sqlite3.Connection) -> int:
    """At least the bytes of all values, told without looking at each."""
    pages, free, size = (
        int(database.execute(f"PRAGMA {name}").fetchone()[0]) for name in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * size


def _remove_rows(database: sqlite3.Connection, ids: Sequence[int]) -> None:
    for table in ("entry", "content"):
        database.executemany(f"DELETE FROM {table} WHERE id = ?", ((row_id,) for row_id in ids))  # noqa: S608 one of two names


class _OtherFormatError(sqlite3.DatabaseError):
    """A database with other tables than ours."""


def _is_ruined(error: Exception) -> bool:
    """Whether the file is to blame. All statements here are right, so one that SQLite finds wrong met with other tables."""
    ruined = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)
    return isinstance(error, _OtherFormatError | UnicodeDecodeError) or _code(error) in ruined


def _is_busy(error: Exception) -> bool:
    return _code(error) == sqlite3.SQLITE_BUSY


def _code(error: Exception) -> int | None:
    """SQLite's primary result code, without the details in the higher bits."""
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def _remove(file: Path, inode: int) -> None:
    """Delete a database, unless another process has put a new one in its place already.

    The file itself goes last: whoever makes a new one must not lose the log that belongs to it.
    """
    with suppress(FileNotFoundError):
        if file.stat().st_ino == inode:
            for suffix in ("-journal", "-wal", "-shm", ""):
                Path(f"{file}{suffix}").unlink(missing_ok=True)
