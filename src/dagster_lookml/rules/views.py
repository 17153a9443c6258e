"""What is wrong with views and their fields."""

from __future__ import annotations

from dagster_lookml.rules.rule import Severity, rule


@rule("LM301", Severity.ERROR)
def duplicate_view() -> None:
    """Two views of one name in one model.

    A model has one view of each name. Looker's documentation does not say which of two counts; here it is the last in the order
    of the includes. To change a view that exists, refine it with ``view: +name``; else rename one. Views of one name in files
    that no model includes together are fine.

    Wrong::

        explore: orders {}
        view: orders { dimension: id {} }
        view: orders { label: "Orders" dimension: id {} }

    Right::

        explore: orders {}
        view: orders { dimension: id {} }
        view: +orders { label: "Orders" dimension: id {} }
    """


@rule("LM302", Severity.ERROR)
def unknown_view() -> None:
    """A view that the model does not have.

    An explore or join names a view, or SQL reads ``${view.SQL_TABLE_NAME}``, and no file that the model includes declares it.
    Looker's validator reports an error, and the explore cannot be queried. Correct the name, include the view's file, or say with
    ``from`` which view is meant. It is a warning where the join has ``sql`` or a ``sql_table_name``, which may do without a view
    as long as nobody asks for its fields.

    Wrong::

        explore: orders {
          join: buyers { sql_on: ${orders.buyer_id} = ${buyers.id} ;; relationship: many_to_one }
        }
        view: orders { dimension: id { primary_key: yes } dimension: buyer_id {} }
        view: users { dimension: id { primary_key: yes } }

    Right::

        explore: orders {
          join: buyers { from: users sql_on: ${orders.buyer_id} = ${buyers.id} ;; relationship: many_to_one }
        }
        view: orders { dimension: id { primary_key: yes } dimension: buyer_id {} }
        view: users { dimension: id { primary_key: yes } }
    """


@rule("LM303", Severity.ERROR)
def unknown_parent() -> None:
    """An extends of something that the model does not have.

    What is extended has to be included in the same model. Looker's validator reports an error. What the object would inherit is
    not known, so nothing is said here of references to its fields. Correct the name, or include the file.

    Wrong::

        explore: orders {}
        view: orders { extends: [common] dimension: id {} }

    Right::

        explore: orders {}
        view: orders { extends: [common] dimension: id {} }
        view: common { extension: required dimension: created {} }
    """


@rule("LM304", Severity.ERROR)
def circular_extends() -> None:
    """Objects that extend each other.

    What extends another is a copy of it with changes, so a circle of them has no beginning. Looker's validator reports an error.
    Here the circle is cut where it closes. Put what both shall have into a third object, and let both extend that.

    Wrong::

        explore: orders {}
        view: orders { extends: [returns] dimension: id {} }
        view: returns { extends: [orders] dimension: reason {} }
        explore: returns {}

    Right::

        explore: orders {}
        view: orders { dimension: id {} }
        view: returns { extends: [orders] dimension: reason {} }
        explore: returns {}
    """


@rule("LM305", Severity.ERROR)
def refines_nothing() -> None:
    """A refinement of something that the model does not have.

    ``view: +orders`` and ``explore: +orders`` change an object that is declared elsewhere, in a file that the model includes too.
    Without it the refinement has nothing to change, and Looker's validator reports an error. Correct the name, include the file
    of what is refined, or remove the ``+`` if it is meant to be new.

    Wrong::

        explore: orders {}
        view: orders { dimension: id {} }
        view: +order { label: "Orders" }

    Right::

        explore: orders {}
        view: orders { dimension: id {} }
        view: +orders { label: "Orders" }
    """


@rule("LM306", Severity.ERROR)
def refines_final() -> None:
    """A refinement after one that says final.

    ``final: yes`` in a refinement says that no other may follow it in the model. Looker reports an error for each that does. The
    order is that of the includes, so the same files may be right in one model and wrong in another. Put this refinement before
    the final one, or remove ``final``.

    Wrong::

        explore: orders {}
        view: orders { dimension: id {} }
        view: +orders { label: "Orders" final: yes }
        view: +orders { dimension: status {} }

    Right::

        explore: orders {}
        view: orders { dimension: id {} }
        view: +orders { dimension: status {} }
        view: +orders { label: "Orders" final: yes }
    """


