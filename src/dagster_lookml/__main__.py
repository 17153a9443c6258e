"""``dagster-lookml``, and ``python -m dagster_lookml``: the command line, interruptible from its first import on."""

import os
import sys


def main() -> None:
    """Run the command line."""
    _open_closed_streams()
    try:
        from dagster_lookml import cli
    except KeyboardInterrupt:
        sys.stderr.write("dagster-lookml: interrupted\n")
        sys.exit(130)
    cli.main()


def _open_closed_streams() -> None:
    """Write to nowhere where stdout or stderr is closed: else the next file that is opened had its number."""
    for number, name in ((1, "stdout"), (2, "stderr")):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            if nowhere != number:
                os.dup2(nowhere, number)
                os.close(nowhere)
            setattr(sys, name, os.fdopen(number, "w"))


if __name__ == "__main__":
    main()
