"""Which faults of Liquid break a template for sure: those of its tags, as opposed to those of what stands inside them."""

from __future__ import annotations

import re
from typing import Final

from liquid.exceptions import LiquidError

from dagster_lookml.errors import near_names
from dagster_lookml.sql.liquid import looker_liquid

UNENDED: Final = "a tag or output is never ended"
"""The fault of a template in which nothing ends what begins."""

_UNCLOSED: Final = re.compile(r"expected tag end\w+|expected '\}\}', found end of file|unexpected tag 'end of expression'")
_TAG: Final = re.compile(r"unexpected tag '(\w+)'")
_BRANCHES: Final = ("else", "elsif", "when")


def template_fault(template: str) -> str | None:
    """What is wrong with the Liquid of a template; None if nothing is.

    >>> template_fault("{% if value > 1 %} many")
    'expected tag endif, found end of expression'
    """
    if "{%" not in template and "{{" not in template:
        return None
    try:
        looker_liquid().from_string(template)
    except LiquidError as error:
        return str(error).splitlines()[0]
    except RecursionError:
        return "nested too deep"
    except Exception as error:  # python-liquid may raise what Python does
        return f"{type(error).__name__}: {error}"
    return None


def is_broken(fault: str) -> bool:
    """Tell whether a fault leaves no way to read the template: a block or tag without its end, or the reverse.

    A tag that is not known here is such a fault if it looks like a known one; otherwise Looker may have got a new one.

    >>> is_broken("expected tag endif, found end of expression"), is_broken("expected a primitive expression")
    (True, False)
    """
    if fault == UNENDED or _UNCLOSED.match(fault):
        return True
    unexpected = _TAG.match(fault)
    if unexpected is None:
        return False
    known = [*looker_liquid().tags, *_BRANCHES, *(f"end{name}" for name in looker_liquid().tags)]
    return unexpected.group(1) in known or bool(near_names(unexpected.group(1), known))
