"""Questions about a compiled project: pure functions over its objects."""
