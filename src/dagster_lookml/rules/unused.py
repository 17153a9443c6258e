"""What nothing in the project uses."""

from __future__ import annotations

from dagster_lookml.rules.rule import Severity, rule


@rule("LM801", Severity.WARNING, is_default=False)
def unused_view() -> None:
    """A view that no explore reaches.

    No explore starts from it or joins it, no derived table that is used reads its table, and no view that is used extends it. So
    nobody can query it, and nothing reads it. What another project imports cannot be seen here: in a project that is made to be
    imported this rule is of no use. Nothing is said where an imported project is missing.

    Wrong::

        explore: orders {}
        view: orders { dimension: id {} }
        view: orders_old { dimension: id {} }

    Right::

        explore: orders {}
        view: orders { extends: [orders_old] }
        view: orders_old { dimension: id {} }
    """


@rule("LM802", Severity.INFO, is_default=False)
def unused_explore() -> None:
    """A hidden explore that nothing in the project uses.

    No dashboard, native derived table, test, suggestion or link names it, and no explore extends it. Users do not find a hidden
    explore in the menu; what they saved, and whoever has its address, may still use it, so look at its queries in System Activity
    before removing it. An explore with ``extension: required`` that no explore extends is reported too.

    Wrong::

        explore: orders { hidden: yes }
        view: orders { dimension: id {} }

    Right::

        explore: orders {}
        view: orders { dimension: id {} }
    """


@rule("LM803", Severity.INFO, is_default=False)
def unused_field() -> None:
    """A hidden field that nothing in the project names.

    No SQL, Liquid, filter, set, drill field, link, join, derived table, test or dashboard names it, and it is no primary key.
    Users do not see it; but what they saved before it was hidden may use it. Of a view that is joined under several names each
    counts.

    Wrong::

        explore: orders {}
        view: orders {
          dimension: id {}
          dimension: legacy_code { hidden: yes }
        }

    Right::

        explore: orders {}
        view: orders {
          dimension: id { sql: CONCAT('#', ${legacy_code}) ;; }
          dimension: legacy_code { hidden: yes }
        }
    """


@rule("LM804", Severity.WARNING, is_default=False)
def unused_set() -> None:
    """A set of fields that nothing names.

    No explore, join, drill field or other set has its name with a ``*``. A set is nothing but a list for others to name.

    Wrong::

        explore: orders {}
        view: orders {
          dimension: id {}
          measure: count { type: count }
          set: detail { fields: [id] }
        }

    Right::

        explore: orders {}
        view: orders {
          dimension: id {}
          measure: count { type: count drill_fields: [detail*] }
          set: detail { fields: [id] }
        }
    """


@rule("LM805", Severity.WARNING, is_default=False)
def unused_filter_field() -> None:
    """A parameter or filter field that no SQL or Liquid reads.

    Users can set it, and it changes nothing. A ``parameter`` is read by ``{% parameter p %}`` or ``p._parameter_value``, a
    ``filter`` without ``sql`` by ``{% condition f %}``.

    Wrong::

        explore: orders {}
        view: orders {
          parameter: unit { type: unquoted allowed_value: { value: "day" } }
          dimension: id {}
        }

    Right::

        explore: orders {}
        view: orders {
          parameter: unit { type: unquoted allowed_value: { value: "day" } }
          dimension: id {}
          dimension: period { sql: DATE_TRUNC('{% parameter unit %}', ${TABLE}.ordered_at) ;; }
        }
    """


@rule("LM806", Severity.WARNING, is_default=False)
def unused_join() -> None:
    """A join whose fields are all left out and that nothing names.

    Its ``fields``, or those of the explore, leave nothing of its view for users to pick, and no condition, field or filter names
    it. Looker joins what a query needs, so it is never joined.

    Wrong::

        explore: orders {
          join: users { sql_on: ${orders.user_id} = ${users.id} ;; relationship: many_to_one fields: [] }
        }
        view: orders { dimension: user_id {} }
        view: users { dimension: id { primary_key: yes } }

    Right::

        explore: orders {
          join: users { sql_on: ${orders.user_id} = ${users.id} ;; relationship: many_to_one }
        }
        view: orders { dimension: user_id {} }
        view: users { dimension: id { primary_key: yes } }
    """


