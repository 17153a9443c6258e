"""Which builds were started, on disk: Looker has no list of builds, so an id that is lost is lost (PDT-R10).

Each run appends to a file of its own, one JSON object a line, written through to the disk before anything else happens. So a file
can end in the middle of a line, and nothing else can be wrong with it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Final

import msgspec
import platformdirs

from dagster_lookml.errors import BuildRequestError, did_you_mean, near_names
from dagster_lookml.pdt.building.events import BuildEvent, BuildResult, EventKind, StartedBuild
from dagster_lookml.pdt.building.status import BuildState
from dagster_lookml.pdt.request import BuildRequest, PdtName

KEPT: Final = timedelta(days=30)
"""How long a file is kept after it was last written."""

_WRITTEN: Final[tuple[EventKind, ...]] = ("starting", "started", "state", "stopping", "ended")


class _Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line."""

    at: str
    event: EventKind
    host: str
    model: str
    view: str
    id: str
    state: BuildState
    word: str | None = None
    message: str = ""
    may_run: bool = False


class KnownBuild(msgspec.Struct, frozen=True, kw_only=True):
    """A build that some run on this machine started.

    Attributes:
        pdt: that is built.
        host: of the Looker instance.
        build_id: Looker's id; empty if a start was sent, and the run ended before it knew.
        state: the last that the run saw.
        started_at: when it was asked for, in ISO 8601.
        seen_at: when the run last heard of it.
        message: the last words about it.
        may_run: the run ended it, and it may go on in Looker: it was told to stop, and nobody saw it stopped.
    """

    pdt: PdtName
    host: str
    build_id: str
    state: BuildState
    started_at: str
    seen_at: str
    message: str = ""
    may_run: bool = False

    @property
    def may_be_running(self) -> bool:
        """Nobody has seen it end, or knows whether it was started."""
        return not self.state.has_ended or self.state is BuildState.START_AMBIGUOUS or self.may_run

    @property
    def started(self) -> StartedBuild:
        """It, as something that can be watched."""
        return StartedBuild(build_id=self.build_id, request=BuildRequest(pdt=self.pdt), started_at=self.started_at)


class Journal:
    """Writes what happens to builds. Told of an event, it has written it when it returns.

    Args:
        directory: with the files; made if it is not there.
        host: of the Looker instance.
        warn: told once if nothing can be written; building goes on.
    """

    def __init__(self, directory: Path, host: str, warn: Callable[[str], None]) -> None:
        self._directory = directory
        self._host = host
        self._warn = warn
        self._file: int | None = None
        self._cannot = False

    def __call__(self, event: BuildEvent) -> None:
        """Write an event down."""
        pdt = event.pdt
        if self._cannot or pdt is None or event.kind not in _WRITTEN or event.state is BuildState.SKIPPED:
            return
        line = _Line(
            at=event.at,
            event=event.kind,
            host=self._host,
            model=pdt.model,
            view=pdt.view,
            id=event.build_id,
            state=event.state,
            word=event.word,
            message=event.message,
            may_run=event.may_run,
        )
        try:
            file = self._opened()
            os.write(file, msgspec.json.encode(line) + b"\n")
            os.fsync(file)
        except OSError as error:
            self._cannot = True
            self._warn(
                f"the ids of builds cannot be written to {self._directory} ({error.strerror});"
                " after a crash only this output has them"
            )

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _opened(self) -> int:
        if self._file is None:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            _remove_old(self._directory)
            name = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}-{token_hex(3)}.jsonl"
            self._file = os.open(self._directory / name, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND, 0o600)
        return self._file


def journal_directory(environment: Mapping[str, str] = os.environ) -> Path:
    """Where runs of this user write.

    Args:
        environment: ``DAGSTER_LOOKML_STATE_DIR`` of it names another place than the usual one.

    >>> journal_directory({"DAGSTER_LOOKML_STATE_DIR": "/var/lib/lookml"}).as_posix()
    '/var/lib/lookml/pdt'
    """
    named = environment.get("DAGSTER_LOOKML_STATE_DIR")
    try:
        base = Path(named) if named else Path(platformdirs.user_state_dir("dagster-lookml"))
    except (RuntimeError, KeyError, OSError):  # a user without a home
        base = Path("dagster-lookml-state")
    return base.absolute() / "pdt"


def known_builds(directory: Path, host: str | None = None) -> tuple[KnownBuild, ...]:
    """The builds that runs have written down, the latest start first.

    Args:
        directory: with the files.
        host: of the Looker instance; of any if None.
    """
    found: list[KnownBuild] = []
    for file in sorted(directory.glob("*.jsonl")):
        found += _builds(_lines(file))
    of_host = (one for one in found if host is None or one.host == host)
    return tuple(sorted(_merged(of_host), key=lambda one: one.started_at, reverse=True))


