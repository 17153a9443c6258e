"""What is wrong with the text of a file, whatever it means."""

from __future__ import annotations

from dagster_lookml.rules.rule import Severity, rule


@rule("LM101", Severity.ERROR)
def syntax_error() -> None:
    """Text that is no LookML.

    LookML is made of parameters, ``key: value``, and of blocks, ``key: name { … }``. What follows neither form says nothing to
    Looker, which reports a syntax error. Here the rest of the file is read all the same. Look at the place, and left of it, for a
    colon, a key or a quote that is missing.

    Wrong::

        explore: orders {}
        view: orders {
          label "Orders"
          dimension: id {}
        }

    Right::

        explore: orders {}
        view: orders {
          label: "Orders"
          dimension: id {}
        }
    """


@rule("LM102", Severity.ERROR)
def unclosed_block() -> None:
    """A block whose } is missing.

    What follows is read as part of the block, so a field may end up inside another field, and the view ends where the file ends.
    Looker reports a syntax error, often at the end of the file. Here the block is closed before the first thing that cannot stand
    in it, and the place is where the block begins. Write the ``}``.

    Wrong::

        explore: orders {}
        view: orders {
          dimension: id { type: number
          dimension: status {}
        }

    Right::

        explore: orders {}
        view: orders {
          dimension: id { type: number }
          dimension: status {}
        }
    """


@rule("LM103", Severity.ERROR)
def surplus_brace() -> None:
    """A } that closes nothing, or closes a block too early.

    The block ends there, and what follows stands outside of it: a field without a view, which Looker reports as a syntax error.
    Here the block is read on where that makes sense. Remove the ``}``, or move it behind the last thing that belongs in the
    block.

    Wrong::

        explore: orders {}
        view: orders {
          dimension: id {} }
          dimension: status {}
        }

    Right::

        explore: orders {}
        view: orders {
          dimension: id {}
          dimension: status {}
        }
    """


@rule("LM104", Severity.ERROR)
def unclosed_string() -> None:
    """A string whose closing quote is missing.

    LookML strings may go over several lines, so Looker reads on up to the next quote and reports a syntax error somewhere behind
    it. Here the string ends with its line. Write the quote; one inside a string takes a backslash before it.

    Wrong::

        explore: orders {}
        view: orders {
          dimension: id { label: "Order number }
          dimension: status { label: "Status" }
        }

    Right::

        explore: orders {}
        view: orders {
          dimension: id { label: "Order number" }
          dimension: status { label: "Status" }
        }
    """


@rule("LM105", Severity.ERROR)
def unclosed_expression() -> None:
    """An expression whose ;; is missing.

    The values of ``sql``, ``sql_on``, ``html`` and their like are read as they are up to ``;;``. Without it all that follows, up
    to the ``;;`` of another field, becomes part of the SQL. Looker reports a syntax error. Here the expression ends before what
    cannot belong to it. Write ``;;`` where the SQL ends.

    Wrong::

        explore: orders {}
        view: orders {
          dimension: total { sql: ${TABLE}.net + ${TABLE}.tax }
          dimension: status {}
        }

    Right::

        explore: orders {}
        view: orders {
          dimension: total { sql: ${TABLE}.net + ${TABLE}.tax ;; }
          dimension: status {}
        }
    """


@rule("LM106", Severity.ERROR)
def unclosed_list() -> None:
    """A list whose ] is missing.

    What follows is taken for items, up to something that cannot be one, and Looker reports a syntax error there. Here the list
    ends before the first brace or parameter. Write the ``]``.

    Wrong::

        explore: orders {}
        view: orders {
          dimension_group: created { type: time timeframes: [date, month }
        }

    Right::

        explore: orders {}
        view: orders {
          dimension_group: created { type: time timeframes: [date, month] }
        }
    """


@rule("LM107", Severity.ERROR)
def missing_value() -> None:
    """A parameter without a value.

    Nothing stands behind the colon, or only the next parameter. Looker reports a syntax error. Here the parameter is left out, so
    that its default holds. Write the value, or remove the parameter.

    Wrong::

        explore: orders {}
        view: orders {
          label:
          dimension: id {}
        }

    Right::

        explore: orders {}
        view: orders {
          label: "Orders"
          dimension: id {}
        }
    """


@rule("LM108", Severity.ERROR)
def missing_comma() -> None:
    """List items without a comma between them.

    Items of a list are separated by commas, whatever line they stand on. Looker reports a syntax error. Here they are read as if
    the comma stood there. Write it.

    Wrong::

        explore: orders {}
        view: orders {
          dimension_group: created { type: time timeframes: [date month] }
        }

    Right::

        explore: orders {}
        view: orders {
          dimension_group: created { type: time timeframes: [date, month] }
        }
    """


