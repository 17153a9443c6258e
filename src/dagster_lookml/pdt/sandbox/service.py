"""From a request to what happens to it: the script first, then the pretended Looker. There are no sockets in it."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qsl

import msgspec

from dagster_lookml.pdt.sandbox.actions import Action, Alter, Drop, Hang, Reset, Respond, Revoke
from dagster_lookml.pdt.sandbox.assumptions import DISCLAIMER
from dagster_lookml.pdt.sandbox.contract import BASE, ApiCall, Contract, NoSuchCall
from dagster_lookml.pdt.sandbox.graph import graph_text
from dagster_lookml.pdt.sandbox.instance import Looker, Refused, Said
from dagster_lookml.pdt.sandbox.limits import REQUESTS_REMEMBERED
from dagster_lookml.pdt.sandbox.playback import Playback
from dagster_lookml.pdt.sandbox.records import Request, SandboxState, Violation
from dagster_lookml.pdt.sandbox.reply import Reply, altered_reply, error_reply, json_reply, scripted_reply
from dagster_lookml.pdt.sandbox.script import Script
from dagster_lookml.pdt.sandbox.tokens import Tokens

_FORM: Final = "application/x-www-form-urlencoded"
_WORDS: Final = ("added", "pending", "running", "complete", "error", "killed")


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """A request as it came off the wire.

    Attributes:
        target: from the request line, undecoded.
        authorization: the header; empty if there is none.
    """

    method: str
    target: str
    authorization: str = ""
    content_type: str = ""
    body: bytes = b""

    @property
    def scheme(self) -> str | None:
        """``Bearer`` or ``token``, as written."""
        return self.authorization.split(" ")[0] or None

    @property
    def token(self) -> str:
        """That is shown; empty if none is."""
        scheme, _, token = self.authorization.partition(" ")
        return token if scheme.lower() in ("bearer", "token") else ""

    @property
    def shown_target(self) -> str:
        """The target without credentials."""
        return self.target.partition("?")[0] + "?..." if "client_" in self.target else self.target


class Delivery(msgspec.Struct, frozen=True):
    """What goes back over the wire.

    Attributes:
        reply: None for no answer at all.
        action: of the script, which says in what way it goes.
    """

    reply: Reply | None
    action: Action | None = None


class _Outcome(msgspec.Struct, frozen=True):
    """What the pretended Looker answers, and the build that it speaks of."""

    reply: Reply
    build: Said | None = None


class Service:
    """Answers requests, one at a time.

    Args:
        looker: that is asked.
        tokens: that are asked for.
        script: what goes wrong.
        clock: the time in seconds.
        log: told of every request.
    """

    def __init__(
        self,
        looker: Looker,
        tokens: Tokens,
        script: Script,
        clock: Callable[[], float],
        log: Callable[[Request], None] | None = None,
    ) -> None:
        self.url = ""
        self._looker = looker
        self._tokens = tokens
        self._playback = Playback(script)
        self._clock = clock
        self._log = log
        self._contract = Contract()
        self._lock = threading.RLock()
        self._requests: deque[Request] = deque(maxlen=REQUESTS_REMEMBERED)
        self._violations: deque[Violation] = deque(maxlen=REQUESTS_REMEMBERED)

    # -- what is known -------------------------------------------------------------------------------------------------

    def state(self, last: int | None = None) -> SandboxState:
        """Everything as it stands, with the last requests."""
        with self._lock:
            requests = tuple(self._requests)
            return SandboxState(
                sandbox=DISCLAIMER,
                at=self._clock(),
                tables=self._looker.tables(),
                builds=self._looker.builds(),
                requests=requests if last is None else requests[-last:],
                violations=tuple(self._violations),
                calls=dict(self._playback.calls),
            )

    def starts(self) -> Counter[tuple[str, str]]:
        """How many starts were accepted, by model and view."""
        with self._lock:
            return Counter(self._looker.starts)

    def object_to(self, method: str, target: str, reason: str) -> None:
        """Remember what should not have happened."""
        with self._lock:
            self._violations.append(Violation(method, target, reason))

    # -- answering -----------------------------------------------------------------------------------------------------

    def answer(self, arrival: Arrival) -> Delivery:
        """Let a request have its effect, and say what goes back. What went back is logged before it goes."""
        with self._lock:
            call = self._call(arrival)
            if isinstance(call, NoSuchCall):
                self.object_to(arrival.method, arrival.shown_target, call.reason)
                delivery = Delivery(error_reply(call.status, call.reason))
                request = self._request(arrival, None, delivery, None)
            else:
                delivery, build = self._deliver(call, arrival)
                request = self._request(arrival, call, delivery, build)
            self._requests.append(request)
        if self._log is not None:
            self._log(request)
        return delivery

    def _call(self, arrival: Arrival) -> ApiCall | NoSuchCall:
        call = self._contract.call(arrival.method, arrival.target)
        if isinstance(call, ApiCall) and call.operation == "login" and arrival.body and arrival.content_type != _FORM:
            return NoSuchCall(400, f"the body of login is not {_FORM}")
        return call

    def _deliver(self, call: ApiCall, arrival: Arrival) -> tuple[Delivery, Said | None]:
        """The script's way, or ours."""
        action = self._playback.action(call.operation, self._pdt(call))
        if isinstance(action, Respond) and not action.processed:
            return Delivery(scripted_reply(action), action), None
        if isinstance(action, Reset) or (isinstance(action, Hang) and not action.processed):
            return Delivery(None, action), None
        if isinstance(action, Revoke):
            self._tokens.revoke_all()
        outcome = self._outcome(call, arrival)
        self._examine(call, arrival, outcome)
        if isinstance(action, Respond):
            return Delivery(scripted_reply(action), action), outcome.build
        if isinstance(action, Alter):
            return Delivery(altered_reply(action, outcome.reply), action), outcome.build
        return Delivery(None if isinstance(action, Drop) else outcome.reply, action), outcome.build

    def _pdt(self, call: ApiCall) -> str | None:
        if call.operation == "start":
            return f"{call.path['model_name']}/{call.path['view_name']}"
        return self._looker.pdt_of(call.path.get("materialization_id", ""))

    def _request(self, arrival: Arrival, call: ApiCall | None, delivery: Delivery, build: Said | None) -> Request:
        pdt = self._pdt(call) if call is not None else None
        model, _, view = (pdt or "").partition("/")
        return Request(
            operation=call.operation if call is not None else None,
            method=arrival.method,
            raw_path=arrival.shown_target,
            query={name: value for name, value in (call.query if call is not None else {}).items() if "client_" not in name},
            model=model or None,
            view=view or None,
            id=build.id if build is not None else call.path.get("materialization_id") if call is not None else None,
            scheme=arrival.scheme,
            status=delivery.reply.status if delivery.reply is not None else None,
            word=build.word if build is not None else None,
            fault=_name(delivery.action),
            at=self._clock(),
        )

    # -- the pretended Looker ------------------------------------------------------------------------------------------

    def _outcome(self, call: ApiCall, arrival: Arrival) -> _Outcome:
        if call.operation == "login":
            return _Outcome(self._login(call, arrival))
        if not self._tokens.is_good(arrival.token):
            return _Outcome(error_reply(HTTPStatus.UNAUTHORIZED, "Requires authentication."))
        try:
            if call.operation == "logout":
                self._tokens.revoke(arrival.token)
                return _Outcome(Reply(status=HTTPStatus.NO_CONTENT))
            if call.operation == "versions":
                return _Outcome(json_reply(200, _versions(self.url)))
            if call.operation == "graph":
                return _Outcome(json_reply(200, {"graph_text": self._graph(call)}))
            return self._build(call)
        except Refused as refused:
            return _Outcome(error_reply(refused.status, refused.message))

    def _login(self, call: ApiCall, arrival: Arrival) -> Reply:
        form = dict(parse_qsl(arrival.body.decode("utf-8", "replace"))) | call.query
        token = self._tokens.issue(form.get("client_id", ""), form.get("client_secret", ""))
        if token is None:
            return error_reply(HTTPStatus.NOT_FOUND, "Not found")
        return json_reply(200, {"access_token": token, "token_type": "Bearer", "expires_in": self._tokens.seconds})

    def _build(self, call: ApiCall) -> _Outcome:
        if call.operation == "start":
            build = self._looker.start(call.path["model_name"], call.path["view_name"], call.query)
        elif call.operation == "stop":
            build = self._looker.stop(call.path["materialization_id"])
        else:
            build = self._looker.check(call.path["materialization_id"])
        said = {"status": build.word} | ({"message": build.message} if build.message is not None else {})
        return _Outcome(json_reply(200, {"materialization_id": build.id, "resp_text": msgspec.json.encode(said).decode()}), build)

    def _graph(self, call: ApiCall) -> str:
        models = set(filter(None, call.query.get("models", "").split(",")))
        model, view = call.path.get("model"), call.path.get("view")
        found = [
            table
            for table in self._looker.tables()
            if (table.model == model if model is not None else table.view == view and (not models or table.model in models))
        ]
        if not found:
            raise Refused(HTTPStatus.NOT_FOUND, "Not found")
        return graph_text(found)

    def _examine(self, call: ApiCall, arrival: Arrival, outcome: _Outcome) -> None:
        """Hold our own answer against the contract, before a script changes it."""
        reply = outcome.reply
        body = msgspec.json.decode(reply.body) if reply.body else None
        wrong = self._contract.problem(call.operation if reply.status < HTTPStatus.BAD_REQUEST else "Error", body)
        if wrong is None and isinstance(body, Mapping) and outcome.build is not None and outcome.build.word in _WORDS:
            wrong = self._contract.resp_text_problem(body["resp_text"])
        if wrong is not None:
            self.object_to(arrival.method, arrival.shown_target, f"the sandbox's own answer breaks the contract: {wrong}")


def _name(action: Action | None) -> str | None:
    return type(action).__name__.lower() if action is not None else None


def _versions(url: str) -> dict[str, object]:
    version = {
        "version": "4.0",
        "full_version": "4.0.26.12",
        "status": "current",
        "swagger_url": f"{url}{BASE}/swagger.json",
    }
    return {
        "looker_release_version": "26.12.3",
        "current_version": version,
        "supported_versions": [version],
        "api_server_url": url,
        "web_server_url": url,
    }
