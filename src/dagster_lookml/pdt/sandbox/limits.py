"""How much the sandbox keeps, so that it can run for weeks."""

from __future__ import annotations

from typing import Final

BUILDS_REMEMBERED: Final = 10_000
"""Builds that have ended, at most; more are only known until the next start. Those that have not ended are all known."""

REQUESTS_REMEMBERED: Final = 100_000
"""Requests, at most, and as many that the specification does not have."""
