"""What people see in Dagster: its own server with the demo, looked at with a real browser."""
