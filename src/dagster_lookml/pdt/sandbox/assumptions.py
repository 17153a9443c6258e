"""What nobody outside of Looker knows about its PDT endpoints, and what the sandbox does about it."""

from __future__ import annotations

from typing import Final

from dagster_lookml.pdt.sandbox.limits import BUILDS_REMEMBERED

DISCLAIMER: Final = (
    "This is a sandbox. No Looker runs here and no table is built. "
    "No live Looker was available when it was made: it encodes assumptions."
)

ASSUMPTIONS: Final[tuple[tuple[str, str], ...]] = (
    ("U1", "resp_text of start, check and stop alike is a JSON object with status, and with message where that is error."),
    ("U2", "stop answers at once with the status of then; killed follows, at once or late; a build that is over stays as it is."),
    ("U3", "resp_text has no fields but status and message."),
    ("U4", "status is added, pending, running, complete, error or killed, in lower case; other words come from a script only."),
    ("U5", f"an id is valid until {BUILDS_REMEMBERED:,} later builds have ended; an unknown one is answered with 404."),
    ("U6", "start always builds the table that it names and always gives an id."),
    ("U7", "a build whose upstream fails or is killed ends as error, and is never complete."),
    ("U8", "a derived table that is not persistent is answered with 400; PDT API Control is on, and develop is granted."),
    ("U9", "a start while the table is being built gives a new id that waits for the same build."),
    ("U10", "triggers and the regenerator do not exist: nothing is built but what was started."),
    ("U11", "upstream tables that were never built are built first, others only with force_rebuild=true, and then all of them."),
    ("U12", "color is accepted and means nothing; nodes of a graph are always coloured by state."),
    ("U13", "booleans are spelt true and false; any other spelling is answered with 400."),
    ("U14", "there is no rate limit but what a script says."),
    ("U15", "builds started through the API count against the number of builders, if one is given."),
    ("U16", "workspace=dev builds the same tables as production."),
)
"""By the number of the unknown: what the sandbox assumes. Shown on its page, by --help and in the README."""


def assumptions_text() -> str:
    """The assumptions, one a line.

    >>> print(assumptions_text().splitlines()[4])
    U5   an id is valid until 10,000 later builds have ended; an unknown one is answered with 404.
    """
    return "\n".join(f"{number:4} {what}" for number, what in ASSUMPTIONS)
