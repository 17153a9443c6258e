"""What is wrong with SQL: text that cannot be read, and columns that are not there."""

from __future__ import annotations

from dagster_lookml.rules.rule import Severity, rule


@rule("LM701", Severity.WARNING)
def unreadable_sql() -> None:
    """SQL that cannot be read.

    Mostly a bracket is missing, or a word such as ``AS``; the database will refuse it as well. Where the database knows a syntax
    that is not known here, ignore the finding with a comment. Each way that Liquid may go is read by itself, so a mistake in one
    branch is seen too.

    Wrong::

        explore: orders {}
        view: orders {
          dimension: status { sql: UPPER(COALESCE(${TABLE}.status, 'none') ;; }
        }

    Right::

        explore: orders {}
        view: orders {
          dimension: status { sql: UPPER(COALESCE(${TABLE}.status, 'none')) ;; }
        }
    """


@rule("LM702", Severity.WARNING)
def unreadable_liquid() -> None:
    """Liquid that cannot be read.

    A tag without its end, or one that Liquid does not know. Looker shows an error in place of every query with it. It is an
    error where tags do not end or begin, or are misspelt, in what users can query; in ``html`` and links it is a warning, as the
    query works and only what is shown does not.

    Wrong::

        explore: orders {}
        view: orders {
          dimension: status {
            sql: {% if _user_attributes['region'] == 'eu' %} ${TABLE}.status_eu {% else %} ${TABLE}.status ;;
          }
        }

    Right::

        explore: orders {}
        view: orders {
          dimension: status {
            sql: {% if _user_attributes['region'] == 'eu' %} ${TABLE}.status_eu {% else %} ${TABLE}.status {% endif %} ;;
          }
        }
    """


@rule("LM703", Severity.ERROR)
def unknown_column() -> None:
    """A column that the derived table does not put out.

    What a derived table puts out stands in its own SQL, or in the columns of its ``explore_source``. A field that names anything
    else fails in the database as soon as somebody picks it. It is a warning where Liquid decides what the table puts out, or
    whether the field reads the column, and where no explore offers the field. Liquid in a condition, or in the value of a column
    with a fixed name, decides neither.

    Wrong::

        explore: totals {}
        view: totals {
          derived_table: { sql: SELECT user_id, SUM(price) AS total FROM orders GROUP BY 1 ;; }
          dimension: user_id { primary_key: yes }
          dimension: price { type: number sql: ${TABLE}.price ;; }
        }

    Right::

        explore: totals {}
        view: totals {
          derived_table: { sql: SELECT user_id, SUM(price) AS total FROM orders GROUP BY 1 ;; }
          dimension: user_id { primary_key: yes }
          dimension: price { type: number sql: ${TABLE}.total ;; }
        }
    """


@rule("LM704", Severity.INFO, is_default=False)
def ambiguous_column() -> None:
    """A column without its table, where several joined tables may have it.

    As long as one of them has it, the database knows which is meant. When another gets a column of that name, the query fails,
    and nothing in the LookML has changed. Lineage stops here too. Write the table's name or alias before the column.

    Wrong::

        explore: totals {}
        view: totals {
          derived_table: { sql: SELECT city FROM orders AS o JOIN users AS u ON o.user_id = u.id ;; }
          dimension: city {}
        }

    Right::

        explore: totals {}
        view: totals {
          derived_table: { sql: SELECT u.city FROM orders AS o JOIN users AS u ON o.user_id = u.id ;; }
          dimension: city {}
        }
    """


@rule("LM705", Severity.INFO, is_default=False)
def star_in_pdt() -> None:
    """A persistent derived table that takes every column of a table.

    What it stores then changes with the table: a new column makes it larger with every build, and a removed one breaks it only
    when it is built. Name the columns that its fields need. A ``*`` in a subquery does no harm where what is put out of it has
    names.

    Wrong::

        explore: recent {}
        view: recent {
          derived_table: {
            sql: SELECT * FROM orders WHERE year = 2024 ;;
            persist_for: "24 hours"
          }
          dimension: id {}
        }

    Right::

        explore: recent {}
        view: recent {
          derived_table: {
            sql: SELECT id FROM orders WHERE year = 2024 ;;
            persist_for: "24 hours"
          }
          dimension: id {}
        }
    """


