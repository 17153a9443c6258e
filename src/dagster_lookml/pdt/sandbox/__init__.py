"""A server on loopback that plays Looker's PDT endpoints, to try a deployment on and to test against.

It encodes assumptions (`ASSUMPTIONS`), as no live Looker was available when it was made.
"""

from __future__ import annotations

from dagster_lookml.pdt.sandbox.actions import Action, Alter, Drip, Drop, Hang, Reset, Respond, Revoke
from dagster_lookml.pdt.sandbox.assumptions import ASSUMPTIONS, DISCLAIMER, assumptions_text
from dagster_lookml.pdt.sandbox.clock import SteppedClock
from dagster_lookml.pdt.sandbox.instance import SandboxBuild
from dagster_lookml.pdt.sandbox.records import Request, SandboxState, Violation, request_line
from dagster_lookml.pdt.sandbox.script import BuildScript, Fault, RandomFaults, Script, random_faults
from dagster_lookml.pdt.sandbox.script_file import load_script, parse_script
from dagster_lookml.pdt.sandbox.server import Sandbox
from dagster_lookml.pdt.sandbox.tables import SandboxPdt, TableState
from dagster_lookml.pdt.sandbox.tokens import Credentials

__all__ = [
    "ASSUMPTIONS",
    "DISCLAIMER",
    "Action",
    "Alter",
    "BuildScript",
    "Credentials",
    "Drip",
    "Drop",
    "Fault",
    "Hang",
    "RandomFaults",
    "Request",
    "Reset",
    "Respond",
    "Revoke",
    "Sandbox",
    "SandboxBuild",
    "SandboxPdt",
    "SandboxState",
    "Script",
    "SteppedClock",
    "TableState",
    "Violation",
    "assumptions_text",
    "load_script",
    "parse_script",
    "random_faults",
    "request_line",
]