@rule("LM307", Severity.ERROR)
def duplicate_field() -> None:
    """Two fields of one name in one view.

    Dimensions, dimension groups, measures, filters and parameters share their names, so that a measure may not be called like a
    dimension either. Looker's validator reports an error; here the last one counts. Rename one of them. A child or a refinement
    may declare a field again: that changes it.

    Wrong::

        explore: orders {}
        view: orders {
          dimension: total {}
          measure: total { type: sum sql: ${TABLE}.total ;; }
        }

    Right::

        explore: orders {}
        view: orders {
          dimension: total {}
          measure: sum_of_total { type: sum sql: ${total} ;; }
        }
    """


@rule("LM308", Severity.WARNING)
def field_kind_changed() -> None:
    """A field that changes its kind on the way from its parent.

    A view that extends another, or refines it, declares a measure where the other has a dimension of that name, or the like. A
    field is inherited parameter by parameter, but only by one of its kind; what becomes of two kinds, Looker's documentation does
    not say. Here the later one counts alone. Give the new field another name.

    Wrong::

        explore: sales {}
        view: common { extension: required dimension: total {} }
        view: sales {
          extends: [common]
          measure: total { type: sum sql: ${TABLE}.total ;; }
        }

    Right::

        explore: sales {}
        view: common { extension: required dimension: total {} }
        view: sales {
          extends: [common]
          measure: sum_of_total { type: sum sql: ${total} ;; }
        }
    """


@rule("LM309", Severity.ERROR)
def table_and_derived_table() -> None:
    """A view with sql_table_name and derived_table.

    A view reads either a table of the database or one that Looker makes, and the two parameters exclude each other. One of them
    may be inherited. Where both stand in one view it is an error; where a child or a refinement says one and has the other from
    what it changes, it is a warning, and the later one counts. Remove one, or extend a view that has neither.

    Wrong::

        explore: orders {}
        view: orders {
          sql_table_name: shop.orders ;;
          derived_table: { sql: SELECT id FROM shop.orders ;; }
          dimension: id {}
        }

    Right::

        explore: orders {}
        view: orders {
          derived_table: { sql: SELECT id FROM shop.orders ;; }
          dimension: id {}
        }
    """


@rule("LM310", Severity.ERROR)
def unknown_field() -> None:
    """A field that does not exist.

    A reference such as ``${view.field}``, a filter, a list of fields or a derived table names a field that its view does not
    have. Looker's validator says "Unknown or inaccessible field", and a query with it fails. For a dimension group name one of
    its fields: ``${created_date}``, not ``${created}``. For a column of the table write ``${TABLE}.column``. An ``alias`` keeps
    the old name of a field working in saved content and URLs, and never in SQL. In a view that no explore uses, in a set, and
    where a filter takes its suggestions from, it is a warning.

    Wrong::

        explore: orders {}
        view: orders {
          dimension_group: created { type: time timeframes: [date, month] }
          dimension: day { sql: ${created} ;; }
        }

    Right::

        explore: orders {}
        view: orders {
          dimension_group: created { type: time timeframes: [date, month] }
          dimension: day { sql: ${created_date} ;; }
        }
    """


@rule("LM311", Severity.WARNING)
def unknown_timeframe() -> None:
    """A timeframe or interval that Looker does not have.

    Each entry of ``timeframes`` makes a field, and each of ``intervals`` another. Looker makes none of a word that it does not
    know, and whatever refers to that field breaks. Timeframes are singular, such as ``date`` and ``week``; so are intervals,
    though their fields are plural: ``intervals: [day]`` makes ``days_open``.

    Wrong::

        explore: orders {}
        view: orders {
          dimension_group: created { type: time timeframes: [date, day_of_moon] }
        }

    Right::

        explore: orders {}
        view: orders {
          dimension_group: created { type: time timeframes: [date, day_of_month] }
        }
    """


