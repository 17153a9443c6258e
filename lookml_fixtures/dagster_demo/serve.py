"""Open the demo in Dagster: ``python lookml_fixtures/dagster_demo/serve.py [--port N] [--no-browser]``.

A sandbox plays Looker, unless ``LOOKERSDK_BASE_URL`` names an instance. Nothing of it stays: Dagster's home is a temporary
directory, and all processes end with this one.
"""

# ruff: noqa: S603, S607, T201 (a script: it starts processes and prints)
from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Final
from urllib.request import ProxyHandler, build_opener

HERE: Final = Path(__file__).resolve().parent
DEFINITIONS: Final = HERE / "definitions.py"
LOOKML: Final = HERE.parent / "projects" / "storefront"
SCRIPT: Final = HERE / "sandbox.toml"
LOOKER: Final = "LOOKERSDK_BASE_URL"
HOST: Final = "127.0.0.1"
GRAPH: Final = "/asset-groups"
"""The page with the graph of all assets."""
SETTINGS: Final = "telemetry: {enabled: false}\nnux: {enabled: false}\n"
"""Nothing is sent to anybody, and no dialog asks for an e-mail address."""
ENDING: Final = (signal.SIGINT, signal.SIGTERM)
SECONDS_TO_START: Final = 120.0
SECONDS_TO_STOP: Final = 10.0
BETWEEN_LOOKS: Final = 0.2


class NotStartedError(Exception):
    """Dagster ended, or did not answer in time."""


def free_port(wanted: int) -> int:
    """The wanted port, or any other if something listens there already."""
    for port in (wanted, 0):
        with socket.socket() as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as Dagster does: a port just left is free
            try:
                one.bind((HOST, port))
            except OSError:
                continue
            return int(one.getsockname()[1])
    raise NotStartedError("no port is free")


@contextmanager
def looker() -> Iterator[dict[str, str]]:
    """The environment that leads to Looker: to the instance that is set, or to a sandbox that lasts as long as the block.

    Raises:
        NotStartedError: the sandbox does not start.
    """
    if os.environ.get(LOOKER):
        yield {}
        return
    command = [sys.executable, "-m", "dagster_lookml", "sandbox", str(LOOKML), "--script", str(SCRIPT), "--json", "--no-log"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            if not said:
                raise NotStartedError(f"the sandbox ended with exit code {process.wait()}")
            url = json.loads(said)["url"]
            print(f"A sandbox plays Looker at {url}", flush=True)
            yield {LOOKER: url, "LOOKERSDK_CLIENT_ID": "any", "LOOKERSDK_CLIENT_SECRET": "any"}
        finally:
            process.terminate()


@contextmanager
def served(port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Dagster with the demo, as long as the block lasts."""
    temporary = tempfile.TemporaryDirectory(prefix="dagster-lookml-demo-", ignore_cleanup_errors=True)
    with looker() as credentials, temporary as home:
        Path(home, "dagster.yaml").write_text(SETTINGS, "utf-8")
        command = [sys.executable, "-W", "ignore", "-m", "dagster", "dev", "-f", str(DEFINITIONS), "-h", HOST, "-p", str(port)]
        quiet = ["--log-level", "warning", "--code-server-log-level", "warning"]
        # A session of its own: Ctrl-C reaches this process alone, which then stops the others.
        environment = {**os.environ, **credentials, "DAGSTER_HOME": home, "DAGSTER_LOOKML_STATE_DIR": home}
        process = subprocess.Popen([*command, *quiet], cwd=home, env=environment, start_new_session=True)
        try:
            yield process
        finally:
            stop(process)


def wait_until_ready(process: subprocess.Popen[bytes], port: int) -> None:
    """Wait until Dagster answers.

    Raises:
        NotStartedError: it ended, or did not answer in time.
    """
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise NotStartedError(f"dagster dev ended with exit code {process.returncode}")
        if _answers(f"http://{HOST}:{port}/server_info"):
            return
        time.sleep(BETWEEN_LOOKS)
    raise NotStartedError(f"dagster dev did not answer within {SECONDS_TO_START:.0f} seconds")


def _answers(url: str) -> bool:
    try:
        with build_opener(ProxyHandler({})).open(url, timeout=5) as response:  # no proxy leads to this machine
            return bool(response.status == 200)
    except OSError:
        return False


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process and all that it started, at once if they do not end by themselves."""
    family = {process.pid, *_descendants(process.pid)}
    _send(family, signal.SIGTERM)
    deadline = time.monotonic() + SECONDS_TO_STOP
    while (left := family & _running(process)) and time.monotonic() < deadline:
        family |= {child for one in left for child in _descendants(one)}  # a process may start another while it ends
        time.sleep(BETWEEN_LOOKS)
    _send(family & _running(process), signal.SIGKILL)
    process.wait()


def _send(pids: set[int], number: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def _processes() -> dict[int, int]:
    """The parent of every process that still runs."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,stat="], capture_output=True, text=True, check=True).stdout
    rows = (line.split() for line in listed.splitlines())
    return {int(pid): int(parent) for pid, parent, state in rows if not state.startswith("Z")}


def _running(process: subprocess.Popen[bytes]) -> set[int]:
    process.poll()  # its exit code is taken, so that its number is no process's any more
    return set(_processes())


def _descendants(pid: int) -> set[int]:
    parents = _processes()
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


def _interrupt(number: int, frame: FrameType | None) -> None:
    for one in ENDING:  # a second Ctrl-C must not keep the first from stopping everything
        signal.signal(one, signal.SIG_IGN)
    raise KeyboardInterrupt


def serve(port: int, *, in_browser: bool) -> None:
    """Serve the demo until Ctrl-C or SIGTERM.

    Raises:
        NotStartedError: Dagster does not start.
    """
    with served(port) as process:
        wait_until_ready(process, port)
        url = f"http://{HOST}:{port}{GRAPH}"
        print(f"The assets are at {url} (Ctrl-C ends)", flush=True)
        if in_browser:
            webbrowser.open(url)
        process.wait()
        raise NotStartedError(f"dagster dev ended with exit code {process.returncode}")


def main() -> int:
    """Read the arguments, serve, and say why not if it fails."""
    parser = argparse.ArgumentParser(description="Open the demo in Dagster.")
    parser.add_argument("--port", type=int, default=3000, help="another is taken if this one is in use (default: 3000)")
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    arguments = parser.parse_args()
    for number in ENDING:
        signal.signal(number, _interrupt)
    try:
        serve(free_port(arguments.port), in_browser=not arguments.no_browser)
    except KeyboardInterrupt:
        return 0
    except NotStartedError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
