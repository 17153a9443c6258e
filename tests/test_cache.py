"""The store on disk: what is put is got again, whatever else happens to the disk nothing fails and nothing wrong is got."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dagster_lookml.cache import FILE_NAME, FORMAT, DiskStore, NoStore, Store, cache_directory, key

ENTRIES = {f"key-{number}": random.Random(number).randbytes(number * 37 % 9000) for number in range(60)}
TWO_HOURS = 2 * 3600 * 10**9
IMPORTS = """
import os, random, resource, sqlite3, sys, threading
from pathlib import Path
from dagster_lookml.cache import FILE_NAME, DiskStore, cache_directory
"""


def can_mount() -> bool:
    """Whether a process can have a file system of its own, which nobody else sees and which ends with it."""
    command = ["unshare", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"]
    return shutil.which("unshare") is not None and subprocess.run(command, capture_output=True, check=False).returncode == 0


def can_become_another() -> bool:
    """Whether a process of root can become one of a user that has few permissions and no home."""
    command = [sys.executable, "-S", "-c", "import os; os.setuid(54321)"]
    return os.name == "posix" and os.geteuid() == 0 and subprocess.run(command, capture_output=True, check=False).returncode == 0


CAN_BECOME_ANOTHER = can_become_another()
AS_ANOTHER = "os.setuid(54321)\n" if CAN_BECOME_ANOTHER else ""

needs_permissions = pytest.mark.skipif(
    not CAN_BECOME_ANOTHER and os.access("/", os.W_OK), reason="this user is root, whom permissions do not stop"
)
needs_mount = pytest.mark.skipif(not can_mount(), reason="mounting is not permitted here")


def start(script: str, *arguments: object, prefix: tuple[str, ...] = ()) -> subprocess.Popen[str]:
    """Run Python in another process, with what most scripts need already imported."""
    command = [*prefix, sys.executable, "-W", "ignore::DeprecationWarning", "-c", IMPORTS + script, *map(str, arguments)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def in_own_mounts(mount: str, directory: Path) -> tuple[str, ...]:
    """Runs a command after a mount, a shell script to which the directory is ``$0`` and the command the arguments."""
    return ("unshare", "--mount", "sh", "-c", f'{mount} && exec "$@"', str(directory))


def finish(process: subprocess.Popen[str], told: str = "") -> str:
    """What it printed; it must have succeeded, and complained of nothing."""
    with process:
        output, complaints = process.communicate(told, timeout=60)
    assert (process.returncode, complaints) == (0, "")
    return output


def open_database(directory: Path) -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(directory / FILE_NAME, isolation_level=None))


def filled(directory: Path) -> DiskStore:
    store = DiskStore(directory)
    store.put("tree", ENTRIES)
    return store


def age(directory: Path, nanoseconds: int = TWO_HOURS) -> None:
    with open_database(directory) as database:
        database.execute("UPDATE entry SET used = used - ?", (nanoseconds,))


def stamps(directory: Path) -> list[int]:
    with open_database(directory) as database:
        return [row[0] for row in database.execute("SELECT used FROM entry ORDER BY used")]


def assert_empty_but_works(store: Store) -> None:
    """It has been made anew: nothing is there, and what is put is."""
    assert store.get("tree", list(ENTRIES)) == {}
    store.put("tree", ENTRIES)
    assert store.get("tree", list(ENTRIES)) == ENTRIES


def assert_useless_but_harmless(store: Store) -> None:
    store.put("tree", ENTRIES)
    assert store.get("tree", list(ENTRIES)) == {}


# What is put is got


def test_what_is_put_is_got_by_another_store(tmp_path: Path) -> None:
    filled(tmp_path)
    assert DiskStore(tmp_path).get("tree", [*ENTRIES, "absent"]) == ENTRIES


def test_kinds_are_name_spaces(tmp_path: Path) -> None:
    store = DiskStore(tmp_path)
    store.put("tree", {"a": b"1"})
    store.put("sql", {"a": b"2"})

    assert store.get("tree", ["a"]) == {"a": b"1"}
    assert store.get("sql", ["a"]) == {"a": b"2"}
    assert store.get("view", ["a"]) == {}


def test_a_later_value_replaces_an_earlier_one(tmp_path: Path) -> None:
    store = DiskStore(tmp_path)
    store.put("tree", {"a": b"1", "b": b"1"})
    store.put("tree", {"a": b"22"})

    assert store.get("tree", ["a", "b"]) == {"a": b"22", "b": b"1"}


@pytest.mark.parametrize("value", [b"", b"\0", b"text", bytes(range(256))])
def test_any_bytes(tmp_path: Path, value: bytes) -> None:
    store = DiskStore(tmp_path)
    store.put("", {"": value, "ключ": value, "\udcff": value})

    assert store.get("", ["", "ключ", "\udcff", ""]) == {"": value, "ключ": value, "\udcff": value}


def test_nothing_asked_or_put_touches_nothing(tmp_path: Path) -> None:
    store = DiskStore(tmp_path / "cache")
    store.put("tree", {})

    assert store.get("tree", []) == {}
    assert not (tmp_path / "cache").exists()


@pytest.mark.slow
def test_a_hundred_thousand_values(tmp_path: Path) -> None:
    entries = {key(str(number)): b"%d" % number * 20 for number in range(100_000)}
    store = DiskStore(tmp_path)
    store.put("tree", entries)

    assert store.get("tree", list(entries)) == entries


def test_a_large_value(tmp_path: Path) -> None:
    value = random.Random(0).randbytes(1_000_000) * 30
    store = DiskStore(tmp_path)
    store.put("tree", {"large": value})

    assert store.get("tree", ["large"])["large"] == value


def test_without_a_store_nothing_is_remembered() -> None:
    assert_useless_but_harmless(NoStore())


def test_a_key_tells_its_parts_apart() -> None:
    keys = {key(), key(""), key("", ""), key("ab", "c"), key("a", "bc"), key("abc"), key("1:a"), key("ab", "c", "")}

    assert len(keys) == 8
    assert key("é", b"x") == key("é".encode(), "x")
    assert key("\udcff") != key("?")


# Where it is


def test_the_directory_is_the_one_that_is_named_else_the_users() -> None:
    assert cache_directory({"DAGSTER_LOOKML_CACHE_DIR": "/some/where"}) == Path("/some/where")
    assert cache_directory({"DAGSTER_LOOKML_CACHE_DIR": "here"}) == Path.cwd() / "here"
    usual = cache_directory({"DAGSTER_LOOKML_CACHE_DIR": ""})
    assert usual is not None
    assert usual == cache_directory({})
    assert "dagster-lookml" in usual.parts


@pytest.mark.skipif(not CAN_BECOME_ANOTHER, reason="only root can become a user that has no home")
def test_without_a_home_there_is_no_directory() -> None:
    assert finish(start(AS_ANOTHER + "os.environ.clear(); print(cache_directory())")) == "None\n"


def test_only_the_user_can_read_it(tmp_path: Path) -> None:
    directory = tmp_path / "a" / "cache"
    before = os.umask(0)
    try:
        filled(directory)
        with open_database(directory) as database:  # so that the log stays
            database.execute("SELECT * FROM entry").fetchone()
            filled(directory)
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in directory.iterdir()}
    finally:
        os.umask(before)

    assert modes == {FILE_NAME: 0o600, f"{FILE_NAME}-wal": 0o600, f"{FILE_NAME}-shm": 0o600}
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700


def test_one_file_is_left(tmp_path: Path) -> None:
    filled(tmp_path).get("tree", list(ENTRIES))

    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


# Where it cannot be written


@pytest.mark.parametrize("directory", ["/proc/nowhere", "/sys/nowhere", "/dev/null/cache", "/dev/full"])
def test_a_directory_that_cannot_be_made(directory: str) -> None:
    assert_useless_but_harmless(DiskStore(Path(directory)))


def test_a_parent_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert_useless_but_harmless(DiskStore(tmp_path / "file" / "cache"))


def test_a_directory_in_place_of_the_file(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).mkdir()
    assert_useless_but_harmless(DiskStore(tmp_path))


def test_a_store_that_could_not_be_opened_stays_disabled(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    store = DiskStore(tmp_path / "file")
    assert_useless_but_harmless(store)
    (tmp_path / "file").unlink()

    assert_useless_but_harmless(store)
    assert not (tmp_path / "file").exists()
    filled(tmp_path / "file")
    assert DiskStore(tmp_path / "file").get("tree", list(ENTRIES)) == ENTRIES


def test_nothing_is_printed_where_it_cannot_be_written() -> None:
    assert finish(start("store = DiskStore(Path('/proc/x')); store.put('a', {'b': b''}); print(store.get('a', ['b']))")) == "{}\n"


@pytest.fixture
def public_path() -> Iterator[Path]:
    """A directory that other users can reach."""
    with tempfile.TemporaryDirectory() as path:
        Path(path).chmod(0o755)
        yield Path(path)


@needs_permissions
def test_a_directory_without_write_permission(public_path: Path) -> None:
    directory = public_path / "cache"
    directory.mkdir()
    directory.chmod(0o555)
    script = AS_ANOTHER + "store = DiskStore(Path(sys.argv[1])); store.put('a', {'b': b''}); print(store.get('a', ['b']))"

    assert finish(start(script, directory)) == "{}\n"
    assert list(directory.iterdir()) == []
    directory.chmod(0o755)


@needs_permissions
def test_a_file_without_write_permission_is_read_though_it_cannot_be_stamped(public_path: Path) -> None:
    directory = public_path / "cache"
    DiskStore(directory).put("a", {"b": b"1"})
    age(directory)
    before = stamps(directory)
    directory.chmod(0o777)
    (directory / FILE_NAME).chmod(0o444)
    script = "store = DiskStore(Path(sys.argv[1])); store.put('a', {'c': b''}); print(store.get('a', ['b', 'c']))"

    assert finish(start(AS_ANOTHER + script, directory)) == "{'b': b'1'}\n"
    assert stamps(directory) == before


@needs_mount
def test_a_file_system_that_is_read_only(tmp_path: Path) -> None:
    filled(tmp_path)
    before = (tmp_path / FILE_NAME).read_bytes()
    mount = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0"'
    script = "store = DiskStore(Path(sys.argv[1])); store.put('a', {'b': b''}); print(store.get('a', ['b']))"

    assert finish(start(script, tmp_path, prefix=in_own_mounts(mount, tmp_path))) == "{}\n"
    assert (tmp_path / FILE_NAME).read_bytes() == before
    assert DiskStore(tmp_path).get("tree", list(ENTRIES)) == ENTRIES


# Where there is no room

FILL = """
store = DiskStore(Path(sys.argv[1]))
put = {}
for number in range(40):
    entries = {f"{number}-{other}": random.Random(other).randbytes(10_000) for other in range(5)}
    store.put("a", entries)
    put |= entries
    got = store.get("a", list(put))
    assert got.items() <= put.items()
    assert got == put or number > 0
