"""``translation:`` in YAML: attributes for all assets, and on top of them some for those of one kind."""

# Annotations stay objects here, without the import from __future__: dagster makes the schema of defs.yaml of them.

from typing import Annotated, Any, TypeAlias

import dagster as dg
from dagster.components.resolved.base import resolve_fields
from dagster.components.resolved.context import ResolutionContext
from dagster.components.resolved.core_models import AssetSpecUpdateKwargs
from dagster.components.resolved.model import Resolver
from dagster.components.utils.translation import TranslationFn, TranslationFnResolver, TranslatorResolvingInfo
from dagster_shared.record import record

from dagster_lookml.assets.structures import Dashboard, Explore, LookMLStructure, Pdt, Table, View

LookMLTranslationFn: TypeAlias = TranslationFn[LookMLStructure]
"""Changes a spec that was made for a structure."""

_ForOneKind = Annotated[LookMLTranslationFn, TranslationFnResolver[LookMLStructure](lambda data: {"data": data})]


@record
class LookMLAssetArgs(AssetSpecUpdateKwargs, dg.Resolvable):
    """Attributes of assets, as templates over ``data``, the structure, and ``spec``, what is made of it by default."""

    for_table: _ForOneKind | None = None
    for_view: _ForOneKind | None = None
    for_explore: _ForOneKind | None = None
    for_dashboard: _ForOneKind | None = None
    for_pdt: _ForOneKind | None = None


_LAYERS = {Table: "for_table", View: "for_view", Explore: "for_explore", Dashboard: "for_dashboard", Pdt: "for_pdt"}


def _resolve(context: ResolutionContext, model: Any) -> LookMLTranslationFn:
    info = TranslatorResolvingInfo(asset_attributes=model, resolution_context=context, model_key="translation")

    def translate(spec: dg.AssetSpec, data: LookMLStructure) -> dg.AssetSpec:
        changed = info.get_asset_spec(spec, {"data": data, "spec": spec})
        if isinstance(model, str):
            return changed
        layers = resolve_fields(model=model, resolved_cls=LookMLAssetArgs, context=context.with_scope(data=data, spec=changed))
        layer = layers.get(_LAYERS[type(data)])
        return layer(changed, data) if layer else changed

    return translate


ResolvedLookMLTranslationFn: TypeAlias = Annotated[
    LookMLTranslationFn, Resolver(_resolve, model_field_type=str | LookMLAssetArgs.model())
]
"""``translation:`` of a component."""
