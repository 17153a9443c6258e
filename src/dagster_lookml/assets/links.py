"""Where people can look at a structure: its file, its line on the git host, its page in Looker."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final
from urllib.parse import quote

import msgspec

from dagster_lookml.assets.state import ProjectState
from dagster_lookml.assets.structures import Dashboard, Explore, LookMLStructure, Pdt, Source, View
from dagster_lookml.source.checkout import Checkout

PDT_PAGE: Final = "/admin/pdts"
"""The page of Looker that lists all PDTs and their builds."""
_CREDENTIALS: Final = re.compile(r"(?:(?<=://)|^)[^/]*@")


def located(state: ProjectState, root: Path | None, base_url: str | None) -> ProjectState:
    """A state whose structures say where they can be looked at.

    Args:
        state: of a project.
        root: of the project, if it is on this machine and was not read at a git ref.
        base_url: of the Looker instance, or None.
    """
    directory = root.absolute() if root is not None and root.is_dir() else None
    page = _CREDENTIALS.sub("", base_url.strip()).rstrip("/") if base_url else None

    def place(structure: LookMLStructure) -> LookMLStructure:
        source = _source(structure.source, directory, state.checkout) if structure.source is not None else None
        web_url = f"{page}{path}" if page and (path := looker_path(structure, state.project)) else None
        return msgspec.structs.replace(structure, source=source, web_url=web_url)

    return state.replace(place)


def _source(source: Source, directory: Path | None, checkout: Checkout | None) -> Source:
    place = source.place
    return Source(
        place,
        str(directory / place.file) if directory is not None else None,
        checkout.url(place.file, place.line) if checkout is not None else None,
    )


def looker_path(structure: LookMLStructure, project: str) -> str | None:
    """The path of a structure's page in Looker; None if it has none.

    Args:
        structure: of the project.
        project: its name.

    >>> looker_path(Explore(id="explore:sales/orders", name="orders", model="sales"), "shop")
    '/explore/sales/orders'
    """
    match structure:
        case Explore(model=model, name=name):
            return f"/explore/{quote(model, safe='')}/{quote(name, safe='')}"
        case Dashboard(model=str(model), name=name):
            return f"/dashboards/{quote(model, safe='')}::{quote(name, safe='')}"
        case View(source=Source() as source):
            return f"/projects/{quote(project, safe='')}/files/{quote(source.place.file)}?line={source.place.line}"
        case Pdt():
            return PDT_PAGE
        case _:
            return None