def find_build(builds: Iterable[KnownBuild], name: str) -> KnownBuild:
    """The build that is meant by an id or a name: of several with a name the latest.

    Args:
        builds: the latest first.
        name: an id, ``model/view``, ``pdt:model/view``, or the view alone.

    Raises:
        BuildRequestError: there is none, or the view is that of several models, or the id is not known.
    """
    known = list(builds)
    for one in known:
        if one.build_id == name:
            return one
    plain = name.removeprefix("pdt:")
    named = [one for one in known if plain in (str(one.pdt), one.pdt.view)]
    if not named:
        near = near_names(plain, {str(one.pdt) for one in known} | {one.pdt.view for one in known})
        raise BuildRequestError(name, f"no build of that name or id was started from here{did_you_mean(near)}")
    if len({one.pdt for one in named}) > 1:
        names = " or ".join(sorted({str(one.pdt) for one in named}))
        raise BuildRequestError(name, f"several models have such a view; say {names}")
    started = [one for one in named if one.build_id or one.may_be_running]
    if not started:
        raise BuildRequestError(name, f"it was never started from here: {named[0].message or named[0].state}")
    if not started[0].build_id:
        earlier = next((one for one in started if one.build_id and one.may_be_running), None)
        hint = f"; an earlier build of it, {earlier.build_id}, may be running too" if earlier is not None else ""
        raise BuildRequestError(name, f"its last start, at {started[0].started_at}, was sent, and its id never arrived{hint}")
    return started[0]


def news(known: KnownBuild, seen: BuildResult, at: str) -> BuildEvent | None:
    """What one look at a build adds to what is known of it; None if that is nothing.

    Args:
        known: what was written down before.
        seen: what Looker says now; a status that nobody understands adds nothing, as it may yet change.
        at: when, in ISO 8601.
    """
    if seen.state is BuildState.UNKNOWN or (seen.state is known.state and not known.may_run):
        return None
    return BuildEvent(
        kind="ended" if seen.state.has_ended else "state",
        pdt=known.pdt,
        at=at,
        build_id=known.build_id,
        state=seen.state,
        word=seen.raw_status,
        message=seen.message,
    )


def _lines(file: Path) -> Iterator[_Line]:
    """The lines of a file; what is no line, as the last one can be, is left out."""
    try:
        content = file.read_bytes()
    except OSError:
        return
    for line in content.splitlines():
        with suppress(msgspec.DecodeError, UnicodeDecodeError):
            yield msgspec.json.decode(line, type=_Line)


def _builds(lines: Iterable[_Line]) -> Iterator[KnownBuild]:
    """The builds of one run: a start that is sent begins one, and what follows is its own until the next start of that PDT.

    A run may also watch several builds of a PDT: then each line has an id, and a build comes as often as its turn does.
    """
    open_builds: dict[PdtName, KnownBuild] = {}
    for line in lines:
        try:
            pdt = PdtName(line.model, line.view)
        except BuildRequestError:
            continue
        before = open_builds.get(pdt)
        is_new = before is None or (line.event == "starting" and before.state.has_ended) or _is_other(before, line)
        if is_new and before is not None:
            yield before
        open_builds[pdt] = KnownBuild(
            pdt=pdt,
            host=line.host,
            build_id=line.id,
            state=line.state,
            started_at=line.at if is_new or before is None else before.started_at,
            seen_at=line.at,
            message=line.message,
            may_run=line.may_run,
        )
    yield from open_builds.values()


def _is_other(before: KnownBuild, line: _Line) -> bool:
    return bool(before.build_id and line.id) and before.build_id != line.id


def _merged(builds: Iterable[KnownBuild]) -> Iterator[KnownBuild]:
    """Each build once: one run starts it, and others may have waited for it or stopped it."""
    by_id: dict[tuple[str, str], KnownBuild] = {}
    for one in builds:
        if not one.build_id:
            yield one
            continue
        other = by_id.get((one.host, one.build_id))
        if other is not None:
            latest = max(one, other, key=lambda each: each.seen_at)
            one = msgspec.structs.replace(latest, started_at=min(one.started_at, other.started_at))
        by_id[one.host, one.build_id] = one
    yield from by_id.values()


def _remove_old(directory: Path) -> None:
    oldest = (datetime.now(UTC) - KEPT).timestamp()
    for file in directory.glob("*.jsonl"):
        with suppress(OSError):
            if file.stat().st_mtime < oldest:
                file.unlink()
