"""The published specification says little; what we hold answers and requests against says more."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import jsonschema
import pytest

from dagster_lookml.pdt.sandbox.contract import ApiCall, Contract, NoSuchCall, Operation, published_specification

CONTRACT = Contract()
BUILD = {"materialization_id": "1", "resp_text": '{"status":"running"}'}


@pytest.mark.parametrize("answer", [{}, [], "x", {"bogus": 1}])
def test_the_published_schema_of_a_build_accepts_anything_and_ours_does_not(answer: Any) -> None:
    published = published_specification()["components"]["schemas"]["MaterializePDT"]

    assert jsonschema.Draft202012Validator(published).is_valid(answer)
    assert CONTRACT.problem("check", answer) is not None


@pytest.mark.parametrize("operation", ["login", "versions", "start", "check", "stop", "graph", "Error"])
def test_no_answer_may_be_an_empty_object(operation: str) -> None:
    assert "required" in (CONTRACT.problem(operation, {}) or "")


@pytest.mark.parametrize(
    ("kind", "body", "wanted"),
    [
        ("check", BUILD, None),
        ("check", BUILD | {"resp_text": None}, None),
        ("check", BUILD | {"materialization_id": None}, "$.materialization_id: None is not of type 'string'"),
        ("start", BUILD | {"materialization_id": 7}, "$.materialization_id: 7 is not of type 'string'"),
        ("stop", BUILD | {"status": "killed"}, "Additional properties"),
        ("Error", {"message": None, "documentation_url": None}, None),
        ("Error", {"message": "x"}, "'documentation_url' is a required property"),
        ("login", {"access_token": "a", "token_type": "Bearer", "expires_in": 3600}, None),
        ("login", {"access_token": "a", "token_type": "Bearer", "expires_in": "3600"}, "'3600' is not of type 'integer'"),
        ("versions", {"looker_release_version": "1", "current_version": {}, "supported_versions": []}, "'version'"),
        ("logout", None, None),
        ("logout", {}, "no body was expected"),
    ],
)
def test_answers_are_held_against_the_tightened_schema(kind: str, body: Any, wanted: str | None) -> None:
    found = CONTRACT.problem(kind, body)

    assert found == wanted if wanted is None or found is None else wanted in found


@pytest.mark.parametrize(
    ("text", "is_good"),
    [
        ('{"status":"added"}', True),
        ('{"status":"error","message":"m"}', True),
        ('{"status":"error"}', False),
        ('{"status":"expired"}', False),
        ('{"status":"RUNNING"}', False),
        ('{"status":"running","ratio":1}', False),
        ("{}", False),
        ("[]", False),
        ("running", False),
        (None, False),
        ({"status": "added"}, False),
    ],
)
def test_resp_text_has_a_grammar(text: Any, is_good: bool) -> None:
    assert (CONTRACT.resp_text_problem(text) is None) == is_good


@pytest.mark.parametrize(
    ("method", "target", "operation", "path", "query"),
    [
        ("POST", "/api/4.0/login", "login", {}, {}),
        ("DELETE", "/api/logout", "logout", {}, {}),
        ("DELETE", "/api/4.0/logout", "logout", {}, {}),
        ("GET", "/api/4.0/versions?fields=a", "versions", {}, {"fields": "a"}),
        ("GET", "/api/4.0/derived_table/a%20b/c%2Fd/start", "start", {"model_name": "a b", "view_name": "c/d"}, {}),
        (
            "GET",
            "/api/4.0/derived_table/m/v/start?source=a+b&force_rebuild=true",
            "start",
            {"model_name": "m", "view_name": "v"},
            {"source": "a b", "force_rebuild": "true"},
        ),
        ("GET", "/api/4.0/derived_table/x/status", "check", {"materialization_id": "x"}, {}),
        ("GET", "/api/4.0/derived_table/x/stop?source=", "stop", {"materialization_id": "x"}, {"source": ""}),
        ("GET", "/api/4.0/derived_table/graph/model/start", "graph", {"model": "start"}, {}),
        ("GET", "/api/4.0/derived_table/graph/view/x?models=m", "graph", {"view": "x"}, {"models": "m"}),
    ],
)
def test_calls_that_the_specification_has(
    method: str, target: str, operation: Operation, path: dict[str, str], query: dict[str, str]
) -> None:
    assert CONTRACT.call(method, target) == ApiCall(operation, path, query)


@pytest.mark.parametrize(
    ("method", "target", "status", "reason"),
    [
        ("GET", "/api/4.0/derived_table/m/v/begin", 404, "there is no GET /api/4.0/derived_table/m/v/begin"),
        ("GET", "/api/4.0/derived_table//status", 404, "there is no"),
        ("GET", "//api/4.0/versions", 404, "there is no GET //api/4.0/versions"),
        ("GET", "/api/4.0/api/4.0/versions", 404, "there is no"),
        ("GET", "/api/3.1/versions", 404, "there is no"),
        ("GET", "/api/4.0/derived_table/../v/start", 404, "nothing but dots"),
        ("POST", "/api/4.0/derived_table/m/v/start", 405, "answers GET and not POST"),
        ("GET", "/api/4.0/derived_table/m/v/start?force=true", 400, "start_pdt_build has no query parameter force"),
        ("GET", "/api/4.0/derived_table/x/status?source=a", 400, "check_pdt_build has no query parameter source"),
        ("GET", "/api/4.0/derived_table/m/v/start?force_rebuild=True", 400, "force_rebuild is 'True', and not true or false"),
        ("GET", "/api/4.0/derived_table/m/v/start?workspace=qa", 400, "workspace is 'qa', and not production or dev"),
        ("GET", "/api/4.0/derived_table/m/v/start?source=a&source=b", 400, "source is given twice"),
        ("GET", "/api/4.0/derived_table/graph/model/m?format=svg", 400, "format is 'svg', and not dot"),
    ],
)
def test_calls_that_the_specification_does_not_have(method: str, target: str, status: int, reason: str) -> None:
    found = CONTRACT.call(method, target)

    assert isinstance(found, NoSuchCall)
    assert found.status == status
    assert reason in found.reason


def test_the_specification_ships_with_its_license() -> None:
    notice = (files("dagster_lookml.pdt.sandbox") / "NOTICE").read_text("utf-8")

    assert "Copyright (c) 2019 Looker Data Sciences, Inc." in notice
    assert "The above copyright notice and this permission notice shall be included" in notice
    assert 'THE SOFTWARE IS PROVIDED "AS IS"' in notice
