"""Trees, objects and findings as lines of text that read as sentences."""

from __future__ import annotations

from collections.abc import Iterator

from dagster_lookml.analysis.checks import check
from dagster_lookml.lineage.result import Lineage
from dagster_lookml.semantic.objects import Dashboard, DerivedTable, Explore, Field, Project, View
from dagster_lookml.source import Problem, SourceFile
from dagster_lookml.syntax.dashboards import Mapping, Scalar, YamlNode, read_dashboards
from dagster_lookml.syntax.nodes import Item, ListNode, Node, PairNode
from dagster_lookml.syntax.reading import read_lookml


def syntax_lines(source: SourceFile) -> Iterator[str]:
    """The tree of one file and what is wrong with its text; places are line:column."""
    problems: tuple[Problem, ...] = source.problems
    if source.path.endswith(".lookml"):
        tree = read_dashboards(source.text)
        for item in tree.items:
            yield from _yaml_lines(source, item, 0)
        problems += tree.problems
    else:
        lookml = read_lookml(source.text)
        yield from _node_lines(source, lookml.nodes, 0)
        problems += lookml.problems
    for problem in problems:
        shown = source.text[problem.start : problem.end].replace("\n", "\\n")
        yield f"! {_place(source, problem.start)} {problem.rule}: {problem.message} <{shown}>"


def _place(source: SourceFile, offset: int) -> str:
    span = source.span(offset)
    return f"{span.line}:{span.column}"


def _node_lines(source: SourceFile, nodes: tuple[Node, ...], depth: int) -> Iterator[str]:
    indent = "  " * depth
    for node in nodes:
        place = _place(source, node.key_start)
        if isinstance(node, PairNode):
            yield f"{indent}{place} {node.key} = {node.value!r} {node.style} at {_place(source, node.start)}"
        elif isinstance(node, ListNode):
            items = ", ".join(
                f"{item.value!r}" if isinstance(item, Item) else f"{item.key!r}: {item.value!r}" for item in node.items
            )
            yield f"{indent}{place} {node.key} = [{items}]"
        else:
            name = f" {node.name!r}" if node.name is not None else ""
            yield f"{indent}{place} {node.key}{name} to {_place(source, node.end)}"
            yield from _node_lines(source, node.children, depth + 1)


def _yaml_lines(source: SourceFile, node: YamlNode, depth: int, key: str = "-") -> Iterator[str]:
    start = f"{'  ' * depth}{_place(source, node.start)} {key}"
    if isinstance(node, Scalar):
        yield f"{start} = {node.value!r}"
    elif isinstance(node, Mapping):
        yield start
        for name, value in node.pairs:
            yield from _yaml_lines(source, value, depth + 1, str(name.value))
    else:
        yield start
        for item in node.items:
            yield from _yaml_lines(source, item, depth + 1)


def object_lines(project: Project) -> Iterator[str]:
    """Everything a project holds."""
    yield f"project {project.name}: {project.files} files"
    for one in project.imports:
        yield f"import {one.name} from {one.path}, used {one.uses} times"
    for model in project.models:
        connection = model.connection.value if model.connection else None
        yield f"model {model.name}: connection {connection}"
        yield from (f"  file {file}" for file in model.files)
        yield from (f"  view {name} is {identity}" for name, identity in sorted(model.views.items()))
        yield from (f"  datagroup {one.name}" for one in model.datagroups)
        yield from (f"  access grant {one.name}" for one in model.access_grants)
        yield from (f"  test {one.name}" for one in model.tests)
    for view in project.views:
        yield from _view_lines(view)
    for explore in project.explores:
        yield from _explore_lines(explore)
    for dashboard in project.dashboards:
        yield from _dashboard_lines(dashboard)


def _view_lines(view: View) -> Iterator[str]:
    where = f"in {', '.join(view.models)}" if view.models else "in no model"
    yield f"{view.id}: {view.kind} {where}  [{view.span}]"
    if view.sql_table_name is not None:
        yield f"  table {_flat(view.sql_table_name.value)}"
    if view.derived_table is not None:
        yield from _derived_table_lines(view.derived_table)
    if view.extends:
        yield f"  extends {', '.join(view.extends)}"
    yield from (f"  refined at {origin.span}" for origin in view.refined_by)
    yield from (f"  set {one.name}: {', '.join(entry.name for entry in one.fields)}" for one in view.sets)
    for field in view.fields:
        yield from _field_lines(view, field)


