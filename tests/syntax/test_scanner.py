"""The scanner, held against lkml: on every real file, on every fixture, and on generated LookML."""

from __future__ import annotations

import re
from pathlib import Path

import lkml
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dagster_lookml.source import SourceFile
from dagster_lookml.syntax.nodes import BlockNode, ListNode, PairNode
from dagster_lookml.syntax.reading import read_lookml
from dagster_lookml.syntax.referee import read_with_lkml
from dagster_lookml.syntax.scanner import MAX_DEPTH, hides_a_declaration, scan
from tests.corpora import CORPORA, FIXTURES, lookml_files
from tests.syntax.lkml_reading import as_lkml, leaves, lkml_load

FILES = lookml_files(".lkml")


def text_of(path: Path) -> str:
    return SourceFile(path.name, path.read_bytes()).text


def path_name(path: Path) -> str:
    root = FIXTURES if path.is_relative_to(FIXTURES) else CORPORA
    return str(path.relative_to(root))


# -- lkml is the referee -----------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_every_real_file_reads_as_lkml_reads_it() -> None:
    different: list[str] = []
    compared = 0
    for path in FILES:
        text = text_of(path)
        expected = lkml_load(text)
        if expected is None:
            continue
        compared += 1
        if as_lkml(read_lookml(text).nodes) != expected and not is_misread_by_lkml(text):
            different.append(path_name(path))

    assert different == []
    assert compared >= 50  # the fixtures alone


def test_every_real_file_is_read_by_the_scanner_alone() -> None:
    left_to_others = [path_name(path) for path in FILES if not path.is_relative_to(FIXTURES) and scan(text_of(path)) is None]

    assert left_to_others == []


def test_every_leaf_cut_from_the_text_is_that_leaf() -> None:
    wrong: list[str] = []
    for path in FILES:
        text = text_of(path)
        wrong += [
            f"{path_name(path)} {start} {what} {value!r}"
            for value, start, what in leaves(read_lookml(text).nodes)
            if text[start : start + len(value)] != value
        ]

    assert wrong == []


# -- generated LookML --------------------------------------------------------------------------------------------------

trivia = st.lists(
    st.sampled_from([" ", "\n", "\t", "  ", "\n\n", " # note\n", "#\n", '# "quoted" { [ ;; \n']), min_size=1, max_size=3
).map("".join)
words = st.sampled_from(
    ["a", "orders", "+orders", "order_items", "users.id", "28_day", "yes", "1.5", "-x", "detail*", "a#b", "é", "ALL_FIELDS*"]
)
keys = st.sampled_from(
    ["view", "explore", "dimension", "label", "type", "hidden", "filters", "join", "set", "tags", "query", "link", "x"]
)
quoted = st.text(st.sampled_from('ab #{};:[],.\n\\"é'), max_size=12).map(
    lambda text: '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
)
expression_keys = st.sampled_from(["sql", "html", "sql_on", "expression", "sql_table_name", "expression_custom_filter"])
expressions = st.text(st.sampled_from("ab #{}:[],.\n;$'"), max_size=15).filter(
    lambda text: ";;" not in text and not text.endswith(";")
)


@st.composite
def parameters(draw: st.DrawFn, depth: int = 0) -> str:
    kind = draw(st.sampled_from(["word", "quoted", "expression", "list", "pairs", "block", "block"]))
    gap, key = draw(trivia), draw(keys)
    if kind == "word":
        return f"{key}:{gap}{draw(words)}{draw(trivia)}"
    if kind == "quoted":
        return f"{key}{draw(st.sampled_from(['', ' ']))}:{gap}{draw(quoted)}{draw(trivia)}"
    if kind == "expression":
        return f"{draw(expression_keys)}:{draw(expressions)};;{draw(trivia)}"
    if kind == "list":
        items = draw(st.lists(st.one_of(words, quoted), max_size=4))
        comma = draw(st.sampled_from(["", ","])) if items else ""
        return (
            f"{key}:{gap}[{draw(trivia)}" + f"{draw(trivia)},{draw(trivia)}".join(items) + f"{draw(trivia)}{comma}]{draw(trivia)}"
        )
    if kind == "pairs":
        pairs = [f"{draw(words)}:{draw(trivia)}{draw(quoted)}" for _ in range(draw(st.integers(1, 3)))]
        return f"{key}: [{', '.join(pairs)}]{draw(trivia)}"
    name = draw(st.one_of(st.just(""), words.map(lambda word: word + " ")))
    inner = "".join(draw(st.lists(parameters(depth + 1), max_size=3))) if depth < 3 else ""
    return f"{key}:{gap}{name}{{{draw(trivia)}{inner}}}{draw(trivia)}"


