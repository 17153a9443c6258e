"""Workflow commands as GitHub's runner reads them."""

from __future__ import annotations

import re
from typing import NamedTuple


class Command(NamedTuple):
    name: str
    properties: dict[str, str]
    message: str


def unescaped(text: str, escapes: dict[str, str]) -> str:
    for escape, character in escapes.items():
        text = text.replace(escape, character)
    return text.replace("%25", "%")


def commands(text: str) -> list[Command]:
    """Each line that is a command, read as the runner does: a name, properties between commas, ``::`` and a message."""
    found = []
    for line in text.splitlines():
        if match := re.match(r"::(\S+)(?: (.*?))?::(.*)$", line):
            pairs = [one.split("=", 1) for one in (match[2] or "").split(",")]
            known = {"%0D": "\r", "%0A": "\n"}
            found.append(
                Command(
                    match[1],
                    {name: unescaped(value, known | {"%3A": ":", "%2C": ","}) for name, value in pairs},
                    unescaped(match[3], known),
                )
            )
    return found
