"""How Looker's SDK sends and receives here: with typed errors, deadlines, and answers that are checked before the SDK sees them.

The SDK's own transport drops status and headers, follows redirects with the credentials, and knows no deadline; and what is built
on it fetches documents about errors from elsewhere (PDT-R16). Since an error is raised here, none of that is reached.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from contextlib import closing
from datetime import UTC, datetime
from sys import exception
from typing import Final

import requests
from looker_sdk.rtl import transport
from looker_sdk.rtl.requests_transport import NullAuth
from urllib3.exceptions import HTTPError

from dagster_lookml.errors import CallError, CallFailure
from dagster_lookml.pdt.looker.answers import json_of, message_of, needed, seconds_to_wait, text_of, tokens_of, what_is_wrong
from dagster_lookml.pdt.looker.deadline import Deadline, DeadlineAdapter
from dagster_lookml.pdt.looker.network_errors import causes_of, failure_of, reason_of
from dagster_lookml.pdt.looker.recording import Exchange, Recorder
from dagster_lookml.pdt.looker.secrecy import Redactor

MAX_BODY_BYTES: Final = 1 << 20
_CONNECT_SECONDS: Final = 10.0
_CHUNK: Final = 1 << 14
_HINTS: Final = {
    ("start", 404): "Looker has no such model or view in this workspace, or does not show it to this user",
}


class LookerTransport(transport.Transport):
    """Sends the calls of one client, one after the other.

    Args:
        settings: as the SDK wants them.
        redact: takes secrets out of texts.
        record: told of each call.
    """

    def __init__(self, settings: transport.PTransportSettings, redact: Redactor, record: Recorder | None = None) -> None:
        self.redact = redact
        self._record = record
        self._deadline = Deadline()
        self._adapter = DeadlineAdapter(self._deadline)
        self._session = requests.Session()
        self._session.mount("https://", self._adapter)
        self._session.mount("http://", self._adapter)
        self._session.verify = settings.verify_ssl
        self._session.headers.update({transport.LOOKER_API_ID: settings.agent_tag, "Accept": "application/json"})
        self._timeout = float(settings.timeout)

    @classmethod
    def configure(cls, settings: transport.PTransportSettings) -> LookerTransport:
        """A transport on its own, as the SDK makes its own."""
        return cls(settings, Redactor())

    def close(self) -> None:
        """Close its connections."""
        self._session.close()

    def request(
        self,
        method: transport.HttpMethod,
        path: str,
        query_params: MutableMapping[str, str] | None = None,
        body: bytes | None = None,
        authenticator: transport.TAuthenticator = None,
        transport_options: transport.TransportOptions | None = None,
    ) -> transport.Response:
        """Send one call.

        Raises:
            CallError: it failed in whatever way.
        """
        seconds = (transport_options or {}).get("timeout") or self._timeout
        operation = _operation(path)
        # May log in, which is a call of its own, and writes into the options that it is given: so not into the caller's.
        login = transport.TransportOptions(timeout=seconds)  # type: ignore[typeddict-item]  # may be a fraction
        headers = dict(authenticator(login)) if authenticator is not None else {}
        if operation == "login":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        request = requests.Request(method.name, path, params=query_params, data=body, headers=headers, auth=NullAuth())
        answer = self._send(operation, request, seconds)
        if isinstance(answer, CallError):  # raised here, where no exception holds the request and its secrets
            raise answer
        return transport.Response(True, answer, transport.ResponseMode.STRING)

    def _send(self, operation: str, request: requests.Request, seconds: float) -> bytes | CallError:
        """The body of a good answer, or what went wrong."""
        prepared = self._session.prepare_request(request)
        if operation == "start":
            self._adapter.forget_connections()
        self._deadline.set(seconds)
        # Where certificates are not to be checked, a bundle of the environment's changes nothing of that.
        verify = None if self._session.verify else False
        options = self._session.merge_environment_settings(prepared.url or "", {}, True, verify, None)
        connect = min(_CONNECT_SECONDS, seconds)
        outer = exception()  # what our caller may be handling: Python makes it the context of ours, and it tells of another call
        try:
            with closing(self._session.send(prepared, timeout=(connect, seconds), allow_redirects=False, **options)) as response:
                body = _body(response)
        except (OSError, requests.RequestException, HTTPError) as error:  # what requests does not dress up, too
            causes = causes_of(error, outer)
            failed = CallError(operation, failure_of(causes), self.redact(reason_of(causes)))
            self._told(operation, prepared, None, str(failed.reason).encode())
            return failed
        self._told(operation, prepared, response, body or b"")
        if body is None:
            return CallError(
                operation, "unreadable", f"the answer is larger than {MAX_BODY_BYTES >> 20} MB", response.status_code
            )
        if response.status_code >= 400:
            return self._refusal(operation, response, body)
        return self._checked(operation, response, body)

    def _refusal(self, operation: str, response: requests.Response, body: bytes) -> CallError:
        status = response.status_code
        is_login = operation == "login" and status < 500 and status not in (408, 429)
        is_own = isinstance(json_of(body), dict)
        failure: CallFailure = "credentials" if status in (401, 403) or is_login else "status" if is_own else "unreadable"
        retry_after = seconds_to_wait(response.headers.get("Retry-After"))
        said = self.redact(message_of(body) or response.reason or "no text")
        hint = "are client id and secret right?" if is_login else _HINTS.get((operation, status))
        reason = f"{said} ({hint})" if hint else said
        return CallError(operation, failure, reason, status, retry_after)

    def _checked(self, operation: str, response: requests.Response, body: bytes) -> bytes | CallError:
        """The body of an answer that is what the API promises: the SDK reads strange ones in strange ways."""
        if 300 <= response.status_code < 400:
            target = self.redact(response.headers.get("Location", "nowhere"))
            return CallError(operation, "status", f"it redirects to {target}; is the base URL right?", response.status_code)
        if operation in ("logout", "versions"):
            return body
        if operation == "login":
            for token in tokens_of(body):
                self.redact.hide(token)
        wrong = what_is_wrong(operation, body)
        if wrong is None:
            return needed(operation, body)
        return CallError(operation, "unreadable", self.redact(f"{wrong}: {text_of(body)}", 300), response.status_code)

    def _told(self, operation: str, request: requests.PreparedRequest, response: requests.Response | None, body: bytes) -> None:
        if self._record is None:
            return
        self._record(
            Exchange(
                at=datetime.now(UTC).isoformat(timespec="milliseconds"),
                operation=operation,
                method=request.method or "",
                path=self.redact(request.path_url),
                status=response.status_code if response is not None else None,
                content_type=response.headers.get("Content-Type") if response is not None else None,
                retry_after=response.headers.get("Retry-After") if response is not None else None,
                body="" if operation == "login" and response is not None and response.ok else self.redact.hidden(text_of(body)),
            )
        )


def _operation(path: str) -> str:
    """Which call of the API it is.

    >>> _operation("https://acme.looker.com/api/4.0/derived_table/7/status")
    'check'
    """
    last = path.rpartition("/")[2]
    return "check" if last == "status" else last


def _body(response: requests.Response) -> bytes | None:
    """The body of a response; None if it is too large."""
    body = bytearray()
    chunks: Iterator[bytes] = response.iter_content(_CHUNK)
    for chunk in chunks:
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            return None
    return bytes(body)
