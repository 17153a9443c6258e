"""Extends and refinements: blocks merged parameter by parameter, before anything is typed (R7, R8, rule book section 16).

A merged block keeps, for each parameter, the file that it comes from; so every value can say where it was written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from dagster_lookml.semantic.sources import ParsedFile
from dagster_lookml.source.files import Span
from dagster_lookml.syntax.nodes import BlockNode, Item, ListNode, PairNode
from dagster_lookml.syntax.schema import FIELD_KINDS, REPEATABLE_KEYS, Merge, merge_rule

EXTENDED: Final = "${EXTENDED}"
EXTENDED_LIST: Final = "EXTENDED*"


class Part(msgspec.Struct, frozen=True, eq=False, gc=False):
    """One pair or list, and the file it stands in."""

    node: PairNode | ListNode
    file: ParsedFile

    @property
    def key(self) -> str:
        return self.node.key

    @property
    def span(self) -> Span:
        """Of the key."""
        return self.file.span(self.node.key_start)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The values of a list, or the one value of a pair (``extends: a`` means ``extends: [a]``, R7.2)."""
        if isinstance(self.node, PairNode):
            return (Entry(None, self.node.value, self.node.start, self.file),)
        return tuple(
            Entry(None, item.value, item.start, self.file)
            if isinstance(item, Item)
            else Entry(item.key, item.value, item.key_start, self.file)
            for item in self.node.items
        )


class SplicedList(msgspec.Struct, frozen=True, eq=False):
    """A list that holds its parent's entries where ``EXTENDED*`` stood (R7.10)."""

    key: str
    entries: tuple[Entry, ...]
    span: Span


class Entry(msgspec.Struct, frozen=True, eq=False, gc=False):
    """One entry of a list: a value, or a key with a value as in ``filters: [status: "done"]``."""

    key: str | None
    value: str
    start: int
    file: ParsedFile

    @property
    def span(self) -> Span:
        return self.file.span(self.start)

    @property
    def text(self) -> str:
        """The value with its constants expanded."""
        return self.file.expand(self.value)


class Block(msgspec.Struct, frozen=True, eq=False):
    """A block as it stands after merging.

    Attributes:
        members: its parameters in order; of a key that may not repeat the last counts.
        start: offset of the declaring keyword in `file`.
    """

    key: str
    name: str | None
    members: tuple[Member, ...]
    file: ParsedFile
    start: int

    @classmethod
    def of(cls, node: BlockNode, file: ParsedFile) -> Block:
        """One block as it stands in its file."""
        members = tuple(cls.of(child, file) if isinstance(child, BlockNode) else Part(child, file) for child in node.children)
        return cls(node.key, node.name, members, file, node.key_start)

    @property
    def span(self) -> Span:
        """Of the declaring keyword."""
        return self.file.span(self.start)

    def last(self, key: str) -> Member | None:
        """The parameter that counts, or None."""
        for member in reversed(self.members):
            if member.key == key:
                return member
        return None

    def all(self, key: str) -> Iterator[Member]:
        """Every parameter of a key, in order."""
        return (member for member in self.members if member.key == key)

    def blocks(self, key: str) -> Iterator[Block]:
        """Every block of a key, in order."""
        return (member for member in self.members if isinstance(member, Block) and member.key == key)

    def block(self, key: str) -> Block | None:
        """The block of a key that counts."""
        found = self.last(key)
        return found if isinstance(found, Block) else None

    def value(self, key: str) -> str | None:
        """The value of a pair with its constants expanded, or None."""
        found = self.last(key)
        return found.file.expand(found.node.value) if isinstance(found, Part) and isinstance(found.node, PairNode) else None

    def is_yes(self, key: str) -> bool:
        """Tell whether a pair says yes."""
        return self.value(key) in ("yes", "true")

    def entries(self, key: str) -> Iterator[Entry]:
        """The values of every list and pair of a key, one after the other."""
        for member in self.members:
            if member.key == key and not isinstance(member, Block):
                yield from member.entries


Member = Part | SplicedList | Block


class KindChange(msgspec.Struct, frozen=True, eq=False):
    """Something that replaces what it cannot be merged with.

    A field replaces one of its name and of another kind (R7.7), or a view's own derived table replaces the table that it
    inherits, or the other way round (R4.2, R7.12).
    """

    before: Member
    after: Member


def merge(base: Block, over: Block, *, inherit: bool, changes: list[KindChange]) -> Block:
    """Put one block over another.

    Args:
        base: what is there already: the parent, or the object that is refined.
        over: what comes later and wins.
        inherit: `base` is a parent, whose ``extension`` and ``final`` stay its own (R7.14); otherwise `over` refines it.
        changes: fields that change their kind are added here.

    Returns:
        A new block with `over`'s key, name and place when it inherits, with `base`'s when it is refined.
    """
    members = [member for member in base.members if not (inherit and merge_rule(base.key, member.key) is Merge.OWN)]
    if over.key == "view":
        members = _without_other_table(members, over, changes)
    members = _without_replaced(members, over)
    places = _places(members)
    for member in over.members:
        if not inherit and member.key == "final":
            continue  # says something about the refinement, not about the object
        _put(members, places, member, over.key, inherit, changes)
    placed = over if inherit else base
    return Block(placed.key, placed.name, tuple(members), placed.file, placed.start)


def _without_replaced(members: list[Member], over: Block) -> list[Member]:
    """What may stand several times, such as ``when``, is replaced as a whole."""
    keys = {
        key for key in {member.key for member in over.members} & REPEATABLE_KEYS if merge_rule(over.key, key) is Merge.REPLACE
    }
    return [member for member in members if member.key not in keys] if keys else members


