"""The published shape of Looker's PDT endpoints, tightened: what may be asked, and what may be answered.

``looker-pdt.oas.json`` is an unchanged part of Looker's own specification (see ``NOTICE``). As published its schemas accept
almost anything, ``{}`` included: they say neither that an answer is an object nor which of its fields must be there. So they
are tightened when they are loaded. What ``resp_text`` holds is no part of the specification at all; its grammar here is ours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final, Literal
from urllib.parse import parse_qsl, unquote

import jsonschema
import msgspec

Operation = Literal["login", "logout", "versions", "start", "check", "stop", "graph"]

BASE: Final = "/api/4.0"

_OPERATIONS: Final[dict[str, Operation]] = {
    "login": "login",
    "logout": "logout",
    "versions": "versions",
    "start_pdt_build": "start",
    "check_pdt_build": "check",
    "stop_pdt_build": "stop",
    "graph_derived_tables_for_model": "graph",
    "graph_derived_tables_for_view": "graph",
}
_REQUIRED: Final[dict[str, list[str]]] = {
    "AccessToken": ["access_token", "token_type", "expires_in"],
    "ApiVersion": ["looker_release_version", "current_version", "supported_versions"],
    "ApiVersionElement": ["version"],
    "DependencyGraph": ["graph_text"],
    "MaterializePDT": ["materialization_id", "resp_text"],
}
_VALUES: Final[dict[str, tuple[str, ...]]] = {
    "force_rebuild": ("true", "false"),
    "force_full_incremental": ("true", "false"),
    "workspace": ("production", "dev"),
    "format": ("dot",),
}
"""Values of query parameters: any text by the specification; these are what its descriptions name, and our reading of them."""

RESP_TEXT: Final[dict[str, Any]] = {
    "description": "per Airflow's provider, not per Looker's specification",
    "type": "object",
    "required": ["status"],
    "properties": {
        "status": {"enum": ["added", "pending", "running", "complete", "error", "killed", "unknown"]},
        "message": {"type": "string"},
    },
    "additionalProperties": False,
    "if": {"properties": {"status": {"const": "error"}}},
    "then": {"required": ["status", "message"]},
}
"""The grammar of ``resp_text``, once it is read as JSON (PDT-1.5)."""


class ApiCall(msgspec.Struct, frozen=True):
    """A call that the specification has.

    Attributes:
        operation: what is asked.
        path: the parts of the path that have names, decoded.
        query: decoded; every name once.
    """

    operation: Operation
    path: dict[str, str]
    query: dict[str, str]


class NoSuchCall(msgspec.Struct, frozen=True):
    """A call that the specification does not have.

    Attributes:
        status: what answers it.
        reason: what is wrong with it.
    """

    status: int
    reason: str


class _Route(msgspec.Struct, frozen=True):
    method: str
    path: re.Pattern[str]
    operation_id: str
    operation: Operation
    query: frozenset[str]
    schema: str | None


class Contract:
    """The endpoints of the specification, and validators of their answers.

    >>> contract = Contract()
    >>> contract.call("GET", "/api/4.0/derived_table/sales/orders/start?force_rebuild=true").operation
    'start'
    >>> contract.call("GET", "/api/4.0/derived_table/sales/orders/start?force=1").reason
    'start_pdt_build has no query parameter force'
    """

    def __init__(self) -> None:
        published = published_specification()
        self._components = {"schemas": {name: tightened(name, one) for name, one in published["components"]["schemas"].items()}}
        self._routes = sorted(_routes(published), key=lambda route: route.path.pattern.count("[^/]"))  # what is written out wins
        self._resp_text = jsonschema.Draft202012Validator(RESP_TEXT)
        self._validators = {name: self._validator(name) for name in self._components["schemas"]}
        for name, validator in self._validators.items():
            if validator.is_valid({}):
                raise AssertionError(f"the schema of {name} accepts an empty object, and so proves nothing")

    def _validator(self, schema: str) -> jsonschema.Draft202012Validator:
        return jsonschema.Draft202012Validator({"$ref": f"#/components/schemas/{schema}", "components": self._components})

    def call(self, method: str, target: str) -> ApiCall | NoSuchCall:
        """What a request asks for.

        Args:
            method: of HTTP.
            target: as it stands in the request line, undecoded.
        """
        path, _, query = target.partition("?")
        if path == "/api/logout":  # where looker-sdk sends it
            path = f"{BASE}/logout"
        found = [(route, match) for route in self._routes if (match := route.path.fullmatch(path))]
        for route, match in found:
            if route.method == method:
                parts = {name: unquote(value) for name, value in match.groupdict().items()}
                return _with_query(route, parts, query)
        if found:
            return NoSuchCall(405, f"{path} answers {found[0][0].method} and not {method}")
        return NoSuchCall(404, f"there is no {method} {path}")

    def problem(self, kind: str, body: object) -> str | None:
        """What is wrong with an answer; None if nothing is.

        Args:
            kind: an operation, whose 200 answer it is, or ``Error``.
            body: as JSON.
        """
        schema = next((route.schema for route in self._routes if route.operation == kind), "Error")
        if schema is None:
            return None if body is None else "no body was expected"
        return _first_error(self._validators[schema], body)

    def resp_text_problem(self, resp_text: object) -> str | None:
        """What is wrong with a ``resp_text`` by the grammar that we assume; None if nothing is."""
        if not isinstance(resp_text, str):
            return "resp_text is no text"
        try:
            return _first_error(self._resp_text, msgspec.json.decode(resp_text))
        except msgspec.DecodeError as error:
            return f"resp_text is not JSON: {error}"


def published_specification() -> Any:
    """The specification as Looker publishes it, the part with the PDT endpoints."""
    return msgspec.json.decode((files(__package__) / "looker-pdt.oas.json").read_bytes())


def tightened(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """A schema of the specification as one of JSON Schema that refuses what is not meant.

    Args:
        name: of the schema.
        schema: as published, in the dialect of OpenAPI 3.0.
    """
    return {
        **schema,
        "type": "object",
        "additionalProperties": False,
        "required": schema.get("required", _REQUIRED.get(name, [])),
        "properties": {field: _with_null(one) for field, one in schema["properties"].items()},
    }


def _with_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    """``nullable`` is of OpenAPI 3.0, and JSON Schema does not know it."""
    return {**schema, "type": [schema["type"], "null"]} if schema.get("nullable") else dict(schema)


def _routes(published: Any) -> list[_Route]:
    return [
        _Route(
            method=method.upper(),
            path=re.compile(re.escape(BASE) + re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(path))),
            operation_id=operation["operationId"],
            operation=_OPERATIONS[operation["operationId"]],
            query=frozenset(one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"),
            schema=_answer(operation),
        )
        for path, methods in published["paths"].items()
        for method, operation in methods.items()
    ]


def _answer(operation: Any) -> str | None:
    """The name of the schema of a 200 answer; None where 204 says all."""
    if "200" not in operation["responses"]:
        return None
    reference: str = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
    return reference.rpartition("/")[2]


def _with_query(route: _Route, path: dict[str, str], query: str) -> ApiCall | NoSuchCall:
    values: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name not in route.query:
            return NoSuchCall(400, f"{route.operation_id} has no query parameter {name}")
        if name in values:
            return NoSuchCall(400, f"{name} is given twice")
        if name in _VALUES and value not in _VALUES[name]:
            return NoSuchCall(400, f"{name} is {value!r}, and not {' or '.join(_VALUES[name])}")
        values[name] = value
    if any(set(value) <= {"."} for value in path.values()):
        return NoSuchCall(404, "a part of the path is nothing but dots")
    return ApiCall(route.operation, path, values)


def _first_error(validator: jsonschema.Draft202012Validator, body: object) -> str | None:
    error = next(validator.iter_errors(body), None)
    return f"{error.json_path}: {error.message}" if error is not None else None