@rule("LM109", Severity.ERROR)
def block_without_key() -> None:
    """A block that does not say what it is.

    Every block begins with a key and a colon, and most with a name: ``dimension: status {``. Looker reports a syntax error, and
    what stands in the block is lost. Write the key, or remove a brace that opens nothing.

    Wrong::

        explore: orders {}
        view: orders {
          dimension: id {}
          { type: string }
        }

    Right::

        explore: orders {}
        view: orders {
          dimension: id {}
          dimension: status { type: string }
        }
    """


@rule("LM110", Severity.ERROR)
def quoted_name() -> None:
    """A block whose name stands in quotes.

    Names of views, fields, joins and the like are words, which others refer to. Looker reports a syntax error. Here the name is
    read without its quotes. Remove them; what users shall read is said by ``label``.

    Wrong::

        explore: orders {}
        view: orders {
          dimension: "id" {}
        }

    Right::

        explore: orders {}
        view: orders {
          dimension: id {}
        }
    """


@rule("LM111", Severity.ERROR)
def stray_semicolon() -> None:
    """A ; that ends nothing.

    Only expressions such as ``sql`` are ended, and only by ``;;``. Anywhere else Looker reports a syntax error. If it stands
    behind SQL that holds ``;;`` itself, the first one has ended the SQL. Remove it.

    Wrong::

        explore: orders {}
        view: orders {
          dimension: id { label: "Order number"; }
        }

    Right::

        explore: orders {}
        view: orders {
          dimension: id { label: "Order number" }
        }
    """


@rule("LM112", Severity.WARNING)
def duplicate_parameter() -> None:
    """A parameter that stands twice in one block.

    Only one of the two can count, and it is the last. Whoever reads or changes the first is misled. It often comes from a merge
    of two branches. Keep the one that is meant; the same goes for two equal keys in one map of a dashboard.

    Wrong::

        explore: orders {}
        view: orders {
          dimension: id {
            label: "Number"
            label: "Order number"
          }
        }

    Right::

        explore: orders {}
        view: orders {
          dimension: id {
            label: "Order number"
          }
        }
    """


@rule("LM113", Severity.WARNING)
def surplus_comma() -> None:
    """A comma that separates nothing.

    It stands at the beginning of a list or behind another comma. An item may have been lost there. Remove the comma, or write the
    item; one comma behind the last item is fine.

    Wrong::

        explore: orders {}
        view: orders {
          dimension_group: created { type: time timeframes: [date, , month] }
        }

    Right::

        explore: orders {}
        view: orders {
          dimension_group: created { type: time timeframes: [date, month,] }
        }
    """


@rule("LM114", Severity.WARNING)
def space_before_colon() -> None:
    """White space between sql and its colon.

    A parameter is its key, directly followed by a colon. Behind ``sql :`` some tools that read LookML do not find the SQL, or
    read it as something else. Remove the white space.

    Wrong::

        explore: orders {}
        view: orders {
          dimension: id { sql : ${TABLE}.number ;; }
        }

    Right::

        explore: orders {}
        view: orders {
          dimension: id { sql: ${TABLE}.number ;; }
        }
    """


@rule("LM115", Severity.WARNING)
def unquoted_constant() -> None:
    """A constant in a list without quotes.

    A constant, ``@{NAME}``, may stand wherever LookML takes a string. As an item of a list it needs quotes to be one; without
    them tools that read LookML take its braces for those of a block. Write it in quotes.

    Wrong::

        explore: orders { tags: [@{OWNER}] }
        view: orders { dimension: id {} }
        # file: manifest.lkml
        constant: OWNER { value: "sales" }

    Right::

        explore: orders { tags: ["@{OWNER}"] }
        view: orders { dimension: id {} }
        # file: manifest.lkml
        constant: OWNER { value: "sales" }
    """


@rule("LM116", Severity.WARNING)
def odd_white_space() -> None:
    """An invisible character that is no white space in LookML.

    No-break spaces, zero-width spaces and byte order marks come in when text is copied from a web page or a chat. They look like
    nothing, and LookML allows only spaces, tabs and line ends between its words. Replace the character by a space, or remove it.
    The example that is wrong has a no-break space behind the colon.

    Wrong::

        explore: orders {}
        view: orders { dimension:\N{NO-BREAK SPACE}id {} }

    Right::

        explore: orders {}
        view: orders { dimension: id {} }
    """


@rule("LM117", Severity.ERROR)
def too_deep() -> None:
    """Blocks nested beyond any use.

    No LookML needs more than a handful of levels, and a dashboard not many more. Text that has a hundred is broken, was made by a
    program that is, or wants to break what reads it; aliases of YAML that multiply without end are refused likewise. The inner
    blocks are left out. Look for braces that are never closed, or remove the file.
    """