store.put("a", {"large": bytes(10_000_000)})
assert store.get("a", ["large"]) == {}
print(0 < len(got) < len(put))
"""


@needs_mount
@pytest.mark.parametrize("kilobytes", [200, 600])
def test_a_disk_that_becomes_full(tmp_path: Path, kilobytes: int) -> None:
    mount = f'mount -t tmpfs -o size={kilobytes}k none "$0"'
    assert finish(start(FILL, tmp_path, prefix=in_own_mounts(mount, tmp_path))) == "True\n"


@needs_mount
def test_a_disk_that_is_full_from_the_start(tmp_path: Path) -> None:
    mount = 'mount -t tmpfs -o size=64k none "$0" && ! cat /dev/zero > "$0/zeros" 2>/dev/null'
    script = "store = DiskStore(Path(sys.argv[1])); store.put('a', {'b': b''}); print(store.get('a', ['b']))"

    assert finish(start(script, tmp_path, prefix=in_own_mounts(mount, tmp_path))) == "{}\n"


def test_files_that_may_not_grow(tmp_path: Path) -> None:
    limit = "\nresource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))\n"
    assert finish(start(limit + FILL, tmp_path)) == "True\n"

    store = filled(tmp_path)  # where there is no limit, all is well again
    assert store.get("tree", list(ENTRIES)) == ENTRIES


# A file that is ruined


@pytest.mark.parametrize("length", [1, 16, 99, 100, 101, 512, 4095, 4096, 8192, 100_000])
def test_a_file_of_random_bytes_is_made_anew(tmp_path: Path, length: int) -> None:
    (tmp_path / FILE_NAME).write_bytes(random.Random(length).randbytes(length))
    assert_empty_but_works(DiskStore(tmp_path))


def test_an_empty_file_will_do(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"")
    assert_empty_but_works(DiskStore(tmp_path))


@pytest.mark.parametrize("length", [1, 50, 100, 101, 1000, 4096, 4097, 8192, 20_000, 20_480, 100_000, -4096, -1])
def test_a_file_that_is_cut_short_gives_nothing_wrong_and_is_made_anew(tmp_path: Path, length: int) -> None:
    filled(tmp_path)
    whole = (tmp_path / FILE_NAME).read_bytes()
    (tmp_path / FILE_NAME).write_bytes(whole[:length])
    store = DiskStore(tmp_path)

    assert store.get("tree", list(ENTRIES)).items() <= ENTRIES.items()
    store.put("tree", ENTRIES)
    assert store.get("tree", list(ENTRIES)) == ENTRIES


def test_a_flipped_byte_in_a_value_makes_it_absent(tmp_path: Path) -> None:
    value = bytes(10_000) + b"here" + bytes(10_000)
    store = DiskStore(tmp_path)
    store.put("tree", {"a": value, "b": b"1"})
    file = tmp_path / FILE_NAME
    whole = file.read_bytes()
    assert whole.count(b"here") == 1
    file.write_bytes(whole.replace(b"here", b"hare"))

    assert store.get("tree", ["a", "b"]) == {"b": b"1"}
    store.put("tree", {"a": value})
    assert store.get("tree", ["a", "b"]) == {"a": value, "b": b"1"}


@pytest.mark.parametrize("seed", range(4))
def test_bytes_flipped_anywhere_never_give_anything_wrong(tmp_path: Path, seed: int) -> None:
    filled(tmp_path / "whole")
    whole = (tmp_path / "whole" / FILE_NAME).read_bytes()
    chance = random.Random(seed)
    for number in range(20):
        flipped = bytearray(whole)
        for _ in range(chance.choice([1, 1, 5, 100])):
            place = chance.randrange(chance.choice([200, 4096 * 4, len(whole)]))  # more of them where the structure is
            flipped[place] ^= chance.randrange(1, 256)
        directory = tmp_path / str(number)
        directory.mkdir()
        (directory / FILE_NAME).write_bytes(flipped)
        store = DiskStore(directory, max_bytes=len(whole) // 2)  # so that rows are removed too

        assert store.get("tree", list(ENTRIES)).items() <= ENTRIES.items()
        store.put("tree", {name: ENTRIES[name] for name in list(ENTRIES)[::4]})
        assert store.get("tree", list(ENTRIES)).items() <= ENTRIES.items()


def test_a_value_under_the_key_of_another_is_absent(tmp_path: Path) -> None:
    store = DiskStore(tmp_path)
    store.put("tree", {"a": b"1", "b": b"2"})
    with open_database(tmp_path) as database:
        database.execute("UPDATE content SET (checksum, value) = (SELECT checksum, value FROM content ORDER BY id LIMIT 1)")

    assert len(store.get("tree", ["a", "b"])) == 1


@pytest.mark.parametrize("column", ["used", "size", "checksum", "value"])
def test_rows_of_other_types_harm_nothing(tmp_path: Path, column: str) -> None:
    filled(tmp_path)
    with open_database(tmp_path) as database:
        database.execute("PRAGMA writable_schema = ON")
        database.execute("UPDATE sqlite_master SET sql = replace(replace(sql, ' NOT NULL', ''), ' INTEGER,', ',')")
    store = DiskStore(tmp_path, max_bytes=sum(map(len, ENTRIES.values())))
    for content in ["NULL", "'text'", "x'ff'", "CAST(x'ff' AS TEXT)", "9223372036854775807", "-9223372036854775808", "1e300"]:
        with open_database(tmp_path) as database:
            table = "entry" if column in ("used", "size") else "content"
            database.execute(f"UPDATE {table} SET {column} = {content} WHERE id % 2")

        assert store.get("tree", list(ENTRIES)).items() <= ENTRIES.items()
        store.put("tree", {"new": bytes(1000)})
        assert store.get("tree", ["new"]) == {"new": bytes(1000)}


def test_another_format_is_made_anew(tmp_path: Path) -> None:
    filled(tmp_path)
    with open_database(tmp_path) as database:
        database.execute(f"PRAGMA user_version = {FORMAT + 1}")

    assert_empty_but_works(DiskStore(tmp_path))
    assert DiskStore(tmp_path).get("tree", list(ENTRIES)) == ENTRIES


def test_a_message_about_a_ruined_file_that_is_no_text(tmp_path: Path) -> None:
    filled(tmp_path)
    whole = (tmp_path / FILE_NAME).read_bytes()
    (tmp_path / FILE_NAME).write_bytes(whole.replace(b"CREATE TABLE entry", b"CREATE \xd3ABLE entry"))

    assert_empty_but_works(DiskStore(tmp_path))


@pytest.mark.parametrize("version", [0, FORMAT])
def test_a_database_with_other_tables_is_made_anew(tmp_path: Path, version: int) -> None:
    with open_database(tmp_path) as database:
        database.execute("CREATE TABLE entry (name TEXT)")
        database.execute(f"PRAGMA user_version = {version}")

    assert_empty_but_works(DiskStore(tmp_path))


def test_it_is_made_anew_only_once(tmp_path: Path) -> None:
    store = DiskStore(tmp_path)
    for _ in range(2):
        (tmp_path / FILE_NAME).write_bytes(b"ruined")
        ruined = store.get("tree", ["a"])
        assert ruined == {}

    assert_useless_but_harmless(store)


@pytest.mark.parametrize("seed", range(2))
def test_a_ruined_log_gives_nothing_wrong(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    filled(tmp_path / "whole")
    with open_database(tmp_path / "whole") as database:  # so that the log is not folded into the file
        database.execute("SELECT * FROM entry").fetchone()
        DiskStore(tmp_path / "whole").put("tree", {"a": b"1" * 5000, "b": b"2" * 50_000})
        files = {path.name: path.read_bytes() for path in (tmp_path / "whole").iterdir()}
    assert len(files) == 3
    entries = ENTRIES | {"a": b"1" * 5000, "b": b"2" * 50_000}
    for number in range(12):
        directory = tmp_path / str(number)
        directory.mkdir()
        for name, content in files.items():
            flipped = bytearray(content)
            if name != FILE_NAME:
                flipped[chance.randrange(len(content))] ^= 1
            (directory / name).write_bytes(flipped)
        store = DiskStore(directory)

        assert store.get("tree", list(entries)).items() <= entries.items()
        store.put("tree", entries)
        assert store.get("tree", list(entries)) == entries


# Many at once

BUSY = """
directory, seed = Path(sys.argv[1]), int(sys.argv[2])
chance = random.Random(seed)
value = lambda name: random.Random(name).randbytes(int(name) * 97 % 20_000)
sys.stdin.readline()
found = 0
store = DiskStore(directory)
for _ in range(30):
    names = [str(chance.randrange(300)) for _ in range(20)]
    got = store.get("a", names)
    assert all(got[name] == value(name) for name in got)
    found += len(got)
    store.put("a", {name: value(name) for name in names if name not in got})
