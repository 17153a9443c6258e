"""Dagster with the demo and a Chromium, both started once and ended with the tests of this folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests.corpora import ROOT
from tests.graphql import ask

CHROMIUM: Final = os.environ.get("DAGSTER_LOOKML_CHROMIUM", "/usr/bin/chromium")
PICTURES: Final = ROOT / ".pictures"
SIZE: Final = {"width": 1500, "height": 1000}
SECONDS_TO_SHOW: Final = 30
_OFFLINE: Final = "--disable-quic --disable-background-networking --disable-component-update --disable-sync"


class Demo(NamedTuple):
    """Dagster with the demo, as it answers."""

    url: str
    sandbox: str

    def ask(self, query: str, **variables: object) -> Mapping[str, Any]:
        return ask(self.url, query, **variables)


@pytest.fixture(scope="package")
def demo() -> Iterator[Demo]:
    command = [sys.executable, str(ROOT / "lookml_fixtures/dagster_demo/serve.py"), "--no-browser", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            # Two lines, the sandbox's and Dagster's; it ends by itself if one of them does not start.
            said = [process.stdout.readline(), process.stdout.readline()]
            urls = re.findall(r"http://[\d.]+:\d+", "".join(said))
            assert len(urls) == 2, f"no two addresses in {said!r}"
            yield Demo(*reversed(urls))
        finally:
            process.terminate()
            process.wait(60)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        reason = f"there is no {CHROMIUM}: make chromium installs it"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    expect.set_options(timeout=SECONDS_TO_SHOW * 1000)
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--no-first-run", *_OFFLINE.split()]
        with playwright.chromium.launch(executable_path=CHROMIUM, args=arguments) as browser:
            yield browser


@pytest.fixture
def page(chromium: Browser, demo: Demo, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page that must log no error; how it looks at the end is in `PICTURES`."""
    errors: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error" and message.location["url"].startswith(demo.url):
            errors.append(message.text)

    with chromium.new_context(viewport=SIZE, base_url=demo.url, color_scheme="light") as context:  # type: ignore[arg-type]
        page = context.new_page()
        page.on("console", heard)
        page.on("pageerror", lambda error: errors.append(str(error)))
        yield page
        PICTURES.mkdir(exist_ok=True)
        name = re.sub(r"\W+", "_", request.node.name.removeprefix("test_")).strip("_")
        page.screenshot(path=PICTURES / f"{name}.png", full_page=True)
    assert not errors
