"""A project as bytes and back, for a cache: msgpack, with what several views share written once."""

from __future__ import annotations

import msgspec

from dagster_lookml.semantic.objects import Field, Project, View


class _Packed(msgspec.Struct, array_like=True):
    """A project whose views name their fields by number."""

    fields: list[Field]
    views: list[View]
    numbers: list[list[int]]
    rest: Project


def pack_project(project: Project) -> bytes:
    """Turn a project into bytes."""
    numbers: dict[int, int] = {}
    fields: list[Field] = []
    for view in project.views:
        for field in view.fields:
            if id(field) not in numbers:
                numbers[id(field)] = len(fields)
                fields.append(field)
    views = [msgspec.structs.replace(view, fields=()) for view in project.views]
    used = [[numbers[id(field)] for field in view.fields] for view in project.views]
    return msgspec.msgpack.encode(_Packed(fields, views, used, msgspec.structs.replace(project, views=())))


def unpack_project(content: bytes) -> Project:
    """Turn the bytes of `pack_project` into an equal project; a field that views shared is shared again.

    Raises:
        msgspec.DecodeError: these are no such bytes.
    """
    packed = msgspec.msgpack.decode(content, type=_Packed)
    fields = packed.fields
    views = tuple(
        msgspec.structs.replace(view, fields=tuple(fields[number] for number in numbers))
        for view, numbers in zip(packed.views, packed.numbers, strict=True)
    )
    return msgspec.structs.replace(packed.rest, views=views)
