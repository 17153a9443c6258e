"""What the page of an asset says about it, in Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from inspect import cleandoc
from typing import Final

from dagster_lookml.assets.structures import Dashboard, Explore, LookMLStructure, Pdt, Persistence, Table, View

_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<>#|~])")
_HTML: Final = re.compile(r"(?<![\\`])<(?=[A-Za-z/!])")
_NAMES: Final = re.compile(r"(`[^`]*`)")
_LONGEST: Final = 20_000
_SHOWN_JOINS: Final = 50
_SHOWN_TILES: Final = 50

_VIEW_KINDS: Final = {
    "table": "a view of a table",
    "sql": "a SQL derived table",
    "native": "a native derived table",
    "create_process": "a derived table made by `create_process`",
    "sql_create": "a derived table made by `sql_create`",
    "nested": "a view of nested records, without a table of its own,",
    "abstract": "a template for other views to extend",
}


def description(structure: LookMLStructure) -> str:
    """The description of a structure.

    >>> from dagster_lookml.assets.structures import Table
    >>> description(Table(id="table:shop.orders", name="shop.orders", parts=("shop", "orders"), written="Shop.Orders"))
    'The warehouse table `shop.orders`, which LookML writes as `Shop.Orders`.'
    """
    match structure:
        case Table():
            paragraphs = _table(structure)
        case View():
            paragraphs = _view(structure)
        case Explore():
            paragraphs = _explore(structure)
        case Dashboard():
            paragraphs = _dashboard(structure)
        case Pdt():
            paragraphs = _pdt(structure)
    return "\n\n".join(filter(None, paragraphs))


def written(text: str) -> str:
    r"""What people wrote as a description: Markdown, of which nothing is lost and which takes nothing of what follows into it.

    >>> written("Sums\n    - <b>net</b>")
    'Sums\n- \\<b>net\\</b>'
    """
    kept = cleandoc(text if len(text) <= _LONGEST else text[:_LONGEST] + " …")
    kept = _HTML.sub(r"\\<", kept)  # Dagster leaves out what looks like HTML
    return kept + "\n```" if kept.count("```") % 2 else kept


def _table(table: Table) -> Iterator[str]:
    other = "" if table.written == table.name else f", which LookML writes as {code(table.written)}"
    yield f"The warehouse table {code(table.name)}{other}."
    if not table.is_one_table:
        yield "A part of its name is known only when a query runs: it stands for one of several tables."


def _view(view: View) -> Iterator[str]:
    if view.label and view.label != view.name:
        yield f"**{escaped(view.label)}**"
    # Without its parent nobody knows what table it has.
    what = "a view" if view.missing_parents else _VIEW_KINDS.get(view.kind, "a view")
    where = f" in {_models(view.models)}" if view.models else ", which no model includes"
    yield f"{what[0].upper()}{what[1:]}{where}, with {_count(len(view.columns), 'field')}."
    if view.sql_table_name is not None:
        yield f"Table: {code(view.sql_table_name)}"
    if view.persistence is not None:
        yield f"Persistent: {_persistence(view.persistence)}"
    if view.extends:
        yield f"Extends {_listed(map(code, view.extends))}."
    if view.missing_parents:
        yield f"{_listed(map(code, view.missing_parents))} cannot be found here: its table and further fields are not known."
    if view.refined_by:
        yield f"Refined in {_listed(code(str(place)) for place in view.refined_by)}."


def _explore(explore: Explore) -> Iterator[str]:
    if explore.label and explore.label != explore.name:
        yield f"**{escaped(explore.label)}**"
    yield written(explore.description)
    hidden = "hidden " if explore.hidden else ""
    what = f"{hidden}explore of the model {code(explore.model)}, over the view {code(explore.view_name)}"
    yield f"{'A' if hidden else 'An'} {what}{' with these joins:' if explore.joins else '.'}"
    if explore.joins:
        rows = [
            f"| {_cell(join.name)} | {_cell(join.view)} | {_cell(join.type)} | {_cell(join.relationship)} |"
            for join in explore.joins[:_SHOWN_JOINS]
        ]
        yield "\n".join(["| join | view | type | relationship |", "|---|---|---|---|", *rows])
        if len(explore.joins) > _SHOWN_JOINS:
            yield f"and {len(explore.joins) - _SHOWN_JOINS} more"


def _dashboard(dashboard: Dashboard) -> Iterator[str]:
    if dashboard.title:
        yield f"**{escaped(dashboard.title)}**"
    yield written(dashboard.description)
    where = f" of the model {code(dashboard.model)}" if dashboard.model is not None else ", which no model includes"
    yield f"A LookML dashboard{where}, with {_count(dashboard.tile_count, 'tile')}{':' if dashboard.tiles else '.'}"
    if dashboard.tiles:
        more = len(dashboard.tiles) - _SHOWN_TILES
        lines = [f"- {escaped(' '.join(title.split()))}" for title in dashboard.tiles[:_SHOWN_TILES]]
        yield "\n".join([*lines, f"- and {more} more"] if more > 0 else lines)
    if dashboard.filters:
        yield f"Filters: {_listed(map(escaped, dashboard.filters))}"


def _pdt(pdt: Pdt) -> Iterator[str]:
    where = f" in the connection {code(pdt.connection)}" if pdt.connection else ""
    yield f"The persistent derived table of the view {code(pdt.name)}, as the model {code(pdt.model)} builds it{where}."
    if pdt.persistence is not None:
        yield f"Built by Looker: {_persistence(pdt.persistence)}"
    if pdt.interval is not None or pdt.fires_by_sql:
        yield "Looker's regenerator builds it too, by itself, when that trigger fires."
    if pdt.refusal is not None:
        yield f"It cannot be built: {said(pdt.refusal)}"


def _persistence(persistence: Persistence) -> str:
    value = code(" ".join(persistence.value.split())) if persistence.value else ""
    return f"{code(persistence.kind)} {value}".rstrip() + (", incremental" if persistence.incremental else "")


def _models(models: tuple[str, ...]) -> str:
    return f"the model{'s' if len(models) > 1 else ''} {_listed(map(code, models))}"


def _listed(items: Iterable[str]) -> str:
    return ", ".join(items)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _cell(text: str) -> str:
    return code(text).replace("|", "\\|")


def code(text: str) -> str:
    """Text that is shown as it is, in one line.

    >>> code("a.b"), code("tick ` tock")
    ('`a.b`', '``tick ` tock``')
    """
    line = " ".join(text.split())
    ticks = max((len(run) for run in re.findall("`+", line)), default=0)
    fence = "`" * (ticks + 1)
    padded = f" {line} " if line.startswith("`") or line.endswith("`") else line
    return f"{fence}{padded}{fence}" if line else ""


def said(message: str) -> str:
    r"""A message of this package, in which names stand between backticks.

    >>> said("there is no field `total_*` in order_items")
    'there is no field `total_*` in order\\_items'
    """
    return "".join(part if part.startswith("`") else escaped(part) for part in _NAMES.split(message))


def escaped(text: str) -> str:
    r"""Text whose characters Markdown must not take for its own.

    >>> escaped("Revenue_total [%]")
    'Revenue\\_total \\[%\\]'
    """
    return _SPECIAL.sub(r"\\\1", text)