def _without_other_table(members: list[Member], over: Block, changes: list[KindChange]) -> list[Member]:
    """A view reads a table or a derived table: the kind that comes later leaves nothing of the other."""
    table, derived = over.last("sql_table_name"), over.last("derived_table")
    if (table is None) == (derived is None):
        return members
    other = "derived_table" if derived is None else "sql_table_name"
    after = table if derived is None else derived
    if after is not None:
        changes.extend(KindChange(member, after) for member in members if member.key == other)
    return [member for member in members if member.key != other]


_Place = tuple[str, str | None]


def _places(members: Iterable[Member]) -> dict[_Place, int]:
    return {_place(member): at for at, member in enumerate(members)}


def _place(member: Member) -> _Place:
    """What finds the counterpart of a member."""
    if not isinstance(member, Block) or member.name is None:
        return (member.key, None)
    return (namespace(member.key), member.name)


def namespace(key: str) -> str:
    """Where the name of a block must be its own: fields share one namespace whatever their kind (R4.6).

    The name of a dimension group is no field (R4.7), so a filter and a group of one name live side by side, as they do in
    Segment's own blocks.
    """
    return "field" if key in FIELD_KINDS and key != "dimension_group" else key


def _put(
    members: list[Member],
    places: dict[_Place, int],
    member: Member,
    parent: str,
    inherit: bool,
    changes: list[KindChange],
) -> None:
    rule = merge_rule(parent, member.key)
    if rule is Merge.REPLACE and member.key in REPEATABLE_KEYS:
        members.append(member)  # the earlier ones are gone by now
        return
    place = _place(member)
    at = places.get(place)
    if at is None:
        places[place] = len(members)
        members.append(_without_extended(member))
        return
    there = members[at]
    if isinstance(member, Block) and isinstance(there, Block) and rule in (Merge.BY_NAME, Merge.BLOCK):
        if member.key != there.key:
            changes.append(KindChange(there, member))
            members[at] = member
        else:
            members[at] = merge(there, member, inherit=inherit, changes=changes)
    elif rule is Merge.APPEND:
        if any(there.key == member.key and _same(there, member) for there in members):
            return  # inherited on two ways from one parent
        if member.key in ("filters", "dev_filters"):
            member = _replace_filters(members, member)
        members.append(member)
    else:
        members[at] = _over(there, member)


def _same(one: Member, other: Member) -> bool:
    """Tell whether two members are the same text of the same file."""
    if isinstance(one, Block) and isinstance(other, Block):
        return one.file is other.file and one.start == other.start
    if isinstance(one, Part) and isinstance(other, Part):
        return one.file is other.file and one.node.key_start == other.node.key_start
    return False


def without_repeated(block: Block) -> tuple[Block, tuple[tuple[Block, Block], ...]]:
    """Leave out named blocks that a later one of the same name in the same declaration replaces (R4.6, R6.4).

    Returns:
        The block without them, and each pair of the earlier and the later.
    """
    last: dict[_Place, Block] = {}
    repeated: list[tuple[Block, Block]] = []
    for member in block.members:
        if isinstance(member, Block) and member.name is not None:
            place = _place(member)
            if place in last:
                repeated.append((last[place], member))
            last[place] = member
    if not repeated:
        return block, ()
    dropped = {id(earlier) for earlier, _ in repeated}
    members = tuple(member for member in block.members if id(member) not in dropped)
    return Block(block.key, block.name, members, block.file, block.start), tuple(repeated)


def _over(there: Member, member: Member) -> Member:
    """Let a later parameter replace an earlier one, with the earlier where it says so (R7.8, R7.10, R7.11)."""
    if isinstance(member, Part) and isinstance(member.node, ListNode):
        entries = member.entries
        if any(entry.value == EXTENDED_LIST for entry in entries):
            before = () if isinstance(there, Block) else there.entries
            spliced = [new for entry in entries for new in (before if entry.value == EXTENDED_LIST else (entry,))]
            return SplicedList(member.key, tuple(spliced), member.span)
    elif isinstance(member, Part) and isinstance(member.node, PairNode) and EXTENDED in member.node.value:  # noqa: SIM102
        if isinstance(there, Part) and isinstance(there.node, PairNode):
            inherited = there.file.expand(there.node.value)  # by the constants of the project that wrote it (R9.4)
            return Part(_with_value(member.node, member.node.value.replace(EXTENDED, inherited)), member.file)
    return member


def _with_value(node: PairNode, value: str) -> PairNode:
    return PairNode(node.key, node.key_start, value, node.start, node.style)


def _without_extended(member: Member) -> Member:
    """``EXTENDED*`` with nothing to extend stands for nothing."""
    if isinstance(member, Part) and isinstance(member.node, ListNode):
        entries = member.entries
        if any(entry.value == EXTENDED_LIST for entry in entries):
            return SplicedList(member.key, tuple(entry for entry in entries if entry.value != EXTENDED_LIST), member.span)
    return member


def _replace_filters(members: list[Member], member: Member) -> Member:
    """Of a filter on a field that was filtered before, only the later one is kept (R7.9 is silent)."""
    fields = set(_filter_fields(member))
    for at, there in enumerate(members):
        if there.key == member.key and fields & set(_filter_fields(there)):
            if isinstance(there, Block):
                members[at] = SplicedList(there.key, (), there.span)
            else:
                kept = tuple(entry for entry in there.entries if entry.key not in fields)
                members[at] = SplicedList(there.key, kept, there.span)
    return member


def _filter_fields(member: Member) -> Iterator[str]:
    if isinstance(member, Block):
        field = member.value("field")
        if field is not None:
            yield field
    else:
        yield from (entry.key for entry in member.entries if entry.key is not None)