print(found)
"""


@pytest.mark.parametrize("before", [None, b"", b"ruined" * 1000], ids=["new", "empty", "ruined"])
def test_processes_that_get_and_put_at_once(tmp_path: Path, before: bytes | None) -> None:
    if before is not None:
        (tmp_path / FILE_NAME).write_bytes(before)
    processes = [start(BUSY, tmp_path, seed) for seed in range(4)]
    found = [int(finish(process, "go\n")) for process in processes]

    assert sum(found) > 0
    with open_database(tmp_path) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_process_that_is_killed_while_it_puts(tmp_path: Path) -> None:
    script = """
store = DiskStore(Path(sys.argv[1]))
for number in range(1_000_000):
    store.put("a", {str(number): b"%d" % number * 10_000})
    print(number, flush=True)
"""
    for _ in range(2):
        with start(script, tmp_path) as process:
            assert process.stdout is not None
            for _ in range(10):
                process.stdout.readline()
            process.kill()
        store = DiskStore(tmp_path)
        got = store.get("a", [str(number) for number in range(100)])
        assert len(got) >= 10
        assert all(value == name.encode() * 10_000 for name, value in got.items())
    assert_empty_but_works(DiskStore(tmp_path))


LOCK = """
databases = [sqlite3.connect(Path(directory) / FILE_NAME, isolation_level=None) for directory in sys.argv[1:]]
for database in databases: database.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.readline()
for database in databases: database.close()
"""

PUT_TWICE = """
store = DiskStore(Path(sys.argv[1]))
for _ in range(2):
    store.put("a", {"b": b"1"})
    print("put", flush=True)
    sys.stdin.readline()
