"""Scripts in TOML."""

from __future__ import annotations

from pathlib import Path

import pytest

from dagster_lookml.errors import ConfigError
from dagster_lookml.pdt.sandbox import (
    Alter,
    BuildScript,
    Drip,
    Drop,
    Fault,
    Hang,
    RandomFaults,
    Reset,
    Respond,
    Revoke,
    Script,
    load_script,
)

EVERYTHING = """
[[faults]]
operation = "check"
nth = "2-4"
action = {do = "respond", status = 503, body = "html", retry_after = 2, headers = {X-One = "1"}}
[[faults]]
operation = "check"
nth = [1, 3]
per_pdt = true
action = {do = "alter", null = ["resp_text"], materialization_id = 7}
[[faults]]
operation = "start"
pdt = "sales/*"
action = {do = "drop"}
[[faults]]
operation = "stop"
nth = "all"
action = {do = "hang", seconds = 30, processed = true}
[[faults]]
operation = "login"
action = {do = "drip"}
[[faults]]
operation = "versions"
action = {do = "reset"}
[[faults]]
operation = "logout"
action = {do = "revoke"}
[[builds]]
pdt = "sales/totals"
seconds = 30
outcome = "error"
message = "no rights"
words = ["expired"]
[random]
seed = 4
rate = 0.1
"""


def test_everything_can_be_said_in_toml(tmp_path: Path) -> None:
    (tmp_path / "faults.toml").write_text(EVERYTHING)

    assert load_script(tmp_path / "faults.toml") == Script(
        faults=(
            Fault("check", Respond(503, body="html", retry_after=2, headers={"X-One": "1"}), nth="2-4"),
            Fault("check", Alter(null=("resp_text",), materialization_id=7), nth=(1, 3), per_pdt=True),
            Fault("start", Drop(), pdt="sales/*"),
            Fault("stop", Hang(30, processed=True), nth="all"),
            Fault("login", Drip()),
            Fault("versions", Reset()),
            Fault("logout", Revoke()),
        ),
        builds=(BuildScript(pdt="sales/totals", seconds=30, outcome="error", message="no rights", words=("expired",)),),
        random=RandomFaults(seed=4, rate=0.1),
    )


@pytest.mark.parametrize(
    ("text", "key", "reason"),
    [
        ("[[fault]]\n", "", "unknown field `fault`"),
        ("[[builds]]\n[[builds]]\nsecond = 1\n", "builds[1]", "unknown field `second`"),
        ("[[builds]]\nseconds = -1\n", "builds[0].seconds", "expected `float` >= 0.0"),
        ('[[builds]]\noutcome = "fine"\n', "builds[0].outcome", "invalid enum value 'fine'; there are complete, error"),
        ('[[faults]]\noperation = "check"\n', "faults[0]", "missing required field `action`"),
        (
            '[[faults]]\noperation = "poll"\naction = {do = "drop"}\n',
            "faults[0].operation",
            "invalid enum value 'poll'; there are login, logout",
        ),
        (
            '[[faults]]\noperation = "check"\naction = {do = "explode"}\n',
            "faults[0].action.do",
            "invalid value 'explode'; there are respond, alter",
        ),
        ('[[faults]]\noperation = "check"\naction = {do = "drop", status = 1}\n', "faults[0].action", "unknown field `status`"),
        (
            '[[faults]]\noperation = "check"\nnth = "2 to 3"\naction = {do = "drop"}\n',
            "faults[0]",
            "nth is '2 to 3'; write a number",
        ),
        ('[[faults]]\noperation = "check"\nnth = 0\naction = {do = "drop"}\n', "faults[0].nth", "expected `int` >= 1"),
        ("[random]\nseed = 1\nrate = 2\n", "random.rate", "expected `float` <= 1.0"),
        ("seed = [", "", "not TOML"),
    ],
)
def test_a_mistake_is_told_with_file_and_key(tmp_path: Path, text: str, key: str, reason: str) -> None:
    file = tmp_path / "faults.toml"
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_script(file)

    assert (caught.value.file, caught.value.key) == (str(file), key)
    assert reason in caught.value.reason


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        load_script(tmp_path / "nothing.toml")
