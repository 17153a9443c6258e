"""SQL written in another way by chance: what may change it in no dialect, and nothing else."""

from __future__ import annotations

import random
import re

_PARTS = re.compile(
    r"""(?P<kept>'''.*?'''|\"\"\".*?\"\"\"|'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.)*"|`[^`]*`|--[^\n]*|\#[^\n]*|/\*.*?\*/
    |\{%-?\s*comment.*?endcomment\s*-?%\}|\{\{.*?\}\}|\{%.*?%\}|\$\{[^}]*\}|@\{[^}]*\})
    |(?P<space>\s+)|(?P<word>\w+)|(?P<bracket>[(),])|.""",
    re.DOTALL | re.VERBOSE,
)
_KEYWORDS = frozenset("select from where and or not in is null case when then else end as on join left by order group".split())
_SPACES = (" ", "\n", "\t", "  ", "\n    ", " /* a note */ ", "\n-- a note\n")


def reformatted(sql: str, seed: int) -> str:
    """A text with other white space between its tokens, comments, and keywords in other case."""
    chance = random.Random(seed)
    made: list[str] = []
    before = ""
    for found in _PARTS.finditer(sql):
        part = found.group()
        if found.lastgroup == "space":
            made.append(_space(part, before, chance))
        elif found.lastgroup == "word" and part.lower() in _KEYWORDS and before[-1:] != ".":
            made.append(chance.choice((part, part.upper(), part.lower(), part.title())))
        else:
            made.append(part)
        before = part
    return "".join(made)


def _space(part: str, before: str, chance: random.Random) -> str:
    """White space that has a line's end keeps one: a comment may end there, or begin behind it."""
    if before.startswith(("--", "#")):
        return part
    return chance.choice([one for one in _SPACES if "\n" in one or "\n" not in part])