print(store.get("a", ["b"]))
"""


@pytest.mark.slow
def test_while_another_writes_what_is_there_is_got_without_waiting_and_a_put_is_dropped(tmp_path: Path) -> None:
    store = filled(tmp_path)
    age(tmp_path)
    before = stamps(tmp_path)
    (tmp_path / "new").mkdir()
    lock = start(LOCK, tmp_path, tmp_path / "new")
    assert lock.stdout is not None
    lock.stdout.readline()
    opens_while_locked = start(PUT_TWICE, tmp_path / "new")

    began = time.monotonic()
    assert store.get("tree", list(ENTRIES)) == ENTRIES
    assert time.monotonic() - began < 1
    store.put("tree", {"new": b"1"})
    assert time.monotonic() - began < 4
    assert store.get("tree", ["new"]) == {}
    assert opens_while_locked.stdout is not None
    opens_while_locked.stdout.readline()

    finish(lock, "go\n")
    assert stamps(tmp_path) == before
    store.put("tree", {"new": b"1"})
    assert store.get("tree", ["new"]) == {"new": b"1"}
    assert finish(opens_while_locked, "go\ngo\n") == "put\n{'b': b'1'}\n"  # being locked is no reason to be disabled


THREADS = """
store = DiskStore(Path(sys.argv[1]))
entries = {str(number): b"%d" % number * 1000 for number in range(50)}
def work():
    while not stop.is_set():
        store.put("a", entries)
        assert store.get("a", list(entries)) == entries
