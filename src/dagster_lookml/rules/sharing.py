"""What is wrong with what objects of a model share: datagroups, access grants, formats."""

from __future__ import annotations

from dagster_lookml.rules.rule import Severity, rule


@rule("LM601", Severity.ERROR)
def unknown_datagroup() -> None:
    """A datagroup that the model does not have.

    ``persist_with`` and ``datagroup_trigger`` name a datagroup, which a file that the model includes has to declare. Looker's
    validator reports an error. Datagroups belong to models: one that another model declares does not count here. Correct the
    name, or put the datagroup into a file that both models include.

    Wrong::

        datagroup: nightly { sql_trigger: SELECT CURRENT_DATE ;; }
        explore: orders { persist_with: nightley }
        view: orders { dimension: id {} }

    Right::

        datagroup: nightly { sql_trigger: SELECT CURRENT_DATE ;; }
        explore: orders { persist_with: nightly }
        view: orders { dimension: id {} }
    """


@rule("LM602", Severity.ERROR)
def unknown_access_grant() -> None:
    """An access grant that the model does not have.

    ``required_access_grants`` lets only those see an explore, join, view or field to whom the grant is given. Looker's validator
    reports a grant that does not exist. Correct the name, or include the file that declares it with ``access_grant``.

    Wrong::

        access_grant: finance { user_attribute: department allowed_values: ["finance"] }
        explore: orders { required_access_grants: [finances] }
        view: orders { dimension: id {} }

    Right::

        access_grant: finance { user_attribute: department allowed_values: ["finance"] }
        explore: orders { required_access_grants: [finance] }
        view: orders { dimension: id {} }
    """


@rule("LM603", Severity.WARNING)
def duplicate_datagroup() -> None:
    """Two datagroups of one name in one model.

    A model has one datagroup of each name; here the last in the order of the includes counts. The tables that it triggers may
    then be rebuilt at another time than whoever wrote the first expects. Rename or remove one.

    Wrong::

        datagroup: nightly { sql_trigger: SELECT CURRENT_DATE ;; }
        datagroup: nightly { interval_trigger: "24 hours" }
        explore: orders { persist_with: nightly }
        view: orders { dimension: id {} }

    Right::

        datagroup: nightly { sql_trigger: SELECT CURRENT_DATE ;; }
        datagroup: daily { interval_trigger: "24 hours" }
        explore: orders { persist_with: nightly }
        view: orders { dimension: id {} }
    """


@rule("LM604", Severity.WARNING)
def datagroup_without_trigger() -> None:
    """A persistent table whose datagroup never triggers.

    A datagroup with ``max_cache_age`` alone ends the life of cached results. It has no moment at which a table is to be rebuilt,
    so Looker never rebuilds it, and its validator warns. Give the datagroup a ``sql_trigger`` or an ``interval_trigger``.

    Wrong::

        datagroup: nightly { max_cache_age: "24 hours" }
        explore: totals {}
        view: totals {
          derived_table: { sql: SELECT SUM(net) AS net FROM orders ;; datagroup_trigger: nightly }
          dimension: net {}
        }

    Right::

        datagroup: nightly { interval_trigger: "24 hours" }
        explore: totals {}
        view: totals {
          derived_table: { sql: SELECT SUM(net) AS net FROM orders ;; datagroup_trigger: nightly }
          dimension: net {}
        }
    """


@rule("LM605", Severity.WARNING)
def unknown_named_format() -> None:
    """A format that neither Looker nor the model has.

    ``value_format_name`` names one of Looker's own formats (``decimal_0`` to ``decimal_4``, ``percent_0`` to ``percent_4``,
    ``usd``, ``usd_0``, ``gbp``, ``gbp_0``, ``eur``, ``eur_0``, ``id``) or a ``named_value_format`` that the model includes. A
    format that is written out stands in ``value_format``. Only the fields of views that an explore of the model has are looked
    at.

    Wrong::

        explore: orders {}
        view: orders { measure: total { type: sum value_format_name: usd_3 } }

    Right::

        named_value_format: usd_3 { value_format: "$#,##0.000" }
        explore: orders {}
        view: orders { measure: total { type: sum value_format_name: usd_3 } }
    """


@rule("LM606", Severity.WARNING)
def duplicate_access_grant() -> None:
    """Two access grants of one name in one model.

    Only one of them counts, and who may see what depends on which. Give them names of their own, or leave one out.

    Wrong::

        access_grant: finance { user_attribute: department allowed_values: ["finance"] }
        access_grant: finance { user_attribute: department allowed_values: ["finance", "audit"] }
        explore: orders { required_access_grants: [finance] }
        view: orders { dimension: id {} }

    Right::

        access_grant: finance { user_attribute: department allowed_values: ["finance", "audit"] }
        explore: orders { required_access_grants: [finance] }
        view: orders { dimension: id {} }
    """


