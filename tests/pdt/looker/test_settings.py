"""Where Looker is, and who asks: from the environment and from ini files, with all that looker-sdk stumbles over (PDT-3.2)."""

from __future__ import annotations

from pathlib import Path

import pytest

from dagster_lookml.errors import SettingsError
from dagster_lookml.pdt.looker.settings import LookerSettings, base_url_of, looker_settings
from tests.pdt.simulated import SECRET, Scene

FULL = {
    "LOOKERSDK_BASE_URL": "https://acme.looker.com:19999",
    "LOOKERSDK_CLIENT_ID": "the-id",
    "LOOKERSDK_CLIENT_SECRET": SECRET,
}
INI = f"[Looker]\nbase_url=https://ini.looker.com\nclient_id=ini-id\nclient_secret={SECRET}\n"


def facts(settings: LookerSettings) -> tuple[str, str, str, bool, float]:
    return (settings.base_url, settings.client_id, settings.client_secret, settings.verify_ssl, settings.timeout)


def error_of(environment: dict[str, str], ini: Path | None = None, section: str | None = None) -> str:
    with pytest.raises(SettingsError) as caught:
        looker_settings(environment, ini, section)
    assert SECRET not in str(caught.value)
    assert SECRET not in repr((caught.value.args, caught.value.__cause__, caught.value.__context__))
    return str(caught.value)


def test_the_environment_is_enough() -> None:
    assert facts(looker_settings(FULL)) == ("https://acme.looker.com:19999", "the-id", SECRET, True, 60.0)


def test_a_looker_ini_here_is_enough() -> None:
    Path("looker.ini").write_text(INI)

    assert facts(looker_settings({})) == ("https://ini.looker.com", "ini-id", SECRET, True, 60.0)


def test_the_environment_is_stronger_than_a_file(tmp_path: Path) -> None:
    file = tmp_path / "other.ini"
    file.write_text(INI + "timeout=7\nverify_ssl=false\n")
    found = looker_settings({"LOOKERSDK_CLIENT_ID": "env-id", "LOOKERSDK_TIMEOUT": "9.5"}, file)

    assert facts(found) == ("https://ini.looker.com", "env-id", SECRET, False, 9.5)


def test_an_empty_variable_is_none() -> None:
    Path("looker.ini").write_text(INI)

    assert looker_settings({"LOOKERSDK_CLIENT_ID": "", "LOOKERSDK_BASE_URL": " '' "}).client_id == "ini-id"


@pytest.mark.parametrize("name", ["BASE_URL", "CLIENT_ID", "CLIENT_SECRET"])
def test_a_looker_ini_that_happens_to_lie_here_mixes_with_nothing(name: str) -> None:
    Path("looker.ini").write_text(INI + "verify_ssl=false\n")
    missing = {"BASE_URL", "CLIENT_ID", "CLIENT_SECRET"} - {name}

    said = error_of({f"LOOKERSDK_{name}": FULL[f"LOOKERSDK_{name}"]})
    assert all(f"LOOKERSDK_{one}" in said for one in missing)
    assert looker_settings(FULL).verify_ssl


def test_a_stray_looker_ini_turns_nothing_off_where_another_file_is_named(tmp_path: Path) -> None:
    Path("looker.ini").write_text("[Looker]\nverify_ssl=false\ntimeout=1\n")
    file = tmp_path / "other.ini"
    file.write_text(INI)

    assert facts(looker_settings({}, file))[3:] == (True, 60.0)


def test_the_sdk_reads_no_file_of_its_own(scene: Scene) -> None:
    Path("looker.ini").write_text("[Looker]\nverify_ssl=maybe\ntimeout=none\nbase_url=http://elsewhere.invalid\n")

    assert scene.build(scene.sandbox()).states == {"sales/orders": "SUCCEEDED"}


def test_sections_have_names(tmp_path: Path) -> None:
    file = tmp_path / "looker.ini"
    file.write_text(INI + f"[Dev]\nbase_url=https://dev.looker.com\nclient_id=dev\nclient_secret={SECRET}\n")

    assert looker_settings({}, file).client_id == "ini-id"
    assert looker_settings({}, file, "Dev").client_id == "dev"
    assert error_of({}, file, "Prod").endswith("it has no section [Prod], only [Looker], [Dev]")


@pytest.mark.parametrize("value", ["50%", "%(x)s", "a%%b", "%", "a=b:c;d#e", "ünïcode", "'quoted'"])
def test_a_secret_in_a_file_is_taken_as_it_stands(tmp_path: Path, value: str) -> None:
    file = tmp_path / "looker.ini"
    file.write_text(INI.replace(SECRET, value), encoding="utf-8")

    assert looker_settings({}, file).client_secret == value.strip("'")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "it has no section"),
        ("client_secret={}\n", "it is no ini file"),
        ("[Looker\nclient_secret={}\n", "it is no ini file"),
        ("[Looker]\nclient_secret={0}\nclient_secret={0}\n", "it is no ini file"),
        ("[Looker]\n  {}\n", "it is no ini file"),
        ("[DEFAULT]\nclient_secret={}\n", "it has no section"),
    ],
)
def test_a_file_that_is_none_is_named_and_not_quoted(tmp_path: Path, content: str, reason: str) -> None:
    file = tmp_path / "looker.ini"
    file.write_text(content.format(SECRET))

    assert reason in error_of({}, file)


