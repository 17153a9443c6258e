"""Mermaid flowcharts, read by a grammar that takes only what is surely no more than a node, a line or a style."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_LABEL: Final = r'"((?:[\w ./-]|#\d+;)*)"'
_BRACKETS: Final = (("[[", "]]"), ("[(", ")]"), ("[/", "/]"), ("([", "])"), ("{{", "}}"), ("[", "]"), (">", "]"), ("(", ")"))
_NODE: Final = re.compile(
    r"  (n\d+)(?:" + "|".join(re.escape(opening) + _LABEL + re.escape(closing) for opening, closing in _BRACKETS) + ")"
)
_LINE: Final = re.compile(r"  (n\d+) (-->|-\.->) (n\d+)")
_CLASS_DEF: Final = re.compile(r"  classDef (\w+) (?:[a-z]+:#[0-9a-f]{6},?)+")
_CLASS: Final = re.compile(r"  class (n\d+(?:,n\d+)*) (\w+)")


class Flowchart(NamedTuple):
    """What a flowchart says: its labels in order, its lines between labels, and which labels have which style."""

    labels: tuple[str, ...]
    lines: tuple[tuple[str, str, str], ...]
    classes: dict[str, set[str]]


def flowchart(text: str) -> Flowchart:
    """Read a flowchart whose every line must be one of the grammar's."""
    first, *rest = text.splitlines()
    assert first == "flowchart LR"
    labels: dict[str, str] = {}
    lines: list[tuple[str, str, str]] = []  # by numbers: two tiles may have one label
    defined: set[str] = set()
    classes: dict[str, set[str]] = {}
    for row in rest:
        if node := _NODE.fullmatch(row):
            assert node[1] not in labels
            labels[node[1]] = _unescaped(next(one for one in node.groups()[1:] if one is not None))
        elif line := _LINE.fullmatch(row):
            lines.append((line[1], line[2], line[3]))
        elif style := _CLASS_DEF.fullmatch(row):
            defined.add(style[1])
        else:
            styled = _CLASS.fullmatch(row)
            assert styled is not None, row
            assert styled[2] in defined
            classes[styled[2]] = {labels[number] for number in styled[1].split(",")}
    assert len(set(lines)) == len(lines)
    named = tuple((labels[source], line, labels[target]) for source, line, target in lines)
    return Flowchart(tuple(labels.values()), named, classes)


def _unescaped(label: str) -> str:
    return re.sub(r"#(\d+);", lambda entity: chr(int(entity[1])), label)