@rule("LM607", Severity.WARNING)
def duplicate_named_format() -> None:
    """Two formats of one name in one model.

    Only one of them counts, for all fields that name it. Rename or remove one.

    Wrong::

        named_value_format: thousands { value_format: "#,##0" }
        named_value_format: thousands { value_format: "#,##0.0" }
        explore: orders {}
        view: orders { measure: total { type: sum value_format_name: thousands } }

    Right::

        named_value_format: thousands { value_format: "#,##0.0" }
        explore: orders {}
        view: orders { measure: total { type: sum value_format_name: thousands } }
    """


@rule("LM608", Severity.WARNING)
def duplicate_test() -> None:
    """Two data tests of one name in one model.

    Only one of them runs, and what the other would find is never seen. Rename one.

    Wrong::

        explore: orders {}
        view: orders { dimension: id {} }
        test: id_is_there {
          explore_source: orders { column: id {} }
          assert: id_is_there { expression: NOT is_null(${orders.id}) ;; }
        }
        test: id_is_there {
          explore_source: orders { column: id {} }
          assert: id_is_positive { expression: ${orders.id} > 0 ;; }
        }

    Right::

        explore: orders {}
        view: orders { dimension: id {} }
        test: id_is_there {
          explore_source: orders { column: id {} }
          assert: id_is_there { expression: NOT is_null(${orders.id}) ;; }
          assert: id_is_positive { expression: ${orders.id} > 0 ;; }
        }
    """


@rule("LM609", Severity.ERROR)
def incomplete_access_grant() -> None:
    """An access grant that grants nothing.

    It needs a ``user_attribute`` and the ``allowed_values`` that give access. Without them nobody is given any.

    Wrong::

        access_grant: finance { user_attribute: department }
        explore: orders { required_access_grants: [finance] }
        view: orders { dimension: id {} }

    Right::

        access_grant: finance { user_attribute: department allowed_values: ["finance"] }
        explore: orders { required_access_grants: [finance] }
        view: orders { dimension: id {} }
    """


@rule("LM610", Severity.ERROR)
def reference_in_trigger() -> None:
    """A reference in the sql_trigger of a datagroup.

    A datagroup belongs to no view, and Looker does not replace ``${view.SQL_TABLE_NAME}`` in its trigger: the database gets it as
    it stands. Write the name of the table; in ``sql_trigger_value`` of a derived table the reference is allowed.

    Wrong::

        datagroup: daily { sql_trigger: SELECT MAX(id) FROM ${orders.SQL_TABLE_NAME} ;; }
        explore: orders { persist_with: daily }
        view: orders { dimension: id {} }

    Right::

        datagroup: daily { sql_trigger: SELECT MAX(id) FROM shop.orders ;; }
        explore: orders { persist_with: daily }
        view: orders { dimension: id {} }
    """


@rule("LM611", Severity.WARNING)
def duplicate_constant() -> None:
    """Two constants of one name in one manifest.

    Only one of them counts, wherever the name is used. Rename or remove one.

    Wrong::

        # file: manifest.lkml
        constant: SCHEMA { value: "shop" }
        constant: SCHEMA { value: "shop_test" }

        # file: shop.model.lkml
        connection: "warehouse"
        explore: orders {}
        view: orders { sql_table_name: @{SCHEMA}.orders ;; dimension: id {} }

    Right::

        # file: manifest.lkml
        constant: SCHEMA { value: "shop" }

        # file: shop.model.lkml
        connection: "warehouse"
        explore: orders {}
        view: orders { sql_table_name: @{SCHEMA}.orders ;; dimension: id {} }
    """


@rule("LM612", Severity.WARNING)
def unknown_map_layer() -> None:
    """A map that neither Looker nor the model has.

    ``map_layer_name`` names one of Looker's own maps (``countries``, ``uk_postcode_areas``, ``us_counties_fips``, ``us_states``,
    ``us_zipcode_tabulation_areas``) or a ``map_layer`` that the model includes. Charts of the dimension cannot be drawn on
    another. Only the fields of views that an explore of the model has are looked at. Correct the name, or declare the map.

    Wrong::

        explore: users {}
        view: users { dimension: state { map_layer_name: us_state } }

    Right::

        explore: users {}
        view: users { dimension: state { map_layer_name: us_states } }
    """
