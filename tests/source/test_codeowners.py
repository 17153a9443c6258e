"""Who owns a file, as GitHub and GitLab read CODEOWNERS.

The cases of GitHub are those of its documentation, "About code owners", with files of LookML where the names do not matter.
"""

from __future__ import annotations

import time
from pathlib import Path

import git
import pytest

from dagster_lookml.source.codeowners import CodeOwners, code_owners

ALL = "* @all\n"


def owner(text: str, file: str, folder: str = "") -> str:
    """The owners of a file, in one text."""
    return " ".join(CodeOwners(text, folder).owners(file))


def write(root: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def committed(root: Path, files: dict[str, str | bytes]) -> git.Repo:
    """A repository with one more commit that holds the files."""
    repo = git.Repo.init(root, initial_branch="main")
    with repo.config_writer() as config:
        config.set_value("user", "name", "A").set_value("user", "email", "a@example.com").set_value("core", "autocrlf", "false")
    write(root, files)
    repo.git.add("--all")
    repo.git.commit("--quiet", "--message", "more", "--allow-empty")
    return repo


def owned(directory: Path, file: str, ref: str | None = None) -> str:
    """The owners of a file of a project on disk; ``nobody knows`` if there is no CODEOWNERS."""
    found = code_owners(directory, ref)
    return " ".join(found.owners(file)) if found is not None else "nobody knows"


# -- patterns ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "owned", "others"),
    [
        ("*", ["a.lkml", "a/b/c.lkml", ".github/x"], []),
        ("*.js", ["a.js", "x/y/a.js"], ["a.jsx", "js"]),
        ("/build/logs/", ["build/logs/a.log", "build/logs/x/y.log"], ["x/build/logs/a.log", "build/logs", "build/logs2/a"]),
        ("docs/*", ["docs/getting-started.md"], ["docs/build-app/troubleshooting.md", "x/docs/a.md", "docs"]),
        ("/docs/*", ["docs/a.md"], ["docs/x/a.md", "x/docs/a.md"]),
        ("docs/*/*", ["docs/x/a.md"], ["docs/a.md", "docs/x/y/a.md"]),
        ("docs/*.md", ["docs/a.md"], ["docs/x/a.md", "docs/a.txt"]),
        ("/*", ["a.lkml"], ["views/a.lkml"]),
        ("/*.lkml", ["a.lkml"], ["views/a.lkml"]),
        ("apps/", ["apps/a", "apps/x/a", "x/y/apps/z/a"], ["apps", "myapps/a"]),
        ("/docs/", ["docs/a.md", "docs/x/a.md"], ["x/docs/a.md"]),
        ("/apps/github", ["apps/github/a", "apps/github"], ["apps/github2/a", "x/apps/github/a"]),
        ("**/logs", ["logs/a", "build/logs/a", "scripts/logs/x/a", "deeply/nested/logs/a"], ["build/logs2/a"]),
        ("docs/**", ["docs/a", "docs/x/a"], ["x/docs/a"]),
        ("docs/**/*.md", ["docs/a.md", "docs/x/y/a.md"], ["docs/a.txt"]),
        ("docs/**/*", ["docs/a", "docs/x/y/a"], ["x/docs/a"]),
        ("views/order?.lkml", ["views/orders.lkml"], ["views/order.lkml", "views/orders2.lkml"]),
        ("views/Orders.lkml", ["views/Orders.lkml"], ["views/orders.lkml"]),  # paths differ by case, whatever the disk
        (r"path\ with\ spaces/", ["path with spaces/a"], ["path/a", "path with/a"]),
        ("a#b.lkml", ["a#b.lkml"], ["a"]),
        ("a+b(c).lkml", ["a+b(c).lkml"], ["aab(c).lkml"]),
    ],
)
def test_what_a_pattern_matches(pattern: str, owned: list[str], others: list[str]) -> None:
    text = f"{pattern} @x\n"

    assert [file for file in [*owned, *others] if owner(text, file)] == owned


def test_the_last_pattern_that_matches_counts_and_no_other() -> None:
    text = "* @all\n*.lkml @bi @data\n/views/ @views\n*.view.lkml @late\n"

    assert owner(text, "README.md") == "@all"
    assert owner(text, "m.model.lkml") == "@bi @data"
    assert owner(text, "views/notes.lkml") == "@views"
    assert owner(text, "views/a.view.lkml") == "@late"