@rule("LM118", Severity.WARNING)
def old_lookml() -> None:
    """LookML of the old kind, written in YAML.

    Views and models were once written in YAML, in files such as ``orders.view.lookml``, and their items began with a dash. Only
    dashboards still are. Looker does not read anything else of the old kind, and it is skipped here. Write it anew, or remove the
    file.

    Wrong::

        - view: orders
          fields:
          - dimension: id

    Right::

        explore: orders {}
        view: orders {
          dimension: id {}
        }
    """


@rule("LM119", Severity.ERROR)
def yaml_error() -> None:
    """A dashboard file that is no YAML.

    LookML dashboards are written in YAML. Looker does not show a dashboard that it cannot read. Often a value holds a colon with
    a space, a ``#``, or begins with a character that means something in YAML: put it in quotes. Or a line is indented otherwise
    than its neighbours. Where a file holds several dashboards, the sound ones are read.

    Wrong::

        # file: kpis.dashboard.lookml
        - dashboard: kpis
          title: Sales: this year
        # file: shop.model.lkml
        connection: "warehouse"
        include: "kpis.dashboard"

    Right::

        # file: kpis.dashboard.lookml
        - dashboard: kpis
          title: "Sales: this year"
        # file: shop.model.lkml
        connection: "warehouse"
        include: "kpis.dashboard"
    """


@rule("LM120", Severity.ERROR)
def tab_indent() -> None:
    """A tab in the indentation of YAML.

    YAML is indented by spaces alone, so Looker does not read the dashboard. Here a tab is read as two spaces, which may not be
    what was meant. Replace each tab of an indentation by spaces, and tell the editor to write spaces in ``.lookml`` files.
    """


@rule("LM121", Severity.ERROR)
def not_a_dashboard() -> None:
    """An item of a dashboard file that is no dashboard.

    The file is a list, and each item begins with ``- dashboard: name``. Looker does not show anything else that stands in it. The
    word may be misspelt, or an item of an inner list stands too far left, where a dashboard would begin. Mend it, or remove it.

    Wrong::

        # file: kpis.dashboard.lookml
        - dashbord: kpis
          title: Sales
        # file: shop.model.lkml
        connection: "warehouse"
        include: "kpis.dashboard"

    Right::

        # file: kpis.dashboard.lookml
        - dashboard: kpis
          title: Sales
        # file: shop.model.lkml
        connection: "warehouse"
        include: "kpis.dashboard"
    """


@rule("LM122", Severity.WARNING)
def invalid_utf8() -> None:
    """Bytes that are not UTF-8.

    The file was saved in another encoding, such as Latin-1 or UTF-16, or it is cut in the middle of a character. What the bytes
    mean nobody can tell; each is read as U+FFFD, so that labels and names show a question mark. Save the file as UTF-8.
    """


@rule("LM123", Severity.WARNING)
def nul_character() -> None:
    """A NUL in a text file.

    No text holds a zero byte. The file was saved as UTF-16, or was damaged when it was written. Each is read as a space. Save the
    file as UTF-8, or take it from an earlier commit.
    """


@rule("LM124", Severity.WARNING)
def file_too_large() -> None:
    """A file over the configured limit.

    It is not read at all, so that one file cannot fill the memory; what it declares is missing everywhere. If it is LookML that
    somebody wants, raise ``max_file_bytes`` in the ``[limits]`` of dagster-lookml.toml. If it is something else, such as data
    with the wrong name, rename or remove it.
    """


@rule("LM125", Severity.WARNING)
def link_outside() -> None:
    """A symbolic link that leaves the project.

    Nothing outside of the project is read, whatever a link in it says; a link that leads to nothing or to itself is refused
    likewise. Looker, which knows only what is in git, does not see the file behind it either. Copy the file into the project, or
    import the project that it belongs to.
    """


@rule("LM126", Severity.WARNING)
def unreadable_file() -> None:
    """A file that cannot be read.

    The system does not let it be opened, or it is no regular file. What it declares is missing, which may show as other findings.
    Give the user who runs this the right to read it.
    """


@rule("LM127", Severity.WARNING)
def unknown_parameter() -> None:
    """A parameter that LookML does not know in this place.

    It is misspelt, or belongs elsewhere: in another kind of field, one block further in or out. Looker's validator warns of an
    unknown parameter and otherwise acts as if it were not there. Correct it, or move it where it belongs.

    Wrong::

        explore: orders {}
        view: orders {
          dimension: id { lable: "Number" }
        }

    Right::

        explore: orders {}
        view: orders {
          dimension: id { label: "Number" }
        }
    """
