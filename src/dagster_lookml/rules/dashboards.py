"""What is wrong with LookML dashboards."""

from __future__ import annotations

from dagster_lookml.rules.rule import Severity, rule


@rule("LM501", Severity.ERROR)
def duplicate_dashboard() -> None:
    """Two dashboards of one name in one model.

    Looker knows a LookML dashboard by its model and its name, so only one of the two can be seen: here it is the last. Rename
    one. To make a variant of a dashboard, give it its own name and let it extend the other.

    Wrong::

        # file: kpis.dashboard.lookml
        - dashboard: kpis
          title: Sales
        - dashboard: kpis
          title: Returns
        # file: shop.model.lkml
        connection: "warehouse"
        include: "kpis.dashboard"

    Right::

        # file: kpis.dashboard.lookml
        - dashboard: kpis
          title: Sales
        - dashboard: returns
          title: Returns
        # file: shop.model.lkml
        connection: "warehouse"
        include: "kpis.dashboard"
    """


@rule("LM502", Severity.WARNING)
def duplicate_element() -> None:
    """Two elements of one name in one dashboard.

    The name of an element has to be unique in its dashboard: a dashboard that extends this one changes elements by their names.
    Looker's validator reports it. Rename one; what users read is the ``title``.

    Wrong::

        # file: kpis.dashboard.lookml
        - dashboard: kpis
          elements:
          - name: note
            type: text
          - name: note
            type: text
        # file: shop.model.lkml
        connection: "warehouse"
        include: "kpis.dashboard"

    Right::

        # file: kpis.dashboard.lookml
        - dashboard: kpis
          elements:
          - name: note
            type: text
          - name: note_2
            type: text
        # file: shop.model.lkml
        connection: "warehouse"
        include: "kpis.dashboard"
    """


@rule("LM503", Severity.ERROR)
def unknown_dashboard_filter() -> None:
    """A tile that listens to a filter that does not exist.

    ``listen`` maps the names of dashboard filters to fields of the tile. Names are compared as they are written, with capitals
    and spaces. Looker's validator reports a name that no filter has, and the tile shows all its rows whatever users choose. For a
    filter that narrows the choices of another, by ``listens_to_filters``, it is a warning. Correct the name, or add the filter.

    Wrong::

        explore: orders {}
        view: orders { dimension: country {} }
        # file: kpis.dashboard.lookml
        - dashboard: kpis
          filters:
          - name: Country
            type: string_filter
          elements:
          - name: countries
            type: table
            explore: orders
            fields: [orders.country]
            listen: {country: orders.country}

    Right::

        explore: orders {}
        view: orders { dimension: country {} }
        # file: kpis.dashboard.lookml
        - dashboard: kpis
          filters:
          - name: Country
            type: string_filter
          elements:
          - name: countries
            type: table
            explore: orders
            fields: [orders.country]
            listen: {Country: orders.country}
    """


@rule("LM504", Severity.ERROR)
def unknown_tile_field() -> None:
    """A field of a tile that its explore does not have.

    Fields, pivots, filters and the fields that a tile listens by are fields of its explore, written ``view.field`` with the
    view's name in that explore. With one that does not exist the tile shows an error instead of its numbers. For a dimension
    group name one of its fields: ``orders.created_date``. Correct the name, or take it out of the tile.

    Wrong::

        explore: orders {}
        view: orders { dimension: status {} }
        # file: kpis.dashboard.lookml
        - dashboard: kpis
          elements:
          - name: by_status
            type: table
            explore: orders
            fields: [orders.state]

    Right::

        explore: orders {}
        view: orders { dimension: status {} }
        # file: kpis.dashboard.lookml
        - dashboard: kpis
          elements:
          - name: by_status
            type: table
            explore: orders
            fields: [orders.status]
    """


