"""Where a project lies in git and on which host: links to lines, and no secret of a remote in any of them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import git
import pytest

from dagster_lookml.assets.links import located
from dagster_lookml.assets.state import ProjectState
from dagster_lookml.assets.structures import Explore
from dagster_lookml.source.checkout import Checkout, checkout, repository_page

FILE = "views/orders.view.lkml"
SECRET = "s3cr3t"
AZURE_LINE = "&line=7&lineEnd=8&lineStartColumn=1&lineEndColumn=1"
NewRepo = Callable[..., git.Repo]


@pytest.fixture
def new_repo(tmp_path: Path) -> NewRepo:
    """Makes a git repository with a view in it, and a remote if one is named."""

    def make(remote: str | None = None, folder: str = "") -> git.Repo:
        repo = git.Repo.init(tmp_path / "repo", initial_branch="main")
        with repo.config_writer() as config:
            config.set_value("user", "name", "A").set_value("user", "email", "a@example.com")
        if remote is not None:
            repo.git.remote("add", "origin", remote)
        commit(repo, folder + FILE)
        return repo

    return make


def commit(repo: git.Repo, file: str) -> str:
    path = Path(repo.working_dir) / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("view: orders {}\n")
    repo.git.add("--all")
    repo.git.commit("--quiet", "--message", file, "--allow-empty")
    return repo.head.commit.hexsha


def found(directory: str | os.PathLike[str], ref: str | None = None) -> Checkout:
    place = checkout(Path(directory), ref)
    assert place is not None
    return place


# -- which page a remote has -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("remote", "url"),
    [
        ("https://github.com/acme/bi.git", "https://github.com/acme/bi/blob/{}/views/orders.view.lkml#L7"),
        ("https://github.com/acme/bi", "https://github.com/acme/bi/blob/{}/views/orders.view.lkml#L7"),
        ("git@github.com:acme/bi.git", "https://github.com/acme/bi/blob/{}/views/orders.view.lkml#L7"),
        ("ssh://git@github.com:22/acme/bi.git", "https://github.com/acme/bi/blob/{}/views/orders.view.lkml#L7"),
        ("git@github.acme.io:acme/bi.git", "https://github.acme.io/acme/bi/blob/{}/views/orders.view.lkml#L7"),
        ("git@gitlab.com:acme/data/bi.git", "https://gitlab.com/acme/data/bi/-/blob/{}/views/orders.view.lkml#L7"),
        ("https://gitlab.acme.io/a/b/c/d.git", "https://gitlab.acme.io/a/b/c/d/-/blob/{}/views/orders.view.lkml#L7"),
        ("git@bitbucket.org:acme/bi.git", "https://bitbucket.org/acme/bi/src/{}/views/orders.view.lkml#lines-7"),
        (
            "https://acme@dev.azure.com/acme/Data%20Team/_git/bi",
            "https://dev.azure.com/acme/Data%20Team/_git/bi?path=/views/orders.view.lkml&version=GC{}" + AZURE_LINE,
        ),
        (
            "git@ssh.dev.azure.com:v3/acme/data/bi",
            "https://dev.azure.com/acme/data/_git/bi?path=/views/orders.view.lkml&version=GC{}" + AZURE_LINE,
        ),
    ],
)
def test_a_line_has_the_page_that_its_host_gives_it(new_repo: NewRepo, remote: str, url: str) -> None:
    repo = new_repo(remote)

    assert found(repo.working_dir).url(FILE, 7) == url.format(repo.head.commit.hexsha)


@pytest.mark.parametrize(
    ("remote", "page"),
    [
        ("git@github.com:/acme/bi.git", "https://github.com/acme/bi"),
        ("github.com:acme/bi.git", "https://github.com/acme/bi"),
        ("https://github.com/acme/bi.git/", "https://github.com/acme/bi"),
        (" https://github.com/acme/bi.git\n", "https://github.com/acme/bi"),
        ("https://github.com/acme/bi.github.io.git", "https://github.com/acme/bi.github.io"),
        ("git://github.com/acme/bi.git", "https://github.com/acme/bi"),
        ("ssh://github.com/acme/bi.git", "https://github.com/acme/bi"),
        # All its digits are the user's name: what is written like this has no place for a port.
        ("git@github.com:1234/bi.git", "https://github.com/1234/bi"),
        # The port of SSH says nothing of the web; the one of a web address is that of its pages.
        ("ssh://git@git.acme.io:7999/bi/lookml.git", "https://git.acme.io/bi/lookml"),
        ("https://git.acme.io:8443/bi/lookml.git", "https://git.acme.io:8443/bi/lookml"),
        ("http://localhost:3000/bi/lookml.git", "http://localhost:3000/bi/lookml"),
        ("acme@vs-ssh.visualstudio.com:v3/acme/data/bi", "https://dev.azure.com/acme/data/_git/bi"),
        ("ssh://git@ssh.dev.azure.com:22/v3/acme/data/bi", "https://dev.azure.com/acme/data/_git/bi"),
        ("https://acme.visualstudio.com/data/_git/bi", "https://acme.visualstudio.com/data/_git/bi"),
    ],
)
def test_remotes_are_written_in_many_ways(remote: str, page: str) -> None:
    assert repository_page(remote) == page


@pytest.mark.parametrize(
    "remote",
    [
        "",
        "/srv/git/bi.git",
        "../bi.git",
        "bi",
        "file:///srv/git/bi.git",
        "C:/git/bi",
        r"C:\git\bi",
        "codecommit::eu-west-1://bi",
        "https://github.com",
        "https://github.com/",
    ],
)
def test_what_is_on_no_host_has_no_page(remote: str) -> None:
    assert repository_page(remote) is None


@pytest.mark.parametrize(
    "remote",
    [
        f"https://{SECRET}@github.com/acme/bi.git",
        f"https://me:{SECRET}@github.com/acme/bi.git",
        f"https://x-access-token:{SECRET}@github.com:443/acme/bi.git",
        f"https://:{SECRET}@gitlab.com/acme/bi.git",
        f"https://me:{SECRET}@2@{SECRET}@gitlab.com/acme/bi.git",  # who does not encode an @ has it in the password
        f"https://me:pass%40{SECRET}@dev.azure.com/acme/data/_git/bi",
        f"http://me:{SECRET}@bitbucket.org:8080/acme/bi.git",
        f"ssh://me:{SECRET}@github.com:22/acme/bi.git",
        f"{SECRET}@github.com:acme/bi.git",
        f"me:{SECRET}@github.com:acme/bi.git",
        f"https://github.com/acme/bi.git?private_token={SECRET}",
        f"https://github.com/acme/bi.git#{SECRET}",
    ],
)
def test_no_secret_of_a_remote_is_anywhere(new_repo: NewRepo, remote: str) -> None:
    repo = new_repo(remote)
    place = found(repo.working_dir)
    url = place.url(FILE, 1)

    assert url is not None
    assert url.split("/")[2].partition(":")[0] in ("github.com", "gitlab.com", "dev.azure.com", "bitbucket.org")
    assert "@" not in url
    assert SECRET not in f"{place} {url}"


def test_a_secret_that_git_puts_into_remotes_is_left_out_too(new_repo: NewRepo) -> None:
    repo = new_repo("https://github.com/acme/bi.git")
    repo.git.config(f"url.https://ci:{SECRET}@github.com/.insteadOf", "https://github.com/")
    place = found(repo.working_dir)

    assert SECRET in repo.git.remote("get-url", "origin")
    assert place.page == "https://github.com/acme/bi"
    assert SECRET not in str(place)


# -- which remote counts -----------------------------------------------------------------------------------------------


def test_of_several_remotes_origin_counts_whichever_was_added_first(new_repo: NewRepo) -> None:
    repo = new_repo()
    repo.git.remote("add", "backup", "git@gitlab.com:acme/backup.git")
    repo.git.remote("add", "origin", "git@github.com:acme/bi.git")

    assert found(repo.working_dir).page == "https://github.com/acme/bi"


def test_without_an_origin_the_first_remote_counts(new_repo: NewRepo) -> None:
    repo = new_repo()
    repo.git.remote("add", "upstream", "git@github.com:acme/bi.git")
    repo.git.remote("add", "backup", "git@gitlab.com:acme/backup.git")

    assert found(repo.working_dir).page == "https://github.com/acme/bi"


def test_a_remote_that_git_cannot_read_hides_no_other_one(new_repo: NewRepo) -> None:
    repo = new_repo()
    repo.git.config("remote.-h.url", "git@gitlab.com:acme/backup.git")
    repo.git.remote("add", "upstream", "git@github.com:acme/bi.git")

    assert found(repo.working_dir).page == "https://github.com/acme/bi"


@pytest.mark.parametrize("remote", [None, "/srv/git/bi.git"])
def test_without_a_host_the_commit_is_known_and_no_page(new_repo: NewRepo, remote: str | None) -> None:
    repo = new_repo(remote)
    place = found(repo.working_dir)

    assert place == Checkout(repo.head.commit.hexsha, "", None)
    assert place.url(FILE, 1) is None


def test_a_remote_without_a_url_has_no_page(new_repo: NewRepo) -> None:
    repo = new_repo()
    repo.git.config("remote.origin.prune", "true")

    assert found(repo.working_dir).page is None


# -- which commit, and where in it -------------------------------------------------------------------------------------


def test_a_project_may_be_a_folder_of_its_repository(new_repo: NewRepo) -> None:
    repo = new_repo("git@github.com:acme/bi.git", "looker/shop/")
    place = found(Path(repo.working_dir) / "looker" / "shop")

    assert place.folder == "looker/shop/"
    assert place.url(FILE, 3) == f"https://github.com/acme/bi/blob/{place.commit}/looker/shop/views/orders.view.lkml#L3"


def test_a_ref_has_its_own_commit(new_repo: NewRepo) -> None:
    repo = new_repo("git@github.com:acme/bi.git")
    first = repo.head.commit.hexsha
    repo.create_tag("v1", message="an annotated one")
    second = commit(repo, "new.view.lkml")

    assert found(repo.working_dir).commit == second
    assert found(repo.working_dir, "v1").commit == found(repo.working_dir, "main~1").commit == first
    assert checkout(Path(repo.working_dir), "nowhere") is None
    assert checkout(Path(repo.working_dir), "--all") is None


def test_a_detached_head_is_a_commit_like_others(new_repo: NewRepo) -> None:
    repo = new_repo("git@github.com:acme/bi.git")
    first = repo.head.commit.hexsha
    commit(repo, "new.view.lkml")
    repo.git.checkout("--quiet", "--detach", first)

    assert found(repo.working_dir) == Checkout(first, "", "https://github.com/acme/bi")


def test_a_bare_repository_has_pages(new_repo: NewRepo, tmp_path: Path) -> None:
    repo = new_repo()
    bare = git.Repo.clone_from(repo.working_dir, tmp_path / "bi.git", bare=True)
    bare.git.remote("set-url", "origin", "git@github.com:acme/bi.git")

    for ref in (None, "main"):
        assert found(tmp_path / "bi.git", ref) == Checkout(repo.head.commit.hexsha, "", "https://github.com/acme/bi")


def test_a_work_tree_of_its_own_is_at_its_own_commit(new_repo: NewRepo, tmp_path: Path) -> None:
    repo = new_repo("git@github.com:acme/bi.git", "looker/")
    first = repo.head.commit.hexsha
    commit(repo, "new.view.lkml")
    repo.git.worktree("add", "--quiet", "--detach", tmp_path / "tree", first)

    assert found(tmp_path / "tree" / "looker") == Checkout(first, "looker/", "https://github.com/acme/bi")


def test_before_the_first_commit_there_is_nothing_to_link_to(tmp_path: Path) -> None:
    git.Repo.init(tmp_path).git.remote("add", "origin", "git@github.com:acme/bi.git")

    assert checkout(tmp_path) is None


def test_outside_of_git_there_is_nothing_to_link_to(tmp_path: Path) -> None:
    assert checkout(tmp_path) is None
    assert checkout(tmp_path / "nowhere") is None


def test_where_git_is_not_installed_there_is_nothing_to_link_to(new_repo: NewRepo, tmp_path: Path) -> None:
    repo = new_repo("git@github.com:acme/bi.git")
    program = (
        "import sys, pathlib; from dagster_lookml.source.checkout import checkout; print(checkout(pathlib.Path(sys.argv[1])))"
    )
    environment = {**os.environ, "PATH": str(tmp_path / "nothing")}
    environment.pop("GIT_PYTHON_GIT_EXECUTABLE", None)
    done = subprocess.run(
        [sys.executable, "-c", program, repo.working_dir], env=environment, capture_output=True, text=True, check=False
    )

    assert (done.stdout, done.stderr) == ("None\n", "")


# -- names of files ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "written"),
    [
        ("views/net sales.view.lkml", "views/net%20sales.view.lkml"),
        ("views/#1?.view.lkml", "views/%231%3F.view.lkml"),
        ("views/50%&more.view.lkml", "views/50%25%26more.view.lkml"),
        ("é.view.lkml", "%C3%A9.view.lkml"),
        ("views/..orders.view.lkml", "views/..orders.view.lkml"),
    ],
)
def test_names_of_files_are_encoded(new_repo: NewRepo, file: str, written: str) -> None:
    repo = new_repo("git@github.com:acme/bi.git", "our looker/")
    commit(repo, f"our looker/{file}")
    place = found(Path(repo.working_dir) / "our looker")

    assert place.url(file, 1) == f"https://github.com/acme/bi/blob/{place.commit}/our%20looker/{written}#L1"


def test_a_file_of_a_neighbouring_project_has_no_page(new_repo: NewRepo) -> None:
    place = found(new_repo("git@github.com:acme/bi.git").working_dir)

    assert place.url("../hub/x.view.lkml", 1) is None
    assert place.url("views/../../x.view.lkml", 1) is None


# -- pages in Looker ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "base_url",
    [
        "https://acme.looker.com",
        " https://acme.looker.com/ ",
        f"https://me:{SECRET}@acme.looker.com/",
        f"https://me:p@{SECRET}@acme.looker.com",
        f"https://{SECRET}@acme.looker.com",
    ],
)
def test_no_secret_of_a_base_url_is_in_a_page(base_url: str) -> None:
    state = ProjectState(project="shop", structures=(Explore(id="explore:m/o", name="o", model="m"),))

    assert [one.web_url for one in located(state, None, base_url).structures] == ["https://acme.looker.com/explore/m/o"]


def test_no_secret_of_a_base_url_without_a_scheme_is_in_a_page() -> None:
    state = ProjectState(project="shop", structures=(Explore(id="explore:m/o", name="o", model="m"),))

    assert [one.web_url for one in located(state, None, f"me:{SECRET}@acme.looker.com").structures] == [
        "acme.looker.com/explore/m/o"
    ]
