"""Laws of comparing SQL: what is called equivalent gives the same values, whatever was done to a text."""

from __future__ import annotations

import itertools
import random
import re
import sqlite3
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_lookml.sql.equivalence import Comparison, compare_sql
from tests.properties.expressions import COLUMNS, changed, expression, rearranged, without_brackets
from tests.properties.queries import DIALECTS, Queries
from tests.sql.reformatting import reformatted

quickly = settings(max_examples=150, deadline=None)
SEEDS = st.integers(0, 2**48)
ALIKE = ("same", "equivalent")


@pytest.fixture(scope="module")
def database() -> Iterator[sqlite3.Connection]:
    """A table of every combination of some values."""
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t (a, b, c)")
    connection.executemany("INSERT INTO t VALUES (?, ?, ?)", itertools.product((None, 0, 1, 2, -3), repeat=3))
    yield connection
    connection.close()


WORDS = re.compile(r"\b[pqtu]\b")


def steps(chance: random.Random) -> str:
    """A query with one or two queries of WITH, whose names are those of tables, of each other, or of nothing."""

    def select(names: str) -> str:
        source, other = chance.choice(names), chance.choice(names)
        alias = chance.choice(("", "", "", f" AS {chance.choice(names)}"))
        called = chance.choice(("", f"{source}.", f"{source}.", f"{chance.choice(names)}."))
        join = chance.choice(("", f" JOIN {other} USING (a)")) if other != source else ""
        inner = chance.choice(("", "", f" WHERE a IN (SELECT {called}b FROM {chance.choice(names)})"))
        output = chance.choice(("", "", f", {chance.choice('pqtu')}", f", {called}b AS {chance.choice('pqtu')}"))
        return f"SELECT {called}a, {source}.b{output} FROM {source}{alias}{join}{inner}"

    names = chance.sample("pqtu", chance.randint(1, 2))
    made = ", ".join(f"{name} AS ({select('tu' + ''.join(names[:number]))})" for number, name in enumerate(names))
    return f"WITH {made} {select('tu' + ''.join(names) * 3)}"


def renamed(text: str, chance: random.Random) -> str:
    """A query in which one name is another everywhere, or here and there, or in which two have changed places."""
    one, other = chance.sample("pqtu", 2)
    ways = {one: other, other: chance.choice((one, other))}
    share = chance.choice((1.0, 1.0, 0.7))
    return WORDS.sub(lambda found: ways.get(found.group(), found.group()) if chance.random() < share else found.group(), text)


@pytest.fixture(scope="module")
def tables() -> Iterator[sqlite3.Connection]:
    """Two tables in which all is different, and no others."""
    connection = sqlite3.connect(":memory:")
    for number, name in enumerate("tu"):
        connection.execute(f"CREATE TABLE {name} (a, b, p, t)")
        rows = [(one, one + number, one * 3, one * 5) for one in range(number, 4)]
        connection.executemany(f"INSERT INTO {name} VALUES (?, ?, ?, ?)", rows)
    yield connection
    connection.close()


def rows(tables: sqlite3.Connection, sql: str) -> tuple[object, list[object]] | None:
    """What a query gives and how that is called, or None if SQLite refuses it."""
    try:
        found = tables.execute(sql)
        return found.description, sorted(found.fetchall())
    except sqlite3.Error:
        return None


def test_queries_of_with_that_are_called_alike_under_other_names_give_the_same(tables: sqlite3.Connection) -> None:
    chance = random.Random(11)
    alike = []
    for _ in range(800):
        old = steps(chance)
        new = renamed(old, chance)
        if compare_sql(old, new, "query", "sqlite").sameness == "equivalent":
            assert rows(tables, old) == rows(tables, new), (old, new)
            alike.append(old)

    assert len(alike) > 8
    assert sum(rows(tables, one) is not None for one in alike) > 4


def values(database: sqlite3.Connection, sql: str) -> list[object] | None:
    """What an expression is worth in every row, or None if SQLite cannot tell."""
    try:
        return database.execute(f"SELECT {sql} FROM t ORDER BY rowid").fetchall()
    except sqlite3.Error:
        return None


def checked(database: sqlite3.Connection, old: str, new: str) -> bool:
    """Whether two expressions are called alike; and if so, they are."""
    found = compare_sql(old, new, "field", "sqlite")
    if found.sameness not in ALIKE:
        return False
    ours, theirs = values(database, old), values(database, new)
    assert ours == theirs, (old, new, found)
    return True


@quickly
@given(SEEDS)
def test_what_is_called_equivalent_has_the_same_values(database: sqlite3.Connection, seed: int) -> None:
    chance = random.Random(seed)
    node = expression(chance, chance.randint(1, 4))

    checked(database, node.text(), rearranged(node, chance).text())