def test_a_file_that_is_not_there_is_an_error_only_where_it_was_named(tmp_path: Path) -> None:
    assert "cannot be read: No such file" in error_of(FULL, tmp_path / "none.ini")
    assert looker_settings(FULL).client_id == "the-id"


def test_a_file_in_another_encoding_is_named_and_not_quoted(tmp_path: Path) -> None:
    file = tmp_path / "looker.ini"
    file.write_bytes(INI.replace("ini-id", "ïd").encode("latin-1"))

    assert "it is not UTF-8" in error_of({}, file)


@pytest.mark.parametrize("missing", FULL)
def test_what_is_missing_is_named(missing: str) -> None:
    assert error_of({key: value for key, value in FULL.items() if key != missing}).startswith(f"{missing}: not set")


def test_all_that_is_missing_is_named_at_once() -> None:
    assert error_of({}).startswith("LOOKERSDK_BASE_URL, LOOKERSDK_CLIENT_ID, LOOKERSDK_CLIENT_SECRET: not set")


@pytest.mark.parametrize("value", ["0", "-1", "1s", "nan", "inf", "1e999", "ten"])
def test_a_timeout_that_is_none_is_refused(value: str) -> None:
    assert "LOOKERSDK_TIMEOUT" in error_of({**FULL, "LOOKERSDK_TIMEOUT": value})


@pytest.mark.parametrize(
    ("value", "means"), [("true", True), ("False", False), ("no", False), ("1", True), ("0", False), ("f", False), ('"y"', True)]
)
def test_switches_are_spelled_as_the_sdk_has_them(value: str, means: bool) -> None:
    assert looker_settings({**FULL, "LOOKERSDK_VERIFY_SSL": value}).verify_ssl is means


@pytest.mark.parametrize("value", ["maybe", "2", "on", "/etc/ssl/ca.pem"])
def test_a_switch_that_is_none_is_refused(value: str) -> None:
    assert "is neither true nor false" in error_of({**FULL, "LOOKERSDK_VERIFY_SSL": value})


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("https://acme.looker.com", "https://acme.looker.com"),
        ("https://acme.looker.com/", "https://acme.looker.com"),
        ("https://acme.looker.com//", "https://acme.looker.com"),
        ("https://acme.looker.com/api/4.0", "https://acme.looker.com"),
        ("https://acme.looker.com/api/4.0/", "https://acme.looker.com"),
        ("https://acme.looker.com/api", "https://acme.looker.com"),
        ("https://acme.looker.com:19999/api/3.1/", "https://acme.looker.com:19999"),
        ('"https://acme.looker.com"', "https://acme.looker.com"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
        ("https://münchen.looker.com", "https://münchen.looker.com"),
    ],
)
def test_a_base_url_is_brought_to_its_host(written: str, url: str) -> None:
    assert base_url_of(written) == url


@pytest.mark.parametrize(
    "written",
    [
        "acme.looker.com",
        "acme.looker.com:19999",
        "ftp://acme.looker.com",
        "HTTPS//acme.looker.com",
        "https://",
        "https:///x",
        "https://acme.looker.com/looker",
        "https://acme.looker.com/api/4.0/login",
        "https://acme.looker.com?x=1",
        "https://acme.looker.com#x",
        "https://acme looker.com",
        "https://acme.looker.com:port",
        "https://acme.looker.com:99999",
        "https://[::1",
        "https://.looker.com",
        "https://acme..looker.com",
        f"https://{'a' * 70}.looker.com",
    ],
)
def test_what_is_no_base_url_is_refused_before_any_call(written: str) -> None:
    assert error_of({**FULL, "LOOKERSDK_BASE_URL": written}).startswith("LOOKERSDK_BASE_URL: ")


@pytest.mark.parametrize(
    "written",
    [
        f"https://me:{SECRET}@acme.looker.com",
        f"me:{SECRET}@acme.looker.com",
        f"https://me:{SECRET}/x@acme.looker.com",
        f"https://me:8080/{SECRET}@acme.looker.com",
        f"https://me:x@{SECRET}@acme.looker.com",
        f"https://{SECRET}@[acme",
        f"ftp://me:{SECRET}@acme/x@y",
    ],
)
def test_a_password_in_a_base_url_is_refused_and_not_shown(written: str) -> None:
    assert "holds a user or a password" in error_of({**FULL, "LOOKERSDK_BASE_URL": written})


def test_credentials_are_no_part_of_its_text() -> None:
    found = looker_settings(FULL)

    assert f"{found} {found!r}" == " ".join(["LookerSettings(base_url='https://acme.looker.com:19999')"] * 2)
    assert found.host == "acme.looker.com:19999"
