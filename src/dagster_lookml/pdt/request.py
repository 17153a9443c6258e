"""What Looker can be asked to build, and the names by which it may be asked for it."""

from __future__ import annotations

import re
from typing import Final, Literal, get_args

import msgspec

from dagster_lookml.errors import BuildRequestError

Workspace = Literal["production", "dev"]
"""Which LookML a PDT is built from: what is deployed, or the branch of the API's user."""

WORKSPACES: Final[tuple[Workspace, ...]] = get_args(Workspace)

SOURCE: Final = "dagster-lookml"
"""The label that Looker gets to know of who asks."""

# In a path, "..", "%2F" and the like would make another call of one.
_NAME: Final = re.compile(r"[A-Za-z0-9_][^/%\\?#\x00-\x1f\x7f]*")
_LONGEST: Final = 500
NAMES_ALLOWED: Final = "names that begin with a letter from A to Z, a digit or _ and have none of / % \\ ? #"
"""What `is_name` takes, in words. It takes neither control characters, nor more characters than any name has."""


class PdtName(msgspec.Struct, frozen=True, order=True):
    """A PDT by its model and view.

    Raises:
        BuildRequestError: they are no names.

    >>> str(PdtName("sales", "order_totals"))
    'sales/order_totals'
    >>> PdtName("..", "v")
    Traceback (most recent call last):
      ...
    dagster_lookml.errors.BuildRequestError: ../v: '..' is no name of a model
    """

    model: str
    view: str

    def __post_init__(self) -> None:
        for name, what in ((self.model, "model"), (self.view, "view")):
            if not is_name(name):
                raise BuildRequestError(f"{self.model}/{self.view}", f"{name!r} is no name of a {what}")

    def __str__(self) -> str:
        return f"{self.model}/{self.view}"


class BuildRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One PDT to be built, and how.

    Attributes:
        pdt: its name.
        force_rebuild: also build anew the PDTs that it reads, built or not.
        force_full_incremental: build incremental PDTs from the beginning.
        workspace: which LookML it is built from.
        source: a label of who asks, which Looker keeps.

    Raises:
        BuildRequestError: the workspace does not exist.

    >>> BuildRequest(pdt=PdtName("sales", "order_totals")).workspace
    'production'
    """

    pdt: PdtName
    force_rebuild: bool = False
    force_full_incremental: bool = False
    workspace: Workspace = "production"
    source: str = ""

    def __post_init__(self) -> None:
        workspace(self.workspace, self.pdt)  # what is not checked by types may give any text


def workspace(name: str, pdt: PdtName) -> Workspace:
    """A workspace by its name.

    Args:
        name: as somebody wrote it.
        pdt: that is to be built from it.

    Raises:
        BuildRequestError: there is no such workspace.

    >>> workspace("dev", PdtName("sales", "order_totals"))
    'dev'
    """
    for one in WORKSPACES:
        if name == one:
            return one
    raise BuildRequestError(str(pdt), f"workspace {name!r} is none of {', '.join(WORKSPACES)}")


def is_name(text: object) -> bool:
    """Tell whether something may be the name of a model, a view or a build in a call of the API.

    >>> [is_name(text) for text in ("orders", "2_orders", "a b", "", "..", "a/b", "a%2Fb", None)]
    [True, True, True, False, False, False, False, False]
    """
    return isinstance(text, str) and len(text) <= _LONGEST and _NAME.fullmatch(text) is not None


def build_id(text: object) -> str:
    """The id of a build, if it can be one.

    Raises:
        BuildRequestError: it cannot.
    """
    if not isinstance(text, str) or not is_name(text):
        raise BuildRequestError(str(text)[:_LONGEST], "this is no id of a build")
    return text