@rule("LM312", Severity.WARNING)
def duplicate_primary_key() -> None:
    """A view with two primary keys.

    A view has one field with ``primary_key: yes``. Looker counts rows by it, and keeps sums right by it where joins multiply
    rows. With two nobody can tell which one it takes. Where two columns together are the key, make one field of both the primary
    key. One of the two may be inherited.

    Wrong::

        explore: order_items {}
        view: order_items {
          dimension: order_id { primary_key: yes }
          dimension: position { primary_key: yes }
        }

    Right::

        explore: order_items {}
        view: order_items {
          dimension: order_id {}
          dimension: position {}
          dimension: key { primary_key: yes sql: CONCAT(${order_id}, '-', ${position}) ;; }
        }
    """


@rule("LM313", Severity.WARNING)
def unknown_drill_field() -> None:
    """A drill field that does not exist.

    ``drill_fields`` names the fields, or sets of fields, that a user sees who clicks on a measure. Looker leaves out what does
    not exist, so the drill shows less than was meant. A field of another view is looked at where some explore joins that view:
    where none does, see ``drill-field-not-joined``. Correct the name, or remove the entry.

    Wrong::

        explore: orders {}
        view: orders {
          dimension: id {}
          measure: count { type: count drill_fields: [idd] }
        }

    Right::

        explore: orders {}
        view: orders {
          dimension: id {}
          measure: count { type: count drill_fields: [id] }
        }
    """


@rule("LM314", Severity.WARNING)
def empty_sql() -> None:
    """A field whose sql is empty, or nothing but a comment.

    Without ``sql`` a field reads the column that is called like it. With an empty one Looker writes nothing into the query where
    the field should stand, and the database rejects it; a comment even hides what follows it there. Write the SQL, or remove the
    parameter.

    Wrong::

        explore: orders {}
        view: orders {
          dimension: id { sql: ;; }
        }

    Right::

        explore: orders {}
        view: orders {
          dimension: id { sql: ${TABLE}.id ;; }
        }
    """


@rule("LM315", Severity.WARNING)
def unknown_value() -> None:
    """A value that its parameter does not have.

    The types of fields and joins, and the relationship of a join, are words that LookML lists; ``hidden``, ``primary_key`` and
    their like say ``yes`` or ``no``, and not ``true``. Looker's validator reports others. Dimensions, dimension groups and
    measures have different types: ``sum`` is one of measures only, ``time`` one of groups. Correct the word, or the kind of the
    field.

    Wrong::

        explore: orders {}
        view: orders {
          dimension: total { type: numeric }
        }

    Right::

        explore: orders {}
        view: orders {
          dimension: total { type: number }
        }
    """


@rule("LM316", Severity.WARNING)
def duplicate_name() -> None:
    """Two sets, queries or aggregate tables of one name in one object.

    Others refer to them by their name, and only one can be meant: here it is the last. The first is of no use, and whoever
    changes it wonders. Rename one, or make one of both.

    Wrong::

        explore: orders {}
        view: orders {
          set: detail { fields: [id] }
          set: detail { fields: [id, status] }
          dimension: id {}
          dimension: status {}
        }

    Right::

        explore: orders {}
        view: orders {
          set: detail { fields: [id, status] }
          dimension: id {}
          dimension: status {}
        }
    """


@rule("LM317", Severity.WARNING)
def missing_primary_key() -> None:
    """A join by foreign_key to a view without a primary key.

    ``foreign_key: user_id`` says that the field equals the primary key of the joined view. If that view has none, Looker cannot
    write the condition of the join. Add ``primary_key: yes`` to the field that identifies its rows, or join with ``sql_on``.

    Wrong::

        explore: orders {
          join: users { foreign_key: user_id relationship: many_to_one }
        }
        view: orders { dimension: id { primary_key: yes } dimension: user_id {} }
        view: users { dimension: id {} }

    Right::

        explore: orders {
          join: users { foreign_key: user_id relationship: many_to_one }
        }
        view: orders { dimension: id { primary_key: yes } dimension: user_id {} }
        view: users { dimension: id { primary_key: yes } }
    """


