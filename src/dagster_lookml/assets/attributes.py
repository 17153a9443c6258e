"""The attributes of a ``defs.yaml``: what may be written, and what becomes of it. Relative paths count from its folder."""

# Annotations stay objects here, without the import from __future__: dagster makes the schema of defs.yaml of them.

import re
from typing import Any, Final

import dagster as dg
from dagster.components.resolved.model import Resolver
from pydantic import BaseModel, Field, PrivateAttr, TypeAdapter, ValidationError

from dagster_lookml.assets.filtering import LookerFilter
from dagster_lookml.assets.pdts import Automation, Granularity, PdtOptions
from dagster_lookml.assets.resource import LookerResource
from dagster_lookml.pdt.building.runner import DEFAULT_CONCURRENCY
from dagster_lookml.pdt.looker.settings import DEFAULT_TIMEOUT
from dagster_lookml.pdt.request import Workspace

_FROM_ENVIRONMENT: Final = re.compile(r"""\{\{\s*env(?:\.(\w+)|\(\s*["'](\w+)["']\s*\))\s*\}\}""")


class LookMLProjectArgs(dg.Model, dg.Resolvable):
    """Where the LookML is.

    Relative paths count from the folder of the ``defs.yaml``.
    """

    path: str = Field(description="The root of the LookML project.", examples=["{{ context.project_root }}/../lookml"])
    ref: str | None = Field(default=None, description="A git branch, tag or commit to read instead of the files on disk.")
    config: str | None = Field(default=None, description="The configuration file; by default dagster-lookml.toml in the project.")
    import_paths: dict[str, str] | None = Field(
        default=None, description="Where imported projects are checked out, by their names.", examples=[{"hub": "../looker-hub"}]
    )
    _written: str = PrivateAttr(default="")

    @property
    def written(self) -> str:
        """What it was given, before paths became those of this machine: the same wherever it is read."""
        return self._written or self.model_dump_json()


class LookerFilterArgs(dg.Model, dg.Resolvable):
    """What of the project is loaded; every condition that is given must hold. Names may be globs."""

    models: list[str] | None = Field(default=None, description="Names of models.")
    explores: list[str] | None = Field(default=None, description="Names of explores, with or without `model/` before them.")
    dashboards: list[str] | None = Field(default=None, description="Names of dashboards, with or without `model/` before them.")
    tags: list[str] | None = Field(default=None, description="Tags of explores and views in LookML.")
    dashboard_folders: list[str | list[str]] | None = Field(
        default=None, description="Folders of the repository with dashboards.", examples=[["dashboards/board"]]
    )
    only_fetch_explores_used_in_dashboards: bool = Field(
        default=False, description="Leave out explores that no chosen dashboard uses."
    )
    include_hidden: bool = Field(default=True, description="Load hidden explores and show hidden fields.")
    only_included: bool = Field(default=False, description="Leave out views and dashboards that no model includes.")
    select: str | None = Field(
        default=None, description="A selector as the command line knows it.", examples=["+dashboard:sales/kpis"]
    )


class LookerResourceArgs(dg.Model, dg.Resolvable):
    """Credentials of the Looker API, best as ``{{ env.NAME }}``: then a run reads them, and nothing else holds them."""

    base_url: str = Field(description="Of the Looker API.", examples=["{{ env.LOOKERSDK_BASE_URL }}"])
    client_id: str = Field(description="Client id of an API key.", examples=["{{ env.LOOKERSDK_CLIENT_ID }}"])
    client_secret: str = Field(description="Client secret of an API key.", examples=["{{ env.LOOKERSDK_CLIENT_SECRET }}"])
    verify_ssl: bool = Field(default=True, description="Check the certificate of the server.")
    timeout: float = Field(default=DEFAULT_TIMEOUT, gt=0, description="Seconds that one call may take.")


class PdtArgs(dg.Model, dg.Resolvable):
    """How PDTs are built."""

    resource_key: str = Field(default="looker", description="The key of the LookerResource.")
    granularity: Granularity = Field(default="model", description="model: one step for each model; pdt: one for each PDT.")
    pool: str | None = Field(default="looker", description="The concurrency pool of the steps.")
    automation: Automation | None = Field(default=None, description="datagroups: build when triggers of LookML fire.")
    concurrency: int = Field(default=DEFAULT_CONCURRENCY, description="Builds at once in one step.")
    build_timeout: float | None = Field(default=PdtOptions().build_timeout, description="Seconds after which a build is stopped.")
    workspace: Workspace = Field(default="production", description="production, or dev for the branch of the API's user.")


def pdt_options(context: dg.ResolutionContext, model: Any) -> PdtOptions | None:
    """``pdts:``, yes or no or how."""
    if isinstance(model, BaseModel):
        return PdtOptions(**PdtArgs.resolve_from_model(context, model).model_dump())
    return PdtOptions() if _switch(context, model) else None


def looker_resource(context: dg.ResolutionContext, model: BaseModel | None) -> LookerResource | None:
    """``looker_resource:``. What comes from the environment is read by each run, and not written into definitions."""
    if model is None:
        return None

    def value(written: Any) -> Any:
        found = _FROM_ENVIRONMENT.fullmatch(written) if isinstance(written, str) else None
        return dg.EnvVar(found[1] or found[2]) if found is not None else context.resolve_value(written)

    return LookerResource(**{name: value(written) for name, written in model if written is not None})


def project_args(context: dg.ResolutionContext, model: Any) -> LookMLProjectArgs:
    """``project:``, a path or a mapping, with paths that count from the folder of the ``defs.yaml``."""
    if isinstance(model, str):
        args = LookMLProjectArgs(path=context.resolve_value(model, as_type=str))
    else:
        args = LookMLProjectArgs.resolve_from_model(context, model)

    def absolute(path: str) -> str:
        return str(context.resolve_source_relative_path(path).resolve())

    imports = {name: absolute(place) for name, place in args.import_paths.items()} if args.import_paths else None
    config = absolute(args.config) if args.config else None
    resolved = args.model_copy(update={"path": absolute(args.path), "config": config, "import_paths": imports})
    folder = context.resolve_source_relative_path(".").name
    resolved._written = f"{folder} {model if isinstance(model, str) else model.model_dump_json()}"
    return resolved


def looker_filter(context: dg.ResolutionContext, model: BaseModel | None) -> LookerFilter | None:
    """``looker_filter:``."""
    if model is None:
        return None
    return LookerFilter(**LookerFilterArgs.resolve_from_model(context, model).model_dump())


def table_asset_keys(context: dg.ResolutionContext, model: Any) -> str | dict[str, Any] | None:
    """A mapping from tables to keys, or the path of a manifest."""
    value = context.resolve_value(model)
    return str(context.resolve_source_relative_path(value)) if isinstance(value, str) else value


def _switch(context: dg.ResolutionContext, model: Any) -> bool:
    """A yes or no, which a template gives as text."""
    value = context.resolve_value(model)
    try:
        return TypeAdapter(bool).validate_python(value)
    except ValidationError as error:
        raise ValueError(f"{value!r} is neither true nor false") from error


def switch(description: str) -> Resolver:
    """The attribute of something that is on or off.

    Args:
        description: what it does.
    """
    return Resolver(_switch, model_field_type=bool | str, description=description)
