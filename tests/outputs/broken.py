"""Findings for the tests of formats: of small broken projects, compiled; and of texts that only an attacker would write."""

from __future__ import annotations

from dagster_lookml.analysis.checks import check
from dagster_lookml.diagnostics import Diagnostic
from dagster_lookml.rules import Severity
from tests.building import compiled

ODD_PATH = "views/100% odd, näme:1|<b>\n`@x`.view.lkml"
"""A path that is allowed, in git as in most file systems."""

SHOP = {
    "m.model.lkml": """connection: "warehouse"
include: "/views/*"
explore: orders {
  join: users { sql_on: ${orders.usr_id} = ${users.id} ;; }
}
""",
    "views/orders.view.lkml": """view: orders {
  dimension: id {}
  dimension: amount {}
  measure: total { type: sum sql: /* 🙂 */ ${amuont} ;; }
  set: shown { fields: [id, "gone|<img src=x>@everyone"] }
}
""",
    ODD_PATH: 'view: users { dimension: id { sql: ${`@you|<b>"`} ;; } dimension: "x" {} }\n\x00',
}
"""Errors and warnings in three files, in lines that hold quotes, a pipe, HTML, an emoji and a NUL."""

LINES = {path: text.split("\n") for path, text in SHOP.items()}
"""Of each file, from 0."""


def shop() -> tuple[Diagnostic, ...]:
    return check(compiled(SHOP))


def none_at_all() -> tuple[Diagnostic, ...]:
    return check(compiled("explore: orders {} view: orders { dimension: id {} }"))


def of_the_repository() -> tuple[Diagnostic, ...]:
    """Findings of a project without a model, of which one is about no file."""
    return check(compiled({"orders.view.lkml": "view: orders { dimension: id {} }"}))


def left_out_of_models() -> tuple[Diagnostic, ...]:
    """Findings of a project with files that no model includes, which are of the repository."""
    files = {"views/orders.view.lkml": "view: orders {}", "views/old.view.lkml": "view: old {}", "z.view.lkml": "view: z {}"}
    return check(compiled({"m.model.lkml": 'connection: "c"\ninclude: "/views/orders.view"\nexplore: orders {}'} | files))


def five_thousand() -> tuple[Diagnostic, ...]:
    """Of fifty views, each with a hundred fields that refer to what is not there."""
    fields = "".join(f"  dimension: d{number} {{ sql: ${{gone_{number}}} ;; }}\n" for number in range(100))
    views = {f"views/v{number:02}.view.lkml": f"view: v{number:02} {{\n{fields}}}\n" for number in range(50)}
    explores = "".join(f"explore: v{number:02} {{}}\n" for number in range(50))
    return check(compiled({"m.model.lkml": f'connection: "c"\ninclude: "/views/*"\n{explores}'} | views))


_NASTY = (
    "]]> \u202e \x1b[31m \x00 \ufffe ::error::x %0A%25\r\n::stop-commands::x | </td></details> <script> ](http://a.b) @a #1 🙂"
)


def hostile(severity: Severity = Severity.ERROR, text: str = _NASTY) -> Diagnostic:
    """A finding whose every text tries something: reversed reading, commands, markup, mentions, links."""
    return Diagnostic(rule="unknown-field", severity=severity, message=text, hint=text, file=f"a\n{text}.lkml", line=3, column=2)
