"""What is wrong with a project as a whole: its models, includes, imports and constants."""

from __future__ import annotations

from dagster_lookml.rules.rule import Severity, rule


@rule("LM201", Severity.INFO)
def no_model() -> None:
    """A project without a model file.

    Looker shows explores only of models. Projects that are there to be imported by others may have none. All files are then read
    as if one model, named after the project, included each of them. Nothing needs to be done if others import the project; else
    write a ``.model.lkml`` file with a ``connection`` and its includes.

    Wrong::

        # file: orders.view.lkml
        view: orders { dimension: id {} }

    Right::

        # file: orders.view.lkml
        view: orders { dimension: id {} }
        # file: shop.model.lkml
        connection: "warehouse"
        include: "orders.view"
        explore: orders {}
    """


@rule("LM202", Severity.ERROR)
def duplicate_model() -> None:
    """Two model files of one name.

    A model is called what its file is called; the folder plays no part. Dashboards, permissions and the API know models by their
    name alone, so Looker cannot tell two of one name apart. The one that comes last by its path is left out. Rename one of the
    files, and what refers to it.

    Wrong::

        # file: finance/shop.model.lkml
        connection: "warehouse"
        # file: sales/shop.model.lkml
        connection: "warehouse"

    Right::

        # file: finance/shop_finance.model.lkml
        connection: "warehouse"
        # file: sales/shop.model.lkml
        connection: "warehouse"
    """


@rule("LM203", Severity.WARNING)
def missing_connection() -> None:
    """A model without a connection.

    ``connection`` names the database that the model's queries run in, and only a model file can say it. Without it Looker can run
    none of them. A model file that other models include needs none of its own: its explores run in theirs. Name a connection that
    is set up in Looker.

    Wrong::

        # file: shop.model.lkml
        explore: orders {}
        view: orders { dimension: id {} }

    Right::

        # file: shop.model.lkml
        connection: "warehouse"
        explore: orders {}
        view: orders { dimension: id {} }
    """


@rule("LM204", Severity.WARNING)
def missing_import() -> None:
    """An imported project that is not here.

    An include that begins with ``//`` takes files from another project, which the manifest names. Looker fetches it; offline it
    has to lie somewhere. Without it nothing is said of names that may be in it, so many faults stay unseen. Check it out beside
    this one or into ``imported_projects/``, or say in dagster-lookml.toml where it is: ``[imports]``, ``hub = "../hub"``.

    Wrong::

        include: "//hub/orders.view"
        explore: orders {}
        # file: manifest.lkml
        local_dependency: { project: "hub" }

    Right::

        include: "//hub/orders.view"
        explore: orders {}
        # file: manifest.lkml
        local_dependency: { project: "hub" }
        # file: imported_projects/hub/orders.view.lkml
        view: orders { dimension: id {} }
    """


@rule("LM205", Severity.WARNING)
def include_no_match() -> None:
    """An include that matches no file.

    The file was moved, or the pattern says less than it seems to: a path without a leading ``/`` begins in the folder of the file
    that holds the include, and ``*`` stays within one folder while ``**`` goes into all of them. Looker warns, and everything
    that should have come in is missing. Correct the path, or remove the include.

    Wrong::

        include: "views/orders.view"
        explore: orders {}
        view: orders { dimension: id {} }

    Right::

        include: "views/orders.view"
        explore: orders {}
        # file: views/orders.view.lkml
        view: orders { dimension: id {} }
    """


@rule("LM206", Severity.WARNING)
def include_outside() -> None:
    """An include that leaves the project.

    A path with ``..`` that climbs above the root of the project leads nowhere in Looker, which knows only the files of the
    project. Nothing is included. To use another project's files, import it in the manifest and include ``//project/…``.

    Wrong::

        include: "../views/orders.view"
        explore: orders {}
        view: orders { dimension: id {} }

    Right::

        include: "./views/orders.view"
        explore: orders {}
        # file: views/orders.view.lkml
        view: orders { dimension: id {} }
    """


@rule("LM207", Severity.INFO)
def include_model() -> None:
    """A model file that another model includes.

    A model is not meant to be included: Looker's documentation advises against it, and wildcards such as ``/**/*`` do it by
    accident. The explores and views of the included model come in a second time, under the name of the including one; its
    connection, label and caching do not. Put what both shall have into a file that is no model, and include that in both.

    Wrong::

        # file: base.model.lkml
        connection: "warehouse"
        explore: orders {}
        view: orders { dimension: id {} }
        # file: shop.model.lkml
        connection: "warehouse"
        include: "base.model"

    Right::

        # file: base.explore.lkml
        explore: orders {}
        view: orders { dimension: id {} }
        # file: shop.model.lkml
        connection: "warehouse"
        include: "base.explore"
    """


@rule("LM208", Severity.ERROR)
def undefined_constant() -> None:
    """A constant that the project's manifest does not define.

    ``@{NAME}`` is replaced by the value that ``constant: NAME`` has in the manifest.lkml of the project that the file belongs to.
    What an importing project defines does not count in the files of the imported one. Looker's validator reports it, and the text
    stays as it is. Define the constant, or correct its name; capitals count. In a file that no model includes it is a warning.

    Wrong::

        explore: orders {}
        view: orders {
          sql_table_name: @{SCHEMA}.orders ;;
          dimension: id {}
        }

    Right::

        explore: orders {}
        view: orders {
          sql_table_name: @{SCHEMA}.orders ;;
          dimension: id {}
        }
        # file: manifest.lkml
        constant: SCHEMA { value: "shop" }
    """