@quickly
@given(SEEDS)
def test_brackets_that_are_called_redundant_are(database: sqlite3.Connection, seed: int) -> None:
    chance = random.Random(seed)
    text = expression(chance, chance.randint(1, 4)).text()

    checked(database, text, without_brackets(text, chance))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_much_that_is_called_equivalent_has_the_same_values(database: sqlite3.Connection, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(400):
        node = expression(chance, chance.randint(1, 4))
        checked(database, node.text(), without_brackets(rearranged(node, chance).text(), chance))


def test_enough_is_called_equivalent_for_these_laws_to_say_something(database: sqlite3.Connection) -> None:
    chance = random.Random(7)
    nodes = [expression(chance, 3) for _ in range(200)]
    alike = sum(checked(database, node.text(), rearranged(node, chance).text()) for node in nodes)

    assert 40 < alike < 180


@quickly
@given(SEEDS, st.sampled_from(DIALECTS))
def test_a_change_of_one_part_is_never_called_alike(seed: int, dialect: str) -> None:
    chance = random.Random(seed)
    node = expression(chance, chance.randint(0, 4))
    other = changed(node, chance)

    assert compare_sql(node.text(), other.text(), "field", dialect).sameness not in ALIKE, (node.text(), other.text())


@quickly
@given(SEEDS, st.sampled_from(DIALECTS))
def test_reformatting_changes_nothing(seed: int, dialect: str) -> None:
    text = Queries(random.Random(seed)).expression(3)

    assert compare_sql(text, reformatted(text, seed), "field", dialect).sameness in ALIKE


def _are_mirrored(one: Comparison, other: Comparison) -> bool:
    """Both ways tell the same, but where one of the texts cannot be read: to write it is unknown, and to mend it a difference."""
    mended = {found.sameness for found in (one, other) if "before could not be read: " in found.reason}
    return one.sameness == other.sameness or (mended == {"different"} and "unknown" in (one.sameness, other.sameness))


@quickly
@given(SEEDS, st.sampled_from(DIALECTS))
def test_comparing_is_symmetric_and_reflexive(seed: int, dialect: str) -> None:
    chance = random.Random(seed)
    node = expression(chance, 3)
    old, new = node.text(), without_brackets(rearranged(node, chance).text(), chance)

    assert compare_sql(old, old, "field", dialect).sameness == "same"
    assert _are_mirrored(compare_sql(old, new, "field", dialect), compare_sql(new, old, "field", dialect))


@quickly
@given(SEEDS)
def test_what_is_equivalent_to_the_same_is_equivalent(seed: int) -> None:
    chance = random.Random(seed)
    node = expression(chance, 2)
    first, second, third = (rearranged(node, chance).text() for _ in range(3))
    alike = [compare_sql(*pair, "field", "").sameness in ALIKE for pair in ((first, second), (second, third), (first, third))]

    assert alike.count(False) != 1


@quickly
@given(SEEDS)
def test_a_branch_is_never_left_out(seed: int) -> None:
    """Two templates that are called alike become expressions that are, whatever their conditions are."""
    chance = random.Random(seed)
    parts = [chance.choice((f"{name} = {chance.randint(0, 1)} AND ", "")) for name in COLUMNS * 2]
    tags = [chance.choice("xy") for _ in parts]
    old, new = (
        "".join(f"{{% if {tag} %}}{part}{{% endif %}}" for tag, part in one) + "1 = 1"
        for one in (
            list(zip(tags, parts, strict=True)),
            random.Random(seed + 1).sample(list(zip(tags, parts, strict=True)), len(parts)),
        )
    )
    other = new.replace("{% if x %}", "{% if y %}", 1)
    for found in (new, other):
        expected = all(_becomes(old, world) == _becomes(found, world) for world in ("", "x", "y", "xy"))
        assert (compare_sql(old, found, "field", "").sameness in ALIKE) == expected, (old, found)


def _becomes(template: str, true: str) -> list[str]:
    for tag in "xy":
        pieces = template.split(f"{{% if {tag} %}}")
        template = pieces[0]
        for piece in pieces[1:]:
            inner, _, rest = piece.partition("{% endif %}")
            template += (inner if tag in true else "") + rest
    return sorted(template.split(" AND "))


@quickly
@given(st.text(alphabet="ab'\"`{}%$-/*#()[]=<>|\n ", max_size=40), st.text(alphabet="ab'\"`{}%$-/*#()[]=<>|\n ", max_size=40))
def test_anything_can_be_compared(old: str, new: str) -> None:
    for dialect in DIALECTS:
        ours, theirs = (compare_sql(*pair, "query", dialect) for pair in ((old, new), (new, old)))
        assert _are_mirrored(ours, theirs)
        assert "\n" not in ours.reason
