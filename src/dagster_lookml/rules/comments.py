"""What is wrong with the comments by which findings are ignored."""

from __future__ import annotations

from dagster_lookml.rules.rule import Severity, rule


@rule("LM901", Severity.WARNING)
def unused_ignore() -> None:
    """A comment that ignores a rule of which there is no finding.

    What it was about has been mended, or it stands in the wrong place. Alone on its line a comment holds for the parameter or
    block that follows; behind something it holds for its own line. Left behind it would hide the next finding of that rule.

    Wrong::

        explore: orders {}
        # lookml: ignore[unknown-field] the column is made by a trigger
        view: orders {
          dimension: id {}
        }

    Right::

        explore: orders {}
        view: orders {
          # lookml: ignore[unknown-field] the column is made by a trigger
          dimension: id { sql: ${key} ;; }
        }
    """


@rule("LM902", Severity.WARNING)
def unknown_ignore() -> None:
    """A comment that ignores a rule which does not exist, or says no rule.

    ``dagster-lookml rules`` lists them all. Several are separated by commas.

    Wrong::

        explore: orders {}
        # lookml: ignore[unknown-feild] the column is made by a trigger
        view: orders { dimension: id {} }

    Right::

        explore: orders {}
        view: orders {
          # lookml: ignore[unknown-field] the column is made by a trigger
          dimension: id { sql: ${key} ;; }
        }
    """


@rule("LM903", Severity.WARNING)
def ignore_without_reason() -> None:
    """A comment that ignores a finding and does not say why.

    Whoever reads it next year has to know whether it still holds. The reason stands behind the bracket.

    Wrong::

        explore: orders {}
        view: orders {
          # lookml: ignore[unknown-field]
          dimension: id { sql: ${key} ;; }
        }

    Right::

        explore: orders {}
        view: orders {
          # lookml: ignore[unknown-field] the column is made by a trigger
          dimension: id { sql: ${key} ;; }
        }
    """
