"""Write a synthetic LookML repository of any size, for measurements of speed and memory.

The full shape follows the largest public repositories: many small views generated from nested BigQuery tables, one
view with thousands of fields, one explore with hundreds of joins, long Liquid in a few measures, and chains of derived
tables. Everything that is written resolves: fields, joins, includes, and what the dashboards show.

The same mix and seed always give the same bytes. From a shell:

    python -m tests.benchmarks.generator TARGET --scale 0.1
"""

from __future__ import annotations

import argparse
import dataclasses
import math
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

# ---------------------------------------------------------------------------------------------------------------------
# What to write, and what was written
# ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """How much of everything a repository holds; the defaults are the full shape.

    Counts come first and follow the scale; the sizes of single things at the end (`FIXED`) stay as they are.
    Fields are counted as declared: a dimension group is one field, and the fields of a refinement count too.
    """

    models: int = 20
    shared_folders: int = 5
    datagroups: int = 8
    view_files: int = 2_570
    explore_files: int = 520
    refinement_files: int = 60

    views: int = 13_600
    nested_views: int = 9_800
    derived_tables: int = 500
    persistent_tables: int = 36
    extending_views: int = 200
    refinements: int = 100

    fields: int = 130_000
    dimension_groups: int = 9_100
    measures: int = 16_900
    reference_fields: int = 6_500
    expression_fields: int = 5_200
    expression_templates: int = 320
    liquid_fields: int = 650
    long_liquid_fields: int = 300
    liquid_hosts: int = 150
    no_sql_fields: int = 650
    wide_view_fields: int = 7_000
    largest_file_bytes: int = 4_000_000

    explores: int = 680
    explores_in_models: int = 120
    joins: int = 5_000
    nested_joins: int = 3_000
    widest_explore_joins: int = 678

    dashboards: int = 320

    tiles_per_dashboard: int = 10
    longest_chain: int = 15
    long_liquid_bytes_from: int = 30_000
    long_liquid_bytes_to: int = 100_000
    derived_sql_bytes_from: int = 1_000
    derived_sql_bytes_to: int = 6_000


FIXED = frozenset(
    {
        "tiles_per_dashboard",
        "longest_chain",
        "long_liquid_bytes_from",
        "long_liquid_bytes_to",
        "derived_sql_bytes_from",
        "derived_sql_bytes_to",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a written repository holds, counted while it was written."""

    files: int
    lkml_files: int
    model_files: int
    bytes: int
    lkml_bytes: int
    largest_file_bytes: int

    views: int
    nested_views: int
    extending_views: int
    view_refinements: int
    derived_tables: int
    persistent_tables: int
    derived_sql_bytes: int
    longest_chain: int
    views_in_several_models: int

    fields: int
    widest_view_fields: int
    dimensions: int
    dimension_groups: int
    measures: int
    filters: int
    parameters: int

    plain_fields: int
    reference_fields: int
    expression_fields: int
    liquid_fields: int
    no_sql_fields: int
    long_liquid_fields: int
    long_liquid_bytes: int

    explores: int
    joins: int
    nested_joins: int
    aliased_joins: int
    widest_explore_joins: int

    dashboards: int
    tiles: int


def scaled(factor: float) -> Mix:
    """Give the full shape made smaller or larger; everything shrinks alike, the single big things too.

    Args:
        factor: 1.0 for the full shape; about 0.005 is the smallest that still holds one of everything.

    Returns:
        The mix, with each count at least 1.

    Raises:
        ValueError: When the factor is not above zero.
    """
    if factor <= 0:
        raise ValueError(f"the scale must be above zero, not {factor}")
    full = Mix()
    counts = {name: getattr(full, name) for name in (item.name for item in dataclasses.fields(full))}
    return Mix(**{name: n if name in FIXED else max(1, round(n * factor)) for name, n in counts.items()})


def describe(written: Written) -> str:
    """Lay out what was written as a table for people.

    Args:
        written: The counts.

    Returns:
        One line for each count, fields also as a share of all fields; no line break at the end.
    """
    of_fields = {"dimensions", "dimension_groups", "measures", "filters", "parameters"}
    lines = []
    for item in dataclasses.fields(written):
        count: int = getattr(written, item.name)
        share = ""
        if item.name in of_fields or item.name.endswith("_fields"):
            share = f"{count / written.fields:8.2%} of fields"
        lines.append(f"{item.name.replace('_', ' '):<26}{count:>12,}{share}")
    return "\n".join(lines)


# ---------------------------------------------------------------------------------------------------------------------
# Words
# ---------------------------------------------------------------------------------------------------------------------


def words(text: str) -> tuple[str, ...]:
    """Split a list of words.

    Args:
        text: Words with spaces between them.

    Returns:
        The words.
    """
    return tuple(text.split())


AREAS = words(
    "commerce finance marketing support logistics product growth billing people risk search platform mobile partners "
    "payments retention content security operations experiments inventory pricing advertising legal"
)
SHARED = words("calendar geography currency accounts catalog regions devices holidays")
ENTITIES = words(
    "account address article basket browser campaign carrier category channel client contract coupon customer device "
    "employee event experiment invoice item lead listing message order page partner payment plan product refund region "
    "request return schedule shipment store subscription supplier ticket user visit warehouse"
)
QUALIFIERS = words(
    "active adjusted average billing converted current daily default estimated external final first gross initial "
    "internal last lifetime monthly net original paid predicted previous primary projected refunded secondary source "
    "target trailing"
)
TEXTS = words(
    "id code name status type group segment country city language platform version source medium reason channel owner "
    "currency tier label url path locale vendor model brand color size stage category"
)
NUMBERS = words(
    "amount count total price cost quantity score rate revenue margin discount tax fee weight length duration_ms "
    "rank position age_days balance"
)
FLAGS = words("active blocked deleted enabled expired new paid premium returning test trial valid verified visible")
EVENTS = words(
    "created updated closed shipped delivered opened paid cancelled started ended submitted approved imported "
    "activated expired renewed"
)
RECORDS = words(
    "items lines events labels addresses payments attributes tags options visits discounts fees parameters variants "
    "contacts notes ratings steps"
)
SUFFIXES = words(
    "daily history facts summary snapshot log detail monthly v1 v2 stable raw clean latest base metrics totals dim "
    "attributes funnel"
)
WORDS = words("new open high north online standard mobile annual gold direct organic basic email done other retail")
TAILS = (
    "as recorded by the source system",
    "in the currency of the account",
    "at the time of the last load",
    "after corrections made by the support team",
    "null when the record came from an import; see the data dictionary for the exceptions",
    "counted once for each day and device",
    "filled since the new collection was rolled out to all regions",
    "not available for test accounts",
    "before returns and discounts",
    "kept for reports that compare with the previous year; prefer the adjusted value elsewhere",
)
TIMEFRAMES = (
    "raw, time, date, week, month, quarter, year",
    "raw, date, week, month, quarter, year",
    "raw, time, time_of_day, hour, date, day_of_week, week, month, quarter, year",
)

# `<word>`, `<n>` and `<m>` are chosen once for a template, the names in braces when a field is written from it.
DIMENSION_SHAPES = (
    ("string", "CASE WHEN {number} >= <m> THEN 'high' WHEN {number} >= <n> THEN 'medium' ELSE 'low' END"),
    ("string", "COALESCE({text}, '<word>')"),
    ("string", "CONCAT({text}, ' - ', {text2})"),
    ("string", "LOWER(TRIM({text}))"),
    ("string", "SPLIT({text}, '-')[SAFE_OFFSET(<n>)]"),
    ("string", "REGEXP_EXTRACT({text}, r'^([^/]+)/<word>')"),
    ("string", "JSON_EXTRACT_SCALAR({text}, '$.<word>')"),
    ("string", "FORMAT_TIMESTAMP('%Y-%m', {time})"),
    ("string", "IF({text} IN ('<word>', 'unknown'), {text2}, {text})"),
    ("string", "CASE\n      WHEN {text} = '<word>' THEN 'A'\n      WHEN {text2} IS NULL THEN 'B'\n    END"),
    ("number", "SAFE_DIVIDE({number}, NULLIF({number2}, 0))"),
    ("number", "ROUND({number} * 1.<n>, 2)"),
    ("number", "{number} - COALESCE({number2}, 0)"),
    ("number", "TIMESTAMP_DIFF(CURRENT_TIMESTAMP(), {time}, DAY)"),
    ("number", "GREATEST({number}, {number2}, <n>)"),
    ("yesno", "{number} > <n> AND {text} = '<word>'"),
    ("yesno", "{text} IS NOT NULL"),
    ("yesno", "DATE({time}) >= DATE_SUB(CURRENT_DATE(), INTERVAL <n> DAY)"),
    ("yesno", "{text} LIKE '%<word>%' OR {text2} LIKE '%<word>%'"),
)
MEASURE_SHAPES = (
    ("sum", "CASE WHEN {text} = '<word>' THEN {number} END"),
    ("sum", "IF({number} > <n>, {number2}, 0)"),
    ("average", "NULLIF({number}, <n>)"),
    ("count_distinct", "CASE WHEN {number} > <n> THEN {text} END"),
    ("number", "SAFE_DIVIDE({measure}, NULLIF({measure2}, 0))"),
    ("number", "SAFE_DIVIDE(SUM({number}), COUNT(DISTINCT {text}))"),
    ("number", "{measure} - {measure2}"),
    ("number", "COUNT(DISTINCT IF({text} = '<word>', {text2}, NULL))"),
    ("number", "APPROX_QUANTILES({number}, 100)[OFFSET(<n>)]"),
)
CONSTANTS = (
    ("PROJECT", "acme-analytics"),
    ("DATASET", "warehouse"),
    ("RAW_DATASET", "landing"),
    ("REPORT_DATASET", "reports"),
)

# ---------------------------------------------------------------------------------------------------------------------
# The plan
# ---------------------------------------------------------------------------------------------------------------------


class Source(Enum):
    """Where the rows of a view come from, in the order in which views can be filled with fields."""

    TABLE = 0
    """A table of the warehouse."""
    NESTED = 1
    """A repeated record of another view; it has no table and is joined by UNNEST."""
    DERIVED = 2
    """A SQL derived table."""
    EXTENDING = 3
    """Another view, by `extends`."""
    REFINING = 4
    """The view it refines; this is no view of its own."""


class Element(Enum):
    """The kind of a field, in the order in which a view lists its fields."""

    DIMENSION = 0
    DIMENSION_GROUP = 1
    FILTER = 2
    PARAMETER = 3
    MEASURE = 4


