"""What state a build is in, and what Looker's words for it are."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final

import msgspec


class BuildState(StrEnum):
    """The state of a build: Looker's own, as far as it tells, and those that only we know of (PDT-R1)."""

    WAITING = "WAITING"
    """It is not asked for yet."""
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    """Looker said that it is complete. Nothing else is a success."""
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    """Killed: by us or by somebody else."""
    UNKNOWN = "UNKNOWN"
    """Looker went on saying something that nobody understands."""
    START_FAILED = "START_FAILED"
    """It was not started."""
    START_AMBIGUOUS = "START_AMBIGUOUS"
    """The start was sent and not answered: a build may be running, and nobody knows its id."""
    TIMED_OUT = "TIMED_OUT"
    """It took longer than it was given, and was told to stop."""
    LOST = "LOST"
    """Looker does not know it any more, or does not let us ask."""
    UNREACHABLE = "UNREACHABLE"
    """Looker stopped answering."""
    SKIPPED = "SKIPPED"
    """It was not started, because of another one."""

    @property
    def has_ended(self) -> bool:
        """Nothing more will be known of it."""
        return self not in _UNDER_WAY


_UNDER_WAY: Final = (BuildState.WAITING, BuildState.QUEUED, BuildState.RUNNING)

WORDS: Final = {
    "added": BuildState.QUEUED,
    "pending": BuildState.QUEUED,
    "running": BuildState.RUNNING,
    "complete": BuildState.SUCCEEDED,
    "error": BuildState.FAILED,
    "killed": BuildState.CANCELLED,
}
"""Looker's words. The API documents none; these are the ones that Airflow's Looker provider knows (its ``JobStatus``), but for
``unknown``, which it fails on at once and which here is one of those that may yet change."""


class Status(msgspec.Struct, frozen=True):
    """What one answer says.

    Attributes:
        state: that it means; None where it says nothing that is understood.
        word: Looker's own; None if there is none.
        message: Looker's explanation; empty if there is none.
        text: the whole text of the answer; None if there was none.
    """

    state: BuildState | None
    word: str | None = None
    message: str = ""
    text: str | None = None


def parse_status(text: str | None) -> Status:
    """Read the ``resp_text`` of an answer: a JSON object in a string (PDT-R3).

    Args:
        text: the string; None where Looker gives none.

    >>> parse_status('{"status": "Complete"}').state
    <BuildState.SUCCEEDED: 'SUCCEEDED'>
    >>> parse_status('{"status": "error", "message": "no such table"}').message
    'no such table'
    >>> parse_status("{'status': 'complete'}").state, parse_status('{"status": "expired"}').state, parse_status(None).state
    (None, None, None)
    """
    answer = _object(text)
    if answer is None:
        return Status(None, text=text)
    word = answer.get("status")
    message = answer.get("message")
    explained = message if isinstance(message, str) else "" if message is None else msgspec.json.encode(message).decode()
    if not isinstance(word, str):
        return Status(None, None, explained, text)
    return Status(WORDS.get(word.strip().lower()), word, explained, text)


def _object(text: str | None) -> dict[str, Any] | None:
    try:
        answer = msgspec.json.decode(text) if text is not None else None
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return None
    return answer if isinstance(answer, dict) else None