lookml = st.lists(parameters(), max_size=4).map("".join)


@pytest.mark.slow
@given(lookml)
@settings(max_examples=400, deadline=None)
@example('view: a { label: "x" # }\n }')
@example("x: a#b")
def test_generated_lookml_reads_as_lkml_reads_it(text: str) -> None:
    expected = lkml_load(text)

    assert expected is None or as_lkml(read_lookml(text).nodes) == expected or is_misread_by_lkml(text)


@pytest.mark.slow
@given(lookml, st.data())
@settings(max_examples=600, deadline=None)
def test_broken_lookml_is_read_as_lkml_reads_it_where_lkml_reads_it(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text)))
    change = data.draw(st.sampled_from(["{", "}", "[", "]", ":", ",", '"', ";", ";;", "-", "- ", "#", "\\", "a", " ", ""]))
    broken = text[:at] + change + text[at + data.draw(st.integers(0, 2)) :]
    expected = lkml_load(broken)
    tree = read_lookml(broken)

    if expected is not None and not is_misread_by_lkml(broken):
        assert as_lkml(tree.nodes) == expected
        surplus = re.compile(r"\[(?:\s|#[^\n]*\n)*,")  # `[, a]`: lkml reads over the comma, and it is a finding here
        commas = {found.end() - 1 for found in surplus.finditer(broken)}
        assert [problem for problem in tree.problems if problem.rule != "surplus-comma" or problem.start not in commas] == []
    for value, start, what in leaves(tree.nodes):
        found = broken[start : start + len(value)]
        assert found == value or (what == "word" and found[0] == value[0] == "-")  # `- x` is read as `-x`


def is_misread_by_lkml(text: str) -> bool:
    """The cases of the table below in which lkml accepts a text and loses something of it."""
    repeated = any(problem.rule == "duplicate-parameter" for problem in read_lookml(text).problems)
    return repeated or read_with_lkml(text) is None


@pytest.mark.parametrize("between", [" ", "\n\n", " # a\n", "\t# b\n# a\n"])
def test_what_stands_behind_a_lone_hyphen_keeps_its_place(between: str) -> None:
    text = f"view # a comment that only lkml takes here\n: v {{ x: [-{between}a, b] y: - # b\n a z: [a] }}"
    words = [(value, start) for value, start, what in leaves(read_lookml(text).nodes) if what == "word"]

    assert words == [
        ("-a", text.index("[-") + 1),
        ("b", text.index("b] y")),
        ("-a", text.index("y: -") + 3),
        ("a", text.index("a] }")),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "view: :# note\na { } ",
        "view:# b\n :# a\na { } ",
        'view : :# a\na { label: : # c\n "c" x: - # c\n c l: : [, # a\n a : "b" , ] sql:: a ;; }',
    ],
)
def test_repeated_colons_leave_everything_in_its_place(text: str) -> None:
    assert lkml_load(text) == as_lkml(read_lookml(text).nodes)
    assert [value for value, start, _ in leaves(read_lookml(text).nodes) if text[start] != (value or '"')[0]] == []


# -- lkml's own defects, each with what is done instead ----------------------------------------------------------------


def test_a_lone_semicolon_hangs_lkml_and_is_named_here() -> None:  # R15.10
    text = 'view: v { label: "a"; }'
    tree = read_lookml(text)

    assert lkml_load(text) is None
    assert as_lkml(tree.nodes) == {"views": [{"label": "a", "name": "v"}]}
    assert [(problem.rule, problem.start) for problem in tree.problems] == [("stray-semicolon", 20)]