@rule("LM209", Severity.ERROR)
def circular_constant() -> None:
    """A constant that contains itself.

    Constants may contain others. One that comes back to itself has no value, and the text that uses it stays as it is. Write the
    value out in one of them.

    Wrong::

        explore: orders { label: "@{TITLE}" }
        view: orders { dimension: id {} }
        # file: manifest.lkml
        constant: TITLE { value: "@{TITLE} of the shop" }

    Right::

        explore: orders { label: "@{TITLE}" }
        view: orders { dimension: id {} }
        # file: manifest.lkml
        constant: TITLE { value: "Orders of the shop" }
    """


@rule("LM210", Severity.ERROR)
def constant_not_exported() -> None:
    """An override of a constant that may not be overridden.

    A project that imports another may give its constants other values, but only those with ``export: override_optional`` or
    ``override_required``; the default, ``none``, forbids it. Looker reports an error. Say ``export`` in the imported project's
    manifest, correct the name, or remove the override.

    Wrong::

        include: "//hub/orders.view"
        explore: orders {}
        # file: manifest.lkml
        local_dependency: {
          project: "hub"
          override_constant: SCHEMA { value: "shop" }
        }
        # file: imported_projects/hub/manifest.lkml
        constant: SCHEMA { value: "public" }
        # file: imported_projects/hub/orders.view.lkml
        view: orders {
          sql_table_name: @{SCHEMA}.orders ;;
          dimension: id {}
        }

    Right::

        include: "//hub/orders.view"
        explore: orders {}
        # file: manifest.lkml
        local_dependency: {
          project: "hub"
          override_constant: SCHEMA { value: "shop" }
        }
        # file: imported_projects/hub/manifest.lkml
        constant: SCHEMA { value: "public" export: override_optional }
        # file: imported_projects/hub/orders.view.lkml
        view: orders {
          sql_table_name: @{SCHEMA}.orders ;;
          dimension: id {}
        }
    """


@rule("LM211", Severity.ERROR)
def constant_without_override() -> None:
    """A constant that the importer must override.

    With ``export: override_required`` a project says that it cannot know the value: each project that imports it has to give one.
    Looker reports an error until it does. Add an ``override_constant`` to the dependency in the manifest.

    Wrong::

        include: "//hub/orders.view"
        explore: orders {}
        # file: manifest.lkml
        local_dependency: { project: "hub" }
        # file: imported_projects/hub/manifest.lkml
        constant: SCHEMA { value: "" export: override_required }
        # file: imported_projects/hub/orders.view.lkml
        view: orders {
          sql_table_name: @{SCHEMA}.orders ;;
          dimension: id {}
        }

    Right::

        include: "//hub/orders.view"
        explore: orders {}
        # file: manifest.lkml
        local_dependency: {
          project: "hub"
          override_constant: SCHEMA { value: "shop" }
        }
        # file: imported_projects/hub/manifest.lkml
        constant: SCHEMA { value: "" export: override_required }
        # file: imported_projects/hub/orders.view.lkml
        view: orders {
          sql_table_name: @{SCHEMA}.orders ;;
          dimension: id {}
        }
    """


@rule("LM212", Severity.WARNING)
def wildcard_order() -> None:
    """Refinements whose order only a wildcard decides.

    Refinements are applied in the order in which their files are included, and the last one wins. Two files that one wildcard
    brings in have no order that Looker documents, and its documentation advises against wildcards with refinements. Here the
    files are taken by their paths. It is told where both files set the same parameter to different values; what they only add is
    kept in any order. Include the files one by one, in the order that is meant.

    Wrong::

        # file: orders.view.lkml
        view: orders { dimension: id {} }
        # file: layers/a.lkml
        view: +orders { label: "Orders" }
        # file: layers/b.lkml
        view: +orders { label: "Sales" }
        # file: shop.model.lkml
        connection: "warehouse"
        include: "orders.view"
        include: "layers/*"
        explore: orders {}

    Right::

        # file: orders.view.lkml
        view: orders { dimension: id {} }
        # file: layers/a.lkml
        view: +orders { label: "Orders" }
        # file: layers/b.lkml
        view: +orders { label: "Sales" }
        # file: shop.model.lkml
        connection: "warehouse"
        include: "orders.view"
        include: "layers/a.lkml"
        include: "layers/b.lkml"
        explore: orders {}
    """


@rule("LM213", Severity.WARNING)
def misplaced_manifest() -> None:
    """Manifest parameters outside the manifest.

    ``constant``, ``local_dependency``, ``project_name`` and their like count only in the file manifest.lkml in the root of the
    project. Anywhere else Looker does not read them: a constant stays undefined, a project is not imported. Move them there.

    Wrong::

        constant: SCHEMA { value: "shop" }
        explore: orders {}
        view: orders { dimension: id {} }

    Right::

        explore: orders {}
        view: orders { dimension: id {} }
        # file: manifest.lkml
        constant: SCHEMA { value: "shop" }
    """


@rule("LM214", Severity.INFO)
def not_included() -> None:
    """Files that no model includes, of which only the text is checked.

    Nobody can use in Looker what no model includes, directly or through another file. What such files refer to cannot be checked
    either, since it depends on the model that includes them. It is one finding for all of them. Include them, or remove them.

    Wrong::

        # file: orders.view.lkml
        view: orders { dimension: id {} }
        # file: users.view.lkml
        view: users { dimension: id {} }
        # file: shop.model.lkml
        connection: "warehouse"
        include: "orders.view"
        explore: orders {}

    Right::

        # file: orders.view.lkml
        view: orders { dimension: id {} }
        # file: users.view.lkml
        view: users { dimension: id {} }
        # file: shop.model.lkml
        connection: "warehouse"
        include: "*.view"
        explore: orders {}
        explore: users {}
    """
