"""Every rule of LookML that can be seen in the compiled objects is shown by a test."""

from __future__ import annotations

from tests.rule_coverage import NOT_SHOWN, TABLE, VERIFIED, shown, table


def test_every_verified_rule_is_shown_or_said_not_to_be() -> None:
    found = shown()

    assert [rule for rule in VERIFIED if rule not in found and rule not in NOT_SHOWN] == []
    assert [rule for rule in NOT_SHOWN if rule in found] == []


def test_the_table_is_up_to_date() -> None:
    assert TABLE.read_text("utf-8") == table(), "run make golden"
