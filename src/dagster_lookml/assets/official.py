"""The names by which the guide of Dagster's own Looker integration customises assets, so that what was written for it runs here.

See docs.dagster.io, "Dagster & Looker (Pythonic)". New code derives from `DagsterLookMLTranslator` and is given the structures
themselves.
"""

from __future__ import annotations

from enum import Enum

import dagster as dg

from dagster_lookml.assets.structures import Dashboard, Explore, LookMLStructure, Pdt, Table, View
from dagster_lookml.assets.translator import DagsterLookMLTranslator


class LookerStructureType(Enum):
    """What a structure is. The first three are those of the official integration."""

    VIEW = "view"
    EXPLORE = "explore"
    DASHBOARD = "dashboard"
    TABLE = "table"
    PDT = "pdt"


_TYPES = {
    View: LookerStructureType.VIEW,
    Explore: LookerStructureType.EXPLORE,
    Dashboard: LookerStructureType.DASHBOARD,
    Table: LookerStructureType.TABLE,
    Pdt: LookerStructureType.PDT,
}


class LookerApiTranslatorStructureData:
    """A structure as a translator of the official integration is given it.

    Args:
        data: the structure: a `View`, `Explore`, `Dashboard`, `Table` or `Pdt`.
    """

    def __init__(self, data: LookMLStructure) -> None:
        self.data = data

    @property
    def structure_type(self) -> LookerStructureType:
        """What it is."""
        return _TYPES[type(self.data)]


class DagsterLookerApiTranslator:
    """A translator in the shape of the official integration.

    Example:
        .. code-block:: python

            class CustomDagsterLookerApiTranslator(DagsterLookerApiTranslator):
                def get_asset_spec(self, looker_structure: LookerApiTranslatorStructureData) -> dg.AssetSpec:
                    default_spec = super().get_asset_spec(looker_structure)
                    if looker_structure.structure_type == LookerStructureType.DASHBOARD:
                        return default_spec.replace_attributes(key=default_spec.key.with_prefix("looker"))
                    return default_spec
    """

    def get_asset_spec(self, looker_structure: LookerApiTranslatorStructureData) -> dg.AssetSpec:
        """The asset of a structure; see `DagsterLookMLTranslator.get_asset_spec`."""
        return DagsterLookMLTranslator().get_asset_spec(looker_structure.data)


class _Adapted(DagsterLookMLTranslator):
    def __init__(self, translator: DagsterLookerApiTranslator) -> None:
        self._translator = translator

    def get_asset_spec(self, structure: LookMLStructure) -> dg.AssetSpec:
        return self._translator.get_asset_spec(LookerApiTranslatorStructureData(structure))


def as_translator(translator: DagsterLookMLTranslator | DagsterLookerApiTranslator | None) -> DagsterLookMLTranslator:
    """A translator of either shape, as this package uses it; the default one for None."""
    if translator is None:
        return DagsterLookMLTranslator()
    if isinstance(translator, type):
        raise TypeError(f"give the translator itself, as in {translator.__name__}(), and not its class")
    return _Adapted(translator) if isinstance(translator, DagsterLookerApiTranslator) else translator
