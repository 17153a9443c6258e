"""What an explore cannot reach: views, joins, and fields that its own SQL or that of its fields refers to (R6, R13 V04-V11)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dagster_lookml.analysis.checks.lacking import view_hint
from dagster_lookml.analysis.checks.names import FieldFilter, FieldSql, Names
from dagster_lookml.diagnostics import Severity
from dagster_lookml.errors import suggestion
from dagster_lookml.semantic.dashboards import expression_fields
from dagster_lookml.semantic.field_lists import ALL_FIELDS
from dagster_lookml.semantic.findings import Findings
from dagster_lookml.semantic.objects import Explore, Field, FilterTerm, Join, Query, Reference, Text, View
from dagster_lookml.semantic.references import live_references, place
from dagster_lookml.source import Span


def check_explores(names: Names, findings: Findings) -> None:
    """Check every explore that users can query; one that must be extended is checked through its children (R6.17)."""
    broken = BrokenFields()
    for explore in names.project.explores:
        if not explore.extension_required:
            _ExploreCheck(names, findings, explore).run(broken)
    broken.report(findings)


class BrokenFields:
    """References in the SQL of fields that lead nowhere, each with the explores where they do."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, str], tuple[Span, int, str, list[str]]] = {}

    def add(self, rule: str, message: str, span: Span, length: int, hint: str, explore: str) -> None:
        """Note a reference that is broken in an explore."""
        self._found.setdefault((rule, message, str(span)), (span, length, hint, []))[3].append(explore)

    def report(self, findings: Findings) -> None:
        """Say each once."""
        for (rule, message, _), (span, length, hint, explores) in self._found.items():
            more = f" and {len(explores) - 1} more" if len(explores) > 1 else ""
            where = f"in {explores[0]}{more}"
            said = f"{where}; {hint}" if hint else where
            findings.add(rule, message, span, object=explores[0], hint=said, length=length, also=explores[1:])


