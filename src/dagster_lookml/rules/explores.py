"""What is wrong with explores and their joins."""

from __future__ import annotations

from dagster_lookml.rules.rule import Severity, rule


@rule("LM401", Severity.ERROR)
def duplicate_explore() -> None:
    """Two explores of one name in one model.

    A model has one explore of each name. Looker's documentation does not say which of two counts; here it is the last in the
    order of the includes. To change an explore that exists, refine it with ``explore: +name``; else rename one and say with
    ``from`` which view it starts from.

    Wrong::

        explore: orders {}
        explore: orders { label: "Orders of all shops" }
        view: orders { dimension: id {} }

    Right::

        explore: orders {}
        explore: +orders { label: "Orders of all shops" }
        view: orders { dimension: id {} }
    """


@rule("LM402", Severity.ERROR)
def unknown_explore() -> None:
    """An explore that the model does not have.

    A native derived table takes its rows from an explore, a test queries one, and a filter may take its suggestions from one. It
    has to be in the same model. Looker's validator reports an error; for suggestions it is a warning, since the filter works
    without them, and only for the models that have the filter in an explore. A test of an explore with ``extension: required`` is
    an error too. Correct the name, or include the explore's file.

    Wrong::

        explore: orders {}
        view: orders { dimension: id {} }
        explore: daily {}
        view: daily {
          derived_table: { explore_source: order { column: id {} } }
          dimension: id {}
        }

    Right::

        explore: orders {}
        view: orders { dimension: id {} }
        explore: daily {}
        view: daily {
          derived_table: { explore_source: orders { column: id {} } }
          dimension: id {}
        }
    """


@rule("LM403", Severity.ERROR)
def duplicate_join() -> None:
    """Two joins of one name in one explore.

    The name of a join is what its fields are called by, so each must be its own, and none may be that of the explore's own view.
    To join a view twice, name the joins differently and say with ``from`` which view is meant.

    Wrong::

        explore: orders {
          join: users { sql_on: ${orders.buyer_id} = ${users.id} ;; relationship: many_to_one }
          join: users { sql_on: ${orders.seller_id} = ${users.id} ;; relationship: many_to_one }
        }
        view: orders { dimension: id { primary_key: yes } dimension: buyer_id {} dimension: seller_id {} }
        view: users { dimension: id { primary_key: yes } }

    Right::

        explore: orders {
          join: users { sql_on: ${orders.buyer_id} = ${users.id} ;; relationship: many_to_one }
          join: sellers { from: users sql_on: ${orders.seller_id} = ${sellers.id} ;; relationship: many_to_one }
        }
        view: orders { dimension: id { primary_key: yes } dimension: buyer_id {} dimension: seller_id {} }
        view: users { dimension: id { primary_key: yes } }
    """


@rule("LM404", Severity.ERROR)
def unknown_join() -> None:
    """A required join that the explore does not have.

    ``required_joins`` of a join and ``always_join`` of an explore name joins of the same explore, by the names of the joins and
    not of their views. Looker's validator reports an error. Correct the name, or add the join.

    Wrong::

        explore: orders {
          join: users { sql_on: ${orders.user_id} = ${users.id} ;; relationship: many_to_one required_joins: [user] }
        }
        view: orders { dimension: id { primary_key: yes } dimension: user_id {} }
        view: users { dimension: id { primary_key: yes } }

    Right::

        explore: orders {
          join: users { sql_on: ${orders.user_id} = ${users.id} ;; relationship: many_to_one required_joins: [orders] }
        }
        view: orders { dimension: id { primary_key: yes } dimension: user_id {} }
        view: users { dimension: id { primary_key: yes } }
    """


@rule("LM405", Severity.ERROR)
def view_not_joined() -> None:
    """A reference to a view that the explore does not join.

    ``${view.field}`` works only in explores that have the view, under the name that it has there: with ``from`` that is the name
    of the join. Looker's validator says that the field is unknown or inaccessible, for each such explore, and a query with it
    fails. Join the view, leave the field out of the explore with ``fields``, or correct the name. Fields of the view itself need
    no view before them.

    ``suggest_dimension`` names a field of the explore in ``suggest_explore``, or else of the explore that the filter is in. If no
    such explore has the view, that is a warning: the filter is left without suggestions, and no query fails. It is a warning too
    where ``order_by_field``, or another parameter that is no SQL, names a field of a view that no explore with its own has.

    Wrong::

        explore: orders {}
        view: orders {
          dimension: user_id {}
          dimension: buyer { sql: ${users.name} ;; }
        }
        view: users { dimension: id { primary_key: yes } dimension: name {} }

    Right::

        explore: orders {
          join: users { sql_on: ${orders.user_id} = ${users.id} ;; relationship: many_to_one }
        }
        view: orders {
          dimension: user_id {}
          dimension: buyer { sql: ${users.name} ;; }
        }
        view: users { dimension: id { primary_key: yes } dimension: name {} }
    """


@rule("LM406", Severity.WARNING)
def unscoped_field() -> None:
    """A field without its view where one should stand.

    In ``access_filter`` and in the ``fields`` of an explore Looker's documentation wants ``view.field``. Projects that leave the
    view out are in use, so it is a warning; but then it is for Looker to say whose field is meant, and an access filter by the
    wrong one shows users what they must not see. Write the view before it, by the name that it has in the explore; for a set that
    is ``view.set*``.

    Wrong::

        explore: orders {
          access_filter: { field: country user_attribute: country }
        }
        view: orders { dimension: country {} }

    Right::

        explore: orders {
          access_filter: { field: orders.country user_attribute: country }
        }
        view: orders { dimension: country {} }
    """