def _derived_table_lines(derived: DerivedTable) -> Iterator[str]:
    if derived.sql is not None:
        yield f"  sql {_flat(derived.sql.value)}"
    for text in derived.statements:
        yield f"  {text.parameter} {_flat(text.value)}"
    if derived.explore_source is not None:
        query = derived.explore_source
        yield f"  from explore {query.explore}"
        for column in query.columns:
            yield f"    column {column.name} from {column.field or (_flat(column.sql.value) if column.sql else 'the base view')}"
        yield from (f"    {term.parameter} {term.field}: {term.value}" for term in query.filters)
        yield from (f"    bind {source.name} to {target.name}" for source, target in query.bind_filters)
    if derived.persistence is not None:
        yield f"  persistent by {derived.persistence.kind} {_flat(derived.persistence.value)}"
    if derived.incremental:
        yield "  incremental"


def _field_lines(view: View, field: Field) -> Iterator[str]:
    hidden = " hidden" if field.hidden else ""
    key = " primary key" if field.primary_key else ""
    yield f"  {field.kind} {field.name}: {field.type}{hidden}{key}  [{field.span}]"
    if field.generated:
        yield f"    generates {', '.join(field.generated)}"
    yield from (f"    {text.parameter} {_flat(text.value)}" for text in (*field.sql, *field.expressions))
    yield from (f"    {term.parameter} {term.field}: {term.value}" for term in field.filters)
    yield from (f"    {reference.parameter} {reference.name}" for reference in field.references)


def _explore_lines(explore: Explore) -> Iterator[str]:
    alias = f" as {explore.base_alias}" if explore.base_alias != explore.base_view_name else ""
    base = explore.base_view or f"{explore.base_view_name}, which is missing"
    yield f"{explore.id}: from {base}{alias}, {explore.field_count} fields  [{explore.span}]"
    if explore.extends:
        yield f"  extends {', '.join(explore.extends)}"
    yield from (f"  refined at {origin.span}" for origin in explore.origins[1:])
    yield from (f"  {text.parameter} {_flat(text.value)}" for text in explore.sql)
    yield from (f"  {term.parameter} {term.field}: {term.value}" for term in explore.filters)
    yield from (f"  access filter {one.field.name} by {one.user_attribute}" for one in explore.access_filters)
    yield from (f"  aggregate table {table.name}" for table in explore.aggregate_tables)
    for join in explore.joins:
        view = join.view or f"{join.view_name}, which is missing"
        yield f"  join {join.name} = {view} {join.type} {join.relationship}  [{join.span}]"
        yield from (f"    {text.parameter} {_flat(text.value)}" for text in join.sql)


def _dashboard_lines(dashboard: Dashboard) -> Iterator[str]:
    yield f"{dashboard.id}: {dashboard.title!r}  [{dashboard.span}]"
    for one in dashboard.filters:
        field = f" {one.field.name} of {one.explore or one.written}" if one.field else ""
        yield f"  filter {one.name}: {one.type}{field}"
    for element in dashboard.elements:
        yield f"  element {element.name}: {element.type}  [{element.span}]"
        for query in element.queries:
            fields = ", ".join(field.name for field in query.fields)
            yield f"    {query.explore or query.written + ', which is missing'}: {fields}"
            yield from (f"      filter {term.field}: {term.value}" for term in query.filters)
            yield from (f"      {target.name} listens to {source.name}" for source, target in query.listen)
            yield from (f"      calculates {name}" for name in query.local_names)


def _flat(text: str) -> str:
    return " ".join(text.split())


def diagnostic_lines(project: Project) -> Iterator[str]:
    """What ``check`` finds, a line each."""
    for found in check(project):
        hint = f" ({found.hint})" if found.hint else ""
        yield f"{found.file}:{found.line}:{found.column} {found.severity.value} {found.rule}: {found.message}{hint}"


def lineage_lines(lineage: Lineage) -> Iterator[str]:
    """Every edge with its place, by what reads; then what could not be traced, and why."""
    for edge in sorted(lineage.graph.edges, key=lambda edge: (edge.target, edge.source, edge.kind)):
        doubt = "" if edge.exact else " (inferred)"
        condition = f" if {edge.condition}" if edge.condition else ""
        yield f"{edge.target} <- {edge.source} {edge.kind}{condition}{doubt} @ {edge.span}"
    gaps = [(identity, status.gaps) for identity, status in lineage.views.items()]
    gaps += [(identity, status.gaps) for identity, status in lineage.fields.items()]
    yield from (f"{identity}: {gap.reason}, {gap.subject}" for identity, all_of_it in gaps for gap in all_of_it)
    yield from (f"circle {' -> '.join(circle)}" for circle in lineage.graph.circles())
