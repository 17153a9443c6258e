"""Dagster: every view, explore and dashboard of a LookML project as an asset. The only folder that knows Dagster."""