@rule("LM505", Severity.ERROR)
def unknown_tile_explore() -> None:
    """A tile whose explore does not exist.

    Without ``model`` the explore is looked for in the model that includes the dashboard. Looker shows an error in place of the
    tile; it does so too if the explore says ``extension: required``, which is there to be extended only. Correct the name or the
    model, or include the explore's file. Nothing is said of models of other projects, which are not here.

    Wrong::

        explore: orders {}
        view: orders { dimension: status {} }
        # file: kpis.dashboard.lookml
        - dashboard: kpis
          elements:
          - name: by_status
            type: table
            explore: order
            fields: [orders.status]

    Right::

        explore: orders {}
        view: orders { dimension: status {} }
        # file: kpis.dashboard.lookml
        - dashboard: kpis
          elements:
          - name: by_status
            type: table
            explore: orders
            fields: [orders.status]
    """


@rule("LM506", Severity.WARNING)
def unknown_tile_reference() -> None:
    """A sort or a calculation of a tile that names a field which does not exist.

    Looker runs the query without it: the rows come in another order, or the calculation is empty, and nobody is told. It often
    stays behind when a field of the tile was renamed. Correct the name, or remove the sort or calculation.

    Wrong::

        explore: orders {}
        view: orders { dimension: status {} }
        # file: kpis.dashboard.lookml
        - dashboard: kpis
          elements:
          - name: by_status
            type: table
            explore: orders
            fields: [orders.status]
            sorts: [orders.state desc]

    Right::

        explore: orders {}
        view: orders { dimension: status {} }
        # file: kpis.dashboard.lookml
        - dashboard: kpis
          elements:
          - name: by_status
            type: table
            explore: orders
            fields: [orders.status]
            sorts: [orders.status desc]
    """


@rule("LM507", Severity.ERROR)
def unknown_filter_field() -> None:
    """A dashboard filter on a field that its explore does not have.

    The filter has no suggestions, and tiles that listen to it are asked to filter by nothing. It mostly stays behind when a field
    was renamed or an explore lost a join. Correct ``field``, written as users pick it: ``alias.field``, of a dimension group
    with its timeframe. A field that exists and lacks its view is a warning.

    Wrong::

        explore: orders {}
        view: orders { dimension: status {} }
        # file: kpis.dashboard.lookml
        - dashboard: kpis
          filters:
          - name: Status
            type: field_filter
            explore: orders
            field: orders.state

    Right::

        explore: orders {}
        view: orders { dimension: status {} }
        # file: kpis.dashboard.lookml
        - dashboard: kpis
          filters:
          - name: Status
            type: field_filter
            explore: orders
            field: orders.status
    """


@rule("LM508", Severity.ERROR)
def unknown_filter_explore() -> None:
    """A dashboard filter whose explore does not exist.

    Without the explore there is no field to filter by. A filter that says no ``model`` means the model that includes the
    dashboard; an explore of another model needs ``model``.

    Wrong::

        explore: orders {}
        view: orders { dimension: status {} }
        # file: kpis.dashboard.lookml
        - dashboard: kpis
          filters:
          - name: Status
            type: field_filter
            explore: order
            field: orders.status

    Right::

        explore: orders {}
        view: orders { dimension: status {} }
        # file: kpis.dashboard.lookml
        - dashboard: kpis
          filters:
          - name: Status
            type: field_filter
            explore: orders
            field: orders.status
    """


@rule("LM509", Severity.WARNING)
def unnamed_element() -> None:
    """An element of a dashboard without a name.

    Looker wants a name for each element. A dashboard that extends this one cannot change an element that has none: it would be
    there twice.

    Wrong::

        explore: orders {}
        view: orders { dimension: status {} }
        # file: kpis.dashboard.lookml
        - dashboard: kpis
          elements:
          - title: By status
            type: table
            explore: orders
            fields: [orders.status]

    Right::

        explore: orders {}
        view: orders { dimension: status {} }
        # file: kpis.dashboard.lookml
        - dashboard: kpis
          elements:
          - name: by_status
            title: By status
            type: table
            explore: orders
            fields: [orders.status]
    """


@rule("LM510", Severity.WARNING)
def untyped_element() -> None:
    """An element of a dashboard without a type.

    The type says how it is drawn: ``looker_column``, ``table``, ``single_value``, ``text``. Looker wants one for each
    element; where a dashboard extends another, the element that is extended may have it.

    Wrong::

        explore: orders {}
        view: orders { dimension: status {} }
        # file: kpis.dashboard.lookml
        - dashboard: kpis
          elements:
          - name: by_status
            explore: orders
            fields: [orders.status]

    Right::

        explore: orders {}
        view: orders { dimension: status {} }
        # file: kpis.dashboard.lookml
        - dashboard: kpis
          elements:
          - name: by_status
            type: table
            explore: orders
            fields: [orders.status]
    """