def test_a_pattern_without_owners_takes_them_away() -> None:
    text = "/apps/ @octocat\n/apps/github\n/apps/github/ours # nobody's either\n"

    assert owner(text, "apps/a") == "@octocat"
    assert owner(text, "apps/github/a") == ""
    assert owner(text, "apps/github/ours/a") == ""


def test_owners_are_users_teams_and_addresses() -> None:
    assert (
        owner("* @octocat @acme/bi-team docs@example.com @@maintainer", "a")
        == "@octocat @acme/bi-team docs@example.com @@maintainer"
    )


def test_comments_and_white_space_are_no_owners() -> None:
    text = "# * @comment\n\n   \t\n  # @x\n*.js\t@js  @ts #This is an inline @comment.\n  /views/   @views\n"

    assert owner(text, "a.js") == "@js @ts"
    assert owner(text, "views/a") == "@views"
    assert owner(text, "comment") == ""


@pytest.mark.parametrize(
    "broken",
    [
        "!views/",
        "!",
        "/",
        "//",
        "a/**b",
        "x[",
        "views/x[z-a].lkml",
        "views/x[[:alpha:]].lkml",
        "views/x[a&&b].lkml",
        "[z-a] @x",
        "views\\",
        "\\",
        "^[",
        "[no end",
        "views/ nobody",
        "views/ nobody somebody #@x",
    ],
)
def test_a_line_that_is_wrong_hides_no_other_one(broken: str) -> None:
    owners = "" if "nobody" in broken or " @x" in broken else " @x"

    assert owner(f"{ALL}{broken}{owners}\n*.js @js\n", "views/a.view.lkml") == "@all"
    assert owner(f"{ALL}{broken}{owners}\n*.js @js\n", "views/a.js") == "@js"


def test_what_is_no_owner_among_others_is_left_out() -> None:
    assert owner("* @a nobody @b", "a") == "@a @b"


# -- sections of GitLab ------------------------------------------------------------------------------------------------


def test_patterns_of_a_section_have_its_owners_where_they_name_none() -> None:
    text = """
*.md @docs
[Data Team] @data @bi
/views/
/models/ @modelers
^[Optional][2] @two
/dashboards/
[Without owners]
/explores/
"""

    assert owner(text, "README.md") == "@docs"
    assert owner(text, "views/a") == "@data @bi"
    assert owner(text, "models/a") == "@modelers"
    assert owner(text, "dashboards/a") == "@two"
    assert owner(text, "explores/a") == ""


def test_the_name_of_a_section_is_no_owner_and_no_pattern() -> None:
    text = "[a @b] @c # and @d\n*.lkml\n"

    assert owner(text, "x.lkml") == "@c"
    assert owner(text, "a") == ""


# -- where it is -------------------------------------------------------------------------------------------------------

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS", ".bitbucket/CODEOWNERS")


@pytest.mark.parametrize("ref", [None, "HEAD"])
def test_the_first_place_that_has_one_counts(tmp_path: Path, ref: str | None) -> None:
    for place in reversed(PLACES):
        committed(tmp_path, {place: f"* @{place.lower()}\n"})
        assert owned(tmp_path, "a.lkml", ref) == f"@{place.lower()}"


@pytest.mark.parametrize("ref", [None, "HEAD"])
def test_without_one_nobody_is_known(tmp_path: Path, ref: str | None) -> None:
    committed(tmp_path, {"views/CODEOWNERS": ALL, "codeowners.txt": ALL, "CODEOWNERS/x": ALL})

    assert code_owners(tmp_path, ref) is None


@pytest.mark.parametrize("ref", [None, "main"])
def test_patterns_count_from_the_repository_and_not_from_the_project(tmp_path: Path, ref: str | None) -> None:
    text = "/views/ @wrong\n/looker/views/ @right\ndashboards/ @below\n"
    committed(tmp_path, {"CODEOWNERS": text, "looker/CODEOWNERS": "* @wrong", "looker/views/a.view.lkml": ""})

    assert owned(tmp_path / "looker", "views/a.view.lkml", ref) == "@right"
    assert owned(tmp_path / "looker", "dashboards/a", ref) == "@below"
    assert owned(tmp_path / "looker", "m.model.lkml", ref) == ""


