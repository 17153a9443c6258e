"""What the names in a statement mean that stand for ``${}`` references, and which of those were met."""

from __future__ import annotations

from sqlglot import exp

from dagster_lookml.semantic.references import SqlReference
from dagster_lookml.sql.dialects import table_part
from dagster_lookml.sql.nodes import line_of
from dagster_lookml.sql.placeholders import TABLE, Substituted, reference_numbers, with_unknowns
from dagster_lookml.sql.statement import BUILT, OWN, FieldUse, TableRead, Use


class Names:
    """The names of one statement.

    Args:
        substituted: the text of the statement, which knows what its placeholders mean.
        dialect: name of the dialect; empty for standard SQL.
    """

    def __init__(self, substituted: Substituted, dialect: str) -> None:
        self.references = substituted.references
        self.live = substituted.live
        self.dialect = dialect
        self.met: set[int] = set()

    def table_read(self, node: exp.Table) -> TableRead:
        """A table by its name: of the warehouse, of a view, of the field itself or the one that is being built."""
        identifiers = [part for part in node.parts if isinstance(part, exp.Identifier)]
        parts = [part.name for part in identifiers]
        line = line_of(node)
        if len(parts) == 1:
            name = parts[0].lower()
            if name == TABLE:
                return TableRead("own", (OWN,), OWN, line)
            numbers = reference_numbers(name)
            if len(numbers) == 1 and name == f"lkml_ref_{numbers[0]}z":
                return self.referenced_table(numbers[0], line)
        shown = tuple(with_unknowns(self.with_references(part)) for part in parts)
        name_parts = tuple(
            table_part(part, quoted=bool(identifier.args.get("quoted")), dialect=self.dialect)
            for part, identifier in zip(shown, identifiers, strict=True)
        )
        return TableRead("table", name_parts, ".".join(shown), line)

    def with_references(self, name: str) -> str:
        """A name in which placeholders are written as references again, in braces."""
        for number in reference_numbers(name):
            self.met.add(number)
            name = name.replace(f"lkml_ref_{number}z", f"{{{self.references[number].written}}}")
        return name

    def referenced_table(self, number: int, line: int) -> TableRead:
        """The table that ``${view.SQL_TABLE_NAME}`` or ``${SQL_TABLE_NAME}`` stands for."""
        self.met.add(number)
        reference = self.references[number]
        if not reference.is_table:
            return TableRead("table", (f"{{{reference.written}}}",), f"${{{reference.written}}}", line)
        if reference.view is None:
            return TableRead("built", (BUILT,), BUILT, line)
        return TableRead("view", (reference.view,), f"${{{reference.view}.SQL_TABLE_NAME}}", line)

    def reference(self, number: int, line: int) -> Use:
        """The field that a placeholder stands for."""
        self.met.add(number)
        reference = self.references[number] if number < len(self.references) else SqlReference(None, "", 0, 0)
        return FieldUse(reference.view, reference.name, line)

    def unmet(self) -> tuple[Use, ...]:
        """References that stand where no expression was walked: in a name, a type or a literal. None gets lost."""
        missed = sorted(self.live - self.met)
        return tuple(self.reference(number, 1) for number in missed if not self.references[number].is_table)
