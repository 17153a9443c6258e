"""The status page: one HTML file without scripts, which loads itself again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from dagster_lookml.pdt.sandbox.assumptions import ASSUMPTIONS, DISCLAIMER
from dagster_lookml.pdt.sandbox.instance import SandboxBuild
from dagster_lookml.pdt.sandbox.records import Request, SandboxState, Violation
from dagster_lookml.pdt.sandbox.tables import TableState

_SHOWN: Final = 50
"""Builds and requests, the last ones first."""

_STYLE: Final = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 0 auto; padding: 1rem 1.5rem 3rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
.banner { border: 2px solid #b45309; border-radius: 6px; padding: .8rem 1rem; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .25rem .9rem .25rem 0; border-bottom: 1px solid #8884; vertical-align: top; }
td { overflow-wrap: anywhere; } .number { font-variant-numeric: tabular-nums; }
.state::before { content: "\\25CF"; margin-right: .4em; color: #888; }
.complete::before { color: #15803d; } .running::before { color: #2563eb; }
.added::before, .pending::before { color: #ca8a04; } .error::before, .killed::before { color: #dc2626; }
.none { color: #777; }
"""


def status_page(state: SandboxState) -> str:
    """The page as HTML.

    Args:
        state: that it shows; everything in it is escaped.
    """
    return "\n".join(
        (
            '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="2">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>Looker sandbox</title><style>{_STYLE}</style></head><body><h1>Looker sandbox</h1>",
            _banner(),
            *_section("Requests that Looker does not have", ("request", "what is wrong"), map(_violation, state.violations)),
            *_section(
                f"Derived tables ({len(state.tables)})",
                ("table", "state", "built", "reads"),
                map(_table, state.tables),
                "No derived tables are known.",
            ),
            *_section(
                f"Builds ({len(state.builds)})",
                ("id", "table", "state", "seconds", "message"),
                map(_build, state.builds[: -_SHOWN - 1 : -1]),
                "Nothing was started yet.",
            ),
            *_section(
                f"Requests ({sum(state.calls.values())})",
                ("at", "operation", "table", "id", "status", "said", "script"),
                map(_request, state.requests[: -_SHOWN - 1 : -1]),
                "Nobody has asked yet.",
            ),
            _assumptions(),
            "</body></html>\n",
        )
    )


def _banner() -> str:
    return f'<p class="banner" role="note"><b>{escape(DISCLAIMER)}</b> <a href="#assumptions">What it assumes</a></p>'


def _assumptions() -> str:
    """Always open: what folds would fold again whenever the page loads itself."""
    items = "".join(f"<li><b>{number}</b> {escape(what)}</li>" for number, what in ASSUMPTIONS)
    return f'<h2 id="assumptions">What it assumes</h2><ul>{items}</ul>'


def _section(title: str, heads: Sequence[str], rows: Iterable[str], nothing: str = "") -> Iterable[str]:
    """A table under its heading; nothing at all if it is empty and there is nothing to say of that."""
    lines = list(rows)
    if not lines and not nothing:
        return
    yield f"<h2>{escape(title)}</h2>"
    if not lines:
        yield f'<p class="none">{escape(nothing)}</p>'
        return
    head = "".join(f"<th>{escape(one)}</th>" for one in heads)
    yield f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>'
    yield from lines
    yield "</tbody></table></div>"


def _row(*cells: str) -> str:
    return "<tr>" + "".join(cell if cell.startswith("<td") else f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"


def _number(value: float | str) -> str:
    return f'<td class="number">{value if isinstance(value, str) else f"{value:g}"}</td>'


def _state(word: str) -> str:
    return f'<td class="state {escape(word.replace(" ", "-"))}">{escape(word)}</td>'


def _table(table: TableState) -> str:
    reads = ", ".join("/".join(key) for key in table.upstream)
    state = _state(table.state) if table.persistent else "<td>not persistent: never built</td>"
    return _row(f"{table.model}/{table.view}", state, _number(table.built), reads)


def _build(build: SandboxBuild) -> str:
    return _row(
        build.id, f"{build.model}/{build.view}", _state(build.state), _number(f"{build.seconds:.1f}"), build.message or ""
    )


def _request(request: Request) -> str:
    about = f"{request.model}/{request.view}" if request.model is not None else ""
    what = request.operation or f"{request.method} {request.raw_path}"
    status = str(request.status) if request.status is not None else "none"
    return _row(_number(f"{request.at:.1f}"), what, about, request.id or "", status, request.word or "", request.fault or "")


def _violation(violation: Violation) -> str:
    return _row(f"{violation.method} {violation.raw_path}", violation.reason)
