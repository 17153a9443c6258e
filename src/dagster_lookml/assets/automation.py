"""When Dagster builds PDTs by itself, if it is told to follow their triggers."""

from __future__ import annotations

import re
from typing import Any, Final

import dagster as dg

from dagster_lookml.assets.structures import Pdt

_INTERVAL: Final = re.compile(r"\s*(\d+)\s+(second|minute|hour|day)s?\s*", re.IGNORECASE)
_MINUTES: Final = {"minute": 1, "hour": 60, "day": 24 * 60}


def condition(pdt: Pdt) -> dg.AutomationCondition[Any] | None:
    """The condition that does what the trigger of a PDT does; None where there is no trigger, or one that never fires.

    An interval becomes a schedule. A query that watches for new rows becomes: any of the tables that it reads was updated.

    Args:
        pdt: with its trigger.
    """
    if pdt.interval is not None:
        schedule = cron(pdt.interval)
        if schedule is None:
            dg.get_dagster_logger("dagster_lookml").warning(
                f"{pdt.id} has no automation condition: every {pdt.interval!r} is no schedule of cron's"
            )
            return None
        fires: dg.AutomationCondition[Any] = dg.AutomationCondition.cron_tick_passed(schedule)
    elif pdt.fires_by_sql:
        fires = dg.AutomationCondition.any_deps_updated()
    else:
        return None
    return fires.since_last_handled() & ~dg.AutomationCondition.in_progress()


def cron(interval: str) -> str | None:
    """The schedule of an ``interval_trigger``, from midnight (UTC) on; None where cron knows none that is as regular.

    Args:
        interval: such as ``24 hours``.

    >>> cron("24 hours"), cron("30 minutes"), cron("6 hours"), cron("90 minutes"), cron("2 days")
    ('0 0 * * *', '*/30 * * * *', '0 */6 * * *', None, None)
    """
    found = _INTERVAL.fullmatch(interval)
    if found is None or found[2].lower() == "second":
        return None
    minutes = int(found[1]) * _MINUTES[found[2].lower()]
    if minutes and 60 % minutes == 0:
        return f"*/{minutes} * * * *" if minutes < 60 else "0 * * * *"
    hours, rest = divmod(minutes, 60)
    if rest or hours == 0 or 24 % hours:
        return None
    return f"0 */{hours} * * *" if hours < 24 else "0 0 * * *"
