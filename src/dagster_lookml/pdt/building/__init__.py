"""Builds from start to end: asked for in order, watched, stopped where that must be, and written down."""
