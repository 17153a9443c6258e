"""Laws that hold of every project: order does not matter, and what nobody names changes nothing."""

from __future__ import annotations

import random

import msgspec
import pytest

from dagster_lookml.analysis.checks import check
from dagster_lookml.semantic.compile import compile_project
from dagster_lookml.semantic.objects import Project
from dagster_lookml.source import MemoryTree
from tests.corpora import FIXTURES

STOREFRONT = FIXTURES / "projects" / "storefront"
FILES = {
    str(path.relative_to(STOREFRONT)): path.read_text("utf-8")
    for path in sorted(STOREFRONT.rglob("*"))
    if path.name.endswith((".lkml", ".lookml"))
}


def compiled(files: dict[str, str]) -> Project:
    return compile_project(MemoryTree(files, "storefront"))


def without_counts(project: Project) -> Project:
    """A project without what a file more must change: the number of its files and the closures of its models."""
    models = tuple(msgspec.structs.replace(model, files=()) for model in project.models)
    return msgspec.structs.replace(project, files=0, models=models)


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_files_changes_nothing(seed: int) -> None:
    shuffled = list(FILES.items())
    random.Random(seed).shuffle(shuffled)

    assert compiled(dict(shuffled)) == compiled(FILES)


def test_compiling_twice_gives_the_same() -> None:
    assert compiled(FILES) == compiled(FILES)
    assert check(compiled(FILES)) == check(compiled(FILES))


def test_a_file_that_declares_nothing_changes_nothing_else() -> None:
    more = {**FILES, "views/core/nothing_here.view.lkml": "# yet\n", "notes.md": "# nothing\n"}

    assert without_counts(compiled(more)) == without_counts(compiled(FILES))


def test_white_space_comments_and_line_ends_are_no_change() -> None:
    moved = {
        path: "# moved\n\n" + text.replace("\n", "\n\n") if path.endswith(".view.lkml") else text for path, text in FILES.items()
    }
    crlf = {path: text.replace("\n", "\r\n") for path, text in FILES.items()}

    assert compiled(crlf) == compiled(FILES)
    assert [view.id for view in compiled(moved).views] == [view.id for view in compiled(FILES).views]
    assert [len(view.fields) for view in compiled(moved).views] == [len(view.fields) for view in compiled(FILES).views]


def test_a_comment_before_a_definition_is_no_change() -> None:
    moved = {path: f"# a note\n\n\n{text}" if path.endswith(".lkml") else text for path, text in FILES.items()}

    assert compiled(moved) == compiled(FILES)


def test_a_renamed_view_is_renamed_and_nothing_else() -> None:
    """`attribution` is a word of its own in every file that has it."""
    renamed = {
        path.replace("attribution.view", "credits.view"): text.replace("attribution", "credits") for path, text in FILES.items()
    }
    before, after = compiled(FILES), compiled(renamed)

    assert {view.id for view in after.views} - {view.id for view in before.views} == {"view:credits"}
    assert {view.id for view in before.views} - {view.id for view in after.views} == {"view:attribution"}
    kept = {view.id: view for view in after.views}
    assert [view.id for view in before.views if view.id in kept and view != kept[view.id]] == []


def test_one_broken_file_leaves_everything_else_as_it_was() -> None:
    broken = {**FILES, "views/marketing/campaigns.view.lkml": "view: campaigns { dimension: name { sql: x"}
    before, after = compiled(FILES), compiled(broken)
    same = {view.id: view for view in after.views}

    assert [view.id for view in before.views if view.id != "view:campaigns" and same.get(view.id) != view] == []
    assert [found.rule for found in after.diagnostics if found.file == "views/marketing/campaigns.view.lkml"] != []