stop = threading.Event()
threads = [threading.Thread(target=work) for _ in range(3)]
store.put("a", entries)
for thread in threads: thread.start()
for _ in range(30):
    child = os.fork()
    if child == 0:
        store.put("b", {"x": b"1"})
        os._exit(0 if store.get("a", list(entries)) == entries and store.get("b", ["x"]) else 1)
    assert os.waitpid(child, 0)[1] == 0
stop.set()
for thread in threads: thread.join()
print("done")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_threads_and_forks_share_a_store(tmp_path: Path) -> None:
    assert finish(start(THREADS, tmp_path)) == "done\n"


# What it holds at most


def test_what_was_used_least_recently_goes_first(tmp_path: Path) -> None:
    store = DiskStore(tmp_path, max_bytes=300)
    for name in "abc":
        store.put("tree", {name: bytes(100)})
    age(tmp_path)
    store.get("tree", ["a"])
    store.put("tree", {"d": bytes(100)})

    assert sorted(store.get("tree", list("abcd"))) == ["a", "c", "d"]


def test_it_never_holds_more_than_its_bound(tmp_path: Path) -> None:
    store = DiskStore(tmp_path, max_bytes=50_000)
    chance = random.Random(0)
    names = [str(number) for number in range(40)]
    for name in names:
        store.put("tree", {name: bytes(chance.randrange(20_000)), f"{name}-": bytes(chance.randrange(200))})
        assert sum(map(len, store.get("tree", [*names, *(f"{other}-" for other in names)]).values())) <= 50_000
        assert name in store.get("tree", [name])