@rule("LM807", Severity.INFO, is_default=False)
def unused_datagroup() -> None:
    """A datagroup that nothing in the project names.

    No model or explore persists with it, and no derived or aggregate table is built by it. Schedules of dashboards may be sent by
    a datagroup too, which nothing here tells; look there before removing it.

    Wrong::

        datagroup: nightly { interval_trigger: "24 hours" }
        explore: orders {}
        view: orders { dimension: id {} }

    Right::

        datagroup: nightly { interval_trigger: "24 hours" }
        explore: orders { persist_with: nightly }
        view: orders { dimension: id {} }
    """


@rule("LM808", Severity.WARNING, is_default=False)
def unused_access_grant() -> None:
    """An access grant that nothing requires.

    No ``required_access_grants`` of an explore, join, view or field names it, so it keeps nobody from anything. Whoever wrote it
    may believe that it does.

    Wrong::

        access_grant: sees_costs { user_attribute: department allowed_values: ["finance"] }
        explore: orders {}
        view: orders { measure: cost { type: sum } }

    Right::

        access_grant: sees_costs { user_attribute: department allowed_values: ["finance"] }
        explore: orders {}
        view: orders { measure: cost { type: sum required_access_grants: [sees_costs] } }
    """


@rule("LM809", Severity.INFO, is_default=False)
def unused_named_format() -> None:
    """A named format that no field and no dashboard uses.

    No ``value_format_name`` of a field or of a dashboard's calculation has its name. Calculations that
    users saved may have it; nothing here tells.

    Wrong::

        named_value_format: euros { value_format: "0.00 €" }
        explore: orders {}
        view: orders { dimension: price { type: number } }

    Right::

        named_value_format: euros { value_format: "0.00 €" }
        explore: orders {}
        view: orders { dimension: price { type: number value_format_name: euros } }
    """


@rule("LM810", Severity.WARNING, is_default=False)
def unused_constant() -> None:
    """A constant of the manifest that no file of the project names.

    Constants are text that replaces ``@{NAME}`` in the files of their own project, before anything else is read. One that
    importing projects may override is there for them, and is not reported.

    Wrong::

        # file: manifest.lkml
        constant: SCHEMA { value: "shop" }
        # file: orders.view.lkml
        view: orders { sql_table_name: shop.orders ;; dimension: id {} }
        # file: m.model.lkml
        connection: "warehouse"
        include: "/orders.view.lkml"
        explore: orders {}

    Right::

        # file: manifest.lkml
        constant: SCHEMA { value: "shop" }
        # file: orders.view.lkml
        view: orders { sql_table_name: @{SCHEMA}.orders ;; dimension: id {} }
        # file: m.model.lkml
        connection: "warehouse"
        include: "/orders.view.lkml"
        explore: orders {}
    """


@rule("LM811", Severity.WARNING, is_default=False)
def unused_dashboard_filter() -> None:
    """A filter of a dashboard that no tile listens to.

    Users can set it, and no tile changes. Mostly ``listen`` was forgotten on a tile that was added later, or the filter was
    renamed.

    Wrong::

        explore: orders {}
        view: orders { dimension: status {} }
        # file: kpis.dashboard.lookml
        - dashboard: kpis
          filters:
          - {name: Status, type: string_filter}
          elements:
          - name: by_status
            type: table
            explore: orders
            fields: [orders.status]

    Right::

        explore: orders {}
        view: orders { dimension: status {} }
        # file: kpis.dashboard.lookml
        - dashboard: kpis
          filters:
          - {name: Status, type: string_filter}
          elements:
          - name: by_status
            type: table
            explore: orders
            fields: [orders.status]
            listen: {Status: orders.status}
    """
