"""Bytes to text: line ends, encodings, and places."""

from __future__ import annotations

import pytest

from dagster_lookml.source import SourceFile, Span


@pytest.mark.parametrize(
    ("content", "text", "problems"),
    [
        (b"a\nb", "a\nb", []),
        (b"a\r\nb\rc\n", "a\nb\nc\n", []),
        (b"\xef\xbb\xbfa", "a", []),
        ("é€😀".encode(), "é€😀", []),
        (b"a\xff\xfeb\xe9", "a\ufffd\ufffdb\ufffd", [("invalid-utf8", 1, 3), ("invalid-utf8", 4, 5)]),
        (b"a\0\0b\0", "a  b ", [("nul-character", 1, 3), ("nul-character", 4, 5)]),
        (b"\xff\0", "\ufffd ", [("invalid-utf8", 0, 1), ("nul-character", 1, 2)]),
        (b"", "", []),
        ("\ufffd is legal".encode(), "\ufffd is legal", []),
    ],
)
def test_decoding(content: bytes, text: str, problems: list[tuple[str, int, int]]) -> None:
    source = SourceFile("a.lkml", content)

    assert source.text == text
    assert [(problem.rule, problem.start, problem.end) for problem in source.problems] == problems


@pytest.mark.parametrize(
    ("offset", "line", "column"), [(0, 1, 1), (1, 1, 2), (2, 1, 3), (3, 2, 1), (4, 3, 1), (6, 3, 3), (7, 3, 4)]
)
def test_places(offset: int, line: int, column: int) -> None:
    span = SourceFile("a.lkml", "ab\n\nçde".encode()).span(offset)

    assert (span.line, span.column) == (line, column)


@pytest.mark.parametrize(("number", "text"), [(1, "ab"), (2, ""), (3, "cd"), (4, ""), (0, "")])
def test_lines(number: int, text: str) -> None:
    assert SourceFile("a.lkml", b"ab\n\ncd").line(number) == text


def test_all_spans_are_equal_so_that_moving_a_definition_is_no_change() -> None:
    assert Span("a.lkml", 1, 1) == Span("b.lkml", 2, 2)
    assert hash(Span("a.lkml", 1, 1)) == hash(Span("b.lkml", 2, 2))
    assert Span("a.lkml", 1, 1) != "a.lkml:1:1"
    assert str(Span("a.lkml", 1, 2)) == "a.lkml:1:2"
