"""Talking to a Looker instance: settings, one session, the few calls that builds need, and what their answers mean."""
