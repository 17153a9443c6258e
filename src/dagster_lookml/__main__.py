"""``dagster-lookml``, and ``python -m dagster_lookml``: the command line, interruptible from its first import on."""

import sys


def main() -> None:
    """Run the command line."""
    try:
        from dagster_lookml import cli
    except KeyboardInterrupt:
        sys.stderr.write("dagster-lookml: interrupted\n")
        sys.exit(130)
    cli.main()


if __name__ == "__main__":
    main()