@rule("LM511", Severity.WARNING)
def misplaced_filter_key() -> None:
    """A dashboard filter of another type that names a model, an explore or a field.

    Only ``type: field_filter`` takes them; with ``date_filter``, ``number_filter`` and ``string_filter`` Looker's validator
    refuses them today, though dashboards that an older Looker wrote have them. Make it a field filter, or leave the keys out: a
    tile says itself under ``listen`` by which of its fields it is filtered.

    Wrong::

        explore: orders {}
        view: orders { dimension: status {} }
        # file: kpis.dashboard.lookml
        - dashboard: kpis
          filters:
          - name: Status
            type: string_filter
            explore: orders
            field: orders.status

    Right::

        explore: orders {}
        view: orders { dimension: status {} }
        # file: kpis.dashboard.lookml
        - dashboard: kpis
          filters:
          - name: Status
            type: field_filter
            explore: orders
            field: orders.status
    """


@rule("LM512", Severity.WARNING)
def unknown_filter_type() -> None:
    """A dashboard filter without a type, or with one that Looker does not have.

    There are ``field_filter``, ``date_filter``, ``number_filter`` and ``string_filter``. Say one of them; a filter that takes its
    suggestions from a field is a ``field_filter``.

    Wrong::

        explore: orders {}
        view: orders { dimension: status {} }
        # file: kpis.dashboard.lookml
        - dashboard: kpis
          filters:
          - name: Status
            type: text

    Right::

        explore: orders {}
        view: orders { dimension: status {} }
        # file: kpis.dashboard.lookml
        - dashboard: kpis
          filters:
          - name: Status
            type: string_filter
    """


@rule("LM513", Severity.WARNING)
def incomplete_field_filter() -> None:
    """A field filter of a dashboard that does not say its explore or its field.

    Both are needed: the explore has the field, and the field gives the filter its suggestions. Add what is missing, or make it a
    filter of another type.

    Wrong::

        explore: orders {}
        view: orders { dimension: status {} }
        # file: kpis.dashboard.lookml
        - dashboard: kpis
          filters:
          - name: Status
            type: field_filter
            field: orders.status

    Right::

        explore: orders {}
        view: orders { dimension: status {} }
        # file: kpis.dashboard.lookml
        - dashboard: kpis
          filters:
          - name: Status
            type: field_filter
            explore: orders
            field: orders.status
    """


@rule("LM514", Severity.WARNING)
def duplicate_dashboard_filter() -> None:
    """Two filters of one name in one dashboard.

    Tiles listen to a filter by its name, so only one of the two can be meant. Rename one, and what listens to it.

    Wrong::

        explore: orders {}
        view: orders { dimension: status {} }
        # file: kpis.dashboard.lookml
        - dashboard: kpis
          filters:
          - {name: Day, type: date_filter, default_value: 7 days}
          - {name: Day, type: date_filter, default_value: 1 day}

    Right::

        explore: orders {}
        view: orders { dimension: status {} }
        # file: kpis.dashboard.lookml
        - dashboard: kpis
          filters:
          - {name: Ordered, type: date_filter, default_value: 7 days}
          - {name: Delivered, type: date_filter, default_value: 1 day}
    """


@rule("LM515", Severity.WARNING)
def pivot_not_queried() -> None:
    """A tile that pivots by a field which is not among its fields.

    Looker pivots by fields of the query; one that stands under ``pivots`` alone is not in it. It stays behind when a field was
    taken out of ``fields``, or renamed there.

    Wrong::

        explore: orders {}
        view: orders { dimension: status {} measure: count { type: count } }
        # file: kpis.dashboard.lookml
        - dashboard: kpis
          elements:
          - name: by_status
            type: table
            explore: orders
            fields: [orders.count]
            pivots: [orders.status]

    Right::

        explore: orders {}
        view: orders { dimension: status {} measure: count { type: count } }
        # file: kpis.dashboard.lookml
        - dashboard: kpis
          elements:
          - name: by_status
            type: table
            explore: orders
            fields: [orders.status, orders.count]
            pivots: [orders.status]
    """


