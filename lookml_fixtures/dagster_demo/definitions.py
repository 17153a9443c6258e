"""The LookML of an invented online shop as Dagster assets, downstream of the dbt models that its views read.

``make dev`` opens it. To see a repository of your own, put its path for `LOOKML` and that of your dbt project's
``target/manifest.json`` for `MANIFEST`; without dbt, leave ``table_asset_keys`` and the models out.

PDTs are assets that Looker builds: "Materialize" on one starts its build and waits for it. ``make dev`` lets a sandbox play Looker,
unless ``LOOKERSDK_BASE_URL`` names an instance.

The dbt models are external assets here, so that the demo needs neither dbt nor a warehouse. Where dagster-dbt loads them, its
``@dbt_assets`` stand in their place: the keys are the same.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import dagster as dg

from dagster_lookml import (
    LookerResource,
    LookMLProject,
    build_looker_asset_checks,
    build_looker_pdt_assets_definitions,
    load_looker_asset_specs,
)

HERE = Path(__file__).parent
LOOKML = HERE.parent / "projects" / "storefront"
MANIFEST = HERE / "dbt" / "target" / "manifest.json"


def dbt_models(manifest: Path) -> Iterator[dg.AssetSpec]:
    """The models and sources of a dbt project as external assets, with the keys that dagster-dbt gives them."""
    content = json.loads(manifest.read_bytes())
    nodes = {**content["sources"], **content["nodes"]}
    keys = {
        name: [node["source_name"], node["name"]] if "source_name" in node else [node["name"]] for name, node in nodes.items()
    }
    for name, node in nodes.items():
        yield dg.AssetSpec(
            keys[name],
            deps=[keys[upstream] for upstream in node.get("depends_on", {}).get("nodes", [])],
            description=node["description"],
            group_name="dbt",
            kinds={"dbt", content["metadata"]["adapter_type"]},
            metadata={"dagster/table_name": node["relation_name"].replace("`", "")},
        )


project = LookMLProject(LOOKML)
lookml = load_looker_asset_specs(project, table_asset_keys=MANIFEST, include_tables=True)
pdts = build_looker_pdt_assets_definitions(project=project, table_asset_keys=MANIFEST)
looker = LookerResource(
    base_url=dg.EnvVar("LOOKERSDK_BASE_URL"),
    client_id=dg.EnvVar("LOOKERSDK_CLIENT_ID"),
    client_secret=dg.EnvVar("LOOKERSDK_CLIENT_SECRET"),
)
defs = dg.Definitions(
    assets=[*dbt_models(MANIFEST), *lookml, *pdts],
    asset_checks=build_looker_asset_checks(project),
    resources={"looker": looker},
)