def test_lkml_drops_what_follows_a_surplus_brace() -> None:
    text = "view: a {} } view: b {}"
    tree = read_lookml(text)

    assert lkml.load(text) == {"views": [{"name": "a"}]}
    assert as_lkml(tree.nodes) == {"views": [{"name": "a"}, {"name": "b"}]}
    assert [(problem.rule, problem.start) for problem in tree.problems] == [("surplus-brace", 11)]


def test_lkml_refuses_a_file_for_a_key_that_stands_twice() -> None:  # R15.6
    text = "view: v { dimension: a { hidden: yes hidden: no } dimension: b {} }"
    tree = read_lookml(text)
    dimension = tree.nodes[0].children[0]  # type: ignore[union-attr]

    with pytest.raises(KeyError):
        lkml.load(text)
    assert isinstance(dimension, BlockNode)
    assert [child.value for child in dimension.children if isinstance(child, PairNode)] == ["yes", "no"]
    assert [(problem.rule, problem.start) for problem in tree.problems] == [("duplicate-parameter", 37)]


def test_lkml_drops_the_first_of_two_keys_at_the_top() -> None:  # R15.5
    text = 'connection: "a"\nconnection: "b"'
    tree = read_lookml(text)

    assert lkml.load(text) == {"connection": "b"}
    assert [node.value for node in tree.nodes if isinstance(node, PairNode)] == ["a", "b"]
    assert [(problem.rule, problem.start) for problem in tree.problems] == [("duplicate-parameter", 16)]


def test_lkml_does_not_notice_a_missing_end_of_an_expression() -> None:
    text = "view: v { dimension: a { sql: x } dimension: b { sql: y ;; } }"
    tree = read_lookml(text)

    assert lkml.load(text) == {"views": [{"dimensions": [{"sql": "x } dimension: b { sql: y", "name": "a"}], "name": "v"}]}
    assert as_lkml(tree.nodes) == {"views": [{"dimensions": [{"sql": "x", "name": "a"}, {"sql": "y", "name": "b"}], "name": "v"}]}
    assert [(problem.rule, problem.start) for problem in tree.problems] == [("unclosed-expression", 25)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dimension: a { sql : 1 ;; }", {"sql": "1", "name": "a"}),  # R15.8
        ("dimension: a { sql_having: ${n} > 1 ;; }", {"sql_having": "${n} > 1", "name": "a"}),  # R15.7
        ("dimension: a { filter_expression: ${n} > 1 ;; }", {"filter_expression": "${n} > 1", "name": "a"}),
        (
            "dimension: a { sql_new_in_2027: {% if x %} 1 {% endif %} ;; }",
            {"sql_new_in_2027": "{% if x %} 1 {% endif %}", "name": "a"},
        ),
    ],
)
def test_lkml_refuses_expressions_that_it_does_not_know_as_such(text: str, expected: dict[str, str]) -> None:
    with pytest.raises((SyntaxError, IndexError)):
        lkml.load(text)
    assert as_lkml(read_lookml(text).nodes) == {"dimensions": [expected]}


def test_words_under_such_keys_stay_words_as_in_lkml() -> None:
    text = "dimension: a { sql_having: x sql : y }"

    assert as_lkml(read_lookml(text).nodes) == lkml.load(text)


def test_lkml_refuses_carriage_returns() -> None:  # R15.11
    content = b'view: a {\r\n  label: "x"\r\n}\r\n'
    source = SourceFile("a.view.lkml", content)

    with pytest.raises(SyntaxError):
        lkml.load(content.decode())
    assert as_lkml(read_lookml(source.text).nodes) == {"views": [{"label": "x", "name": "a"}]}


def test_lkml_makes_a_byte_order_mark_part_of_the_first_key() -> None:  # R15.11
    content = b"\xef\xbb\xbfview: a {}"

    assert list(lkml.load(content.decode())) == ["\ufeffview"]
    assert as_lkml(read_lookml(SourceFile("a.view.lkml", content).text).nodes) == {"views": [{"name": "a"}]}


