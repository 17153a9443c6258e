"""What Dagster asks Looker to build, by the names of the official integration, and how a run may change it."""

# Annotations stay objects here, without the import from __future__: dagster makes the form of a run's configuration of them.

import dagster as dg
import msgspec
from pydantic import Field

from dagster_lookml.assets.structures import Pdt
from dagster_lookml.lineage.ids import pdt_id
from dagster_lookml.pdt.request import BuildRequest, PdtName, workspace


class RequestStartPdtBuild(msgspec.Struct, frozen=True):
    """A PDT that is to be built, for who has no repository to find them in.

    Attributes:
        model_name: of its model.
        view_name: of its view.
        force_rebuild: ``"true"`` or True to build anew also the PDTs that it reads.
        force_full_incremental: ``"true"`` or True to build incremental PDTs from the beginning.
        workspace: ``production`` or ``dev``; production if None.
        source: a label of who asks; the run's if None.

    Raises:
        BuildRequestError: there can be no such PDT, or no such workspace.

    >>> RequestStartPdtBuild(model_name="sales", view_name="order_totals").structure.id
    'pdt:sales/order_totals'
    """

    model_name: str
    view_name: str
    force_rebuild: str | bool | None = None
    force_full_incremental: str | bool | None = None
    workspace: str | None = None
    source: str | None = None

    def __post_init__(self) -> None:
        """Refuse what Looker could not be asked for while definitions load, and not when it is built."""
        for name in ("force_rebuild", "force_full_incremental"):
            if _is_on(getattr(self, name)) is None:
                raise ValueError(f"RequestStartPdtBuild: {name} is true or false, and not {getattr(self, name)!r}")
        self.request("")

    @property
    def structure(self) -> Pdt:
        """The PDT, of which no more is known than its names."""
        name, view = pdt_id(self.model_name, self.view_name), f"view:{self.view_name}"
        return Pdt(id=name, name=self.view_name, model=self.model_name, view=view)

    def request(self, source: str) -> BuildRequest:
        """What Looker is asked for.

        Args:
            source: the label, if this has none of its own.
        """
        pdt = PdtName(self.model_name, self.view_name)
        return BuildRequest(
            pdt=pdt,
            force_rebuild=bool(_is_on(self.force_rebuild)),
            force_full_incremental=bool(_is_on(self.force_full_incremental)),
            workspace=workspace(self.workspace, pdt) if self.workspace is not None else "production",
            source=self.source or source,
        )


class PdtBuildConfig(dg.Config):
    """How a run builds PDTs; what is set here holds for all that it builds."""

    force_rebuild: bool = Field(
        default=False, description="Have the chosen PDTs that read none of the others build anew what they read."
    )
    force_full_incremental: bool = Field(default=False, description="Build incremental PDTs from the beginning.")
    workspace: str | None = Field(default=None, description="production or dev; by default what the definitions say.")


def _is_on(value: str | bool | None) -> bool | None:
    """A yes or no as the API writes it; None for what is neither."""
    if value is None or isinstance(value, bool):
        return bool(value)
    return {"true": True, "false": False}.get(value.strip().lower())