class SqlKind(Enum):
    """What the sql of a field looks like, in the order in which fields can be written: later ones name earlier ones."""

    PLAIN = 0
    """`${TABLE}.x` and nothing else."""
    NO_SQL = 1
    """Counts, filters and parameters."""
    REFERENCE = 2
    """Exactly one `${reference}`."""
    EXPRESSION = 3
    """SQL without Liquid."""
    LIQUID = 4
    """SQL with Liquid of a few lines."""
    LONG_LIQUID = 5
    """SQL with hundreds of Liquid branches."""


@dataclass(frozen=True, slots=True)
class Spec:
    """One field that is still to be written."""

    element: Element
    sql: SqlKind


@dataclass(frozen=True, slots=True)
class Column:
    """One output column of a derived table; `kind` is text, number, flag or time."""

    name: str
    kind: str


@dataclass(slots=True, eq=False)
class View:
    """One view: what is planned for it, then what has been written in it.

    `base` is the view that a nested view opens, an extending view extends, or a refinement refines.
    `inherited` are the dimensions of the base that it may declare again.
    `fixed_name` says that its SQL names the view itself, so it may not be extended or used under an alias.
    """

    name: str
    source: Source
    base: View | None = None
    record: str = ""
    upstream: View | None = None
    trigger: str = ""
    fixed_name: bool = False
    size: int = 0
    path: str = ""
    specs: list[Spec] = field(default_factory=list)
    children: list[View] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    inherited: list[str] = field(default_factory=list)
    key: str = ""
    switch: str = ""
    condition: str = ""
    texts: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    measures: list[str] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    fields: list[tuple[Element, str]] = field(default_factory=list)

    @property
    def structure(self) -> int:
        """How many fields it needs in any case: key, name, and one for each nested record."""
        own = {Source.TABLE: 2, Source.NESTED: 1, Source.DERIVED: 2, Source.EXTENDING: 0, Source.REFINING: 0}
        return own[self.source] + len(self.children)

    @property
    def open_fields(self) -> int:
        """How many of its fields are not planned yet."""
        return self.size - self.structure - len(self.specs)

    def descendants(self) -> list[View]:
        """List the nested views below it.

        Returns:
            All of them, each after the view that it opens.
        """
        found = list(self.children)
        for view in found:
            found.extend(view.children)
        return found


@dataclass(slots=True, eq=False)
class Explore:
    """One explore: its text, and the views that dashboards can use, by alias."""

    name: str
    text: str
    members: list[tuple[str, View]]


