"""The connection to a Looker instance."""

from __future__ import annotations

import dagster as dg
from pydantic import Field


class LookerResource(dg.ConfigurableResource[None]):
    """Credentials of a Looker instance's API. Assets are loaded without them; building PDTs needs them.

    Example:
        .. code-block:: python

            LookerResource(
                base_url=dg.EnvVar("LOOKERSDK_BASE_URL"),
                client_id=dg.EnvVar("LOOKERSDK_CLIENT_ID"),
                client_secret=dg.EnvVar("LOOKERSDK_CLIENT_SECRET"),
            )
    """

    base_url: str = Field(description="Of the Looker API, such as https://acme.cloud.looker.com.")
    client_id: str = Field(description="Client id of an API key.")
    client_secret: str = Field(description="Client secret of an API key.")
