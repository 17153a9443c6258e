"""What one model sees: the closure of its includes, and its objects after extends and refinements (R2.14-R2.22, R7, R8)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final, Literal, NamedTuple

from dagster_lookml.diagnostics import Severity
from dagster_lookml.errors import suggestion
from dagster_lookml.semantic.findings import Findings
from dagster_lookml.semantic.merge import Block, KindChange, merge, without_repeated
from dagster_lookml.semantic.sources import ParsedFile
from dagster_lookml.syntax.nodes import BlockNode, ListNode, PairNode
from dagster_lookml.syntax.schema import FIELD_KINDS

ObjectKind = Literal["view", "explore"]
MAX_EXTENDS: Final = 100
"""Parents above parents; the longest chain seen in a real repo is four."""
SHARED_KINDS: Final = {
    "datagroup": "duplicate-datagroup",
    "access_grant": "duplicate-access-grant",
    "named_value_format": "duplicate-named-format",
    "test": "duplicate-test",
}
"""What objects of a model share by name, and the rule that two of one name break."""


class Declaration(NamedTuple):
    """One block that declares or refines something, where it stands."""

    node: BlockNode
    file: ParsedFile

    @property
    def key(self) -> tuple[str, int]:
        """Identifies it: two models that see the same declarations share what is made of them."""
        return (self.file.shown_as, self.node.key_start)


def closure(start: ParsedFile) -> tuple[ParsedFile, ...]:
    """The files that a file brings in, each once, every file after those it includes (R2.15, R2.17, section 18).

    Args:
        start: a model file, or any other.
    """
    order: list[ParsedFile] = []
    seen = {start.shown_as}
    stack: list[tuple[ParsedFile, Iterator[ParsedFile]]] = [(start, _included(start))]
    while stack:
        file, rest = stack[-1]
        for included in rest:
            if included.shown_as not in seen:
                seen.add(included.shown_as)
                stack.append((included, _included(included)))
                break
        else:
            order.append(file)
            stack.pop()
    return tuple(order)


def _included(file: ParsedFile) -> Iterator[ParsedFile]:
    return (included for include in file.includes for included in include.files)


@dataclass(frozen=True, slots=True, eq=False)
class Resolved:
    """An object after extends and refinements.

    Attributes:
        key: a number that stands for the declarations it is made of; equal keys mean equal objects.
        block: merged.
        declared: the declaration that counts, then the refinements in order.
        extends: names of the parents, weakest first (R8.6).
        missing: those that the scope does not have.
        complete: no parent is missing, at any distance; so everything that the object has is known.
    """

    key: int
    block: Block
    declared: tuple[Declaration, ...]
    extends: tuple[str, ...]
    missing: tuple[str, ...]
    complete: bool


class Unresolved:
    """What absent imports leave open: for each of them the names that it may hold, by their kind."""

    def __init__(self) -> None:
        self._names: dict[str, dict[str, set[str]]] = {}

    def add(self, projects: Iterable[str], kind: str, name: str) -> None:
        """Note a name that one of the absent projects may hold."""
        for project in projects:
            self._names.setdefault(project, {}).setdefault(kind, set()).add(name)

    def names(self, project: str) -> dict[str, set[str]]:
        """The names that a project may hold, by their kind."""
        return self._names.get(project, {})


class Scope:
    """One model's view of the project.

    Args:
        name: of the model.
        files: its closure, in order.
        shared: merged objects by their key, shared by all scopes of a project.
        findings: where faults are noted.
        unresolved: where names are noted that an absent import may hold.
        strict: two declarations of one name are an error; not so where the files were only thrown together.
    """

    def __init__(
        self,
        name: str,
        files: tuple[ParsedFile, ...],
        shared: dict[tuple[object, ...], Resolved],
        findings: Findings,
        unresolved: Unresolved,
        *,
        strict: bool = True,
    ) -> None:
        self.name = name
        self.files = files
        self._shared = shared
        self._findings = findings
        self._unresolved = unresolved
        self._strict = strict
        self._resolved: dict[tuple[ObjectKind, str], Resolved | None] = {}
        self._refined: dict[ObjectKind, dict[str, Resolved]] = {}
        self._resolving: list[tuple[ObjectKind, str]] = []

    @property
    def model_file(self) -> ParsedFile | None:
        """The file that the model is called after; None for the model that stands for a repo without one."""
        last = self.files[-1] if self.files else None
        return last if last is not None and last.is_model and last.model_name == self.name else None

    @cached_property
    def missing_projects(self) -> tuple[str, ...]:
        """Imported projects that some include of this scope names and that are not here."""
        named = (include.missing_project for file in self.files for include in file.includes)
        return tuple(sorted({name for name in named if name is not None}))

    @cached_property
    def _declarations(self) -> dict[tuple[str, str], list[Declaration]]:
        declarations: dict[tuple[str, str], list[Declaration]] = {}
        for file in self.files:
            for key, nodes in file.blocks.items():
                for node in nodes:
                    if node.name is not None:
                        declarations.setdefault((key, node.name), []).append(Declaration(node, file))
        return declarations

    def names(self, kind: str) -> tuple[str, ...]:
        """Names of every view, explore, datagroup … that is declared here, sorted; refinements are no declarations."""
        return tuple(sorted(name for key, name in self._declarations if key == kind and not name.startswith("+")))

    def report_repeated(self, kind: str) -> None:
        """Note names of one of the `SHARED_KINDS` that are declared twice; the last one counts."""
        for name in self.names(kind):
            places = [one.file.span(one.node.key_start) for one in self.declarations(kind, name)]
            for before, after in pairwise(places):
                message = f"the {kind} `{name}` is declared twice in one model"
                hint = f"first at {before}; the last one counts"
                self._findings.add(SHARED_KINDS[kind], message, after, hint=hint, length=len(f"{kind}: {name}"))

    def declarations(self, kind: str, name: str) -> list[Declaration]:
        """Every declaration of a name, in the order of the closure."""
        return self._declarations.get((kind, name), [])

    def resolve(self, kind: ObjectKind, name: str) -> Resolved | None:
        """An object after extends and refinements; None if the scope does not have it."""
        if (kind, name) not in self._resolved:
            self._resolved[kind, name] = self._resolve(kind, name)
        return self._resolved[kind, name]

    def resolve_all(self, kind: ObjectKind) -> dict[str, Resolved]:
        """Every object of a kind by name, sorted by it; faults are noted on the way."""
        for key, name in self._declarations:
            if key == kind and name.startswith("+") and (kind, name[1:]) not in self._declarations:
                self._refines_nothing(kind, name[1:])
        found = {name: self.resolve(kind, name) for name in self.names(kind)}
        return {name: resolved for name, resolved in found.items() if resolved is not None}

    def refined_alone(self, kind: ObjectKind) -> dict[str, Resolved]:
        """What refinements say of objects that only an absent import can declare (R8.8), by name, sorted by it."""
        if kind not in self._refined:
            refined = (name[1:] for key, name in self._declarations if key == kind and name.startswith("+"))
            names = sorted(name for name in refined if (kind, name) not in self._declarations) if self.missing_projects else []
            self._refined[kind] = {name: self._refined_alone(kind, name) for name in names}
        return self._refined[kind]

    def _refined_alone(self, kind: ObjectKind, name: str) -> Resolved:
        """Refinements and what they extend, merged as over a base that says nothing (R8.6)."""
        refinements = self.declarations(kind, "+" + name)
        written = tuple(dict.fromkeys(parent for one in refinements for parent, _ in _extends(one)))
        found = {parent: self.resolve(kind, parent) for parent in written}
        parents = [parent for parent in found.values() if parent is not None]
        missing = tuple(parent for parent, one in found.items() if one is None)
        key = ("refined", kind, *(one.key for one in refinements), *(parent.key for parent in parents), *missing)
        if key not in self._shared:
            node, file = refinements[0]
            block = self._over_parents(Block(node.key, name, (), file, node.key_start), parents, [])
            for one in refinements:
                block = merge(block, Block.of(*one), inherit=False, changes=[])
            self._shared[key] = Resolved(len(self._shared), block, tuple(refinements), written, missing, complete=False)
        return self._shared[key]

    def _resolve(self, kind: ObjectKind, name: str) -> Resolved | None:
        declared = self.declarations(kind, name)
        if not declared:
            return None
        if len(declared) > 1:
            self._report_duplicates(kind, name, declared)
        own = declared[-1]
        refinements = self.declarations(kind, "+" + name)
        self._report_after_final(kind, name, refinements)
        written = [*_extends(own), *(parent for refinement in refinements for parent in _extends(refinement))]
        parents, missing = self._parents(kind, name, written)
        key = (
            kind,
            own.key,
            *(refinement.key for refinement in refinements),
            *(parent.key for parent in parents),
            *missing,
        )
        shared = self._shared.get(key)
        if shared is None:
            names = tuple(dict.fromkeys(parent for parent, _ in written))
            block = self._merge(kind, name, own, refinements, parents)
            complete = not missing and all(parent.complete for parent in parents)
            shared = Resolved(len(self._shared), block, (own, *refinements), names, tuple(missing), complete)
            self._shared[key] = shared
        return shared

    def _merge(
        self, kind: ObjectKind, name: str, own: Declaration, refinements: list[Declaration], parents: list[Resolved]
    ) -> Block:
        """The four steps of R8.6; parents come refined already (R7.15)."""
        changes: list[KindChange] = []
        block, repeated = without_repeated(Block.of(own.node, own.file))
        for first, second in repeated:
            self._report_repeated(kind, name, first, second)
        block = self._over_parents(block, parents, changes)
        for refinement in refinements:
            block = merge(block, Block.of(refinement.node, refinement.file), inherit=False, changes=changes)
        for change in changes:
            self._report_change(kind, name, change)
        return block

    @staticmethod
    def _over_parents(block: Block, parents: list[Resolved], changes: list[KindChange]) -> Block:
        if not parents:
            return block
        inherited = parents[0].block
        for parent in parents[1:]:
            inherited = merge(inherited, parent.block, inherit=True, changes=[])
        return merge(inherited, block, inherit=True, changes=changes)

    def _parents(self, kind: ObjectKind, name: str, written: list[tuple[str, Declaration]]) -> tuple[list[Resolved], list[str]]:
        """Resolve what is extended, each parent once, at its first place (R8.7)."""
        parents: list[Resolved] = []
        missing: list[str] = []
        self._resolving.append((kind, name))
        for parent in dict.fromkeys(parent for parent, _ in written):
            where = next(declaration for named, declaration in written if named == parent)
            if (kind, parent) in self._resolving or len(self._resolving) > MAX_EXTENDS:
                self._report_cycle(kind, parent, where)
                continue
            resolved = self.resolve(kind, parent)
            if resolved is not None:
                parents.append(resolved)
                continue
            missing.append(parent)
            if self.missing_projects:
                self._unresolved.add(self.missing_projects, kind, parent)
            else:
                self._report_unknown_parent(kind, name, parent, where)
        self._resolving.pop()
        return parents, missing

    # -- faults --------------------------------------------------------------------------------------------------------

    def _report_duplicates(self, kind: ObjectKind, name: str, declared: list[Declaration]) -> None:
        if not self._strict:
            return
        places = [declaration.file.span(declaration.node.key_start) for declaration in declared]
        for before, after in pairwise(places):
            self._findings.add(
                f"duplicate-{kind}",
                f"the {kind} `{name}` is declared twice in one model",
                after,
                object=f"{kind}:{name}",
                hint=f"first at {before}; the last one counts",
                length=len(f"{kind}: {name}"),
            )

    def _report_after_final(self, kind: ObjectKind, name: str, refinements: list[Declaration]) -> None:
        final: Declaration | None = None
        for refinement in refinements:
            span = refinement.file.span(refinement.node.key_start)
            if final is not None:
                where = final.file.span(final.node.key_start)
                message = f"`{name}` is refined after a refinement that says `final: yes`"
                self._findings.add(
                    "refines-final", message, span, object=f"{kind}:{name}", hint=f"the final one stands at {where}"
                )
            elif any(
                isinstance(node, PairNode) and node.key == "final" and node.value == "yes" for node in refinement.node.children
            ):
                final = refinement

    def _refines_nothing(self, kind: ObjectKind, name: str) -> None:
        if self.missing_projects:
            self._unresolved.add(self.missing_projects, kind, name)
            return
        for refinement in self.declarations(kind, "+" + name):
            self._findings.add(
                "refines-nothing",
                f"there is no {kind} `{name}` to refine",
                refinement.file.span(refinement.node.key_start),
                object=f"{kind}:{name}",
                hint=_hint(name, self.names(kind)),
                length=len(f"{kind}: +{name}"),
            )

    def _report_unknown_parent(self, kind: ObjectKind, name: str, parent: str, where: Declaration) -> None:
        span = next((entry for entry in _extends_spans(where) if entry[0] == parent), (parent, where.node.key_start))[1]
        self._findings.add(
            "unknown-parent",
            f"`{name}` extends the {kind} `{parent}`, which the model does not have",
            where.file.span(span),
            object=f"{kind}:{name}",
            hint=_hint(parent, self.names(kind)),
            length=len(parent),
        )

    def _report_repeated(self, kind: ObjectKind, name: str, first: Block, second: Block) -> None:
        rule = "duplicate-field" if second.key in FIELD_KINDS else "duplicate-join" if second.key == "join" else "duplicate-name"
        what = "field" if second.key in FIELD_KINDS else second.key
        self._findings.add(
            rule,
            f"the {what} `{second.name}` is declared twice in `{name}`",
            second.span,
            object=f"{kind}:{name}",
            hint=f"first at {first.span}; the last one counts",
            length=len(f"{second.key}: {second.name}"),
        )

    def _report_change(self, kind: ObjectKind, name: str, change: KindChange) -> None:
        before, after = change.before, change.after
        rule, what = "table-and-derived-table", f"`{name}`"
        if isinstance(after, Block) and after.name is not None:
            rule, what = "field-kind-changed", f"`{after.name}`"
        message = f"{what} is a {after.key} here and a {before.key} in what it extends or refines"
        hint = f"the {before.key} stands at {before.span}; it is left out"
        self._findings.add(rule, message, after.span, object=f"{kind}:{name}", hint=hint, severity=Severity.WARNING)

    def _report_cycle(self, kind: ObjectKind, parent: str, where: Declaration) -> None:
        start = next((start for name, start in _extends_spans(where) if name == parent), where.node.key_start)
        path = [name for _, name in self._resolving]
        path = [*path[path.index(parent) :], parent] if parent in path else [*path[:3], "…", parent]
        self._findings.add(
            "circular-extends",
            f"{kind}s extend each other: {' -> '.join(path)}",
            where.file.span(start),
            object=f"{kind}:{where.node.name}",
            length=len(parent),
        )


def _extends_spans(declaration: Declaration) -> Iterator[tuple[str, int]]:
    for node in declaration.node.children:
        if node.key != "extends":
            continue
        if isinstance(node, PairNode):
            yield declaration.file.expand(node.value), node.start
        elif isinstance(node, ListNode):
            for item in node.items:
                yield declaration.file.expand(item.value), item.start


def _extends(declaration: Declaration) -> list[tuple[str, Declaration]]:
    return [(name, declaration) for name, _ in _extends_spans(declaration) if name]


def _hint(name: str, names: Iterable[str]) -> str:
    return suggestion(name, names)