@dataclass(slots=True, eq=False)
class Area:
    """One folder of the repository; each model owns one area and borrows some of the shared ones."""

    name: str
    folder: str
    weight: float
    shared: list[Area] = field(default_factory=list)
    users: int = 1
    tables: list[View] = field(default_factory=list)
    derived: list[View] = field(default_factory=list)
    extending: list[View] = field(default_factory=list)
    refining: list[View] = field(default_factory=list)
    files: list[list[View]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    explore_names: set[str] = field(default_factory=set)
    explores: list[Explore] = field(default_factory=list)

    @property
    def roots(self) -> list[View]:
        """Its views that are not nested in another one."""
        return self.tables + self.derived + self.extending

    @property
    def joinable(self) -> list[View]:
        """The views that an explore of this area may join by a condition."""
        return self.roots + [view for area in self.shared for view in area.tables]


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole repository before any text exists."""

    areas: list[Area]
    shared: list[Area]
    giant: View
    views: list[View]
    datagroups: list[str]


def apportion(total: int, weights: Sequence[float]) -> list[int]:
    """Split a number into whole parts by weight.

    Args:
        total: What to split.
        weights: One weight for each part, not all zero.

    Returns:
        The parts, in the order of the weights; their sum is the total.
    """
    factor = total / sum(weights)
    parts = [int(weight * factor) for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: parts[i] - weights[i] * factor)
    for i in by_remainder[: total - sum(parts)]:
        parts[i] += 1
    return parts


def level(parts: list[int], most: int) -> None:
    """Move what is too much in one part to the smallest parts.

    Args:
        parts: The parts, changed in place; their sum stays.
        most: The most that a part may have, where the sum allows it.
    """
    most = max(most, math.ceil(sum(parts) / len(parts)))
    while max(parts) > most:
        parts[parts.index(max(parts))] -= 1
        parts[parts.index(min(parts))] += 1


def unique(name: str, taken: set[str]) -> str:
    """Make a name unique and reserve it.

    Args:
        name: The wanted name.
        taken: The names in use; the new one is added.

    Returns:
        The name, with a number behind it when it was in use.
    """
    found, n = name, 2
    while found in taken:
        found, n = f"{name}_{n}", n + 1
    taken.add(found)
    return found


def title(name: str) -> str:
    """Turn a LookML name into words for a label.

    Args:
        name: The name.

    Returns:
        The words, each with a capital.
    """
    return name.replace("__", " ").replace("_", " ").title()


def check(mix: Mix) -> None:
    """Refuse a mix that cannot be written.

    Args:
        mix: The mix.

    Raises:
        ValueError: When one count leaves no room for another.
    """
    rest = mix.views - mix.nested_views - mix.derived_tables - mix.extending_views
    if rest < 3 * (mix.models + mix.shared_folders) or rest < mix.liquid_hosts:
        raise ValueError("too few views are left for tables: raise views, or lower the other kinds of views")
    if mix.no_sql_fields < 2 * mix.liquid_hosts:
        raise ValueError("no_sql_fields must hold a filter and a parameter for each of liquid_hosts")
    if mix.long_liquid_fields > mix.liquid_fields:
        raise ValueError("long_liquid_fields is a part of liquid_fields and cannot be larger")


class Planner:
    """Decides which views exist, how large they are, and which fields they get."""

    def __init__(self, mix: Mix, rng: random.Random) -> None:
        """Start a plan.

        Args:
            mix: How much of everything.
            rng: The only source of chance.
        """
        self.mix = mix
        self.rng = rng

    def plan(self) -> Plan:
        """Plan the whole repository.

        Returns:
            Folders, views and the fields each view is to have; explores and dashboards come later.
        """
        areas, shared = self.areas()
        datagroups = [f"refresh_{WORDS[i % len(WORDS)]}_{i + 1}" for i in range(self.mix.datagroups)]
        self.add_tables(areas, shared)
        giant = areas[0].tables[0]
        nested = self.add_nested(giant, [view for area in areas + shared for view in area.tables])
        self.add_derived(areas, datagroups)
        self.host_liquid(giant, [view for area in areas for view in area.tables])
        self.add_extending(areas)
        self.add_refining(areas)
        for area in areas + shared:
            self.place(area, giant)
        views = [view for area in areas + shared for view in area.roots + area.refining] + nested
        views.sort(key=lambda view: view.source.value)
        self.size(views, giant)
        self.deal(views)
        return Plan(areas, shared, giant, views, datagroups)

    def areas(self) -> tuple[list[Area], list[Area]]:
        """Make the folders: one for each model, and those that two or three models share.

        Returns:
            The areas of the models, the largest first, and the shared areas.
        """
        areas = []
        for i in range(self.mix.models):
            name = AREAS[i] if i < len(AREAS) else f"{AREAS[i % len(AREAS)]}_{i}"
            areas.append(Area(name, name, 1 / math.sqrt(i + 1)))
        shared = []
        for i in range(self.mix.shared_folders):
            name = SHARED[i] if i < len(SHARED) else f"{SHARED[i % len(SHARED)]}_{i}"
            area = Area(name, f"shared/{name}", 0.15)
            area.users = min(len(areas), self.rng.randint(2, 3))
            for user in self.rng.sample(areas, area.users):
                user.shared.append(area)
            shared.append(area)
        return areas, shared

    def add_tables(self, areas: list[Area], shared: list[Area]) -> None:
        """Give each area its views on tables; the first view of the first area is the giant.

        Args:
            areas: The areas of the models.
            shared: The shared areas.
        """
        mix, rng = self.mix, self.rng
        everywhere = areas + shared
        total = mix.views - mix.nested_views - mix.derived_tables - mix.extending_views
        counts = apportion(total - 3 * len(everywhere), [area.weight for area in everywhere])
        for area, count in zip(everywhere, counts, strict=True):
            prefix = "" if area in areas else f"{area.name}_"
            for i in range(count + 3):
                name = unique(prefix + self.subject(), area.names)
                area.tables.append(View(name, Source.TABLE, fixed_name=i % 7 == 0 or rng.random() < 0.05))

    def subject(self) -> str:
        """Make up a name for a view.

        Returns:
            Two or three words with underscores.
        """
        rng = self.rng
        name = f"{rng.choice(ENTITIES)}_{rng.choice(SUFFIXES)}"
        return name if rng.random() < 0.6 else f"{rng.choice(QUALIFIERS)}_{name}"

    def add_nested(self, giant: View, tables: list[View]) -> list[View]:
        """Give tables their nested records; some records hold records themselves.

        Args:
            giant: The view that gets hundreds of them.
            tables: All views on tables.

        Returns:
            The nested views, each after the one that it opens.
        """
        mix, rng = self.mix, self.rng
        of_giant = min(mix.nested_views, round(0.885 * mix.widest_explore_joins))
        parents = [view for view in tables if view is not giant and rng.random() < 0.55] or tables[1:2]
        counts = apportion(mix.nested_views - of_giant, [rng.lognormvariate(0, 0.9) for _ in parents])
        views = [self.nest(giant, f"{rng.choice(QUALIFIERS)}_{rng.choice(RECORDS)}") for _ in range(of_giant)]
        for parent, count in zip(parents, counts, strict=True):
            family = [parent]
            for _ in range(count):
                below = parent if rng.random() < 0.75 else rng.choice(family)
                family.append(self.nest(below, rng.choice(RECORDS)))
            views.extend(family[1:])
        return views

    def nest(self, parent: View, record: str) -> View:
        """Add one nested view.

        Args:
            parent: The view whose record it opens.
            record: The wanted name of the record.

        Returns:
            The new view.
        """
        record = unique(record, parent.taken)
        view = View(f"{parent.name}__{record}", Source.NESTED, base=parent, record=record, fixed_name=True)
        parent.children.append(view)
        return view

    def add_derived(self, areas: list[Area], datagroups: list[str]) -> None:
        """Add the derived tables, in chains where each reads the one before.

        Args:
            areas: The areas of the models.
            datagroups: The names of the datagroups that make some of them persistent.
        """
        mix, rng = self.mix, self.rng
        left, length = mix.derived_tables, mix.longest_chain
        made: list[View] = []
        while left > 0:
            area = rng.choices(areas, [area.weight for area in areas])[0]
            upstream = None
            for _ in range(min(length, left)):
                name = unique(f"{self.subject()}_dt", area.names)
                upstream = View(name, Source.DERIVED, upstream=upstream, fixed_name=True)
                area.derived.append(upstream)
                made.append(upstream)
            left -= length
            length = min(mix.longest_chain, rng.choices([1, 2, 3, 4, 6, 9], [45, 25, 14, 8, 5, 3])[0])
        for view in rng.sample(made, min(len(made), mix.persistent_tables)):
            view.trigger = rng.choice(datagroups)

    def host_liquid(self, giant: View, tables: list[View]) -> None:
        """Decide which views hold fields with Liquid; the giant gets enough long ones to make its file the largest.

        Args:
            giant: The widest view.
            tables: The views on tables in the areas of the models.
        """
        mix, rng = self.mix, self.rng
        average = (mix.long_liquid_bytes_from + mix.long_liquid_bytes_to) / 2
        rest = mix.largest_file_bytes - 190 * (mix.wide_view_fields + 8 * len(giant.children))
        of_giant = min(mix.long_liquid_fields, max(0, round(rest / average)))
        giant.fixed_name = True
        giant.specs.extend([Spec(Element.MEASURE, SqlKind.LONG_LIQUID)] * of_giant)
        hosts = rng.sample([view for view in tables if view is not giant], mix.liquid_hosts)
        for host in hosts:
            host.fixed_name = True
            host.specs.append(Spec(Element.FILTER, SqlKind.NO_SQL))
            host.specs.append(Spec(Element.PARAMETER, SqlKind.NO_SQL))
        for i in range(mix.long_liquid_fields - of_giant):
            hosts[i % len(hosts)].specs.append(Spec(Element.MEASURE, SqlKind.LONG_LIQUID))
        for _ in range(mix.liquid_fields - mix.long_liquid_fields):
            rng.choice(hosts).specs.append(Spec(Element.DIMENSION, SqlKind.LIQUID))

    def add_extending(self, areas: list[Area]) -> None:
        """Add the views that extend a table view of their area.

        Args:
            areas: The areas of the models.
        """
        rng = self.rng
        for _ in range(self.mix.extending_views):
            area = rng.choices(areas, [area.weight for area in areas])[0]
            bases = [view for view in area.tables if not view.fixed_name] or [self.free(area)]
            base = rng.choice(bases[: len(bases) // 2 + 1])
            name = unique(f"{base.name}_{rng.choice(WORDS)}", area.names)
            area.extending.append(View(name, Source.EXTENDING, base=base))

    def free(self, area: Area) -> View:
        """Make a view of an area fit to be extended, where all its tables have fixed names.

        Args:
            area: The area.

        Returns:
            The view, whose name is no longer fixed.

        Raises:
            ValueError: When the SQL of the view is to hold its name.
        """
        view = area.tables[-1]
        if any(spec.sql in (SqlKind.LIQUID, SqlKind.LONG_LIQUID) for spec in view.specs):
            raise ValueError(f"{area.name} has no view that can be extended: lower liquid_hosts")
        view.fixed_name = False
        return view

    def add_refining(self, areas: list[Area]) -> None:
        """Add the refinements; each view is refined once at most, so that no result hangs on the order of files.

        Args:
            areas: The areas of the models.
        """
        rng = self.rng
        extended = {view.base for area in areas for view in area.extending}
        choices = [
            (area, view) for area in areas for view in area.joinable if view.source is Source.TABLE and view not in extended
        ]
        rng.shuffle(choices)
        refined: set[View] = set()
        for area, view in choices:
            if len(refined) == self.mix.refinements:
                break
            if view not in refined:
                refined.add(view)
                area.refining.append(View(f"+{view.name}", Source.REFINING, base=view, size=2))

    def place(self, area: Area, giant: View) -> None:
        """Spread the views of an area over its view files; the giant has a file of its own.

        Args:
            area: The area.
            giant: The widest view.
        """
        rng = self.rng
        all_roots = self.mix.views - self.mix.nested_views
        roots = area.roots
        count = min(len(roots), max(2, round(len(roots) * self.mix.view_files / all_roots)))
        rng.shuffle(roots)
        roots.sort(key=lambda view: view is not giant)
        area.files = [[root] for root in roots[:count]]
        for root in roots[count:]:
            rng.choice(area.files[1:]).append(root)
        for file in area.files:
            folder = f"{area.folder}/views" + (f"/{rng.choice(SUFFIXES)}" if rng.random() < 0.4 else "")
            path = f"{folder}/{file[0].name}.view.lkml"
            for root in file:
                root.path = path

    def size(self, views: list[View], giant: View) -> None:
        """Decide how many fields each view has.

        Args:
            views: All views and refinements.
            giant: The widest view, whose size the mix gives.

        Raises:
            ValueError: When the mix has too few fields for its views.
        """
        rng = self.rng
        typical = {Source.TABLE: 12.0, Source.NESTED: 4.0, Source.DERIVED: 8.0, Source.EXTENDING: 2.0}
        weights = []
        for view in views:
            least = 1 if view.source is Source.EXTENDING else 0
            view.size = max(view.size, view.structure + len(view.specs), least)
            weights.append(typical.get(view.source, 0.0) * rng.lognormvariate(0, 0.6))
        giant.size = max(giant.size, self.mix.wide_view_fields)
        weights[views.index(giant)] = 0.0
        left = self.mix.fields - sum(view.size for view in views)
        if left < 0:
            raise ValueError(f"{self.mix.fields} fields are too few for {self.mix.views} views")
        for view, more in zip(views, apportion(left, weights), strict=True):
            view.size += more

    def deal(self, views: list[View]) -> None:
        """Hand out the fields that are still open.

        Args:
            views: All views and refinements, with their sizes.

        Raises:
            ValueError: When the mix asks for more special fields than there are fields.
        """
        mix = self.mix
        switches = 2 * mix.liquid_hosts
        groups_by_sql = {SqlKind.EXPRESSION: mix.dimension_groups // 50}
        measures_by_sql = {
            SqlKind.NO_SQL: mix.no_sql_fields - switches,
            SqlKind.REFERENCE: mix.reference_fields * 3 // 5,
            SqlKind.EXPRESSION: mix.expression_fields * 2 // 5,
        }
        dimensions_by_sql = {
            SqlKind.REFERENCE: mix.reference_fields - measures_by_sql[SqlKind.REFERENCE],
            SqlKind.EXPRESSION: mix.expression_fields - measures_by_sql[SqlKind.EXPRESSION] - groups_by_sql[SqlKind.EXPRESSION],
        }
        deck = specs(Element.MEASURE, mix.measures - mix.long_liquid_fields, measures_by_sql)
        deck += specs(Element.DIMENSION_GROUP, mix.dimension_groups, groups_by_sql)
        deck += specs(Element.DIMENSION, sum(view.open_fields for view in views) - len(deck), dimensions_by_sql)
        self.rng.shuffle(deck)
        for view in views:
            count = view.open_fields
            view.specs.extend(deck[len(deck) - count :])
            del deck[len(deck) - count :]


def specs(element: Element, total: int, by_sql: dict[SqlKind, int]) -> list[Spec]:
    """Make the specs of one kind of field.

    Args:
        element: The kind of field.
        total: How many there are.
        by_sql: How many of them have which kind of sql; the rest is plain.

    Returns:
        The specs.

    Raises:
        ValueError: When the parts are more than the total.
    """
    plain = total - sum(by_sql.values())
    if plain < 0 or min(by_sql.values()) < 0:
        raise ValueError(f"the mix leaves no room for plain fields of kind {element.name.lower()}")
    made = [Spec(element, SqlKind.PLAIN)] * plain
    for sql, count in by_sql.items():
        made += [Spec(element, sql)] * count
    return made


# ---------------------------------------------------------------------------------------------------------------------
# Fields
# ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Template:
    """An expression that many fields share; `text` has fixed columns, `shape` still has names in braces."""

    type: str
    shape: str
    text: str


def block(head: str, lines: Sequence[str], *, compact: bool = False) -> str:
    """Lay out one block inside a view or an explore.

    Args:
        head: What stands before the brace.
        lines: The parameters.
        compact: Whether it all goes on one line.

    Returns:
        The text, indented by two, without a line break at the end.
    """
    if compact:
        return f"  {head} {{ {' '.join(lines)} }}"
    inside = "\n    ".join(lines)
    return f"  {head} {{\n    {inside}\n  }}"


class FieldAuthor:
    """Writes the fields of views, and remembers in each view which names can be referred to."""

    def __init__(self, mix: Mix, rng: random.Random, tally: Counter[str]) -> None:
        """Start with a fresh set of templates.

        Args:
            mix: How many templates, and how long the long Liquid is.
            rng: The only source of chance.
            tally: Where written fields are counted.
        """
        self.mix = mix
        self.rng = rng
        self.tally = tally
        of_measures = max(1, mix.expression_templates * 2 // 5)
        of_dimensions = max(1, mix.expression_templates - of_measures)
        self.dimension_templates = [self.template(rng.choice(DIMENSION_SHAPES)) for _ in range(of_dimensions)]
        self.measure_templates = [self.template(rng.choice(MEASURE_SHAPES)) for _ in range(of_measures)]

    def template(self, shape: tuple[str, str]) -> Template:
        """Make a template from a shape.

        Args:
            shape: Its type and its text.

        Returns:
            The template, with words, numbers and columns chosen.
        """
        rng = self.rng
        text = shape[1].replace("<word>", rng.choice(WORDS))
        text = text.replace("<n>", str(rng.randint(1, 9))).replace("<m>", str(rng.randint(10, 900)))
        columns = {
            "text": f"${{TABLE}}.{self.phrase(TEXTS)}",
            "text2": f"${{TABLE}}.{self.phrase(TEXTS)}",
            "number": f"${{TABLE}}.{self.phrase(NUMBERS)}",
            "number2": f"${{TABLE}}.{self.phrase(NUMBERS)}",
            "time": f"${{TABLE}}.{rng.choice(EVENTS)}_at",
            "measure": f"SUM(${{TABLE}}.{self.phrase(NUMBERS)})",
            "measure2": "COUNT(*)",
        }
        return Template(shape[0], text, text.format(**columns))

    def phrase(self, attributes: Sequence[str]) -> str:
        """Make up a name for a column.

        Args:
            attributes: The words for its last part.

        Returns:
            Two or three words with underscores.
        """
        rng = self.rng
        name = f"{rng.choice(ENTITIES)}_{rng.choice(attributes)}"
        return name if rng.random() < 0.4 else f"{rng.choice(QUALIFIERS)}_{name}"

    def fill(self, view: View) -> None:
        """Write all fields of a view; views that it builds on must be filled already.

        Args:
            view: The view, with its specs.
        """
        if view.base is not None and view.source is not Source.NESTED:
            self.inherit(view, view.base)
        if view.source in (Source.TABLE, Source.DERIVED):
            self.write_key(view)
        if view.source is not Source.EXTENDING and view.source is not Source.REFINING:
            self.plain_dimension(view, "string")
        for child in view.children:
            lines = ["hidden: yes", f"sql: ${{TABLE}}.{child.record} ;;"]
            self.add(view, Spec(Element.DIMENSION, SqlKind.PLAIN), child.record, lines)
        for spec in sorted(view.specs, key=lambda spec: (spec.sql.value, spec.element.value)):
            self.write(view, spec)
        view.fields.sort(key=lambda item: item[0].value)

    def inherit(self, view: View, base: View) -> None:
        """Let a view refer to what its base holds.

        Args:
            view: The extending or refining view.
            base: The view it builds on.
        """
        view.taken = base.taken if view.source is Source.REFINING else set(base.taken)
        view.key = base.key
        view.inherited = list(base.texts)
        view.texts, view.numbers, view.flags = list(base.texts), list(base.numbers), list(base.flags)
        view.groups, view.measures = list(base.groups), list(base.measures)

    def write_key(self, view: View) -> None:
        """Write the primary key of a view.

        Args:
            view: The view.
        """
        column = "id" if self.rng.random() < 0.5 else f"{self.rng.choice(ENTITIES)}_key"
        view.key = unique(column, view.taken)
        view.columns.append(Column(view.key, "text"))
        lines = ["primary_key: yes", "type: string", f"sql: ${{TABLE}}.{view.key} ;;"]
        self.add(view, Spec(Element.DIMENSION, SqlKind.PLAIN), view.key, lines)

    def write(self, view: View, spec: Spec) -> None:
        """Write one field.

        Args:
            view: The view it belongs to.
            spec: What it is to be.
        """
        match spec:
            case Spec(Element.DIMENSION_GROUP, sql):
                self.duration(view) if sql is SqlKind.EXPRESSION and view.groups else self.group(view, spec)
            case Spec(Element.FILTER | Element.PARAMETER, _):
                self.switch(view, spec)
            case Spec(Element.MEASURE, _):
                self.measure(view, spec)
            case Spec(_, SqlKind.PLAIN):
                self.plain_dimension(view, self.rng.choices(["string", "number", "yesno"], [60, 27, 13])[0])
            case _:
                self.computed_dimension(view, spec)

    def add(self, view: View, spec: Spec, name: str, lines: list[str]) -> None:
        """Keep and count a field.

        Args:
            view: The view it belongs to.
            spec: What it is.
            name: Its name.
            lines: Its parameters.
        """
        compact = len(lines) < 4 and self.rng.random() < 0.2
        head = f"{spec.element.name.lower()}: {name}"
        view.fields.append((spec.element, block(head, lines, compact=compact)))
        self.tally["fields"] += 1
        self.tally[f"{spec.element.name.lower()}s"] += 1
        sql = SqlKind.LIQUID if spec.sql is SqlKind.LONG_LIQUID else spec.sql
        self.tally[f"{sql.name.lower()}_fields"] += 1

    def heading(self, name: str) -> list[str]:
        """Write what a reader sees of a field.

        Args:
            name: The name of the field.

        Returns:
            Some of label, group label and description.
        """
        rng = self.rng
        lines = []
        if rng.random() < 0.65:
            lines.append(f'label: "{title(name)}"')
        if rng.random() < 0.4:
            lines.append(f'group_label: "{title(name.partition("_")[0])}"')
        if rng.random() < 0.7:
            lines.append(f'description: "{title(name)}, {rng.choice(TAILS)}."')
        if rng.random() < 0.09:
            lines.append("hidden: yes")
        return lines

    def plain_dimension(self, view: View, type_: str) -> None:
        """Write a dimension that shows one column; in an extending view it may replace one of the base.

        Args:
            view: The view it belongs to.
            type_: string, number or yesno.
        """
        rng = self.rng
        if type_ == "string" and view.inherited and rng.random() < 0.4:
            name = view.inherited.pop(rng.randrange(len(view.inherited)))
        else:
            vocabulary = {"string": TEXTS, "number": NUMBERS, "yesno": FLAGS}[type_]
            name = unique(("is_" if type_ == "yesno" else "") + self.phrase(vocabulary), view.taken)
            self.register(view, name, type_)
        lines = self.heading(name)
        lines += [f"type: {type_}", f"sql: ${{TABLE}}.{self.column(view, name, type_)} ;;"]
        if rng.random() < 0.02:
            lines.append(f'link: {{ label: "Open" url: "https://example.com/{name}/{{{{ value }}}}" }}')
        if type_ == "number" and rng.random() < 0.3:
            lines.insert(-1, "value_format_name: decimal_2")
        self.add(view, Spec(Element.DIMENSION, SqlKind.PLAIN), name, lines)

    def column(self, view: View, name: str, type_: str) -> str:
        """Choose the column behind a plain field.

        Args:
            view: The view; a derived table gets the column as output.
            name: The name of the field.
            type_: Its type.

        Returns:
            The column, sometimes inside a record.
        """
        if view.source is Source.DERIVED:
            kind = {"string": "text", "number": "number", "yesno": "flag"}.get(type_, type_)
            view.columns.append(Column(name, kind))
            return name
        chance = self.rng.random()
        if chance < 0.08:
            return f"{self.rng.choice(RECORDS)}_record.{name}"
        return f"src_{name}" if chance < 0.18 else name

    def register(self, view: View, name: str, type_: str) -> None:
        """Let later fields refer to a dimension.

        Args:
            view: The view.
            name: The dimension.
            type_: Its type.
        """
        {"number": view.numbers, "yesno": view.flags}.get(type_, view.texts).append(name)

    def group(self, view: View, spec: Spec) -> None:
        """Write a dimension group of dates or times.

        Args:
            view: The view it belongs to.
            spec: What it is.
        """
        rng = self.rng
        name = rng.choice(EVENTS)
        name = unique(name if rng.random() < 0.6 else f"{rng.choice(ENTITIES)}_{name}", view.taken)
        lines = [*self.heading(name), "type: time", f"timeframes: [{rng.choice(TIMEFRAMES)}]"]
        if rng.random() < 0.3:
            lines += ["convert_tz: no", "datatype: date"]
        column = f"${{TABLE}}.{self.column(view, f'{name}_at', 'time')}"
        if spec.sql is SqlKind.EXPRESSION:
            column = f"TIMESTAMP({column})"
        lines.append(f"sql: {column} ;;")
        view.groups.append(name)
        self.add(view, spec, name, lines)

    def duration(self, view: View) -> None:
        """Write a dimension group that measures the time since another group.

        Args:
            view: The view; it has a group.
        """
        start = self.rng.choice(view.groups)
        name = unique(f"since_{start}", view.taken)
        lines = ["type: duration", "intervals: [day, week, month]"]
        lines += [f"sql_start: ${{{start}_raw}} ;;", "sql_end: CURRENT_TIMESTAMP() ;;"]
        self.add(view, Spec(Element.DIMENSION_GROUP, SqlKind.EXPRESSION), name, lines)

    def switch(self, view: View, spec: Spec) -> None:
        """Write the filter or the parameter that fields with Liquid use.

        Args:
            view: The view it belongs to.
            spec: What it is.
        """
        if spec.element is Element.FILTER:
            view.condition = unique(f"{self.rng.choice(ENTITIES)}_filter", view.taken)
            self.add(view, spec, view.condition, ["type: string", f"suggest_dimension: {view.texts[0]}"])
            return
        view.switch = unique(f"{self.rng.choice(ENTITIES)}_switch", view.taken)
        values = [f'allowed_value: {{ label: "{word.title()}" value: "{word}" }}' for word in ("day", "week", "total")]
        self.add(view, spec, view.switch, ["type: unquoted", 'default_value: "day"', *values])

    def computed_dimension(self, view: View, spec: Spec) -> None:
        """Write a dimension whose sql is a reference, an expression or Liquid.

        Args:
            view: The view it belongs to.
            spec: What it is.
        """
        type_, sql = "string", ""
        if spec.sql is SqlKind.REFERENCE:
            type_, sql = self.dimension_reference(view)
        elif spec.sql is SqlKind.EXPRESSION:
            template = self.rng.choice(self.dimension_templates)
            type_, sql = template.type, self.expression(view, template)
        else:
            sql = self.short_liquid(view)
        name = unique(self.phrase({"number": NUMBERS, "yesno": FLAGS}.get(type_, TEXTS)), view.taken)
        lines = [*self.heading(name), f"type: {type_}", f"sql: {sql} ;;"]
        self.register(view, name, type_)
        self.add(view, spec, name, lines)

    def dimension_reference(self, view: View) -> tuple[str, str]:
        """Choose what a dimension refers to.

        Args:
            view: The view it belongs to.

        Returns:
            The type of the dimension and its sql.
        """
        rng = self.rng
        parent = view.base
        if view.source is Source.NESTED and parent is not None and rng.random() < 0.3:
            return "string", f"${{{parent.name}.{rng.choice(parent.texts)}}}"
        if view.numbers and rng.random() < 0.3:
            return "number", self.reference(view, rng.choice(view.numbers))
        if view.groups and rng.random() < 0.3:
            return "date", self.reference(view, f"{rng.choice(view.groups)}_date")
        return "string", self.reference(view, rng.choice(view.texts))

    def reference(self, view: View, name: str) -> str:
        """Refer to a field of the same view.

        Args:
            view: The view.
            name: The field.

        Returns:
            The reference, sometimes with the name of the view.
        """
        scoped = view.fixed_name and self.rng.random() < 0.3
        return f"${{{view.name}.{name}}}" if scoped else f"${{{name}}}"

    def expression(self, view: View, template: Template) -> str:
        """Write the sql of a field from a template.

        Args:
            view: The view it belongs to.
            template: The template.

        Returns:
            Most often the same text as in other views; else one that names fields or columns of this view.
        """
        if view.source is Source.DERIVED:
            return template.shape.format(**self.operands(view, columns=True))
        if self.rng.random() < 0.8:
            return template.text
        return template.shape.format(**self.operands(view, columns=False))

    def operands(self, view: View, *, columns: bool) -> dict[str, str]:
        """Choose what stands in the braces of a template.

        Args:
            view: The view whose fields are named.
            columns: Whether to name columns of the derived table in place of fields.

        Returns:
            A text for each name that templates use.
        """
        rng = self.rng

        def pick(names: list[str], kind: str, instead: str) -> str:
            """Choose a column of a kind, or else a field among some names, or else give what is to stand instead."""
            if columns:
                names = [column.name for column in view.columns if column.kind == kind]
                return f"${{TABLE}}.{rng.choice(names)}" if names else instead
            if not names:
                return instead
            return self.reference(view, rng.choice(names) + ("_raw" if kind == "time" else ""))

        text, text2 = pick(view.texts, "text", "''"), pick(view.texts, "text", "''")
        number = pick(view.numbers, "number", f"LENGTH({text})")
        measures = [self.reference(view, rng.choice(view.measures)) if view.measures else "COUNT(*)" for _ in "ab"]
        return {
            "text": text,
            "text2": text2,
            "number": number,
            "number2": pick(view.numbers, "number", f"LENGTH({text2})"),
            "time": pick(view.groups, "time", "CURRENT_TIMESTAMP()"),
            "measure": measures[0],
            "measure2": measures[1],
        }

    def measure(self, view: View, spec: Spec) -> None:
        """Write a measure.

        Args:
            view: The view it belongs to.
            spec: What it is.
        """
        rng = self.rng
        type_, sql = "count", ""
        match spec.sql:
            case SqlKind.PLAIN:
                type_ = rng.choices(["sum", "count_distinct", "average", "max", "min"], [55, 22, 13, 6, 4])[0]
                kind = "string" if type_ == "count_distinct" else "number"
                column = unique(self.phrase(TEXTS if kind == "string" else NUMBERS), view.taken)
                sql = f"${{TABLE}}.{self.column(view, column, kind)}"
            case SqlKind.REFERENCE:
                type_, sql = self.measure_reference(view)
            case SqlKind.EXPRESSION:
                template = rng.choice(self.measure_templates)
                type_, sql = template.type, self.expression(view, template)
            case SqlKind.LONG_LIQUID:
                type_, sql = "number", self.long_liquid(view)
        name = unique("count" if type_ == "count" else f"{type_}_{self.phrase(NUMBERS)}", view.taken)
        lines = [*self.heading(name), f"type: {type_}"]
        if type_ not in ("number", "date"):
            lines += self.measure_options(view)
        if sql:
            lines.append(f"sql: {sql} ;;")
        view.measures.append(name)
        self.add(view, spec, name, lines)

    def measure_options(self, view: View) -> list[str]:
        """Write filters and drill fields of a measure.

        Args:
            view: The view it belongs to.

        Returns:
            Some parameters, often none.
        """
        rng = self.rng
        lines = []
        if rng.random() < 0.2:
            name, value = rng.choice(view.texts), rng.choice(WORDS)
            both = (f'filters: [{name}: "{value}"]', f'filters: {{ field: {name} value: "{value}" }}')
            lines.append(both[rng.random() < 0.2])
        if rng.random() < 0.15:
            lines.append(f"drill_fields: [{', '.join(view.texts[:4])}]")
        return lines

    def measure_reference(self, view: View) -> tuple[str, str]:
        """Choose what a measure refers to.

        Args:
            view: The view it belongs to.

        Returns:
            The type of the measure and its sql.
        """
        rng = self.rng
        if view.measures and rng.random() < 0.2:
            return "number", self.reference(view, rng.choice(view.measures))
        if view.groups and rng.random() < 0.1:
            return "date", self.reference(view, f"{rng.choice(view.groups)}_date")
        if view.numbers and rng.random() < 0.7:
            return rng.choice(["sum", "average", "max"]), self.reference(view, rng.choice(view.numbers))
        return "count_distinct", self.reference(view, rng.choice(view.texts))

    def short_liquid(self, view: View) -> str:
        """Write sql with a few Liquid tags.

        Args:
            view: The view; it has a filter and a parameter for this.

        Returns:
            The sql.
        """
        rng = self.rng
        one, two = rng.choice(view.texts), rng.choice(view.texts)
        date = f"${{{rng.choice(view.groups)}_date}}" if view.groups else "CURRENT_DATE()"
        switch, condition = view.switch, view.condition
        if rng.random() < 0.5:
            switch, condition = f"{view.name}.{switch}", f"{view.name}.{condition}"
        by_period = "\n      ".join(
            [
                f"{{% if {switch}._parameter_value == 'day' %}} CAST({date} AS STRING)",
                f"{{% elsif {switch}._parameter_value == 'week' %}} FORMAT_DATE('%G-%V', {date})",
                f"{{% else %}} ${{{two}}} {{% endif %}}",
            ]
        )
        forms = [
            by_period,
            f"{{% if {one}._is_selected %}} ${{{one}}} {{% else %}} 'all' {{% endif %}}",
            f"{{% if {view.name}.{one}._in_query %}} ${{TABLE}}.{one} {{% else %}} ${{{two}}} {{% endif %}}",
            f"CASE WHEN {{% condition {condition} %}} ${{{one}}} {{% endcondition %}} THEN ${{{two}}} END",
            f"{{% condition {condition} %}} ${{TABLE}}.{one} {{% endcondition %}}",
            f"CONCAT('{{% parameter {switch} %}}', ': ', ${{{one}}})",
        ]
        return rng.choice(forms)

    def long_liquid(self, view: View) -> str:
        """Write sql with hundreds of branches that depend on what the user has selected.

        Args:
            view: The view; its dimensions are the branches.

        Returns:
            The sql, as long as the mix says.
        """
        rng = self.rng
        length = rng.randint(self.mix.long_liquid_bytes_from, self.mix.long_liquid_bytes_to)
        head, foot = rng.choice(
            [
                ("SUM(COUNT(*)) OVER (PARTITION BY", "      1)"),
                ("COUNT(DISTINCT CONCAT(", "      ''))"),
                ("SAFE_DIVIDE(COUNT(*), SUM(COUNT(*)) OVER (PARTITION BY", "      1))"),
            ]
        )
        parts, size = [head], len(head) + len(foot)
        while size < length - 100:
            one, two = rng.choice(view.texts), rng.choice(view.texts)
            part = self.branch(view, one, two, rng.randrange(4))
            parts.append(part)
            size += len(part) + 1
        parts.append(foot)
        self.tally["long_liquid_fields"] += 1
        self.tally["long_liquid_bytes"] += size
        return "\n".join(parts)

    def branch(self, view: View, one: str, two: str, form: int) -> str:
        """Write one Liquid branch.

        Args:
            view: The view.
            one: The dimension whose selection counts.
            two: Another dimension.
            form: Which of the four forms to write.

        Returns:
            One line that ends inside a list of SQL expressions.
        """
        selected = f"{{% if {view.name}.{one}._is_selected %}}"
        match form:
            case 0:
                return f"      {selected} ${{{one}}}, {{% endif %}}"
            case 1:
                return f"      {{% if {one}._is_selected %}} CAST(${{TABLE}}.{one} AS STRING), {{% endif %}}"
            case 2:
                return f"      {selected} COALESCE(${{{one}}}, ${{{two}}}), {{% endif %}}"
            case _:
                return f"      {selected} ${{{one}}}, {{% else %}} CAST(${{TABLE}}.{two} AS STRING), {{% endif %}}"


# ---------------------------------------------------------------------------------------------------------------------
# Derived tables
# ---------------------------------------------------------------------------------------------------------------------


class SqlAuthor:
    """Writes the SQL of derived tables: a first select, some steps over it, and a last select."""

    def __init__(self, mix: Mix, rng: random.Random) -> None:
        """Start.

        Args:
            mix: How long the SQL may be.
            rng: The only source of chance.
        """
        self.mix = mix
        self.rng = rng

    def query(self, view: View, tables: list[View]) -> str:
        """Write the query of a derived table.

        Args:
            view: The view; its fields are filled, so its columns are known.
            tables: Views on tables whose name the query may ask for.

        Returns:
            The query, indented for its place in the view.
        """
        rng, mix = self.rng, self.mix
        length = rng.randint(mix.derived_sql_bytes_from, mix.derived_sql_bytes_to)
        selects = [self.first(view, tables)]
        size = 2 * laid_out(selects[0])
        while size < length and len(selects) < 12:
            step = self.step(view, f"step_{len(selects)}", tables)
            size += laid_out(step)
            if size > mix.derived_sql_bytes_to:
                break
            selects.append(step)
        last = f"SELECT\n{self.listed(view, 'final')}\nFROM step_{len(selects)} AS final\nWHERE final.{view.key} <> ''"
        if rng.random() < 0.4 and len(selects) < 4:
            return indented(self.nested([*selects, last]), "      ")
        steps = [f"step_{i} AS (\n{indented(select, '  ')}\n)" for i, select in enumerate(selects, start=1)]
        return indented("WITH " + ",\n".join(steps) + f"\n{last}", "      ")

    def nested(self, selects: list[str]) -> str:
        """Put selects into each other, where each reads the one before under the name step_N.

        Args:
            selects: The selects, the innermost first.

        Returns:
            One select with subqueries.
        """
        text = selects[0]
        for i, select in enumerate(selects[1:], start=1):
            text = select.replace(f"step_{i} AS", f"(\n{indented(text, '  ')}\n) AS")
        return text

    def listed(self, view: View, alias: str) -> str:
        """List all columns of a derived table.

        Args:
            view: The view.
            alias: The relation they come from.

        Returns:
            One column on a line, indented by two.
        """
        return ",\n".join(f"  {alias}.{column.name}" for column in view.columns)

    def first(self, view: View, tables: list[View]) -> str:
        """Write the select that gives the columns their values.

        Args:
            view: The view.
            tables: Views on tables.

        Returns:
            A select from the derived table before it, from a table view, or from a table.
        """
        rng = self.rng
        above = view.upstream
        columns = [self.value(column, above) for column in view.columns]
        if above is not None:
            relation = f"${{{above.name}.SQL_TABLE_NAME}}"
        elif rng.random() < 0.4:
            relation = f"${{{rng.choice(tables).name}.SQL_TABLE_NAME}}"
        else:
            relation = self.table()
        where = f"src.{above.key if above else view.key} IS NOT NULL"
        times = [column.name for column in view.columns if column.kind == "time"]
        if above is None and times and not view.trigger and rng.random() < 0.4:
            group = times[0].removesuffix("_at")
            where += f"\n  AND {{% condition {view.name}.{group}_date %}} src.{times[0]} {{% endcondition %}}"
        return "SELECT\n" + ",\n".join(columns) + f"\nFROM {relation} AS src\nWHERE {where}"

    def table(self) -> str:
        """Make up a table.

        Returns:
            A quoted name, sometimes with constants.
        """
        rng = self.rng
        name = f"{rng.choice(ENTITIES)}s_{rng.choice(SUFFIXES)}"
        dataset = rng.choice(["landing", "@{RAW_DATASET}", "@{DATASET}", "events"])
        return f"`acme-analytics.{dataset}.{name}`"

    def value(self, column: Column, above: View | None) -> str:
        """Write where one column comes from.

        Args:
            column: The column.
            above: The derived table that is read; without one any column may be named.

        Returns:
            The expression with its alias, indented by two.
        """
        rng = self.rng
        source = column.name
        if above is not None:
            fitting = [other.name for other in above.columns if other.kind == column.kind]
            if not fitting:
                blank = {"text": "''", "number": "0", "flag": "FALSE", "time": "CURRENT_TIMESTAMP()"}
                return f"  {blank[column.kind]} AS {column.name}"
            source = column.name if column.name in fitting else rng.choice(fitting)
        forms = {
            "text": ("src.{0}", "UPPER(src.{0})", "COALESCE(src.{0}, 'unknown')", "TRIM(src.{0})"),
            "number": ("src.{0}", "COALESCE(src.{0}, 0)", "SAFE_CAST(src.{0} AS NUMERIC)", "ROUND(src.{0}, 2)"),
            "flag": ("src.{0}", "COALESCE(src.{0}, FALSE)", "NOT src.{0}", "src.{0} IS TRUE"),
            "time": ("src.{0}", "TIMESTAMP(src.{0})", "TIMESTAMP_TRUNC(src.{0}, HOUR)", "src.{0}"),
        }
        return f"  {rng.choice(forms[column.kind]).format(source)} AS {column.name}"

    def step(self, view: View, before: str, tables: list[View]) -> str:
        """Write one step that keeps all columns.

        Args:
            view: The view.
            before: The name of the step it reads.
            tables: Views on tables.

        Returns:
            A select: filtered, joined, combined, without repeats, or summed.
        """
        match self.rng.randrange(5):
            case 0:
                length, word = self.rng.randint(2, 30), self.rng.choice(WORDS)
                where = f"LENGTH(s.{view.key}) > {length} AND s.{view.key} NOT LIKE '{word}-%'"
                return f"SELECT\n{self.listed(view, 's')}\nFROM {before} AS s\nWHERE {where}"
            case 1:
                return self.joined(view, before, tables)
            case 2:
                other = self.first(view, tables)
                return f"SELECT\n{self.listed(view, 's')}\nFROM {before} AS s\nUNION ALL\n{other}"
            case 3:
                order = f"PARTITION BY s.{view.key} ORDER BY s.{view.columns[-1].name} DESC"
                ranked = f"{self.listed(view, 's')},\n  ROW_NUMBER() OVER ({order}) AS row_rank"
                inner = indented(f"SELECT\n{ranked}\nFROM {before} AS s", "  ")
                return f"SELECT\n{self.listed(view, 'r')}\nFROM (\n{inner}\n) AS r\nWHERE r.row_rank = 1"
            case _:
                return self.summed(view, before)

    def joined(self, view: View, before: str, tables: list[View]) -> str:
        """Write a step that joins a table for one column.

        Args:
            view: The view.
            before: The name of the step it reads.
            tables: Views on tables.

        Returns:
            The select.
        """
        rng = self.rng
        relation = f"${{{rng.choice(tables).name}.SQL_TABLE_NAME}}" if rng.random() < 0.5 else self.table()
        changed = rng.choice(view.columns).name
        columns = [
            f"  COALESCE(s.{column.name}, j.{column.name}) AS {column.name}" if column.name == changed else f"  s.{column.name}"
            for column in view.columns
        ]
        kind = rng.choice(["LEFT JOIN", "LEFT JOIN", "INNER JOIN"])
        on = f"s.{view.key} = j.{view.key}"
        return "SELECT\n" + ",\n".join(columns) + f"\nFROM {before} AS s\n{kind} {relation} AS j\n  ON {on}"

    def summed(self, view: View, before: str) -> str:
        """Write a step that groups by everything but the numbers.

        Args:
            view: The view.
            before: The name of the step it reads.

        Returns:
            The select.
        """
        columns = [
            f"  SUM(s.{column.name}) AS {column.name}" if column.kind == "number" else f"  s.{column.name}"
            for column in view.columns
        ]
        groups = ", ".join(f"s.{column.name}" for column in view.columns if column.kind != "number")
        return "SELECT\n" + ",\n".join(columns) + f"\nFROM {before} AS s\nGROUP BY {groups}"


def laid_out(select: str) -> int:
    """Measure a select as it will stand in a view.

    Args:
        select: The text.

    Returns:
        Its length with the indentation, about.
    """
    return len(select) + 9 * select.count("\n") + 40


def indented(text: str, by: str) -> str:
    """Indent each line.

    Args:
        text: The text.
        by: What goes before each line.

    Returns:
        The indented text.
    """
    return by + text.replace("\n", f"\n{by}")


# ---------------------------------------------------------------------------------------------------------------------
# Views
# ---------------------------------------------------------------------------------------------------------------------


class ViewAuthor:
    """Writes whole views; their fields are written already."""

    def __init__(self, mix: Mix, rng: random.Random, tally: Counter[str]) -> None:
        """Start.

        Args:
            mix: How long the SQL of derived tables may be.
            rng: The only source of chance.
            tally: Where written views are counted.
        """
        self.rng = rng
        self.tally = tally
        self.sql = SqlAuthor(mix, rng)

    def view(self, view: View, area: Area) -> str:
        """Write one view.

        Args:
            view: The view.
            area: Where it lives.

        Returns:
            The text of the view.
        """
        parts = self.head(view, area) + [text for _, text in view.fields]
        if view.source is Source.TABLE and self.rng.random() < 0.15:
            parts.append(block("set: detail", [f"fields: [{', '.join([view.key, *view.texts[:5]])}]"]))
        self.count(view, area)
        return f"view: {view.name} {{\n" + "\n\n".join(parts) + "\n}\n"

    def head(self, view: View, area: Area) -> list[str]:
        """Write what stands before the fields.

        Args:
            view: The view.
            area: Where it lives.

        Returns:
            Parameters, each indented by two.
        """
        rng = self.rng
        lines = []
        if rng.random() < 0.2 and view.source is not Source.REFINING:
            lines.append(f'  label: "{title(view.name)}"')
        if view.source is Source.TABLE:
            lines.append(f"  sql_table_name: {self.table(view, area)} ;;")
        if view.source is Source.DERIVED:
            lines.append(self.derived_table(view, area))
        if view.source is Source.EXTENDING and view.base is not None:
            lines.append(f"  extends: [{view.base.name}]")
            if rng.random() < 0.4:
                lines.append(f"  sql_table_name: {self.table(view, area)} ;;")
        return lines

    def table(self, view: View, area: Area) -> str:
        """Name the table of a view.

        Args:
            view: The view.
            area: Where it lives.

        Returns:
            The name, with or without quotes, project and constants.
        """
        return self.rng.choice(
            [
                f"`acme-analytics.{area.name}.{view.name}`",
                f"`acme-analytics`.`{area.name}`.`{view.name}`",
                f"{area.name}.{view.name}",
                f"{area.name}.{view.name}",
                f"`@{{PROJECT}}.@{{DATASET}}.{view.name}`",
                f"`@{{PROJECT}}.{area.name}.{view.name}`",
            ]
        )

    def derived_table(self, view: View, area: Area) -> str:
        """Write the derived table of a view.

        Args:
            view: The view.
            area: Where it lives.

        Returns:
            The block, indented by two.
        """
        sql = self.sql.query(view, area.tables)
        self.tally["derived_sql_bytes"] += len(sql)
        lines = [f"sql:\n{sql} ;;"]
        if view.trigger:
            lines.insert(0, f"datagroup_trigger: {view.trigger}")
            if self.rng.random() < 0.4:
                lines.insert(1, f'cluster_keys: ["{view.key}"]')
        return block("derived_table:", lines)

    def count(self, view: View, area: Area) -> None:
        """Count a view.

        Args:
            view: The view.
            area: Where it lives.
        """
        tally = self.tally
        if view.source is Source.REFINING:
            tally["view_refinements"] += 1
            return
        tally["views"] += 1
        tally["widest_view_fields"] = max(tally["widest_view_fields"], len(view.fields))
        tally["views_in_several_models"] += area.users > 1
        tally["nested_views"] += view.source is Source.NESTED
        tally["extending_views"] += view.source is Source.EXTENDING
        if view.source is Source.DERIVED:
            depth, above = 1, view.upstream
            while above is not None:
                depth, above = depth + 1, above.upstream
            tally["derived_tables"] += 1
            tally["persistent_tables"] += bool(view.trigger)
            tally["longest_chain"] = max(tally["longest_chain"], depth)


# ---------------------------------------------------------------------------------------------------------------------
# Explores
# ---------------------------------------------------------------------------------------------------------------------


class ExploreAuthor:
    """Writes explores with their joins."""

    def __init__(self, plan: Plan, rng: random.Random, tally: Counter[str]) -> None:
        """Start.

        Args:
            plan: The areas and the datagroups.
            rng: The only source of chance.
            tally: Where explores and joins are counted.
        """
        self.plan = plan
        self.rng = rng
        self.tally = tally

    def write_all(self, mix: Mix) -> None:
        """Write all explores into their areas; the widest comes first.

        Args:
            mix: How many explores and joins.
        """
        areas, rng = self.plan.areas, self.rng
        self.explore(areas[0], self.plan.giant, mix.widest_explore_joins, mix.nested_joins)
        rest = mix.explores - 1
        if rest == 0:
            return
        counts = apportion(rest, [area.weight for area in areas])
        joins = apportion(max(0, mix.joins - mix.widest_explore_joins), [rng.lognormvariate(0, 1) for _ in range(rest)])
        level(joins, mix.widest_explore_joins)
        for area, count in zip(areas, counts, strict=True):
            for _ in range(count):
                width = joins.pop()
                left = mix.nested_joins - self.tally["nested_joins"]
                self.explore(area, self.base(area), width, min(left, math.ceil(0.85 * width)))

    def base(self, area: Area) -> View:
        """Choose the view that an explore starts from.

        Args:
            area: Where the explore lives.

        Returns:
            Most often a view with many nested records.
        """
        rng = self.rng
        if rng.random() < 0.2:
            return rng.choice(area.roots)
        some = rng.sample(area.tables[1:], min(8, len(area.tables) - 1))
        return max(some, key=lambda view: len(view.descendants()))

    def explore(self, area: Area, base: View, joins: int, nested: int) -> None:
        """Write one explore into its area.

        Args:
            area: Where it lives.
            base: The view it starts from.
            joins: How many joins it has.
            nested: How many of them may be joins of nested records.
        """
        opened = base.descendants()[: min(joins, nested)]
        name, alias, lines = self.name(area, base, may_alias=not (opened or base.fixed_name))
        members = [(alias, base)]
        taken = {alias} | {view.name for view in opened}
        lines += self.options(alias, base)
        lines += [self.unnest(view) for view in opened]
        for _ in range(joins - len(opened)):
            text, member = self.join(area, members, taken)
            lines.append(text)
            members.append(member)
        members += [(view.name, view) for view in opened]
        text = f"explore: {name} {{\n" + "\n".join(lines) + "\n}\n"
        area.explores.append(Explore(name, text, members))
        self.tally["explores"] += 1
        self.tally["joins"] += joins
        self.tally["nested_joins"] += len(opened)
        self.tally["widest_explore_joins"] = max(self.tally["widest_explore_joins"], joins)

    def name(self, area: Area, base: View, *, may_alias: bool) -> tuple[str, str, list[str]]:
        """Name an explore and bind its base view.

        Args:
            area: Where it lives.
            base: The view it starts from.
            may_alias: Whether the base may go by the name of the explore.

        Returns:
            The name of the explore, the alias of its base, and the parameter that binds them, if any.
        """
        if base.name not in area.explore_names and self.rng.random() < 0.9:
            area.explore_names.add(base.name)
            return base.name, base.name, []
        name = unique(f"{base.name}_{self.rng.choice(WORDS)}_view", area.explore_names)
        if may_alias and self.rng.random() < 0.6:
            return name, name, [f"  from: {base.name}"]
        return name, base.name, [f"  view_name: {base.name}"]

    def options(self, alias: str, base: View) -> list[str]:
        """Write labels, filters and caching of an explore.

        Args:
            alias: The alias of its base view.
            base: Its base view.

        Returns:
            Some parameters, indented by two.
        """
        rng = self.rng
        lines = []
        if rng.random() < 0.6:
            lines.append(f'  label: "{title(base.name)}"')
        if rng.random() < 0.4:
            lines.append(f'  description: "{title(base.name)}, {rng.choice(TAILS)}."')
        if rng.random() < 0.14:
            lines.append("  hidden: yes")
        if rng.random() < 0.05:
            lines.append(f"  persist_with: {rng.choice(self.plan.datagroups)}")
        if rng.random() < 0.12:
            field_filter = f'filters: [{alias}.{rng.choice(base.texts)}: "{rng.choice(WORDS)}"]'
            lines.append(block("always_filter:", [field_filter]))
        if base.groups and rng.random() < 0.1:
            lines.append(f"  sql_always_where: ${{{alias}.{base.groups[0]}_date}} >= '2020-01-01' ;;")
        return lines

    def unnest(self, view: View) -> str:
        """Write the join of a nested record.

        Args:
            view: The nested view.

        Returns:
            The join, indented by two.
        """
        assert view.base is not None
        record = f"UNNEST(${{{view.base.name}.{view.record}}}) AS {view.name}"
        kind = self.rng.choices(["LEFT JOIN ", "CROSS JOIN ", ", "], [90, 6, 4])[0]
        lines = [f'view_label: "{title(view.name)}"'] if self.rng.random() < 0.5 else []
        return block(f"join: {view.name}", [*lines, "relationship: one_to_many", f"sql: {kind}{record} ;;"])

    def join(self, area: Area, members: list[tuple[str, View]], taken: set[str]) -> tuple[str, tuple[str, View]]:
        """Write a join by a condition or a foreign key.

        Args:
            area: Where the explore lives.
            members: The aliases so far, the base first, without nested records.
            taken: The names of all aliases so far; the new one is added.

        Returns:
            The join, indented by two, and its alias with its view.
        """
        rng = self.rng
        view = rng.choice(area.joinable)
        lines, alias = [], view.name
        if alias in taken or (not view.fixed_name and rng.random() < 0.1):
            others = [other for other in area.tables if not other.fixed_name]
            view = rng.choice(others) if view.fixed_name else view
            alias = unique(f"{rng.choice(QUALIFIERS)}_as_{view.name}", taken)
            lines.append(f"from: {view.name}")
            self.tally["aliased_joins"] += 1
        taken.add(alias)
        left, left_view = members[0] if rng.random() < 0.75 else rng.choice(members)
        kind = rng.choices(["left_outer", "inner", "full_outer"], [90, 8, 2])[0]
        lines += [f"type: {kind}", f"relationship: {rng.choice(['many_to_one', 'many_to_one', 'one_to_one'])}"]
        if left == members[0][0] and rng.random() < 0.03:
            lines.append(f"foreign_key: {rng.choice(left_view.texts)}")
        else:
            lines.append(f"sql_on: {self.condition(left, left_view, alias, view)} ;;")
        return block(f"join: {alias}", lines), (alias, view)

    def condition(self, left: str, left_view: View, right: str, right_view: View) -> str:
        """Write the condition of a join.

        Args:
            left: The alias it joins to.
            left_view: The view of that alias.
            right: The new alias.
            right_view: The view of the new alias.

        Returns:
            One comparison, or two when both sides have dates.
        """
        rng = self.rng
        text = f"${{{left}.{rng.choice(left_view.texts)}}} = ${{{right}.{right_view.key}}}"
        if left_view.groups and right_view.groups and rng.random() < 0.3:
            dates = (rng.choice(left_view.groups), rng.choice(right_view.groups))
            text += f"\n      AND ${{{left}.{dates[0]}_date}} >= ${{{right}.{dates[1]}_date}}"
        return text


# ---------------------------------------------------------------------------------------------------------------------
# Dashboards
# ---------------------------------------------------------------------------------------------------------------------


class DashboardAuthor:
    """Writes dashboards over the explores of an area."""

    def __init__(self, mix: Mix, rng: random.Random, tally: Counter[str]) -> None:
        """Start.

        Args:
            mix: How many tiles.
            rng: The only source of chance.
            tally: Where dashboards and tiles are counted.
        """
        self.mix = mix
        self.rng = rng
        self.tally = tally

    def dashboard(self, area: Area, name: str) -> str:
        """Write one dashboard.

        Args:
            area: The area of the model that includes it.
            name: Its name.

        Returns:
            The text, in YAML.
        """
        rng, mean = self.rng, self.mix.tiles_per_dashboard
        explores = rng.sample(area.explores, min(len(area.explores), rng.randint(1, 3)))
        filters = [self.filter(rng.choice(explores), area, i) for i in range(rng.randint(2, 5))]
        tiles = rng.randint(max(1, mean // 2), mean + mean // 2)
        lines = [f"- dashboard: {name}", f"  title: {title(name)}", "  layout: newspaper"]
        lines += ["  preferred_viewer: dashboards-next", "  filters:"]
        for _, _, text in filters:
            lines += text
        lines.append("  elements:")
        for i in range(tiles):
            if i and rng.random() < 0.06:
                lines += self.text_tile(i)
            else:
                lines += self.tile(rng.choice(explores), area, i, filters)
        self.tally["dashboards"] += 1
        self.tally["tiles"] += tiles
        return "\n".join(lines) + "\n"

    def filter(self, explore: Explore, area: Area, number: int) -> tuple[str, Explore, list[str]]:
        """Write one dashboard filter.

        Args:
            explore: The explore of its field.
            area: The area of the model.
            number: Its place on the dashboard.

        Returns:
            Its name, its explore, and its lines.
        """
        alias, view = explore.members[0]
        dated = bool(view.groups) and number == 0
        shown = f"{self.rng.choice(view.groups)}_date" if dated else self.rng.choice(view.texts)
        name = f"{title(shown)} {number + 1}"
        lines = [f"  - name: {name}", f"    title: {title(shown)}", "    type: field_filter"]
        lines += [f"    default_value: {'30 days' if dated else self.rng.choice(WORDS)}"]
        lines += ["    allow_multiple_values: true", "    required: false", "    ui_config:"]
        lines += [f"      type: {'relative_timeframes' if dated else 'tag_list'}", "      display: popover"]
        lines += [f"    model: {area.name}", f"    explore: {explore.name}", "    listens_to_filters: []"]
        return name, explore, [*lines, f"    field: {alias}.{shown}"]

    def text_tile(self, number: int) -> list[str]:
        """Write a tile that only holds text.

        Args:
            number: Its place on the dashboard.

        Returns:
            Its lines.
        """
        lines = [f"  - name: text_{number}", "    type: text", f"    title_text: Part {number}"]
        return [*lines, f"    body_text: '{self.rng.choice(TAILS).capitalize()}.'", *self.place(number)]

    def place(self, number: int) -> list[str]:
        """Write where a tile stands.

        Args:
            number: Its place on the dashboard.

        Returns:
            Its lines.
        """
        row, column = divmod(number, 3)
        return [f"    row: {row * 6}", f"    col: {column * 8}", "    width: 8", "    height: 6"]

    def tile(self, explore: Explore, area: Area, number: int, filters: list[tuple[str, Explore, list[str]]]) -> list[str]:
        """Write a tile with a query.

        Args:
            explore: What it shows.
            area: The area of the model.
            number: Its place on the dashboard.
            filters: The filters of the dashboard.

        Returns:
            Its lines.
        """
        rng = self.rng
        dimensions, measures = self.fields(explore)
        shown = ", ".join(dimensions + measures)
        lines = [f"  - name: tile_{number}", f"    title: {title(explore.name)} {number}"]
        if rng.random() < 0.6:
            lines.append(f"    model: {area.name}")
        lines += [f"    explore: {explore.name}", f"    type: {rng.choice(['looker_line', 'looker_bar', 'table'])}"]
        lines += [f"    fields: [{shown}]", f"    sorts: [{(measures or dimensions)[0]} desc]", "    limit: 500"]
        if len(dimensions) > 1 and rng.random() < 0.3:
            lines.append(f"    pivots: [{dimensions[-1]}]")
        if rng.random() < 0.4:
            alias, view = explore.members[0]
            lines += ["    filters:", f"      {alias}.{rng.choice(view.texts)}: {rng.choice(WORDS)}"]
        if measures and rng.random() < 0.15:
            lines += ["    dynamic_fields:", "    - table_calculation: share", "      label: Share"]
            lines.append(f'      expression: "${{{measures[0]}}} / sum(${{{measures[0]}}})"')
        return lines + self.listen(explore, filters) + self.place(number)

    def fields(self, explore: Explore) -> tuple[list[str], list[str]]:
        """Choose what a tile shows.

        Args:
            explore: The explore.

        Returns:
            Dimensions, at least one, and measures, perhaps none.
        """
        rng = self.rng
        near = explore.members[: 1 + rng.randrange(6)]
        alias, view = explore.members[0]
        dimensions = [f"{alias}.{rng.choice(view.groups)}_date" if view.groups else f"{alias}.{view.texts[0]}"]
        for alias, view in rng.sample(near, min(len(near), 2)):
            dimensions.append(f"{alias}.{rng.choice(view.texts)}")
        measured = [(alias, view) for alias, view in near if view.measures]
        measures = [f"{alias}.{rng.choice(view.measures)}" for alias, view in measured[: rng.randint(1, 3)]]
        return list(dict.fromkeys(dimensions)), measures

    def listen(self, explore: Explore, filters: list[tuple[str, Explore, list[str]]]) -> list[str]:
        """Let a tile listen to filters of its dashboard.

        Args:
            explore: The explore of the tile.
            filters: The filters of the dashboard.

        Returns:
            The lines, perhaps none.
        """
        rng = self.rng
        lines = []
        for name, owner, text in filters:
            if owner is explore:
                lines.append(f"      {name}: {text[-1].split()[-1]}")
            elif rng.random() < 0.3:
                alias, view = explore.members[0]
                lines.append(f"      {name}: {alias}.{rng.choice(view.texts)}")
        return ["    listen:", *lines] if lines else []


# ---------------------------------------------------------------------------------------------------------------------
# Files
# ---------------------------------------------------------------------------------------------------------------------


class Output:
    """Writes files below one folder and counts them."""

    def __init__(self, target: Path, tally: Counter[str]) -> None:
        """Start.

        Args:
            target: The folder.
            tally: Where files and bytes are counted.
        """
        self.target = target
        self.tally = tally

    def write(self, path: str, text: str) -> None:
        """Write one file.

        Args:
            path: Where, from the folder.
            text: What it holds.
        """
        data = text.encode()
        place = self.target / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
        tally = self.tally
        tally["files"] += 1
        tally["bytes"] += len(data)
        if path.endswith(".lkml"):
            tally["lkml_files"] += 1
            tally["lkml_bytes"] += len(data)
        tally["model_files"] += path.endswith(".model.lkml")
        tally["largest_file_bytes"] = max(tally["largest_file_bytes"], len(data))


class RepoAuthor:
    """Turns a plan into files, kind by kind."""

    def __init__(self, plan: Plan, mix: Mix, rng: random.Random, output: Output) -> None:
        """Start.

        Args:
            plan: What to write; its views are filled and its explores written.
            mix: How many files.
            rng: The only source of chance.
            output: Where files go.
        """
        self.plan = plan
        self.mix = mix
        self.rng = rng
        self.output = output
        self.views = ViewAuthor(mix, rng, output.tally)

    def write(self) -> None:
        """Write all files."""
        self.manifest()
        self.datagroups()
        for area in self.plan.areas + self.plan.shared:
            self.view_files(area)
        areas = self.plan.areas
        refinement_files = share(self.mix.refinement_files, [len(area.refining) for area in areas])
        explore_files = share(self.mix.explore_files, [len(area.explores) for area in areas])
        dashboards = apportion(self.mix.dashboards, [area.weight * bool(area.explores) for area in areas])
        for i, area in enumerate(areas):
            self.refinement_files(area, refinement_files[i])
            inside = self.explore_files(area, explore_files[i])
            self.dashboard_files(area, dashboards[i])
            self.model_file(area, inside, i, has_dashboards=dashboards[i] > 0)

    def manifest(self) -> None:
        """Write the manifest with its constants."""
        constants = [f'constant: {name} {{\n  value: "{value}"\n}}\n' for name, value in CONSTANTS]
        self.output.write("manifest.lkml", 'project_name: "synthetic"\n\n' + "\n".join(constants))

    def datagroups(self) -> None:
        """Write one file for each datagroup."""
        for i, name in enumerate(self.plan.datagroups):
            trigger = f"SELECT MAX(loaded_at) FROM `acme-analytics.landing.loads_{i + 1}`"
            text = f'datagroup: {name} {{\n  sql_trigger: {trigger} ;;\n  max_cache_age: "{i % 4 * 6 + 6} hours"\n}}\n'
            self.output.write(f"shared/datagroups/{name}.datagroup.lkml", text)

    def view_files(self, area: Area) -> None:
        """Write the view files of an area: each view followed by the records nested in it.

        Args:
            area: The area.
        """
        for file in area.files:
            parts = [f"# Views about {title(file[0].name).lower()}; the owner is the {title(area.name)} team.\n"]
            for root in file:
                parts += [self.views.view(view, area) for view in [root, *root.descendants()]]
            self.output.write(file[0].path, "\n".join(parts))

    def refinement_files(self, area: Area, count: int) -> None:
        """Write the refinements of an area.

        Args:
            area: The area.
            count: How many files.
        """
        for i in range(count):
            refining = area.refining[i::count]
            includes = sorted({view.base.path for view in refining if view.base is not None})
            parts = ["\n".join(f'include: "/{path}"' for path in includes) + "\n"]
            parts += [self.views.view(view, area) for view in refining]
            self.output.write(f"{area.folder}/refinements/{area.name}_{i + 1}.layer.lkml", "\n".join(parts))

    def explore_files(self, area: Area, count: int) -> list[Explore]:
        """Write the explore files of an area.

        Args:
            area: The area.
            count: How many files.

        Returns:
            The explores that are left for the model file.
        """
        mix = self.mix
        kept = min(len(area.explores) - count, round(len(area.explores) * mix.explores_in_models / mix.explores))
        inside = area.explores[len(area.explores) - kept :]
        outside = area.explores[: len(area.explores) - kept]
        for i in range(count):
            explores = outside[i::count]
            parts = [explore.text for explore in explores]
            if self.rng.random() < 0.6:
                paths = {view.path: None for explore in explores for _, view in explore.members if view.path}
                parts.insert(0, "\n".join(f'include: "/{path}"' for path in paths) + "\n")
            self.output.write(f"{area.folder}/explores/{explores[0].name}.explore.lkml", "\n".join(parts))
        return inside

    def dashboard_files(self, area: Area, count: int) -> None:
        """Write the dashboards of an area.

        Args:
            area: The area.
            count: How many dashboards, one to a file.
        """
        author = DashboardAuthor(self.mix, self.rng, self.output.tally)
        names: set[str] = set()
        for _ in range(count):
            name = unique(f"{area.name}_{self.rng.choice(ENTITIES)}_overview", names)
            self.output.write(f"{area.folder}/dashboards/{name}.dashboard.lookml", author.dashboard(area, name))

    def model_file(self, area: Area, explores: Iterable[Explore], number: int, *, has_dashboards: bool) -> None:
        """Write the model of an area, which includes its folders in one of three ways.

        Args:
            area: The area.
            explores: Explores to declare in the model itself.
            number: The place of the model, which decides the way.
            has_dashboards: Whether there are dashboards to include.
        """
        folder = f"/{area.folder}"
        patterns = {
            0: [f"{folder}/views/**/*.view.lkml", f"{folder}/explores/*.explore.lkml"],
            1: [f"{folder}/**/*.view", f"{folder}/**/*.explore"],
            2: ["views/**/*.view.lkml", "./explores/*.explore"],
        }[number % 3]
        if area.refining:
            patterns.append(f"{folder}/refinements/*.layer.lkml")
        if has_dashboards:
            patterns.append(f"{folder}/dashboards/*.dashboard" + (".lookml" if number % 2 else ""))
        patterns += [f"/{shared.folder}/**/*.view.lkml" for shared in area.shared]
        patterns.append("/shared/datagroups/*.datagroup.lkml")
        lines = ['connection: "warehouse"', f'label: "{title(area.name)}"', ""]
        lines += [f'include: "{pattern}"' for pattern in patterns]
        lines += ["", f"persist_with: {self.plan.datagroups[number % len(self.plan.datagroups)]}", ""]
        path = f"{'models' if number % 3 == 0 else area.folder}/{area.name}.model.lkml"
        self.output.write(path, "\n".join(lines) + "\n" + "\n".join(explore.text for explore in explores))


def share(total: int, capacities: Sequence[int]) -> list[int]:
    """Split a number of files among areas that each have something to put in them.

    Args:
        total: How many files.
        capacities: How many things each area has.

    Returns:
        A number for each area: none without things, else at least one and at most one for each thing.
    """
    if not any(capacities):
        return [0] * len(capacities)
    parts = apportion(total, capacities)
    return [min(capacity, max(1, part)) if capacity else 0 for part, capacity in zip(parts, capacities, strict=True)]


def write_repo(target: Path, mix: Mix, *, seed: int = 20260101) -> Written:
    """Write a synthetic LookML repository.

    Args:
        target: An empty or new folder.
        mix: How much of everything.
        seed: Another seed gives another repository of the same mix.

    Returns:
        What was written.

    Raises:
        FileExistsError: When the folder holds something already.
        ValueError: When the mix cannot be written.
    """
    if target.exists() and any(target.iterdir()):
        raise FileExistsError(f"{target} is not empty")
    check(mix)
    rng = random.Random(seed)
    tally: Counter[str] = Counter()
    plan = Planner(mix, rng).plan()
    fields = FieldAuthor(mix, rng, tally)
    for view in plan.views:
        fields.fill(view)
    ExploreAuthor(plan, rng, tally).write_all(mix)
    RepoAuthor(plan, mix, rng, Output(target, tally)).write()
    return Written(**{item.name: tally[item.name] for item in dataclasses.fields(Written)})


def main() -> None:
    """Write a repository from the command line and print what it holds."""
    parser = argparse.ArgumentParser(description="Write a synthetic LookML repository.")
    parser.add_argument("target", type=Path, help="an empty or new folder")
    parser.add_argument("--scale", type=float, default=1.0, help="1.0 is the full shape (default)")
    parser.add_argument("--seed", type=int, default=20260101, help="another seed gives another repository")
    arguments = parser.parse_args()
    written = write_repo(arguments.target, scaled(arguments.scale), seed=arguments.seed)
    print(describe(written))


if __name__ == "__main__":
    main()