@rule("LM407", Severity.WARNING)
def field_excluded() -> None:
    """A reference to a field that the explore leaves out.

    The field exists, but the ``fields`` of the explore or of the join do not offer it there. A dashboard tile that asks for it
    shows an error instead of its numbers; a field whose SQL names it cannot be reached either. The query of a native derived
    table, of an aggregate table or of a test has no such field, and that is an error too. Offer the field, or take it out.

    Wrong::

        explore: orders { fields: [ALL_FIELDS*, -orders.status] }
        view: orders { dimension: id {} dimension: status {} }
        # file: kpis.dashboard.lookml
        - dashboard: kpis
          elements:
          - name: by_status
            type: table
            explore: orders
            fields: [orders.status]

    Right::

        explore: orders { fields: [ALL_FIELDS*, -orders.id] }
        view: orders { dimension: id {} dimension: status {} }
        # file: kpis.dashboard.lookml
        - dashboard: kpis
          elements:
          - name: by_status
            type: table
            explore: orders
            fields: [orders.status]
    """


@rule("LM408", Severity.WARNING)
def join_without_condition() -> None:
    """A join that does not say which rows belong together.

    It needs ``sql_on`` or ``foreign_key``, unless it is of ``type: cross`` or its ``sql`` is the whole clause. A join that only
    brings in fields, and no table, says ``sql: ;;``; of a view that has filters and parameters alone no table is read anyway.

    Wrong::

        explore: orders { join: users { relationship: many_to_one } }
        view: orders { dimension: user_id {} }
        view: users { dimension: id { primary_key: yes } }

    Right::

        explore: orders {
          join: users { relationship: many_to_one sql_on: ${orders.user_id} = ${users.id} ;; }
        }
        view: orders { dimension: user_id {} }
        view: users { dimension: id { primary_key: yes } }
    """


@rule("LM409", Severity.WARNING)
def two_join_conditions() -> None:
    """A join with two conditions.

    ``sql_on``, ``foreign_key`` and ``sql_foreign_key`` may not be used together in one join: each is the whole condition. They
    may come together through ``extends`` or a refinement.

    Wrong::

        explore: orders {
          join: users { foreign_key: user_id sql_on: ${orders.user_id} = ${users.id} ;; }
        }
        view: orders { dimension: user_id {} }
        view: users { dimension: id { primary_key: yes } }

    Right::

        explore: orders {
          join: users { foreign_key: user_id }
        }
        view: orders { dimension: user_id {} }
        view: users { dimension: id { primary_key: yes } }
    """


@rule("LM410", Severity.ERROR)
def circular_join() -> None:
    """Joins whose conditions need each other.

    A condition can read only what was joined before it. If one join reads another, and that one reads the first, neither can come
    first, and no database runs the query.

    Wrong::

        explore: orders {
          join: users { sql_on: ${orders.user_id} = ${users.id} AND ${users.city} = ${shops.city} ;; }
          join: shops { sql_on: ${orders.shop_id} = ${shops.id} AND ${users.city} = ${shops.city} ;; }
        }
        view: orders { dimension: user_id {} dimension: shop_id {} }
        view: users { dimension: id { primary_key: yes } dimension: city {} }
        view: shops { dimension: id { primary_key: yes } dimension: city {} }

    Right::

        explore: orders {
          join: users { sql_on: ${orders.user_id} = ${users.id} ;; }
          join: shops { sql_on: ${orders.shop_id} = ${shops.id} AND ${users.city} = ${shops.city} ;; }
        }
        view: orders { dimension: user_id {} dimension: shop_id {} }
        view: users { dimension: id { primary_key: yes } dimension: city {} }
        view: shops { dimension: id { primary_key: yes } dimension: city {} }
    """


@rule("LM411", Severity.WARNING)
def repeated_measures() -> None:
    """Measures of a view without a primary key, whose rows a join repeats.

    Where a join brings many rows for one, the row comes many times, and its amount would be summed as often. Looker tells rows
    apart by the primary key of their view. Without one it cannot sum them: such measures are missing from the explore, or fail in
    queries with that join. A view that is joined many_to_one needs a key, and so does a view to which another is joined
    one_to_many, be it by joins in between. Minima, maxima and distinct counts do not mind.

    Wrong::

        explore: orders {
          join: items { relationship: one_to_many sql_on: ${items.order_id} = ${orders.id} ;; }
        }
        view: orders {
          dimension: id {}
          measure: total { type: sum sql: ${TABLE}.amount ;; }
        }
        view: items { dimension: order_id {} }

    Right::

        explore: orders {
          join: items { relationship: one_to_many sql_on: ${items.order_id} = ${orders.id} ;; }
        }
        view: orders {
          dimension: id { primary_key: yes }
          measure: total { type: sum sql: ${TABLE}.amount ;; }
        }
        view: items { dimension: order_id {} }
    """


@rule("LM412", Severity.WARNING)
def incomplete_aggregate_table() -> None:
    """An aggregate table without a query or a trigger.

    Its ``query`` says what it holds, and its ``materialization`` when it is built: by a ``datagroup_trigger``, a
    ``sql_trigger_value`` or ``persist_for``. Without either it is never there for a query to use.

    Wrong::

        explore: orders {
          aggregate_table: per_day { query: { dimensions: [day] measures: [count] } }
        }
        view: orders { dimension: day {} measure: count { type: count } }

    Right::

        explore: orders {
          aggregate_table: per_day {
            query: { dimensions: [day] measures: [count] }
            materialization: { persist_for: "24 hours" }
          }
        }
        view: orders { dimension: day {} measure: count { type: count } }
    """
