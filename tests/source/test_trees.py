"""Files on disk, at git refs and in memory: the same project read in three ways, and what is refused."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import git
import pytest

from dagster_lookml.errors import GitError, NoLookMLError, SourceError
from dagster_lookml.source import DirectoryTree, GitTree, MemoryTree, SourceTree, is_lookml
from dagster_lookml.source.refs import branches_with_lookml
from dagster_lookml.workspace import Workspace
from tests.corpora import FIXTURES

LIMIT = 1_000_000
STOREFRONT = FIXTURES / "projects" / "storefront"
WithRepo = Callable[[dict[str, str | bytes]], git.Repo]


@pytest.fixture
def repo_with(tmp_path: Path) -> WithRepo:
    """Makes a git repository with one commit that holds the files."""

    def make(files: dict[str, str | bytes]) -> git.Repo:
        repo = git.Repo.init(tmp_path / "repo", initial_branch="main")
        with repo.config_writer() as config:
            config.set_value("user", "name", "A").set_value("user", "email", "a@example.com").set_value(
                "core", "autocrlf", "false"
            )
        commit(repo, files, "first")
        return repo

    return make


def commit(repo: git.Repo, files: dict[str, str | bytes], message: str) -> str:
    root = Path(repo.working_dir)
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content.encode() if isinstance(content, str) else content)
    repo.git.add("--all")
    repo.git.commit("--quiet", "--message", message, "--allow-empty")
    return repo.head.commit.hexsha


def root_of(repo: git.Repo) -> Path:
    return Path(repo.working_dir)


def contents(tree: SourceTree) -> dict[str, tuple[str, str]]:
    return {path: (tree.read(path).text, tree.read(path).blob_id) for path in tree.paths() if is_lookml(path)}


# -- the same project in three ways ------------------------------------------------------------------------------------


def test_directory_ref_and_memory_agree(repo_with: WithRepo) -> None:
    files: dict[str, str | bytes] = {
        "m.model.lkml": 'connection: "x"\n',
        "views/é ü.view.lkml": "view: a {}\n",
        "views/b.view.lkml": b"\xef\xbb\xbfview: b {}\r\n",
        "README.md": "# hello\n",
        "imported_projects/p/c.view.lkml": "view: c {}\n",
    }
    repo = repo_with(files)
    directory, ref, memory = DirectoryTree(root_of(repo), LIMIT), GitTree(root_of(repo), "main", LIMIT), MemoryTree(files)

    assert directory.paths() == ("README.md", "m.model.lkml", "views/b.view.lkml", "views/é ü.view.lkml")
    assert ref.paths() == directory.paths()
    assert memory.paths() == directory.paths()
    assert contents(ref) == contents(directory) == contents(memory)
    for tree in (directory, ref, memory):
        imported = tree.imported("p")
        assert imported is not None
        assert imported.paths() == ("c.view.lkml",)
        assert imported.read("c.view.lkml").shown_as == "imported_projects/p/c.view.lkml"
        assert tree.imported("q") is None


def test_ids_are_those_of_git_blobs(repo_with: WithRepo) -> None:
    repo = repo_with({"a.view.lkml": "view: a {}\n"})
    expected = repo.git.rev_parse("HEAD:a.view.lkml")

    assert DirectoryTree(root_of(repo), LIMIT).read("a.view.lkml").blob_id == expected
    assert GitTree(root_of(repo), "HEAD", LIMIT).read("a.view.lkml").blob_id == expected


@pytest.mark.parametrize("ref", ["main", "HEAD", "v1", "annotated", "SHA", "short", "refs/heads/main", "later~1", "origin/main"])
def test_a_ref_may_be_written_in_every_way_that_git_understands(repo_with: WithRepo, ref: str) -> None:
    repo = repo_with({"a.view.lkml": "view: a {}\n"})
    first = repo.head.commit.hexsha
    repo.create_tag("v1")
    repo.create_tag("annotated", message="a tag with a message")
    repo.git.update_ref("refs/remotes/origin/main", first)
    repo.git.checkout("--quiet", "-b", "later")
    commit(repo, {"b.view.lkml": "view: b {}\n"}, "second")
    if ref == "HEAD":
        repo.git.checkout("--quiet", "--detach", first)
    written = {"SHA": first, "short": first[:9]}.get(ref, ref)

    assert GitTree(root_of(repo), written, LIMIT).paths() == ("a.view.lkml",)


def test_a_bare_a_packed_and_a_shallow_clone_can_be_read(repo_with: WithRepo, tmp_path: Path) -> None:
    repo = repo_with({"a.view.lkml": "view: a {}\n"})
    commit(repo, {"b.view.lkml": "view: b {}\n"}, "second")
    git.Repo.clone_from(root_of(repo), tmp_path / "bare.git", bare=True)
    git.Repo.clone_from(f"file://{root_of(repo)}", tmp_path / "shallow", depth=1)
    repo.git.gc("--quiet")
    repo.git.pack_refs("--all")

    for path in (tmp_path / "bare.git", tmp_path / "shallow", root_of(repo)):
        assert GitTree(path, "main", LIMIT).paths() == ("a.view.lkml", "b.view.lkml")
    assert GitTree(tmp_path / "shallow", "origin/main", LIMIT).paths() == ("a.view.lkml", "b.view.lkml")


def test_a_ref_that_does_not_exist_names_those_that_look_like_it(repo_with: WithRepo) -> None:
    repo = repo_with({"a.view.lkml": "view: a {}\n"})
    repo.create_head("feature/orders")

    with pytest.raises(GitError) as caught:
        GitTree(root_of(repo), "feature/order", LIMIT)
    assert caught.value.near == ("feature/orders",)
    assert "did you mean feature/orders?" in str(caught.value)


@pytest.mark.parametrize("ref", ["--output=x", "-h", "nothing/here", "", "a b", "HEAD:a.view.lkml"])
def test_what_is_no_ref_is_refused(repo_with: WithRepo, ref: str) -> None:
    repo = repo_with({"a.view.lkml": "view: a {}\n"})

    with pytest.raises(GitError):
        GitTree(root_of(repo), ref, LIMIT)


def test_a_repository_without_a_commit(tmp_path: Path) -> None:
    git.Repo.init(tmp_path, initial_branch="main")
    (tmp_path / "a.view.lkml").write_text("view: a {}\n")

    assert DirectoryTree(tmp_path, LIMIT).paths() == ("a.view.lkml",)
    with pytest.raises(GitError, match="no commit yet"):
        GitTree(tmp_path, "main", LIMIT)


def test_a_ref_outside_any_repository(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="not in a git repository"):
        GitTree(tmp_path, "main", LIMIT)


def test_a_project_may_be_a_folder_of_a_repository(repo_with: WithRepo) -> None:
    repo = repo_with({"lookml/a.view.lkml": "view: a {}\n", "lookml_old/b.view.lkml": "", "c.view.lkml": ""})
    folder = root_of(repo) / "lookml"
    (folder / "scratch.view.lkml").write_text("")
    (root_of(repo) / ".git" / "info" / "exclude").write_text("scratch*\n")

    assert DirectoryTree(folder, LIMIT).paths() == ("a.view.lkml",)
    assert GitTree(folder, "main", LIMIT).paths() == ("a.view.lkml",)
    assert GitTree(folder, "main", LIMIT).name == "lookml"


# -- which files count -------------------------------------------------------------------------------------------------


def test_in_a_work_tree_what_git_ignores_does_not_count_and_what_is_new_does(repo_with: WithRepo) -> None:
    repo = repo_with({"a.view.lkml": "view: a {}\n", ".gitignore": "ignored/\n", "gone.view.lkml": ""})
    root = root_of(repo)
    (root / "ignored").mkdir()
    (root / "ignored" / "b.view.lkml").write_text("view: b {}\n")
    (root / "new.view.lkml").write_text("view: new {}\n")
    (root / "a.view.lkml").write_text("view: changed {}\n")
    (root / "gone.view.lkml").unlink()
    tree = DirectoryTree(root, LIMIT)

    assert tree.paths() == (".gitignore", "a.view.lkml", "new.view.lkml")
    assert tree.read("a.view.lkml").text == "view: changed {}\n"
    assert tree.refusals() == ()


def test_outside_git_folders_with_a_dot_do_not_count(tmp_path: Path) -> None:
    for path in ("a.view.lkml", "x/b.view.lkml", ".hidden/c.view.lkml", "x/.y/d.view.lkml", "node_modules/e.view.lkml"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("")

    assert DirectoryTree(tmp_path, LIMIT).paths() == ("a.view.lkml", "node_modules/e.view.lkml", "x/b.view.lkml")


def test_a_folder_that_its_repository_ignores_is_read_whole(repo_with: WithRepo) -> None:
    repo = repo_with({".gitignore": "imported_projects/\n", "a.view.lkml": ""})
    folder = root_of(repo) / "imported_projects" / "hub"
    folder.mkdir(parents=True)
    (folder / "b.view.lkml").write_text("view: b {}\n")
    imported = DirectoryTree(root_of(repo), LIMIT).imported("hub")

    assert imported is not None
    assert imported.paths() == ("b.view.lkml",)


# -- what is refused ---------------------------------------------------------------------------------------------------


def test_links_that_leave_the_project_are_refused_and_others_followed(repo_with: WithRepo, tmp_path: Path) -> None:
    outside = tmp_path / "secret.view.lkml"
    outside.write_text("view: secret {}\n")
    repo = repo_with({"views/a.view.lkml": "view: a {}\n"})
    root = root_of(repo)
    (root / "inside.view.lkml").symlink_to("views/a.view.lkml")
    (root / "absolute.view.lkml").symlink_to(outside)
    (root / "climbs.view.lkml").symlink_to("../secret.view.lkml")
    (root / "dangling.view.lkml").symlink_to("nowhere.view.lkml")
    (root / "loop.view.lkml").symlink_to("loop.view.lkml")
    (root / "folder").symlink_to("views")
    commit(repo, {}, "links")
    refused = {"absolute.view.lkml", "climbs.view.lkml", "dangling.view.lkml", "loop.view.lkml"}

    for tree in (DirectoryTree(root, LIMIT), GitTree(root, "main", LIMIT)):
        assert [path for path in tree.paths() if is_lookml(path)] == ["inside.view.lkml", "views/a.view.lkml"]
        assert tree.read("inside.view.lkml").text == "view: a {}\n"
        assert {refusal.path for refusal in tree.refusals()} == refused
        assert {refusal.rule for refusal in tree.refusals()} == {"link-outside"}


def test_a_file_over_the_limit_is_refused(repo_with: WithRepo) -> None:
    repo = repo_with({"big.view.lkml": "#" * 2000, "small.view.lkml": "view: a {}\n", "big.csv": "," * 2000})

    for tree in (DirectoryTree(root_of(repo), 1000), GitTree(root_of(repo), "main", 1000)):
        assert tree.paths() == ("big.csv", "small.view.lkml")
        assert [refusal.rule for refusal in tree.refusals()] == ["file-too-large"]


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser can read every file")
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.view.lkml").write_text("view: a {}\n")
    (tmp_path / "a.view.lkml").chmod(0)

    assert [refusal.rule for refusal in DirectoryTree(tmp_path, LIMIT).refusals()] == ["unreadable-file"]


def test_what_is_no_regular_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.view.lkml")
    (tmp_path / "folder.view.lkml").mkdir()
    tree = DirectoryTree(tmp_path, LIMIT)

    assert tree.paths() == ()
    assert [(refusal.path, refusal.rule) for refusal in tree.refusals()] == [("pipe.view.lkml", "unreadable-file")]


@pytest.mark.parametrize("path", ["nowhere", "a_file"])
def test_what_is_no_directory(tmp_path: Path, path: str) -> None:
    (tmp_path / "a_file").write_text("")

    with pytest.raises(SourceError):
        DirectoryTree(tmp_path / path, LIMIT)


def test_a_repository_whose_head_holds_no_lookml_names_the_branches_that_do(repo_with: WithRepo) -> None:
    repo = repo_with({"README.md": "nothing yet\n"})
    repo.git.checkout("--quiet", "-b", "develop")
    commit(repo, {"a.view.lkml": "view: a {}\n"}, "lookml")
    repo.git.checkout("--quiet", "main")

    with pytest.raises(NoLookMLError) as caught:
        Workspace(root_of(repo)).compile()
    assert caught.value.branches == ("develop",)


def test_what_a_sparse_checkout_leaves_out_is_read_from_the_index(repo_with: WithRepo) -> None:
    files: dict[str, str | bytes] = {f"{name}/{name}.view.lkml": f"view: {name} {{}}\n" for name in ("a", "b")}
    repo = repo_with({**files, "b/empty.view.lkml": "", "b/big.view.lkml": "#" * 2000, "b/readme.md": "b"})
    whole = contents(DirectoryTree(root_of(repo), 1000))
    repo.git.sparse_checkout("set", "a")
    tree = DirectoryTree(root_of(repo), 1000)

    assert not (root_of(repo) / "b").exists()
    assert contents(tree) == whole == contents(GitTree(root_of(repo), "main", 1000))
    assert [(one.path, one.rule) for one in tree.refusals()] == [("b/big.view.lkml", "file-too-large")]


def test_what_is_on_disk_counts_though_git_was_told_to_skip_it(repo_with: WithRepo) -> None:
    repo = repo_with({"a.view.lkml": "view: a {}\n"})
    repo.git.update_index("--skip-worktree", "a.view.lkml")
    (root_of(repo) / "a.view.lkml").write_text("view: mine {}\n")

    assert DirectoryTree(root_of(repo), LIMIT).read("a.view.lkml").text == "view: mine {}\n"


def test_what_a_partial_clone_has_neither_on_disk_nor_in_git_is_refused(repo_with: WithRepo, tmp_path: Path) -> None:
    repo = repo_with({"a/a.view.lkml": "view: a {}\n", "b/b.view.lkml": "view: b {}\n"})
    with repo.config_writer() as config:
        config.set_value("uploadpack", "allowFilter", "true")
    repo.git.clone("--filter=blob:none", "--sparse", f"file://{root_of(repo)}", tmp_path / "partial")
    git.Repo(tmp_path / "partial").git.sparse_checkout("set", "a")
    tree = DirectoryTree(tmp_path / "partial", LIMIT)

    assert tree.paths() == ("a/a.view.lkml",)
    assert [(one.path, one.rule) for one in tree.refusals()] == [("b/b.view.lkml", "unreadable-file")]


@pytest.mark.parametrize("is_bare", [False, True], ids=["git-folder", "bare"])
def test_a_tag_of_something_else_than_a_commit_is_no_branch_with_lookml(
    repo_with: WithRepo, tmp_path: Path, is_bare: bool
) -> None:
    repo = repo_with({"a.view.lkml": "view: a {}\n"})
    repo.git.tag("a-blob", "HEAD:a.view.lkml")
    where = Path(repo.clone(tmp_path / "bare.git", bare=True).git_dir) if is_bare else root_of(repo) / ".git"

    assert branches_with_lookml(where) == ("main",)


def test_an_object_that_is_missing_is_said_to_be_where_it_is_read(repo_with: WithRepo) -> None:
    repo = repo_with({"a.view.lkml": "view: a {}\n", "logo.png": "picture"})
    for name in ("logo.png", "a.view.lkml"):
        blob = repo.git.rev_parse(f"HEAD:{name}")
        (root_of(repo) / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
        tree = GitTree(root_of(repo), "HEAD", LIMIT)
        assert tree.paths() == ("a.view.lkml", "logo.png")
        if name == "a.view.lkml":
            with pytest.raises(GitError, match="missing"):
                tree.read(name)
        else:
            assert tree.read("a.view.lkml").text == "view: a {}\n"


def test_an_object_that_is_broken_is_said_to_be(repo_with: WithRepo) -> None:
    repo = repo_with({"a.view.lkml": "view: a {}\n"})
    blob = repo.git.rev_parse("HEAD:a.view.lkml")
    file = root_of(repo) / ".git" / "objects" / blob[:2] / blob[2:]
    file.chmod(0o644)
    file.write_bytes(b"broken")

    with pytest.raises(GitError, match="missing"):
        Workspace(root_of(repo)).compile("HEAD")


@pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser can give a file away")
def test_a_repository_of_somebody_else_is_read_through_a_link_too(repo_with: WithRepo, tmp_path: Path) -> None:
    root = root_of(repo_with({"a.view.lkml": "view: a {}\n"}))
    for path in (root, *root.rglob("*")):
        os.chown(path, 65534, 65534, follow_symlinks=False)
    (tmp_path / "link").symlink_to(root)

    assert GitTree(tmp_path / "link", "main", LIMIT).paths() == DirectoryTree(tmp_path / "link", LIMIT).paths()


@pytest.mark.parametrize(
    "name", ["~", "$HOME", "a$PATH", "%PATH%", ":(top)x", ":!b", "[a]*", "-x", os.fsdecode(b"a\xffb"), 'a"b']
)
@pytest.mark.parametrize("is_inside", [False, True], ids=["root", "folder"])
def test_a_folder_is_its_name_and_nothing_else(
    repo_with: WithRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, is_inside: bool
) -> None:
    repo_with(
        {f"{name}/a.view.lkml": "view: a {}\n", "b.view.lkml": "view: b {}\n"} if is_inside else {"a.view.lkml": "view: a {}\n"}
    )
    above = tmp_path / "repo"
    if not is_inside:
        above = tmp_path / "above"
        above.mkdir()
        (tmp_path / "repo").rename(above / name)
    monkeypatch.chdir(above)
    for directory in (Path(name), above / name):
        for tree in (DirectoryTree(directory, LIMIT), GitTree(directory, "main", LIMIT)):
            assert contents(tree).keys() == {"a.view.lkml"}
    assert Workspace(Path(name)).lineage("main").project.name == name.encode("utf-8", "surrogateescape").decode(
        "utf-8", "replace"
    )


@pytest.mark.parametrize(
    ("ref", "reason"),
    [
        ("a-blob", "it names a blob, and no commit"),
        ("a-tag-of-a-tree", "it names a tree, and no commit"),
        ("HEAD:a.view.lkml", "it names a blob, and no commit"),
        ("gone", "the object that it names is missing or broken"),
        ("^main", "not a ref"),
    ],
)
def test_a_ref_that_is_there_and_names_no_commit_says_so(repo_with: WithRepo, ref: str, reason: str) -> None:
    repo = repo_with({"a.view.lkml": "view: a {}\n"})
    repo.git.tag("a-blob", "HEAD:a.view.lkml")
    repo.git.tag("-a", "-m", "x", "a-tag-of-a-tree", "HEAD^{tree}")
    (root_of(repo) / ".git" / "refs" / "heads" / "gone").write_text("1" * 40 + "\n")

    with pytest.raises(GitError, match=f"ref {re.escape(repr(ref))}: {reason}") as caught:
        GitTree(root_of(repo), ref, LIMIT)
    assert caught.value.near == ()


# -- nothing is written, nothing is run --------------------------------------------------------------------------------


def snapshot(root: Path) -> dict[str, tuple[int, int, bytes]]:
    """Every file of a directory with its mode, its time of change and its content."""
    return {
        str(path.relative_to(root)): (path.lstat().st_mode, path.lstat().st_mtime_ns, path.read_bytes())
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def test_reading_and_compiling_leave_the_repository_as_it_was(repo_with: WithRepo) -> None:
    repo = repo_with({"m.model.lkml": 'connection: "x"\ninclude: "*.view"\n', "a.view.lkml": "view: a {}\n"})
    root = root_of(repo)
    repo.create_tag("v1")
    (root / "a.view.lkml").write_text("view: changed {}\n")
    (root / "new.view.lkml").write_text("view: new {}\n")
    status, before = repo.git.status("--porcelain"), snapshot(root)
    workspace = Workspace(root)
    for ref in (None, "v1", "main"):
        workspace.compile(ref)

    assert snapshot(root) == before
    assert repo.git.status("--porcelain") == status


def test_no_program_of_the_repository_is_run(repo_with: WithRepo, tmp_path: Path) -> None:
    repo = repo_with({"a.view.lkml": "view: a {}\n", ".gitattributes": "*.lkml filter=spy diff=spy\n"})
    spied = tmp_path / "spied"
    spy = tmp_path / "spy.sh"
    spy.write_text(f"#!/bin/sh\ntouch {spied}\ncat\n")
    spy.chmod(0o755)
    (root_of(repo) / "a.view.lkml").write_text("view: changed {}\n")
    with repo.config_writer() as config:
        config.set_value("core", "fsmonitor", str(spy))
        config.set_value('filter "spy"', "clean", str(spy)).set_value('filter "spy"', "smudge", str(spy))
        config.set_value('diff "spy"', "textconv", str(spy))
    for name in ("post-checkout", "post-index-change", "reference-transaction"):
        shutil.copy(spy, root_of(repo) / ".git" / "hooks" / name)
    spied.unlink(missing_ok=True)
    workspace = Workspace(root_of(repo))
    workspace.compile()
    workspace.compile("main")

    assert not spied.exists()


def test_a_ref_of_the_demo_project_compiles_to_what_the_directory_does(tmp_path: Path) -> None:
    shutil.copytree(STOREFRONT, tmp_path / "storefront")
    repo = git.Repo.init(tmp_path / "storefront", initial_branch="main")
    with repo.config_writer() as config:
        config.set_value("user", "name", "A").set_value("user", "email", "a@example.com")
    sha = commit(repo, {}, "all of it")
    repo.create_tag("v1")
    git.Repo.clone_from(tmp_path / "storefront", tmp_path / "storefront.git", bare=True)
    expected = Workspace(tmp_path / "storefront").compile().project

    for ref in ("main", "v1", sha):
        assert Workspace(tmp_path / "storefront").compile(ref).project == expected
    assert Workspace(tmp_path / "storefront.git").compile("main").project == expected


def test_a_partial_clone_fetches_nothing_and_runs_nothing(repo_with: WithRepo, tmp_path: Path) -> None:
    repo = repo_with({"a.view.lkml": "view: a {}\n"})
    with repo.config_writer() as config:
        config.set_value("uploadpack", "allowFilter", "true")
    partial = tmp_path / "partial"
    repo.git.clone("--filter=blob:none", "--no-checkout", f"file://{root_of(repo)}", partial)
    spied = tmp_path / "spied"
    with git.Repo(partial).config_writer() as config:
        config.set_value('remote "origin"', "uploadpack", f"touch {spied}; git-upload-pack")
    before = snapshot(partial)
    with pytest.raises(GitError, match="missing or broken"):
        Workspace(partial).compile("HEAD")

    assert snapshot(partial) == before
    assert not spied.exists()


def test_a_repository_that_git_itself_cannot_read_is_said_so(repo_with: WithRepo) -> None:
    repo = repo_with({"m.model.lkml": "connection: c"})
    with repo.config_writer() as config:
        config.set_value("core", "repositoryformatversion", "99")

    with pytest.raises(SourceError, match=r"git cannot read it: fatal: .*99"):
        GitTree(root_of(repo), "main", LIMIT)
    assert branches_with_lookml(root_of(repo)) == ()