def test_lkml_drops_what_follows_a_nul() -> None:
    content = b"view: a {} \0 view: b {}"

    assert lkml.load(content.decode()) == {"views": [{"name": "a"}]}
    assert as_lkml(read_lookml(SourceFile("a.view.lkml", content).text).nodes) == {"views": [{"name": "a"}, {"name": "b"}]}


def test_lkml_refuses_a_constant_in_a_list() -> None:  # R15.9
    text = "set: s { fields: [@{x}, b] }"
    tree = read_lookml(text)

    with pytest.raises(SyntaxError):
        lkml.load(text)
    assert as_lkml(tree.nodes) == {"sets": [{"fields": ["@{x}", "b"], "name": "s"}]}
    assert [(problem.rule, problem.start) for problem in tree.problems] == [("unquoted-constant", 18)]


@pytest.mark.parametrize("space", ["\f", "\v", "\xa0", "\u3000", "\ufeff"])
def test_lkml_makes_odd_white_space_part_of_words(space: str) -> None:
    text = f"dimension: a {{ type:{space}string }}"
    tree = read_lookml(text)

    assert lkml.load(text) == {"dimensions": [{"type": f"{space}string", "name": "a"}]}
    assert as_lkml(tree.nodes) == {"dimensions": [{"type": "string", "name": "a"}]}
    assert [(problem.rule, problem.start) for problem in tree.problems] == [("odd-white-space", 20)]


def test_lkml_runs_out_of_stack_on_deep_nesting() -> None:
    text = "x: { " * 1000 + "}" * 1000 + " view: a {}"
    tree = read_lookml(text)

    with pytest.raises(RecursionError):
        lkml.load(text)
    assert [node.key for node in tree.nodes] == ["x", "view"]
    assert [(problem.rule, problem.start) for problem in tree.problems] == [("too-deep", 5 * MAX_DEPTH)]


@pytest.mark.parametrize("text", ["view: a { dimension: b { sql: 1 } }", 'view: a { label: "x }'])
def test_lkml_raises_other_errors_than_syntax_errors(text: str) -> None:  # R15.8
    with pytest.raises(IndexError):
        lkml.load(text)
    assert [node.key for node in read_lookml(text).nodes] == ["view"]


# -- what only lkml reads ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "view # a comment before the colon\n: a {}",
        "view:: a {}",
        "set: s { fields: [- a, b] }",
        "view: a { drill_fields: [a, # why\n - b] }",
        'explore: e { label:: "x" }',
    ],
)
def test_what_the_scanner_leaves_to_lkml_is_read_as_lkml_reads_it(text: str) -> None:
    tree = read_lookml(text)

    assert scan(text) is None
    assert as_lkml(tree.nodes) == lkml.load(text)
    assert tree.problems == ()


# -- details -----------------------------------------------------------------------------------------------------------


def test_positions_of_a_block() -> None:
    text = 'view: a {\n  label: "A"\n  sql_table_name: s.t ;;\n  drill_fields: [id, x*]\n}\n'
    nodes = scan(text)

    assert nodes is not None
    [view] = nodes
    assert isinstance(view, BlockNode)
    assert text[view.key_start : view.end] == text.rstrip()
    assert [text[child.key_start :].split(":")[0] for child in view.children] == ["label", "sql_table_name", "drill_fields"]
    drill = view.children[2]
    assert isinstance(drill, ListNode)
    assert text[drill.key_start : drill.end] == "drill_fields: [id, x*]"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("${TABLE}.a", False),
        ("case when a then '}' end", False),
        ("x }\n  measure: b {", True),
        ("x type: string } dimension: b { sql: y", True),
        ("{% if a %} } {% endif %}", False),
        ("<a href='{{ link }}'> filter: x </a>", False),
    ],
)
def test_an_expression_that_swallowed_a_declaration(expression: str, expected: bool) -> None:
    assert hides_a_declaration(expression) is expected
