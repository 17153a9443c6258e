"""The command line: arguments, one call, rendering, exit code."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress
from typing import Final, NoReturn

import click

from dagster_lookml.cli.check import check_command
from dagster_lookml.cli.compile import compile_command
from dagster_lookml.cli.diff import diff_command
from dagster_lookml.cli.exposures import exposures_command
from dagster_lookml.cli.impact import impact_command
from dagster_lookml.cli.lineage import lineage_command
from dagster_lookml.cli.pdt import pdt_group
from dagster_lookml.cli.rules import rule_command, rules_command
from dagster_lookml.cli.sandbox import sandbox_command
from dagster_lookml.cli.show import show_command
from dagster_lookml.cli.telling import complain
from dagster_lookml.errors import DagsterLookMLError, did_you_mean, near_names
from dagster_lookml.semantic.collecting import collection_paused

COULD_NOT_RUN: Final = 2
_EPILOG: Final = """\b
Try:
  dagster-lookml compile path/to/lookml
  dagster-lookml check path/to/lookml --format json
  dagster-lookml check path/to/lookml --base origin/main
  dagster-lookml diff path/to/lookml --base origin/main
  dagster-lookml rule unknown-field
  dagster-lookml show path/to/lookml view:orders
  dagster-lookml lineage path/to/lookml +dashboard:sales/kpis
  dagster-lookml impact path/to/lookml column:orders.status
  dagster-lookml pdt plan path/to/lookml --base origin/main
  dagster-lookml exposures path/to/lookml --dbt-manifest target/manifest.json
  dagster-lookml compile path/to/lookml --ref origin/main

Exit codes: 0 done, 1 the check failed, 2 could not run.
Nothing of the repository is executed and nothing in it is written; neither Looker nor credentials are needed, but for having
Looker build: pdt build, wait, stop, and status of a build.
"""


def main() -> NoReturn:
    """Run the command line, and turn what could not run into a message and exit code 2."""
    try:
        with collection_paused():
            code = cli.main(standalone_mode=False)
            gc.freeze()  # the process ends, and nothing needs to be looked through for what could be freed
        sys.exit(code if isinstance(code, int) else 0)
    except click.ClickException as error:
        with suppress(OSError, ValueError):
            error.show()
        _end(COULD_NOT_RUN)
    except DagsterLookMLError as error:
        complain(str(error))
        _end(COULD_NOT_RUN)
    except (KeyboardInterrupt, click.Abort) as error:
        complain("interrupted")
        sys.exit(128 + getattr(error, "number", 2))
    except BrokenPipeError:  # whoever read our output has seen enough
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:  # exit code 1 is a finding's; what stops us is never mistaken for one
        if os.environ.get("DAGSTER_LOOKML_TRACEBACK"):
            raise
        what = "not enough memory" if isinstance(error, MemoryError) else f"{type(error).__name__}: {error}"
        complain(f"could not run: {what}\nwith DAGSTER_LOOKML_TRACEBACK=1 it says where")
        _end(COULD_NOT_RUN)


def _end(code: int) -> NoReturn:
    """End with an exit code, also where stdout or stderr is full: Python would have its own for what it cannot write at last."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.close()
    sys.exit(code)


class _Commands(click.Group):
    """Offers names that look like a command that does not exist."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            raise click.UsageError(f"{error.message}{did_you_mean(near_names(args[0], list(self.commands)))}", ctx) from error


@click.group(cls=_Commands, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="dagster-lookml")
def cli() -> None:
    """Compile a LookML repository offline: what it has, what is wrong with it, and which tables and columns it reads."""


for _command in (
    compile_command,
    check_command,
    rules_command,
    rule_command,
    show_command,
    lineage_command,
    impact_command,
    diff_command,
    exposures_command,
    pdt_group,
    sandbox_command,
):
    cli.add_command(_command)
