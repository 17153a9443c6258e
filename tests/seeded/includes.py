"""Which files a model includes (rules R2.1 to R2.16 of LookML, as far as the repos here need them)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence

IMPORTED = "imported_projects/"


def closure(model: str, includes: Mapping[str, Sequence[str]], constants: Mapping[str, str]) -> tuple[frozenset[str], bool]:
    """Follow the includes of a model file.

    Args:
        model: path of the model file.
        includes: include patterns by path, for every LookML file and dashboard file of the repo.
        constants: values by name, from the manifest.

    Returns:
        the paths, and whether every import was there.
    """
    seen, whole, todo = {model}, True, [model]
    while todo:
        path = todo.pop()
        for pattern in includes[path]:
            found = _matches(_constants(pattern, constants), path, includes)
            whole &= found is not None
            new = set(found or ()) - seen
            seen |= new
            todo += sorted(new)
    return frozenset(seen), whole


def _constants(pattern: str, constants: Mapping[str, str]) -> str:
    return re.sub(r"@\{(\w+)\}", lambda found: constants.get(found[1], found[0]), pattern)


def _matches(pattern: str, path: str, paths: Iterable[str]) -> list[str] | None:
    """Paths that a pattern names; None if it names an import that is not here."""
    root = _root(path)
    if pattern.startswith("//"):
        project, _, rest = pattern[2:].partition("/")
        root = f"{IMPORTED}{project}/"
        if not any(one.startswith(root) for one in paths):
            return None
        target = root + rest
    elif pattern.startswith("/"):
        target = root + pattern[1:]
    else:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), pattern))
    expression = re.compile(_glob(re.sub("/+", "/", target)))
    return [one for one in paths if _reachable(one, root) and (expression.fullmatch(one) or expression.fullmatch(_short(one)))]


def _root(path: str) -> str:
    return "/".join(path.split("/")[:2]) + "/" if path.startswith(IMPORTED) else ""


def _reachable(path: str, root: str) -> bool:
    return path.startswith(root) and (bool(root) or not path.startswith(IMPORTED)) and not path.endswith("manifest.lkml")


def _short(path: str) -> str:
    return re.sub(r"\.(lkml|lookml)$", "", path)


def _glob(pattern: str) -> str:
    parts = []
    for segment in pattern.split("/"):
        if segment == "**":
            parts.append("(?:[^/]+/)*")
        else:
            pieces = re.split(r"(\*+|\?|\[!?[^\]]+\])", segment)
            parts.append("".join(_piece(piece) for piece in pieces) + "/")
    return "".join(parts).removesuffix("/")


def _piece(piece: str) -> str:
    if piece.startswith("*"):
        return "[^/]*"
    if piece == "?":
        return "[^/]"
    if piece.startswith("["):
        return piece.replace("[!", "[^", 1)
    return re.escape(piece)