@rule("LM516", Severity.WARNING)
def unknown_custom_field() -> None:
    """A tile that names a custom field or table calculation which it does not define.

    A name without a view is one of the tile's own ``dynamic_fields``. One that is not there was renamed or removed, or is a field
    whose view was forgotten.

    Wrong::

        explore: orders {}
        view: orders { measure: count { type: count } }
        # file: kpis.dashboard.lookml
        - dashboard: kpis
          elements:
          - name: doubled
            type: table
            explore: orders
            fields: [orders.count]
            sorts: [double desc]
            dynamic_fields:
            - table_calculation: twice
              expression: "${orders.count} * 2"

    Right::

        explore: orders {}
        view: orders { measure: count { type: count } }
        # file: kpis.dashboard.lookml
        - dashboard: kpis
          elements:
          - name: doubled
            type: table
            explore: orders
            fields: [orders.count]
            sorts: [twice desc]
            dynamic_fields:
            - table_calculation: twice
              expression: "${orders.count} * 2"
    """


@rule("LM517", Severity.WARNING)
def calculation_outside_query() -> None:
    """A table calculation with a field that its tile does not query.

    A table calculation is made of the columns of the result, and cannot reach a field that is not in it, even if the explore has
    it: the tile shows an error in place of the calculation. Add the field to ``fields``; under ``hidden_fields`` it is queried
    and not shown. Where merged queries have the same field, ``${q1_orders.count}`` is that of the second.

    Wrong::

        explore: orders {}
        view: orders { measure: count { type: count } measure: total { type: sum } }
        # file: kpis.dashboard.lookml
        - dashboard: kpis
          elements:
          - name: average
            type: table
            explore: orders
            fields: [orders.count]
            dynamic_fields:
            - table_calculation: average
              expression: "${orders.total} / ${orders.count}"

    Right::

        explore: orders {}
        view: orders { measure: count { type: count } measure: total { type: sum } }
        # file: kpis.dashboard.lookml
        - dashboard: kpis
          elements:
          - name: average
            type: table
            explore: orders
            fields: [orders.count, orders.total]
            dynamic_fields:
            - table_calculation: average
              expression: "${orders.total} / ${orders.count}"
            hidden_fields: [orders.total]
    """


@rule("LM518", Severity.WARNING)
def merged_by_unqueried_field() -> None:
    """Merged queries that are joined by a field which they do not query.

    ``field_name`` is a field of the query that is merged in, ``source_field_name`` one of the first query. Rows are matched by
    their values, so both have to be queried.

    Wrong::

        explore: orders {}
        explore: users {}
        view: orders { dimension: user_id {} measure: count { type: count } }
        view: users { dimension: id {} dimension: name {} }
        # file: kpis.dashboard.lookml
        - dashboard: kpis
          elements:
          - name: orders_of_users
            type: table
            merged_queries:
            - explore: orders
              fields: [orders.user_id, orders.count]
            - explore: users
              fields: [users.name]
              join_fields:
              - {field_name: users.id, source_field_name: orders.user_id}

    Right::

        explore: orders {}
        explore: users {}
        view: orders { dimension: user_id {} measure: count { type: count } }
        view: users { dimension: id {} dimension: name {} }
        # file: kpis.dashboard.lookml
        - dashboard: kpis
          elements:
          - name: orders_of_users
            type: table
            merged_queries:
            - explore: orders
              fields: [orders.user_id, orders.count]
            - explore: users
              fields: [users.id, users.name]
              join_fields:
              - {field_name: users.id, source_field_name: orders.user_id}
    """


@rule("LM519", Severity.WARNING, is_default=False)
def sort_not_queried() -> None:
    """A tile that sorts by a field which is not among its fields.

    Looker leaves such a sort out, so the rows come in another order than the dashboard says. It is harmless where another sort
    decides, and is therefore only reported where somebody asks.

    Wrong::

        explore: orders {}
        view: orders { dimension: status {} measure: count { type: count } }
        # file: kpis.dashboard.lookml
        - dashboard: kpis
          elements:
          - name: by_status
            type: table
            explore: orders
            fields: [orders.status]
            sorts: [orders.count desc]

    Right::

        explore: orders {}
        view: orders { dimension: status {} measure: count { type: count } }
        # file: kpis.dashboard.lookml
        - dashboard: kpis
          elements:
          - name: by_status
            type: table
            explore: orders
            fields: [orders.status, orders.count]
            sorts: [orders.count desc]
    """


