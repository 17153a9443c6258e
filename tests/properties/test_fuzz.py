"""Real fixture files, cut, doubled and garbled: nothing raises, nothing hangs, and what is sound is still read."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from dagster_lookml.analysis.checks import check
from dagster_lookml.semantic.compile import compile_project
from dagster_lookml.source import MemoryTree, SourceFile
from dagster_lookml.syntax.dashboards import read_dashboards
from dagster_lookml.syntax.nodes import BlockNode
from dagster_lookml.syntax.reading import read_lookml
from tests.corpora import FIXTURES

STOREFRONT = FIXTURES / "projects" / "storefront"
FILES = sorted(path for path in STOREFRONT.rglob("*") if path.name.endswith((".lkml", ".lookml")))
JUNK = (b"{", b"}", b"[", b"]", b'"', b";", b";;", b":", b"#", b"\0", b"\xff", b"\n", b"- ", b"${", b"@{", b"{%", b"\\", b",")


def garbled(content: bytes, chance: random.Random) -> bytes:
    """Content with up to five random cuts, doublings, swaps and insertions."""
    for _ in range(chance.randint(1, 5)):
        at, size = chance.randrange(len(content) + 1), chance.randint(1, 40)
        part = content[at : at + size]
        other = chance.randrange(len(content) + 1)
        content = chance.choice(
            [
                content[:at] + content[at + size :],
                content[:at] + part + content[at:],
                content[:at] + content[at + size :][:other] + part + content[at + size :][other:],
                content[:at] + chance.choice(JUNK) + content[at:],
                content[:at],
            ]
        )
    return content


def read(path: Path, content: bytes) -> None:
    text = SourceFile(path.name, content).text
    if path.name.endswith(".lookml"):
        read_dashboards(text)
    else:
        read_lookml(text)


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(STOREFRONT)) for path in FILES])
def test_garbled_files_are_read(path: Path) -> None:
    chance = random.Random(path.name)
    content = path.read_bytes()
    for _ in range(60):
        read(path, garbled(content, chance))

    assert len(path.read_bytes()) == len(content)


@pytest.mark.slow
def test_a_garbled_project_is_compiled_and_checked() -> None:
    chance = random.Random(1)
    files = {str(path.relative_to(STOREFRONT)): path.read_bytes() for path in FILES}
    for _ in range(25):
        changed = dict(files)
        for path in chance.sample(sorted(files), 6):
            changed[path] = garbled(changed[path], chance)
        project = compile_project(MemoryTree(changed, "storefront"))

        assert project.files == len([path for path in files if not path.startswith("imported_projects/")])
        assert all(found.message for found in check(project))


@pytest.mark.slow
def test_garbled_files_are_read_for_long() -> None:
    chance = random.Random(2)
    contents = {path: path.read_bytes() for path in FILES}
    for _ in range(20_000):
        path = chance.choice(FILES)
        read(path, garbled(contents[path], chance))

    assert len(contents) == len(FILES)


@pytest.mark.parametrize(
    "fault",
    [
        'label: "Orders";',
        "}",
        "{ fields: [id] }",
        "sql_table_name: a.b",
        'label: "never closed',
        "dimension: x {",
        "drill_fields: [a, b",
        "label",
        "label:",
        ";;",
        "]",
        'view: "quoted" { }',
        "- view: x",
        "dimension: x { sql: ${TABLE}.x }",
        "measure: x { type: sum sql: ${TABLE}.x",
    ],
)
def test_one_fault_costs_no_sound_block(fault: str) -> None:
    """A fault in the middle view: the views before and behind it, and the fields around it, are all there."""
    text = (
        "view: before { dimension: a {} }\n"
        f"view: middle {{\n  dimension: first {{ type: number }}\n  {fault}\n  dimension: last {{ type: number }}\n}}\n"
        "view: behind { dimension: b {} }\n"
    )
    tree = read_lookml(text)
    views = {node.name: node for node in tree.nodes if isinstance(node, BlockNode) and node.key == "view"}

    assert {"before", "middle", "behind"} <= set(views)
    fields = [child.name for child in views["middle"].children if isinstance(child, BlockNode) and child.key == "dimension"]
    assert {"first", "last"} <= set(fields)
    assert tree.problems != ()


@pytest.mark.slow
@pytest.mark.parametrize(
    "garbage",
    [
        b'"\\"\n', b"sql: x\n", b"a: {", b":", b"words ", b'"\n', b"a: [", b"# \n", b"; ", b"sql: { ", b"@{", b"a\n",
        b"- ", b"\0", b"\xff", b"}", b"x: - ", b"view: a { } } ", b'label: "a\n',
    ],
)  # fmt: skip
def test_much_garbage_is_read_to_its_end(garbage: bytes) -> None:
    source = SourceFile("a.view.lkml", garbage * (400_000 // len(garbage)) + b"\nview: a { dimension: b {} }\n")
    tree = read_lookml(source.text)

    assert len(tree.problems) < 1000


@pytest.mark.slow
@pytest.mark.parametrize("garbage", [b'"\\"\n', b"sql: x\n", b"a: {", b"words; and } more: [ \n", b"\x00\xff\n"])
def test_a_hundred_megabytes_of_garbage(garbage: bytes) -> None:
    source = SourceFile("a.view.lkml", garbage * (100_000_000 // len(garbage)))

    assert len(read_lookml(source.text).problems) < 1000
