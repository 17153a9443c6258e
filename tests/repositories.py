"""Git repositories that tests make: real ones, whatever whoever runs the tests has configured."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_SOMEBODY: Final = {
    "GIT_AUTHOR_NAME": "x",
    "GIT_AUTHOR_EMAIL": "x@example.com",
    "GIT_COMMITTER_NAME": "x",
    "GIT_COMMITTER_EMAIL": "x@example.com",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
}


def git(root: Path, *arguments: str) -> str:
    """Run git in a directory; what it prints."""
    done = subprocess.run(["git", *arguments], cwd=root, env=os.environ | _SOMEBODY, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def write(root: Path, content: Mapping[str, str]) -> Path:
    """Write files, by their paths; the folder that they are in."""
    for name, text in content.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return root


def started(root: Path, content: Mapping[str, str]) -> Path:
    """A repository whose branch main has one commit with these files."""
    write(root, content)
    git(root, "init", "--quiet", "--initial-branch=main")
    commit(root, "first")
    return root


def commit(root: Path, message: str = "change") -> str:
    """Commit all that there is; the id of the commit."""
    git(root, "add", "-A")
    git(root, "commit", "--quiet", "--allow-empty", "-m", message)
    return git(root, "rev-parse", "HEAD")


def replaced(root: Path, file: str, old: str, new: str) -> None:
    """Replace some text of a file, which must be there."""
    text = (root / file).read_text("utf-8")
    assert old in text
    (root / file).write_text(text.replace(old, new), "utf-8")
