"""Where fields and views come from: the four parts of the answer, which ask each other.

A view's table is SQL that may name fields, a field reads the rows of its seat, a seat's rows are those of a view's table unless
its explore says otherwise, and conditions of explores read fields. Nothing is traced twice.
"""

from __future__ import annotations

from collections.abc import Mapping

from dagster_lookml.config import Config
from dagster_lookml.lineage.conditions import Conditions
from dagster_lookml.lineage.field_tracing import FieldTracing
from dagster_lookml.lineage.needs import Needs
from dagster_lookml.lineage.questions import Questions
from dagster_lookml.lineage.seating import Seating
from dagster_lookml.lineage.tables import KnownColumns
from dagster_lookml.lineage.view_tables import ViewTables
from dagster_lookml.lineage.worlds import World, worlds
from dagster_lookml.semantic.objects import Explore, Lookup, Project
from dagster_lookml.sql.texts import SqlTexts


class Tracer:
    """Answers where fields and views of a project come from.

    Args:
        project: compiled.
        config: its configuration.
        texts: reads SQL.
        columns: what is known of the columns of tables.

    Attributes:
        questions: that are asked at the moment.
        lookup: finds objects by name.
        environment: which of ``-- if prod --`` and ``-- if dev --`` counts.
        worlds: what SQL means in each model.
        tables: the rows of views.
        seating: the views of explores.
        fields: what fields read.
        conditions: what explores read beside fields.
    """

    def __init__(self, project: Project, config: Config, texts: SqlTexts, columns: KnownColumns) -> None:
        self.project = project
        self.environment = config.environment
        self.lookup = Lookup(project)
        self.worlds: Mapping[str, World] = worlds(project, config, self.lookup, texts.reader)
        self.texts = texts
        self.columns = columns
        self.questions = Questions()
        self.tables = ViewTables(self)
        self.seating = Seating(self)
        self.fields = FieldTracing(self)
        self.conditions = Conditions(self)
        self._needs: dict[str, Needs] = {}

    def needs(self, explore: Explore) -> Needs:
        """Which joins the queries of an explore need."""
        if explore.id not in self._needs:
            self._needs[explore.id] = Needs(self, explore)
        return self._needs[explore.id]