def test_a_file_of_a_neighbouring_project_has_the_owners_of_where_it_is() -> None:
    text = "* @all\n/looker/ @looker\n/hub/ @hub\n"

    assert owner(text, "../hub/x.view.lkml", "looker/") == "@hub"
    assert owner(text, "../../hub/x.view.lkml", "looker/") == ""  # it is in another repository
    assert owner(text, "../hub/x.view.lkml") == ""


def test_a_ref_has_the_owners_of_its_time(tmp_path: Path) -> None:
    repo = committed(tmp_path, {"a.lkml": ""})
    repo.create_tag("before")
    committed(tmp_path, {"CODEOWNERS": "* @first\n"})
    repo.create_tag("then")
    committed(tmp_path, {"CODEOWNERS": "* @second\n"})
    write(tmp_path, {"CODEOWNERS": "* @unsaved\n"})

    assert owned(tmp_path, "a.lkml") == "@unsaved"
    assert owned(tmp_path, "a.lkml", "main") == "@second"
    assert owned(tmp_path, "a.lkml", "then") == "@first"
    assert owned(tmp_path, "a.lkml", "before") == "nobody knows"
    assert owned(tmp_path, "a.lkml", "nowhere") == "nobody knows"


def test_a_bare_repository_has_owners_at_a_ref(tmp_path: Path) -> None:
    committed(tmp_path / "repo", {".gitlab/CODEOWNERS": ALL})
    git.Repo.clone_from(tmp_path / "repo", tmp_path / "bare.git", bare=True)

    assert owned(tmp_path / "bare.git", "a.lkml", "main") == "@all"
    assert owned(tmp_path / "bare.git", "a.lkml") == "nobody knows"


def test_outside_of_git_the_project_s_own_counts(tmp_path: Path) -> None:
    write(tmp_path, {"docs/CODEOWNERS": ALL})

    assert owned(tmp_path, "a.lkml") == "@all"
    assert owned(tmp_path, "a.lkml", "main") == "nobody knows"


def test_before_the_first_commit_the_file_on_disk_counts(tmp_path: Path) -> None:
    git.Repo.init(tmp_path)
    write(tmp_path, {"CODEOWNERS": ALL})

    assert owned(tmp_path, "a.lkml") == "@all"
    assert owned(tmp_path, "a.lkml", "HEAD") == "nobody knows"


# -- its bytes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ref", [None, "HEAD"])
@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf*.lkml @bi\n/views/ @views\n",
        b"*.lkml @bi\r\n/views/ @views\r\n",
        b"*.lkml @bi\r/views/ @views",
        b"# caf\xe9 \x00\n*.lkml @bi\n/views/ @views",
    ],
)
def test_marks_line_ends_and_broken_bytes_do_not_matter(tmp_path: Path, content: bytes, ref: str | None) -> None:
    committed(tmp_path, {"CODEOWNERS": content})

    assert owned(tmp_path, "m.model.lkml", ref) == "@bi"
    assert owned(tmp_path, "views/a.view.lkml", ref) == "@views"


def test_a_name_that_is_not_ascii_matches(tmp_path: Path) -> None:
    committed(tmp_path, {"CODEOWNERS": "/größe/é\\ ü.lkml @x\n"})

    assert owned(tmp_path, "größe/é ü.lkml") == "@x"


@pytest.mark.parametrize(
    "line",
    [
        "a" * 2_000_000,
        "*" * 1_000_000,
        "[" * 2_000_000,
        "a/" * 500_000,
        "\\" * 1_000_001,
        "# " + "x" * 2_000_000,
        "[x]" * 500_000,
    ],
)
def test_an_enormous_line_hides_no_other_one_and_takes_no_time(line: str) -> None:
    started = time.process_time()

    assert owner(f"{ALL}{line} @x\n*.js @js\n", "views/a.lkml") == "@all"
    assert owner(f"{ALL}{line} @x\n*.js @js\n", "views/a.js") == "@js"
    assert time.process_time() - started < 5


def test_very_many_owners_are_all_found() -> None:
    assert len(CodeOwners("* " + "@ab " * 100_000).owners("a")) == 100_000