@rule("LM706", Severity.ERROR)
def unknown_catalog_column() -> None:
    """A column that its table does not have, as dbt's catalog says.

    Only looked at where somebody passes dbt's artifacts: ``check --dbt-manifest target/manifest.json --dbt-catalog
    target/catalog.json``. The catalog lists every column that the warehouse had when ``dbt docs generate`` ran; with an old one,
    new columns are missing. It is a warning where Liquid decides whether the column is read.
    """


@rule("LM707", Severity.WARNING, is_default=False)
def unknown_catalog_table() -> None:
    """A table that dbt does not know, in a schema where it makes others.

    Only looked at where somebody passes dbt's manifest. The table may have been renamed in dbt, or have been made by something
    else; whoever makes all tables of a schema with dbt wants to know of either.
    """


@rule("LM708", Severity.INFO, is_default=False)
def undocumented_column() -> None:
    """A column that dbt's manifest does not list among those of its model.

    Only looked at where somebody passes dbt's manifest, and for models whose columns it lists at all. Such a list may be a part
    of what the table has; where dbt's contracts are enforced, it is all of it.
    """


@rule("LM711", Severity.ERROR)
def semicolon_in_sql() -> None:
    """SQL that ends with a semicolon, and stands inside a larger statement.

    Looker puts the ``sql`` of a field into a SELECT, and that of a derived table into brackets. A semicolon there ends the
    statement too early, and the database refuses it. ``;;`` alone ends the parameter. It is a warning in a derived table that is
    kept, which some databases build with a statement that ends where its SQL does, and in a view that no explore has.

    Wrong::

        explore: orders {}
        view: orders { dimension: status { sql: UPPER(${TABLE}.status); ;; } }

    Right::

        explore: orders {}
        view: orders { dimension: status { sql: UPPER(${TABLE}.status) ;; } }
    """


@rule("LM712", Severity.ERROR)
def misspelt_table() -> None:
    """A `${TABLE}` without its dollar or its braces.

    Looker replaces ``${TABLE}`` by the name of the view's table, and leaves ``{TABLE}`` and ``$TABLE`` as they are. The database
    knows no such name. In a view that no explore has it is a warning.

    Wrong::

        explore: orders {}
        view: orders { dimension: status { sql: UPPER({TABLE}.status) ;; } }

    Right::

        explore: orders {}
        view: orders { dimension: status { sql: UPPER(${TABLE}.status) ;; } }
    """


@rule("LM713", Severity.ERROR)
def unknown_key_column() -> None:
    """A key of a kept table that names a column which the table does not have.

    ``sortkeys``, ``distribution``, ``partition_keys``, ``cluster_keys`` and ``indexes`` name columns of the table that Looker
    builds, not fields, and the database refuses to build it by a column that is not there. Only looked at where all columns are
    known; expressions are left out. It is an error where the database is known to be one that is built with such a parameter,
    and some explore has the view; otherwise a warning.

    Wrong::

        explore: totals {}
        view: totals {
          derived_table: {
            sql: SELECT user_id, SUM(price) AS total FROM orders GROUP BY 1 ;;
            interval_trigger: "24 hours"
            indexes: ["buyer_id"]
          }
          dimension: buyer_id { primary_key: yes sql: ${TABLE}.user_id ;; }
        }

    Right::

        explore: totals {}
        view: totals {
          derived_table: {
            sql: SELECT user_id, SUM(price) AS total FROM orders GROUP BY 1 ;;
            interval_trigger: "24 hours"
            indexes: ["user_id"]
          }
          dimension: buyer_id { primary_key: yes sql: ${TABLE}.user_id ;; }
        }
    """


@rule("LM714", Severity.WARNING)
def unnamed_column() -> None:
    """A column without a name in a derived table that BigQuery keeps.

    A query may put out a column that is an expression without ``AS``, and no field can read it. A table cannot be made of such a
    query: BigQuery says that the columns must be named, and Looker does not build the table. Only looked at where the connection
    is known to be BigQuery, from the configuration or by its SQL.

    Wrong::

        explore: totals {}
        view: totals {
          derived_table: {
            sql: SELECT user_id, COUNTIF(price > 0) FROM `shop-data.sales.orders` GROUP BY 1 ;;
            interval_trigger: "24 hours"
          }
          dimension: user_id { primary_key: yes }
        }

    Right::

        explore: totals {}
        view: totals {
          derived_table: {
            sql: SELECT user_id, COUNTIF(price > 0) AS paid FROM `shop-data.sales.orders` GROUP BY 1 ;;
            interval_trigger: "24 hours"
          }
          dimension: user_id { primary_key: yes }
        }
    """
