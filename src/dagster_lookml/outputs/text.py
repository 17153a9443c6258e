"""Text for people: a project at a glance, and findings in the look of a good compiler."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from dagster_lookml.diagnostics import Diagnostic, Severity
from dagster_lookml.outputs.contract import counts
from dagster_lookml.outputs.plain_text import visible
from dagster_lookml.semantic.objects import Import, Project, View

_KIND_WORDS: Final = (
    ("table", "table", "tables"),
    ("sql", "SQL derived table", "SQL derived tables"),
    ("native", "native derived table", "native derived tables"),
    ("create_process", "create_process", "create_process"),
    ("sql_create", "sql_create", "sql_create"),
    ("nested", "nested record", "nested records"),
    ("abstract", "template to extend", "templates to extend"),
)
_FIELD_WORDS: Final = (
    ("dimension", "dimension", "dimensions"),
    ("dimension_group", "dimension group", "dimension groups"),
    ("measure", "measure", "measures"),
    ("filter", "filter", "filters"),
    ("parameter", "parameter", "parameters"),
)
_MODELS_SHOWN: Final = 60

SourceLine = Callable[[str, int], str]
"""Gives the text of a line of a file, for showing it."""


def count(number: int, singular: str, plural: str | None = None) -> str:
    """A number with its noun.

    >>> count(1, "view"), count(2_000, "view")
    ('1 view', '2,000 views')
    """
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def compile_text(project: Project) -> str:
    """A project at a glance.

    Args:
        project: compiled.
    """
    lines = [f"{project.name}: {count(project.files, 'LookML file')}, {count(len(project.models), 'model')}", ""]
    lines += _models(project)
    lines += [
        f"views       {_views(project.views)}",
        f"fields      {_fields(project.views)}",
        f"explores    {len(project.explores):,} with {count(sum(len(one.joins) for one in project.explores), 'join')}",
        f"dashboards  {len(project.dashboards):,} with {count(sum(len(one.elements) for one in project.dashboards), 'element')}",
    ]
    lines += [f"import      {one.name}: {_place(one)}" for one in project.imports]
    lines.append(f"findings    {summary(project.diagnostics)} so far; `check` looks further")
    return "\n".join(lines) + "\n"


def _place(one: Import) -> str:
    """Where an imported project was found, or who misses it."""
    if one.path:
        return f"found in {one.path}"
    if not one.uses:
        return "not here, and no include names it"
    return f"not here, and {count(one.uses, 'include')} {'names' if one.uses == 1 else 'name'} it"


def _models(project: Project) -> list[str]:
    rows = [
        (
            model.name,
            model.connection.value if model.connection else "-",
            f"{len(model.views):,}",
            f"{len(model.explores):,}",
            f"{len(model.dashboards):,}",
        )
        for model in project.models[:_MODELS_SHOWN]
    ]
    table = _table(("model", "connection", "views", "explores", "dashboards"), rows)
    more = len(project.models) - _MODELS_SHOWN
    return [*table, *([f"… and {count(more, 'more model')}"] if more > 0 else []), ""]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    return [
        "  ".join(
            cell.rjust(width) if column >= 2 else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in (head, *rows)
    ]


def _views(views: Sequence[View]) -> str:
    kinds = Counter(view.kind for view in views)
    parts = [count(kinds[kind], one, many) for kind, one, many in _KIND_WORDS if kinds[kind]]  # type: ignore[index]
    text = f"{len(views):,}" + (f": {', '.join(parts)}" if parts else "")
    persistent = sum(view.derived_table is not None and view.derived_table.persistence is not None for view in views)
    unused = sum(not view.included for view in views)
    if persistent:
        text += f"; {persistent:,} of them persistent"
    if unused:
        text += f"; {unused:,} in no model"
    return text


def _fields(views: Sequence[View]) -> str:
    kinds = Counter(field.kind for view in views for field in view.fields)
    parts = [count(kinds[kind], one, many) for kind, one, many in _FIELD_WORDS if kinds[kind]]  # type: ignore[index]
    return f"{kinds.total():,}" + (f": {', '.join(parts)}" if parts else "")


def summary(diagnostics: Iterable[Diagnostic]) -> str:
    """How many findings there are, in words."""
    found = counts(diagnostics)
    words = {"error": ("error", "errors"), "warning": ("warning", "warnings"), "info": ("note", "notes")}
    parts = [count(found[key], *forms) for key, forms in words.items() if found[key]]
    return ", ".join(parts) if parts else "none"


def check_text(diagnostics: Sequence[Diagnostic], source_line: SourceLine) -> str:
    """Findings, each with its line and a caret.

    Args:
        diagnostics: in order.
        source_line: gives the text of a line.
    """
    blocks = [_finding(one, source_line) for one in diagnostics]
    ending = summary(diagnostics)
    return "".join(f"{block}\n\n" for block in blocks) + ("no findings\n" if not diagnostics else f"{ending}\n")


def _finding(found: Diagnostic, source_line: SourceLine) -> str:
    place = ":".join(str(part) for part in (found.file, found.line, found.column) if part)
    label = "note" if found.severity is Severity.INFO else found.severity.value
    lines = [f"{place}: " * bool(place) + f"{label} {found.code} [{found.rule}]: {found.message}"]
    if found.line:
        text = source_line(found.file, found.line)
        at = found.column - 1
        mark = "… " if at > 100 else ""  # of a long line what is around the place is shown, and nothing else looked at
        start = at - 40 if at > 100 else 0
        lead = len(mark) + len(text[start:at].replace("\t", "    "))
        shown = mark + visible(text[start : start + 200].replace("\t", "    "))  # of the same length: the caret stands below it
        width = len(str(found.line))
        carets = max(1, min(found.length, len(shown[:160]) - lead))
        lines += [
            f"  {' ' * width} |",
            f"  {found.line} | {shown[:160]}",
            f"  {' ' * width} | {' ' * lead}{'^' * carets}",
        ]
    if found.hint:
        lines.append(f"  = {found.hint}")
    return "\n".join(lines)