@rule("LM520", Severity.INFO, is_default=False)
def option_not_queried() -> None:
    """A display option of a tile for a field which the tile does not query.

    Options such as ``series_colors``, ``series_labels`` and ``hidden_fields`` name fields. One that is not in the query has no
    effect, and mostly stays behind when the query was changed; then what is there now may have lost its color or label. Where
    merged queries have the same field, ``q1_orders.count`` is that of the second.

    Wrong::

        explore: orders {}
        view: orders { dimension: status {} measure: count { type: count } measure: total { type: sum } }
        # file: kpis.dashboard.lookml
        - dashboard: kpis
          elements:
          - name: by_status
            type: looker_column
            explore: orders
            fields: [orders.status, orders.total]
            series_labels:
              orders.count: Sales

    Right::

        explore: orders {}
        view: orders { dimension: status {} measure: count { type: count } measure: total { type: sum } }
        # file: kpis.dashboard.lookml
        - dashboard: kpis
          elements:
          - name: by_status
            type: looker_column
            explore: orders
            fields: [orders.status, orders.total]
            series_labels:
              orders.total: Sales
    """


@rule("LM521", Severity.INFO, is_default=False)
def old_field_name() -> None:
    """A dashboard that uses the old name of a field.

    The field keeps it as its ``alias``, so the dashboard works; it breaks on the day when somebody takes the alias away. Write
    the new name, and the alias is needed only for what users have saved.

    Wrong::

        explore: orders {}
        view: orders { dimension: status { alias: [state] } }
        # file: kpis.dashboard.lookml
        - dashboard: kpis
          elements:
          - name: by_status
            type: table
            explore: orders
            fields: [orders.state]

    Right::

        explore: orders {}
        view: orders { dimension: status { alias: [state] } }
        # file: kpis.dashboard.lookml
        - dashboard: kpis
          elements:
          - name: by_status
            type: table
            explore: orders
            fields: [orders.status]
    """


@rule("LM522", Severity.INFO, is_default=False)
def restricted_tile() -> None:
    """A tile with a field, or of an explore, that only some users have access to.

    Users whose attribute has none of the allowed values see an error in place of the whole tile. It is said here so that whoever
    shares a dashboard knows for whom it works.

    Wrong::

        access_grant: sees_costs { user_attribute: department allowed_values: ["finance"] }
        explore: orders {}
        view: orders {
          dimension: status {}
          measure: cost { type: sum required_access_grants: [sees_costs] }
        }
        # file: kpis.dashboard.lookml
        - dashboard: kpis
          elements:
          - name: by_status
            type: table
            explore: orders
            fields: [orders.status, orders.cost]

    Right::

        access_grant: sees_costs { user_attribute: department allowed_values: ["finance"] }
        explore: orders {}
        view: orders {
          dimension: status {}
          measure: cost { type: sum required_access_grants: [sees_costs] }
          measure: count { type: count }
        }
        # file: kpis.dashboard.lookml
        - dashboard: kpis
          elements:
          - name: by_status
            type: table
            explore: orders
            fields: [orders.status, orders.count]
    """


@rule("LM523", Severity.WARNING, is_default=False)
def duplicate_dashboard_title() -> None:
    """Two dashboards of one title in one model.

    In Looker's folders and search they cannot be told apart. Give each a title of its own.

    Wrong::

        explore: orders {}
        view: orders { dimension: status {} }
        # file: kpis.dashboard.lookml
        - dashboard: kpis
          title: Orders
        - dashboard: kpis_of_today
          title: Orders

    Right::

        explore: orders {}
        view: orders { dimension: status {} }
        # file: kpis.dashboard.lookml
        - dashboard: kpis
          title: Orders
        - dashboard: kpis_of_today
          title: Orders of today
    """
