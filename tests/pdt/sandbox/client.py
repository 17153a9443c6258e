"""Asks the sandbox over HTTP as a plain client would, without proxies, retries or redirects."""

from __future__ import annotations

import json
from types import TracebackType
from typing import Any

import requests

from dagster_lookml.pdt.sandbox import Sandbox

TIMEOUT = 10


class Client:
    """Logged in, unless told otherwise."""

    def __init__(self, sandbox: Sandbox, *, logged_in: bool = True) -> None:
        self.url = sandbox.url
        self.session = requests.Session()
        self.session.trust_env = False
        if logged_in:
            self.session.headers["Authorization"] = f"Bearer {self.login().json()['access_token']}"

    def __enter__(self) -> Client:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        self.session.close()

    def login(self, client_id: str = "any", client_secret: str = "any") -> requests.Response:
        key = {"client_id": client_id, "client_secret": client_secret}
        return self.session.post(f"{self.url}/api/4.0/login", data=key, timeout=TIMEOUT, allow_redirects=False)

    def get(self, path: str, timeout: float = TIMEOUT) -> requests.Response:
        return self.session.get(f"{self.url}/api/4.0/{path}", timeout=timeout, allow_redirects=False)

    def start(self, pdt: str, query: str = "") -> str:
        body = self.get(f"derived_table/{pdt}/start{query}").json()
        identity = body["materialization_id"]
        assert isinstance(identity, str)
        return identity

    def check(self, identity: str) -> requests.Response:
        return self.get(f"derived_table/{identity}/status")

    def stop(self, identity: str) -> requests.Response:
        return self.get(f"derived_table/{identity}/stop")

    def says(self, identity: str) -> dict[str, Any]:
        """What ``resp_text`` of a check holds."""
        said: dict[str, Any] = json.loads(self.check(identity).json()["resp_text"])
        return said

    def word(self, identity: str) -> str:
        return str(self.says(identity)["status"])
