"""Findings: what is wrong in a project, as data. Which findings exist is the table `RULES`."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from hashlib import sha256
from typing import Final

import msgspec


class Severity(Enum):
    """How bad a finding is."""

    ERROR = "error"
    """It surely breaks in Looker."""
    WARNING = "warning"
    """It may be meant, or may break for some users; somebody should look."""
    INFO = "info"
    """Worth knowing; nothing needs to be done."""

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return (Severity.ERROR, Severity.WARNING, Severity.INFO).index(self)


class Rule(msgspec.Struct, frozen=True):
    """A kind of finding.

    Attributes:
        code: stable, such as ``LM101``.
        name: stable, named after the defect.
        severity: unless the configuration says otherwise.
        summary: what is wrong, in one line.
    """

    code: str
    name: str
    severity: Severity
    summary: str


class Diagnostic(msgspec.Struct, frozen=True, kw_only=True):
    """One finding at one place.

    Attributes:
        rule: name of its rule.
        severity: how bad it is.
        message: one line; names the thing concerned.
        hint: what may help, such as names that look alike; may be empty.
        file: path from the root of the repository; empty if it is about the repository.
        line: 1-based; 0 if it is about a file as a whole.
        column: 1-based, in characters; 0 likewise.
        object: id of the object concerned, or None.
        length: how many characters of the line are meant.
    """

    rule: str
    severity: Severity
    message: str
    file: str
    line: int = 0
    column: int = 0
    object: str | None = None
    hint: str = ""
    length: int = 1

    @property
    def code(self) -> str:
        """Code of the rule."""
        return RULES[self.rule].code

    @property
    def fingerprint(self) -> str:
        """Names the finding by what it is about and not by where it stands, so that it survives moved lines."""
        subject = self.object or self.file
        return sha256(f"{self.rule}\0{subject}\0{self.message}".encode()).hexdigest()[:16]


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Sort findings by place, and say each only once, though several objects may inherit what is wrong."""
    kept: dict[tuple[str, str, int, int, str], Diagnostic] = {}
    for found in diagnostics:
        key = (found.rule, found.file, found.line, found.column, found.message)
        if key not in kept or (found.object or "") < (kept[key].object or ""):
            kept[key] = found
    return tuple(
        sorted(
            kept.values(),
            key=lambda found: (
                found.file, found.line, found.column, found.code, found.object or "", found.message, found.severity.rank,
            ),
        )
    )  # fmt: skip


_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO

_TABLE: Final = (
    # 1xx: files and their text
    Rule("LM101", "syntax-error", _E, "text that is no LookML"),
    Rule("LM102", "unclosed-block", _E, "a block whose } is missing"),
    Rule("LM103", "surplus-brace", _E, "a } that closes nothing, or closes a block too early"),
    Rule("LM104", "unclosed-string", _E, "a string whose closing quote is missing"),
    Rule("LM105", "unclosed-expression", _E, "an expression whose ;; is missing"),
    Rule("LM106", "unclosed-list", _E, "a list whose ] is missing"),
    Rule("LM107", "missing-value", _E, "a parameter without a value"),
    Rule("LM108", "missing-comma", _E, "list items without a comma between them"),
    Rule("LM109", "block-without-key", _E, "a block that does not say what it is"),
    Rule("LM110", "quoted-name", _E, "a block whose name stands in quotes"),
    Rule("LM111", "stray-semicolon", _E, "a ; that ends nothing"),
    Rule("LM112", "duplicate-parameter", _W, "a parameter that stands twice in one block"),
    Rule("LM113", "surplus-comma", _W, "a comma that separates nothing"),
    Rule("LM114", "space-before-colon", _W, "white space between sql and its colon"),
    Rule("LM115", "unquoted-constant", _W, "a constant in a list without quotes"),
    Rule("LM116", "odd-white-space", _W, "an invisible character that is no white space in LookML"),
    Rule("LM117", "too-deep", _E, "blocks nested beyond any use"),
    Rule("LM118", "old-lookml", _W, "LookML of the old kind, written in YAML"),
    Rule("LM119", "yaml-error", _E, "a dashboard file that is no YAML"),
    Rule("LM120", "tab-indent", _E, "a tab in the indentation of YAML"),
    Rule("LM121", "not-a-dashboard", _E, "an item of a dashboard file that is no dashboard"),
    Rule("LM122", "invalid-utf8", _W, "bytes that are not UTF-8"),
    Rule("LM123", "nul-character", _W, "a NUL in a text file"),
    Rule("LM124", "file-too-large", _W, "a file over the configured limit"),
    Rule("LM125", "link-outside", _W, "a symbolic link that leaves the project"),
    Rule("LM126", "unreadable-file", _W, "a file that cannot be read"),
    Rule("LM127", "unknown-parameter", _W, "a parameter that LookML does not know in this place"),
    # 2xx: the project, its manifest, includes and constants
    Rule("LM201", "no-model", _I, "a project without a model file"),
    Rule("LM202", "duplicate-model", _E, "two model files of one name"),
    Rule("LM203", "missing-connection", _W, "a model without a connection"),
    Rule("LM204", "missing-import", _W, "an imported project that is not here"),
    Rule("LM205", "include-no-match", _W, "an include that matches no file"),
    Rule("LM206", "include-outside", _W, "an include that leaves the project"),
    Rule("LM207", "include-model", _I, "a model file that another model includes"),
    Rule("LM208", "undefined-constant", _E, "a constant that the project's manifest does not define"),
    Rule("LM209", "circular-constant", _E, "a constant that contains itself"),
    Rule("LM210", "constant-not-exported", _E, "an override of a constant that may not be overridden"),
    Rule("LM211", "constant-without-override", _E, "a constant that the importer must override"),
    Rule("LM212", "wildcard-order", _W, "refinements whose order only a wildcard decides"),
    Rule("LM214", "not-included", _I, "files that no model includes, of which only the text is checked"),
    Rule("LM213", "misplaced-manifest", _W, "manifest parameters outside the manifest"),
    # 3xx: views and fields
    Rule("LM301", "duplicate-view", _E, "two views of one name in one model"),
    Rule("LM302", "unknown-view", _E, "a view that the model does not have"),
    Rule("LM303", "unknown-parent", _E, "an extends of something that the model does not have"),
    Rule("LM304", "circular-extends", _E, "objects that extend each other"),
    Rule("LM305", "refines-nothing", _E, "a refinement of something that the model does not have"),
    Rule("LM306", "refines-final", _E, "a refinement after one that says final"),
    Rule("LM307", "duplicate-field", _E, "two fields of one name in one view"),
    Rule("LM308", "field-kind-changed", _W, "a field that changes its kind on the way from its parent"),
    Rule("LM309", "table-and-derived-table", _E, "a view with sql_table_name and derived_table"),
    Rule("LM310", "unknown-field", _E, "a field that does not exist"),
    Rule("LM317", "missing-primary-key", _W, "a join by foreign_key to a view without a primary key"),
    Rule("LM311", "unknown-timeframe", _W, "a timeframe or interval that Looker does not have"),
    Rule("LM312", "duplicate-primary-key", _W, "a view with two primary keys"),
    Rule("LM313", "unknown-drill-field", _W, "a drill field that does not exist"),
    Rule("LM314", "empty-sql", _W, "a field whose sql is empty"),
    Rule("LM315", "unknown-value", _W, "a value that its parameter does not have"),
    Rule("LM316", "duplicate-name", _W, "two sets, queries or tables of one name in one object"),
    # 4xx: explores
    Rule("LM401", "duplicate-explore", _E, "two explores of one name in one model"),
    Rule("LM402", "unknown-explore", _E, "an explore that the model does not have"),
    Rule("LM403", "duplicate-join", _E, "two joins of one name in one explore"),
    Rule("LM404", "unknown-join", _E, "a required join that the explore does not have"),
    Rule("LM405", "view-not-joined", _E, "a reference to a view that the explore does not join"),
    Rule("LM406", "unscoped-field", _W, "a field without its view where one is needed"),
    Rule("LM407", "field-excluded", _W, "a reference to a field that the explore leaves out"),
    # 5xx: dashboards
    Rule("LM501", "duplicate-dashboard", _E, "two dashboards of one name in one model"),
    Rule("LM502", "duplicate-element", _W, "two elements of one name in one dashboard"),
    Rule("LM503", "unknown-dashboard-filter", _E, "a tile that listens to a filter that does not exist"),
    Rule("LM504", "unknown-tile-field", _E, "a field of a tile that its explore does not have"),
    Rule("LM505", "unknown-tile-explore", _E, "a tile whose explore does not exist"),
    Rule("LM506", "unknown-tile-reference", _W, "a sort or a calculation of a tile that names a field which does not exist"),
    # 6xx: caching, access and formats
    Rule("LM601", "unknown-datagroup", _E, "a datagroup that the model does not have"),
    Rule("LM602", "unknown-access-grant", _E, "an access grant that the model does not have"),
    Rule("LM604", "datagroup-without-trigger", _W, "a persistent table whose datagroup never triggers"),
    Rule("LM603", "duplicate-datagroup", _W, "two datagroups of one name in one model"),
)

RULES: Final = {rule.name: rule for rule in _TABLE}
"""Every rule by its name."""
