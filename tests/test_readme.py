"""The README, word for word: its commands are run, and what they print is what it shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dagster_lookml.config import parse_config
from tests.corpora import ROOT

README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
CONSOLES = [text for language, text in BLOCKS if language == "console"]


def shell(command: str) -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command, shell=True, capture_output=True, text=True, check=False, cwd=ROOT, env={**os.environ, "PATH": path}
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize("console", CONSOLES, ids=[text.splitlines()[0] for text in CONSOLES])
def test_a_console_shows_what_its_command_prints(console: str) -> None:
    first, *shown = console.splitlines()
    printed = shell(first.removeprefix("$ ")).splitlines()
    if shown[-1] == "…":
        shown.pop()
        printed = printed[: len(shown)]

    assert printed == shown


def test_there_are_consoles() -> None:
    assert len(CONSOLES) >= 3


def test_the_python_example_runs() -> None:
    [example] = [text for language, text in BLOCKS if language == "python"]
    done = subprocess.run([sys.executable, "-c", example], capture_output=True, text=True, check=True, cwd=ROOT)

    assert "order_totals datagroup_trigger ecommerce operations" in done.stdout.splitlines()


def test_the_configuration_example_is_valid() -> None:
    import tomllib

    [example] = [text for language, text in BLOCKS if language == "toml"]

    assert parse_config(tomllib.loads(example), "README.md").imports == {"hub": "../looker-hub"}


@pytest.mark.parametrize("target", sorted(set(re.findall(r"(?m)(?:^|`)make ([a-z-]+)", README))))
def test_every_target_that_it_names_exists(target: str) -> None:
    assert re.search(rf"^{target}:.*##", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