@rule("LM318", Severity.ERROR)
def circular_derived_table() -> None:
    """Derived tables that are made from each other.

    None of them can be built first: Looker refuses to run the query. A native derived table may stand in the explore that it is
    made from, as long as none of its columns comes from itself. Where Liquid chooses what is read, this is a warning.

    Wrong::

        explore: orders {}
        view: orders {
          derived_table: { sql: SELECT id FROM ${returns.SQL_TABLE_NAME} ;; }
          dimension: id {}
        }
        view: returns {
          derived_table: { sql: SELECT id FROM ${orders.SQL_TABLE_NAME} ;; }
          dimension: id {}
        }

    Right::

        explore: orders {}
        view: orders {
          derived_table: { sql: SELECT id FROM ${returns.SQL_TABLE_NAME} ;; }
          dimension: id {}
        }
        view: returns {
          sql_table_name: shop.returns ;;
          dimension: id {}
        }
    """


@rule("LM319", Severity.ERROR)
def circular_field() -> None:
    """A field whose SQL leads back to itself.

    Looker puts the SQL of a field in the place of ``${field}``, and here would never be done. Most often ``${TABLE}.status``, the
    column, was meant and ``${status}``, the field, was written. Where Liquid chooses what is read, this is a warning.

    Wrong::

        explore: orders {}
        view: orders {
          dimension: status { sql: UPPER(${status}) ;; }
        }

    Right::

        explore: orders {}
        view: orders {
          dimension: status { sql: UPPER(${TABLE}.status) ;; }
        }
    """


@rule("LM320", Severity.ERROR)
def dimension_reads_measure() -> None:
    """A dimension whose SQL names a measure.

    Rows are grouped by dimensions, and only then measures are known; so a dimension cannot be made of one. Looker rejects it. A
    derived table can aggregate first, and then has the result as a column.

    Wrong::

        explore: orders {}
        view: orders {
          dimension: is_large { type: yesno sql: ${total} > 100 ;; }
          measure: total { type: sum sql: ${TABLE}.amount ;; }
        }

    Right::

        explore: orders {}
        view: orders {
          measure: is_large { type: yesno sql: ${total} > 100 ;; }
          measure: total { type: sum sql: ${TABLE}.amount ;; }
        }
    """


@rule("LM321", Severity.ERROR)
def measure_of_measure() -> None:
    """A sum, average or other aggregate of a measure.

    SQL cannot aggregate an aggregate, and Looker rejects it: measures with its aggregations may not reference other measures.
    What calculates with measures has ``type: number``; an average of sums needs a derived table that sums first.

    Wrong::

        explore: orders {}
        view: orders {
          measure: total { type: sum sql: ${TABLE}.amount ;; }
          measure: in_euro { type: sum sql: ${total} * 0.9 ;; }
        }

    Right::

        explore: orders {}
        view: orders {
          measure: total { type: sum sql: ${TABLE}.amount ;; }
          measure: in_euro { type: number sql: ${total} * 0.9 ;; }
        }
    """


@rule("LM322", Severity.WARNING)
def filters_on_non_aggregate() -> None:
    """Filters of a measure that aggregates nothing.

    ``filters`` narrows the rows that a measure aggregates. One of ``type: number`` and its like calculates with what others have
    aggregated, and its filters do nothing; nor do those of ``type: list``. Filter the measures that it is made of.

    Wrong::

        explore: orders {}
        view: orders {
          dimension: status {}
          measure: total { type: sum sql: ${TABLE}.amount ;; }
          measure: paid { type: number sql: ${total} ;; filters: [status: "paid"] }
        }

    Right::

        explore: orders {}
        view: orders {
          dimension: status {}
          measure: paid { type: sum sql: ${TABLE}.amount ;; filters: [status: "paid"] }
        }
    """


