"""``python -m dagster_lookml`` is the command ``dagster-lookml``."""

from dagster_lookml.cli import main

if __name__ == "__main__":
    main()
