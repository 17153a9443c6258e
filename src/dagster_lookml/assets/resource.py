"""The connection to a Looker instance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg
from pydantic import Field

from dagster_lookml.pdt.looker.settings import DEFAULT_TIMEOUT, LookerSettings, base_url_of

if TYPE_CHECKING:
    from dagster_lookml.pdt.looker.client import LookerClient


class LookerResource(dg.ConfigurableResource[None]):
    """Credentials of a Looker instance's API. Assets are loaded without them; building PDTs needs them.

    The API user needs the permission ``develop``.

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
    client_secret: str = Field(description="Client secret of an API key.", repr=False)
    verify_ssl: bool = Field(default=True, description="Check the certificate of the server.")
    timeout: float = Field(default=DEFAULT_TIMEOUT, gt=0, description="Seconds that one call may take.")

    @property
    def settings(self) -> LookerSettings:
        """What a client needs.

        Raises:
            SettingsError: the base URL is none.
        """
        return LookerSettings(
            base_url=base_url_of(self.base_url),
            client_id=self.client_id,
            client_secret=self.client_secret,
            verify_ssl=self.verify_ssl,
            timeout=self.timeout,
        )

    def get_client(self) -> LookerClient:
        """A session of its own, to be closed."""
        from dagster_lookml.pdt.looker.client import LookerClient

        return LookerClient(self.settings)
