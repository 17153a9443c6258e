"""Asking Dagster's webserver on loopback."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener


def ask(url: str, query: str, **variables: object) -> Mapping[str, Any]:
    """What a query or mutation is answered."""
    body = json.dumps({"query": query, "variables": variables}).encode()
    request = Request(f"{url}/graphql", body, {"Content-Type": "application/json"})
    with build_opener(ProxyHandler({})).open(request, timeout=60) as response:
        answer = json.load(response)
    assert "errors" not in answer, answer["errors"]
    data: Mapping[str, Any] = answer["data"]
    return data