@rule("LM323", Severity.WARNING)
def unknown_liquid_reference() -> None:
    """Liquid that names a field which is not there.

    Looker says that the variable is not found; a condition with it never holds, and a value is left out. In Liquid a field is
    named with its view, by the name that the view has in the explore, and a dimension group with its timeframe:
    ``orders.created_date``. A field is missed only if no explore with the view has it; in the SQL of a view's table, if no
    explore has it that reads this table, itself or through another one. It is an error where one of Looker's own tags, or the
    value of a parameter, stands in SQL outside of any branch.

    Wrong::

        explore: orders {}
        view: orders {
          dimension: status { html: <b>{{ orders.colour._value }}</b> ;; }
          dimension: color {}
        }

    Right::

        explore: orders {}
        view: orders {
          dimension: status { html: <b>{{ orders.color._value }}</b> ;; }
          dimension: color {}
        }
    """


@rule("LM324", Severity.ERROR)
def nested_liquid() -> None:
    """``{{ }}`` or ``${ }`` inside Liquid.

    Between ``{%`` and ``%}`` everything is Liquid already: a value is named as it is. ``{{ }}`` in it cannot be read, and Looker
    rejects the template. ``${ }`` belongs to SQL, and Liquid makes nothing of it: that is a warning.

    Wrong::

        explore: orders {}
        view: orders {
          dimension: status {
            html: {% if {{ orders.amount._value }} > 100 %} <b>{{ value }}</b> {% endif %} ;;
          }
          dimension: amount {}
        }

    Right::

        explore: orders {}
        view: orders {
          dimension: status {
            html: {% if orders.amount._value > 100 %} <b>{{ value }}</b> {% endif %} ;;
          }
          dimension: amount {}
        }
    """


@rule("LM325", Severity.ERROR)
def derived_table_without_source() -> None:
    """A derived table that does not say what it is made from.

    It needs one of ``sql``, ``explore_source``, ``sql_create`` and ``create_process``. In a view that no explore uses this is a
    warning; a view that others extend to fill it in should say ``extension: required``.

    Wrong::

        explore: totals {}
        view: totals {
          derived_table: { persist_for: "24 hours" }
          dimension: id {}
        }

    Right::

        explore: totals {}
        view: totals {
          derived_table: { persist_for: "24 hours" sql: SELECT id FROM shop.orders ;; }
          dimension: id {}
        }
    """


@rule("LM326", Severity.ERROR)
def two_sources() -> None:
    """A derived table that is made in two ways.

    Exactly one of ``sql``, ``explore_source``, ``sql_create`` and ``create_process`` can say what it is made from. Two may also
    come together through ``extends`` or a refinement: what the parent says stays where the child says another. There, and in a
    view that no explore uses, this is a warning.

    Wrong::

        explore: totals {}
        explore: orders {}
        view: orders { dimension: id {} }
        view: totals {
          derived_table: {
            sql: SELECT id FROM shop.orders ;;
            explore_source: orders { column: id {} }
          }
          dimension: id {}
        }

    Right::

        explore: totals {}
        explore: orders {}
        view: orders { dimension: id {} }
        view: totals {
          derived_table: {
            explore_source: orders { column: id {} }
          }
          dimension: id {}
        }
    """


@rule("LM327", Severity.ERROR)
def bound_and_persistent() -> None:
    """A persistent native derived table that binds filters.

    With ``bind_filters`` or ``bind_all_filters`` every query has a table of its own, filtered by what its user asks for. There is
    none that could be kept, and Looker does not allow it.

    Wrong::

        explore: orders { join: totals { sql_on: ${totals.id} = ${orders.id} ;; } }
        view: orders { dimension: id { primary_key: yes } }
        view: totals {
          derived_table: {
            persist_for: "24 hours"
            explore_source: orders { bind_all_filters: yes column: id {} }
          }
          dimension: id { primary_key: yes }
        }

    Right::

        explore: orders { join: totals { sql_on: ${totals.id} = ${orders.id} ;; } }
        view: orders { dimension: id { primary_key: yes } }
        view: totals {
          derived_table: {
            explore_source: orders { bind_all_filters: yes column: id {} }
          }
          dimension: id { primary_key: yes }
        }
    """