def test_values_that_cannot_fit_are_not_stored_and_drive_out_nothing(tmp_path: Path) -> None:
    store = DiskStore(tmp_path, max_bytes=300)
    store.put("tree", {"a": bytes(100)})
    store.put("tree", {"large": bytes(301)})

    assert store.get("tree", ["a", "large"]) == {"a": bytes(100)}
    store.put("tree", {"large": bytes(301), "b": bytes(200), "c": bytes(200), "d": bytes(100)})
    assert sorted(store.get("tree", ["a", "b", "c", "d", "large"])) == ["b", "d"]


def test_putting_the_same_again_drives_out_nothing(tmp_path: Path) -> None:
    store = DiskStore(tmp_path, max_bytes=300)
    entries = {name: name.encode() * 100 for name in "abc"}
    store.put("tree", entries)
    for name in "cabbac":
        store.put("tree", {name: entries[name]})

        assert store.get("tree", list("abc")) == entries


def test_a_store_that_may_hold_nothing(tmp_path: Path) -> None:
    store = DiskStore(tmp_path, max_bytes=0)
    store.put("tree", {"a": b"1"})

    assert store.get("tree", ["a"]) == {}


def test_the_room_of_what_was_removed_is_used_again(tmp_path: Path) -> None:
    store = DiskStore(tmp_path, max_bytes=1_000_000)
    for number in range(30):
        small = {f"{number}-{other}": bytes(300) for other in range(300)}
        store.put("tree", {str(number): bytes(200_000)} | small)

    assert (tmp_path / FILE_NAME).stat().st_size < 2_000_000


def test_a_stamp_is_renewed_once_an_hour_at_most(tmp_path: Path) -> None:
    store = DiskStore(tmp_path)
    store.put("tree", {"a": b"1"})
    first = stamps(tmp_path)
    store.get("tree", ["a"])
    assert stamps(tmp_path) == first

    age(tmp_path)
    store.get("tree", ["a"])
    renewed = stamps(tmp_path)
    assert renewed > first
    store.get("tree", ["a"])
    assert stamps(tmp_path) == renewed

    age(tmp_path, -TWO_HOURS)  # put while the clock was wrong
    store.get("tree", ["a"])
    assert renewed < stamps(tmp_path) < [renewed[0] + TWO_HOURS]