class _ExploreCheck:
    def __init__(self, names: Names, findings: Findings, explore: Explore) -> None:
        self.names = names
        self.findings = findings
        self.explore = explore
        self.model = names.models[explore.model]
        self.aliased = names.aliased(explore)

    def run(self, broken: BrokenFields) -> None:
        if not self.explore.complete:
            return  # what is missing may hold anything
        self.check_views()
        self.check_joins()
        for text in self.sql():
            self.check_sql(text)
        self.check_filters(self.explore.filters)
        for access_filter in self.explore.access_filters:
            self.check_access_filter(access_filter.field)
        self.check_field_list(self.explore.fields or ())
        for join in self.explore.joins:
            self.check_foreign_key(join)
            self.check_join_fields(join)
        for table in self.explore.aggregate_tables:
            if table.query is not None:
                self.check_query(table.query)
        for query in self.explore.queries:
            self.check_query(query)
        self.check_fields(broken)

    def report(self, rule: str, message: str, span: Span, hint: str = "", length: int = 1) -> None:
        self.findings.add(rule, message, span, object=self.explore.id, hint=hint, length=length)

    # -- views and joins -----------------------------------------------------------------------------------------------

    def check_views(self) -> None:
        if self.model.missing_projects:
            return
        explore = self.explore
        if explore.base_view is None:
            self.unknown_view(f"the explore `{explore.name}` starts from", explore.base_view_name, explore.span)
        for join in explore.joins:
            if join.view is None:  # with a table of its own it may do for a join of which nothing is queried (R6.10)
                has_table = join.join_sql is not None or join.sql_table_name is not None
                severity = Severity.WARNING if has_table else None
                self.unknown_view(f"the join `{join.name}` needs", join.view_name, join.span, severity)

    def unknown_view(self, what: str, name: str, span: Span, severity: Severity | None = None) -> None:
        message = f"{what} the view `{name}`, which the model `{self.model.name}` does not have"
        hint = view_hint(self.names, self.model, name)
        self.findings.add("unknown-view", message, span, object=self.explore.id, hint=hint, severity=severity)

    def check_joins(self) -> None:
        joins = {join.name for join in self.explore.joins}
        for join in self.explore.joins:
            if join.name == self.explore.base_alias:  # R6.4
                message = f"the join `{join.name}` has the name of the explore's own view"
                self.report("duplicate-join", message, join.span, "give it another name, and name its view by `from`")
            for required in join.required_joins:
                if required.name not in joins and required.name != self.explore.base_alias:
                    self.unknown_join(required, joins)
        for always in self.explore.always_join:
            if always.name not in joins and always.name != self.explore.base_alias:
                self.unknown_join(always, joins)

    def unknown_join(self, reference: Reference, joins: set[str]) -> None:
        message = f"the explore `{self.explore.name}` has no join `{reference.name}`"
        hint = suggestion(reference.name, joins)
        self.report("unknown-join", message, reference.span, hint, len(reference.name))

    # -- references of the explore itself ------------------------------------------------------------------------------

    def sql(self) -> Iterator[Text]:
        yield from self.explore.sql
        for join in self.explore.joins:
            yield from join.sql

    def check_sql(self, text: Text) -> None:
        for reference in live_references(text.value):
            if reference.view is None or reference.is_table:
                continue
            span, length = place(text, reference.start), reference.end - reference.start
            self.check_scoped(reference.view, reference.name, span, length, in_sql=True)

    def check_scoped(self, alias: str, name: str, span: Span, length: int, *, in_sql: bool = False) -> None:
        if alias not in self.aliased:
            message = f"`{alias}.{name}` belongs to no view of the explore `{self.explore.name}`"
            self.report("view-not-joined", message, span, self.alias_hint(alias), length)
            return
        view = self.aliased[alias]
        if view is not None and not self.has_field(view, name, in_sql=in_sql):
            message = f"there is no field `{name}` in the view `{alias}`"
            self.report("unknown-field", message, span, self.names.group_hint(view, name), length)

    def has_field(self, view: View, name: str, *, in_sql: bool) -> bool:
        return self.names.sql_has_field(view, name) if in_sql else self.names.has_field(view, name)

    def alias_hint(self, alias: str) -> str:
        """R6.3: after aliasing the view's own name is not valid."""
        for other, view in self.aliased.items():
            if view is not None and view.name == alias:
                return f"in this explore the view `{alias}` is called `{other}`"
        return suggestion(alias, self.aliased)

    def check_filters(self, filters: Iterable[FilterTerm]) -> None:
        """Unscoped names are fields of the base alias (R6.14); what ``unless`` names need not exist (R6.15)."""
        for term in filters:
            if not term.parameter.endswith("unless") and _is_plain(term.field):
                self.check_name(term.field, term.span)

    def check_query(self, query: Query) -> None:
        for reference in (*query.fields, *query.sorts):
            if _is_plain(reference.name):
                self.check_name(reference.name, reference.span)
        self.check_filters(query.filters)
        expressions = (Text(key, text, query.span) for key, text in query.properties if key == "expression_custom_filter")
        expressed = list(scoped_fields(expressions))
        for reference in expressed:
            self.check_name(reference.name, reference.span)
        filtered = (Reference(term.parameter, term.field, term.span) for term in query.filters)
        for reference in (*query.fields, *filtered, *expressed):
            if _is_plain(reference.name):
                self.check_offered(reference)

    def check_offered(self, reference: Reference) -> None:
        """R4.40: what the explore leaves out is in no query of it."""
        alias, _, name = reference.name.rpartition(".")
        alias = alias or self.explore.base_alias
        view = self.aliased.get(alias)
        if view is not None and self.names.is_left_out(self.explore, alias, view, name):
            message = f"the explore `{self.explore.name}` leaves out the field `{alias}.{name}`"
            span, length = reference.span, len(reference.name)
            findings, error = self.findings, Severity.ERROR
            findings.add("field-excluded", message, span, object=self.explore.id, length=length, severity=error)

    def check_foreign_key(self, join: Join) -> None:
        """``foreign_key`` names a field of the base view, or scoped of another, and needs its view's primary key (R6.7)."""
        if join.foreign_key is None:
            return
        self.check_name(join.foreign_key.name, join.foreign_key.span)
        view = self.aliased.get(join.name)
        if view is not None and view.complete and not view.primary_key:
            message = f"`foreign_key` needs a primary key in the view `{view.name}`, which has none"
            self.report("missing-primary-key", message, join.foreign_key.span)

    def check_join_fields(self, join: Join) -> None:
        """R4.39: entries of a join's ``fields`` belong to its view."""
        view = self.aliased.get(join.name)
        for entry in join.fields or ():
            scope, _, name = entry.name.removeprefix("-").rpartition(".")
            if view is None or scope not in ("", join.name) or name == ALL_FIELDS:
                continue
            self.check_entry(view, join.name, name, entry)

    def check_entry(self, view: View, alias: str, name: str, entry: Reference) -> None:
        """One entry of a list of fields: a field or a set of a view."""
        if name.endswith("*"):
            sets = {one.name for one in view.sets}
            if view.complete and name[:-1] not in {*sets, view.name, alias, "ALL_FIELDS"}:
                hint = suggestion(name[:-1], sets)
                message = f"there is no set `{name[:-1]}` in the view `{alias}`"
                self.report("unknown-field", message, entry.span, hint, len(entry.name))
        elif not self.names.has_field(view, name):
            message = f"there is no field `{name}` in the view `{alias}`"
            self.report("unknown-field", message, entry.span, self.names.group_hint(view, name), len(entry.name))

    def check_name(self, name: str, span: Span) -> None:
        alias, _, field = name.rpartition(".")
        self.check_scoped(alias or self.explore.base_alias, field, span, len(name))

    def check_access_filter(self, field: Reference) -> None:
        """R6.14 wants the view with the field; real repos leave it out and work, so this is no error."""
        if "." not in field.name:
            message = f"access_filter should name the view of the field: `{self.explore.base_alias}.{field.name}`"
            self.report("unscoped-field", message, field.span, length=len(field.name))
        else:
            self.check_name(field.name, field.span)

    def check_field_list(self, entries: Iterable[Reference]) -> None:
        """Entries of ``fields`` (R4.38); one that is misspelt and meant to leave a field out leaves it in."""
        for entry in entries:
            written = entry.name.removeprefix("-")
            alias, _, field = written.rpartition(".")
            if written == ALL_FIELDS or "{" in written:
                continue
            if not alias:
                alias, field = written.removesuffix("*"), ALL_FIELDS if written.endswith("*") else ""
            if not field:
                message = f"`fields` of an explore should name the view of the field: `{self.explore.base_alias}.{written}`"
                self.report("unscoped-field", message, entry.span, length=len(entry.name))
            elif alias not in self.aliased:
                message = f"`{entry.name}` belongs to no view of the explore `{self.explore.name}`"
                self.report("view-not-joined", message, entry.span, self.alias_hint(alias), len(entry.name))
            elif (view := self.aliased[alias]) is not None:
                self.check_entry(view, alias, field, entry)

    # -- references of the fields that the explore offers --------------------------------------------------------------

    def check_fields(self, broken: BrokenFields) -> None:
        available = self.names.available(self.explore)
        for alias, view in self.aliased.items():
            if view is None:
                continue
            for use in self.names.field_sql(view):
                if not use.reference.is_table and _offered(use.field, available.get(alias, frozenset())):
                    self.check_use(use, view, broken)
            for field in view.fields:
                if (field.filters or field.expressions) and _offered(field, available.get(alias, frozenset())):
                    self.check_measure_filters(field, view, broken)

    def check_measure_filters(self, field: Field, view: View, broken: BrokenFields) -> None:
        expressed = (
            FilterTerm(text.parameter, name, "", text.span)
            for text in field.expressions
            for name in expression_fields(text.value)
        )
        for term in (*field.filters, *expressed):
            if _is_plain(term.field):
                self.check_use(FieldFilter(field, term), view, broken)

    def check_use(self, use: FieldSql | FieldFilter, view: View, broken: BrokenFields) -> None:
        """One reference of a field, resolved by the aliases of this explore (R4.25)."""
        scope, name = use.scope, use.name
        target = view if scope is None else self.aliased.get(scope)
        if scope is not None and scope not in self.aliased:
            message = f"`{view.name}.{use.field.name}` refers to `{scope}.{name}`, a view that is not joined"
            broken.add("view-not-joined", message, *use.written, self.alias_hint(scope), self.explore.id)
        elif target is not None and not self.has_field(target, name, in_sql=isinstance(use, FieldSql)):
            message = f"`{view.name}.{use.field.name}` refers to `{scope or target.name}.{name}`, which does not exist"
            broken.add("unknown-field", message, *use.written, self.names.group_hint(target, name), self.explore.id)