@rule("LM328", Severity.ERROR)
def two_bindings() -> None:
    """A native derived table with bind_filters and bind_all_filters.

    One hands on the filters that it names, the other hands on all of them. Looker allows an ``explore_source`` only one of the
    two.

    Wrong::

        explore: orders { join: totals { sql_on: ${totals.id} = ${orders.id} ;; } }
        view: orders { dimension: id { primary_key: yes } }
        view: totals {
          derived_table: {
            explore_source: orders {
              bind_all_filters: yes
              bind_filters: { from_field: orders.id to_field: orders.id }
              column: id {}
            }
          }
          dimension: id { primary_key: yes }
        }

    Right::

        explore: orders { join: totals { sql_on: ${totals.id} = ${orders.id} ;; } }
        view: orders { dimension: id { primary_key: yes } }
        view: totals {
          derived_table: {
            explore_source: orders {
              bind_filters: { from_field: orders.id to_field: orders.id }
              column: id {}
            }
          }
          dimension: id { primary_key: yes }
        }
    """


@rule("LM329", Severity.WARNING)
def several_triggers() -> None:
    """A derived table that is kept for several reasons.

    One of ``datagroup_trigger``, ``sql_trigger_value``, ``interval_trigger`` and ``persist_for`` says when a persistent table is
    built anew. Of several only one counts, and whoever reads the others is misled. They may come together through ``extends`` or
    a refinement.

    Wrong::

        datagroup: daily { interval_trigger: "24 hours" }
        explore: totals {}
        view: totals {
          derived_table: {
            sql: SELECT id FROM shop.orders ;;
            datagroup_trigger: daily
            persist_for: "1 hour"
          }
          dimension: id {}
        }

    Right::

        datagroup: daily { interval_trigger: "24 hours" }
        explore: totals {}
        view: totals {
          derived_table: {
            sql: SELECT id FROM shop.orders ;;
            datagroup_trigger: daily
          }
          dimension: id {}
        }
    """


@rule("LM330", Severity.WARNING)
def templated_pdt() -> None:
    """A persistent derived table whose SQL asks for what a user chooses.

    A table that is kept is built once for everybody, and no user has chosen anything then: ``{% condition %}`` lets every row
    through, and ``{% parameter %}`` is empty or its default. Looker does not support it. Filter where the table is read, or do
    not keep it.

    Wrong::

        explore: totals {}
        view: totals {
          derived_table: {
            persist_for: "24 hours"
            sql: SELECT id FROM shop.orders WHERE {% condition country %} country {% endcondition %} ;;
          }
          filter: country {}
          dimension: id {}
        }

    Right::

        explore: totals {}
        view: totals {
          derived_table: {
            sql: SELECT id FROM shop.orders WHERE {% condition country %} country {% endcondition %} ;;
          }
          filter: country {}
          dimension: id {}
        }
    """


@rule("LM331", Severity.WARNING)
def unusable_increment_key() -> None:
    """An increment_key of a table to which no rows can be added.

    Rows are added to a table that is kept and that a trigger builds: one with ``datagroup_trigger``, ``sql_trigger_value`` or
    ``interval_trigger``, and with ``sql`` or ``explore_source``. Elsewhere the whole table is built each time.

    Wrong::

        explore: totals {}
        view: totals {
          derived_table: {
            sql: SELECT day FROM shop.orders WHERE {% incrementcondition %} day {% endincrementcondition %} ;;
            increment_key: "sold_date"
          }
          dimension_group: sold { type: time timeframes: [date] sql: ${TABLE}.day ;; }
        }

    Right::

        explore: totals {}
        view: totals {
          derived_table: {
            sql: SELECT day FROM shop.orders WHERE {% incrementcondition %} day {% endincrementcondition %} ;;
            increment_key: "sold_date"
            interval_trigger: "24 hours"
          }
          dimension_group: sold { type: time timeframes: [date] sql: ${TABLE}.day ;; }
        }
    """


