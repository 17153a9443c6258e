"""What is wrong with a view, explore or dashboard, as an asset check on it."""

# Annotations stay objects here, without the import from __future__: dagster looks at the type of the context.

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import dagster as dg
import msgspec

from dagster_lookml.assets.descriptions import code, said
from dagster_lookml.assets.filtering import LookerFilter
from dagster_lookml.assets.names import digest, op_name
from dagster_lookml.assets.official import DagsterLookerApiTranslator, as_translator
from dagster_lookml.assets.project import LookMLProject
from dagster_lookml.assets.specs import filtered, keys_of, required
from dagster_lookml.assets.state import NOWHERE, Finding, ProjectState
from dagster_lookml.assets.structures import Dashboard, Explore, View
from dagster_lookml.assets.translator import DagsterLookMLTranslator

CHECK_NAME: Final = "lookml"
_DESCRIPTION: Final = "Whether Looker would take this LookML, as far as the repository alone can tell."
_IN_ONE_OP: Final = 250
"""Checks that run as one step. Dagster's work on a definition grows with the square of what is in it."""
_SHOWN: Final = 50
_SEVERITIES: Final = ("error", "warning", "info")


def build_looker_asset_checks(
    project: LookMLProject,
    dagster_looker_translator: DagsterLookMLTranslator | DagsterLookerApiTranslator | None = None,
    looker_filter: LookerFilter | None = None,
) -> Sequence[dg.AssetChecksDefinition]:
    """Build an asset check named ``lookml`` for every view, explore and dashboard: what ``dagster-lookml check`` finds in it.

    A check fails where something is broken, and fails with the severity WARN where something may be meant. It looks at the
    repository as it was when the definitions were loaded, and calls nothing. Errors that are about no asset are logged.

    Args:
        project: the repository.
        dagster_looker_translator: the one that `load_looker_asset_specs` is given; it says the keys.
        looker_filter: likewise.

    Returns:
        Definitions with many checks each, of which any can be run by itself.

    Raises:
        SourceError, GitError, NoLookMLError: the repository cannot be read.
        ConfigError, SelectorError: as for `load_looker_asset_specs`.

    Example:
        .. code-block:: python

            defs = dg.Definitions(assets=load_looker_asset_specs(project), asset_checks=build_looker_asset_checks(project))
    """
    return checks_of(filtered(required(project), looker_filter), as_translator(dagster_looker_translator))


def checks_of(state: ProjectState, translator: DagsterLookMLTranslator) -> Sequence[dg.AssetChecksDefinition]:
    """The checks of what a state holds; arguments as for `specs_of`."""
    checked = msgspec.structs.replace(
        state, structures=tuple(one for one in state.structures if isinstance(one, View | Explore | Dashboard))
    )
    keys = keys_of(checked, translator)
    findings: dict[dg.AssetKey, list[Finding]] = {key: [] for key in keys.values()}
    for finding in state.findings:
        if finding.structure in keys:
            findings[keys[finding.structure]].append(finding)
    _tell_of_others([one for one in state.findings if one.structure == NOWHERE and one.severity == "error"])
    return [_checks(_op_name(state.project, keys), {key: findings[key] for key in keys}) for keys in _ops(findings)]


def _tell_of_others(errors: Sequence[Finding]) -> None:
    """Log that there are errors which no asset shows."""
    if errors:
        first = errors[0]
        more = f" and {len(errors) - 1} more, which `dagster-lookml check` lists" if len(errors) > 1 else ""
        said_so = f"{first.file}:{first.line}: {first.code} {first.rule}: {first.message}"
        message = f"{said_so}{more}: on no asset, for none is declared there"
        dg.get_dagster_logger("dagster_lookml").warning(message)


def _op_name(project: str, keys: Iterable[dg.AssetKey]) -> str:
    """A name that no other op has, whatever else is loaded of this project or of another that is named like it."""
    return f"{CHECK_NAME}_{op_name(project)}_{digest(' '.join(key.to_user_string() for key in keys))}"


def _ops(keys: Iterable[dg.AssetKey]) -> Iterator[Sequence[dg.AssetKey]]:
    """The assets whose checks are one op.

    They are not too many, and dagster would name none like another, as it does ``a/b`` and ``a__b``.
    """
    waiting = list(keys)
    while waiting:
        together: dict[str, dg.AssetKey] = {}
        left: list[dg.AssetKey] = []
        for key in waiting:
            name = key.to_python_identifier()
            if len(together) < _IN_ONE_OP and name not in together:
                together[name] = key
            else:
                left.append(key)
        yield list(together.values())
        waiting = left


def _checks(name: str, findings: Mapping[dg.AssetKey, Sequence[Finding]]) -> dg.AssetChecksDefinition:
    specs = [dg.AssetCheckSpec(CHECK_NAME, asset=key, description=_DESCRIPTION) for key in findings]

    @dg.multi_asset_check(name=name, specs=specs, can_subset=True)
    def lookml(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        for selected in sorted(context.selected_asset_check_keys, key=lambda one: tuple(one.asset_key.path)):
            yield _result(selected.asset_key, findings[selected.asset_key])

    return lookml


def _result(key: dg.AssetKey, findings: Sequence[Finding]) -> dg.AssetCheckResult:
    counts = {severity: sum(one.severity == severity for one in findings) for severity in _SEVERITIES}
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=CHECK_NAME,
        passed=counts["error"] == 0 and counts["warning"] == 0,
        severity=dg.AssetCheckSeverity.ERROR if counts["error"] else dg.AssetCheckSeverity.WARN,
        description=_summary(counts),
        metadata=_metadata(findings, counts),
    )


def _summary(counts: Mapping[str, int]) -> str:
    named = [
        f"{count} {severity}{'s' if count > 1 and severity != 'info' else ''}" for severity, count in counts.items() if count
    ]
    return ", ".join(named) if named else "nothing is wrong"


def _metadata(findings: Sequence[Finding], counts: Mapping[str, int]) -> dict[str, dg.MetadataValue]:
    found: dict[str, dg.MetadataValue] = {
        f"{name}s" if name != "info" else name: dg.MetadataValue.int(n) for name, n in counts.items()
    }
    if findings:
        lines = [_line(one) for one in findings[:_SHOWN]]
        if len(findings) > _SHOWN:
            lines.append(f"- and {len(findings) - _SHOWN} more")
        found["findings"] = dg.MetadataValue.md("\n".join(lines))
    return found


def _line(finding: Finding) -> str:
    place = f"{finding.file}:{finding.line}" if finding.line else finding.file
    hint = f" ({said(finding.hint)})" if finding.hint else ""
    return f"- {code(place)} **{finding.severity}** {finding.code} {finding.rule}: {said(finding.message)}{hint}"