def scoped_fields(texts: Iterable[Text]) -> Iterator[Reference]:
    """The fields that Looker expressions name, each with its view (R4.31).

    Args:
        texts: the expressions.
    """
    for text in texts:
        yield from (Reference(text.parameter, name, text.span) for name in expression_fields(text.value) if "." in name)


def _offered(field: Field, available: frozenset[str]) -> bool:
    return any(name in available for name in field.names)


def _is_plain(name: str) -> bool:
    """A name and no template or set."""
    return name.replace("_", "").replace(".", "").isalnum()


def check_unused_views(names: Names, findings: Findings) -> None:
    """Views in no explore: nobody can query them, so what is broken in them is a warning (R13.4)."""
    seen: set[tuple[int, int]] = set()  # a field that several views inherit is told of once
    used = {view.id for explore in names.project.explores for view in names.aliased(explore).values() if view}
    for view in names.project.views:
        if view.included and view.kind != "abstract" and view.id not in used:
            for use in names.field_sql(view):
                reference = use.reference
                if reference.view is not None or reference.is_table or (id(use.field), reference.start) in seen:
                    continue
                if not names.sql_has_field(view, reference.name):
                    seen.add((id(use.field), reference.start))
                    findings.add(
                        "unknown-field",
                        f"`{view.name}.{use.field.name}` refers to `{view.name}.{reference.name}`, which does not exist",
                        place(use.text, reference.start),
                        object=view.id,
                        hint=names.group_hint(view, reference.name),
                        length=reference.end - reference.start,
                        severity=Severity.WARNING,
                    )