@rule("LM332", Severity.WARNING)
def unknown_increment_key() -> None:
    """An increment_key that is no field of its view.

    The key of a table that is made by ``sql`` names a dimension of the view, with its timeframe: ``sold_date``, not the group
    ``sold`` and not the column. Correct the name, or add the dimension.

    Wrong::

        explore: totals {}
        view: totals {
          derived_table: {
            sql: SELECT day FROM shop.orders WHERE {% incrementcondition %} day {% endincrementcondition %} ;;
            increment_key: "day"
            interval_trigger: "24 hours"
          }
          dimension_group: sold { type: time timeframes: [date] sql: ${TABLE}.day ;; }
        }

    Right::

        explore: totals {}
        view: totals {
          derived_table: {
            sql: SELECT day FROM shop.orders WHERE {% incrementcondition %} day {% endincrementcondition %} ;;
            increment_key: "sold_date"
            interval_trigger: "24 hours"
          }
          dimension_group: sold { type: time timeframes: [date] sql: ${TABLE}.day ;; }
        }
    """


@rule("LM333", Severity.ERROR)
def process_not_persistent() -> None:
    """A derived table made by statements that is not persistent.

    ``sql_create`` and ``create_process`` build a table in the warehouse; there has to be a trigger that says when. Without one
    Looker has nowhere to put what they make.

    Wrong::

        explore: totals {}
        view: totals {
          derived_table: { sql_create: CREATE TABLE ${SQL_TABLE_NAME} AS SELECT 1 AS id ;; }
          dimension: id {}
        }

    Right::

        explore: totals {}
        view: totals {
          derived_table: {
            sql_create: CREATE TABLE ${SQL_TABLE_NAME} AS SELECT 1 AS id ;;
            interval_trigger: "24 hours"
          }
          dimension: id {}
        }
    """


@rule("LM334", Severity.WARNING)
def measure_without_sql() -> None:
    """A measure that aggregates nothing and has no sql.

    A measure without ``sql`` reads the column of its own name. One with a type that aggregates, such as ``sum``, aggregates that
    column; one of ``type: number`` or without a type puts it into a grouped query as it is, which most databases refuse.

    Wrong::

        explore: orders {}
        view: orders {
          dimension: id {}
          measure: total { type: number }
        }

    Right::

        explore: orders {}
        view: orders {
          dimension: id {}
          measure: total { type: sum }
        }
    """


@rule("LM335", Severity.ERROR)
def incomplete_field() -> None:
    """A field without what its type is made of.

    A duration needs ``sql_start`` and ``sql_end``, a location ``sql_latitude`` and ``sql_longitude``, a distance two locations, a
    list its ``list_field``, and a ``period_over_period`` what it is ``based_on``. In a view that no explore uses this is a
    warning.

    Wrong::

        explore: orders {}
        view: orders {
          dimension_group: open { type: duration intervals: [day] sql_start: ${TABLE}.created ;; }
        }

    Right::

        explore: orders {}
        view: orders {
          dimension_group: open {
            type: duration
            intervals: [day]
            sql_start: ${TABLE}.created ;;
            sql_end: ${TABLE}.closed ;;
          }
        }
    """


@rule("LM336", Severity.WARNING)
def field_in_derived_table() -> None:
    """A field in the SQL of a derived table.

    A derived table is SQL over tables and does not know the fields of any explore: write the column, and for the table of another
    view ``${view.SQL_TABLE_NAME}``. Only inside ``{% condition %}`` a field may stand.

    Wrong::

        explore: totals {}
        explore: orders {}
        view: totals {
          derived_table: { sql: SELECT ${orders.id} AS id FROM shop.orders ;; }
          dimension: id {}
        }
        view: orders { dimension: id {} }

    Right::

        explore: totals {}
        view: totals {
          derived_table: { sql: SELECT id FROM shop.orders ;; }
          dimension: id {}
        }
    """


@rule("LM337", Severity.WARNING)
def bound_elsewhere() -> None:
    """A native derived table that binds all filters of an explore, and is used in another.

    ``bind_all_filters: yes`` hands on the filters of the explore that the table is made from, so it has to be joined to that
    explore. To be used in another it names the filters that it wants, in ``bind_filters``.

    Wrong::

        explore: orders {}
        explore: totals {}
        view: orders { dimension: id { primary_key: yes } }
        view: totals {
          derived_table: { explore_source: orders { bind_all_filters: yes column: id {} } }
          dimension: id { primary_key: yes }
        }

    Right::

        explore: orders { join: totals { sql_on: ${totals.id} = ${orders.id} ;; } }
        view: orders { dimension: id { primary_key: yes } }
        view: totals {
          derived_table: { explore_source: orders { bind_all_filters: yes column: id {} } }
          dimension: id { primary_key: yes }
        }
    """


@rule("LM338", Severity.WARNING)
def reference_to_list() -> None:
    """A field whose SQL names a measure of type list.

    Looker puts a list together from the rows that the database has sent. There is nothing that other SQL could read.

    Wrong::

        explore: orders {}
        view: orders {
          dimension: city {}
          measure: cities { type: list list_field: city }
          measure: has_cities { type: yesno sql: ${cities} <> '' ;; }
        }

    Right::

        explore: orders {}
        view: orders {
          dimension: city {}
          measure: cities { type: list list_field: city }
          measure: has_cities { type: yesno sql: COUNT(${city}) > 0 ;; }
        }
    """


@rule("LM341", Severity.INFO, is_default=False)
def drill_field_not_joined() -> None:
    """A drill field of a view that is joined nowhere beside the one that names it.

    Looker leaves such a field out in every explore, without a word. LookML that Looker generates from foreign keys has many of
    them; elsewhere the view was perhaps renamed, or is joined under another name. Sets are looked at too.

    Wrong::

        explore: orders {
          join: buyers {
            from: users
            sql_on: ${orders.user_id} = ${buyers.id} ;;
            relationship: many_to_one
          }
        }
        view: orders {
          dimension: user_id {}
          measure: count { type: count drill_fields: [users.id] }
        }
        view: users { dimension: id { primary_key: yes } }

    Right::

        explore: orders {
          join: buyers {
            from: users
            sql_on: ${orders.user_id} = ${buyers.id} ;;
            relationship: many_to_one
          }
        }
        view: orders {
          dimension: user_id {}
          measure: count { type: count drill_fields: [buyers.id] }
        }
        view: users { dimension: id { primary_key: yes } }
    """


@rule("LM342", Severity.WARNING)
def sql_of_count() -> None:
    """A count with sql, which has no effect.

    ``type: count`` counts rows, by the primary key of its view where a join multiplies them. It does not look at ``sql``, so what
    was meant, such as counting values that are not empty, does not happen. ``count_distinct`` counts the values of its ``sql``;
    ``filters`` leave rows out of a count.

    Wrong::

        explore: orders {}
        view: orders {
          dimension: id { primary_key: yes }
          measure: buyers { type: count sql: ${TABLE}.user_id ;; }
        }

    Right::

        explore: orders {}
        view: orders {
          dimension: id { primary_key: yes }
          measure: buyers { type: count_distinct sql: ${TABLE}.user_id ;; }
        }
    """


@rule("LM343", Severity.WARNING, is_default=False)
def unaggregated_measure() -> None:
    """A measure that reads a column or a dimension outside of any aggregate.

    A measure of ``type: number``, ``string``, ``yesno`` or ``date`` is put into the query as its ``sql`` says. A query with a
    dimension is grouped, and most databases refuse a column in it that is neither aggregated nor grouped by. It works as long
    as nobody picks a dimension, or where the dimension that the measure reads is picked too. Nothing is said where a function
    that may aggregate stands around the column, or where Liquid decides. Give the measure a type that aggregates, or aggregate
    the column in its ``sql``.

    Wrong::

        explore: orders {}
        view: orders {
          dimension: id { primary_key: yes }
          measure: count { type: count }
          measure: mean_cost { type: number sql: ${TABLE}.cost / ${count} ;; }
        }

    Right::

        explore: orders {}
        view: orders {
          dimension: id { primary_key: yes }
          measure: count { type: count }
          measure: mean_cost { type: number sql: SUM(${TABLE}.cost) / ${count} ;; }
        }
    """
