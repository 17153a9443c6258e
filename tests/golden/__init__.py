"""Expectations that are kept beside the fixtures, one fact a line; ``make golden`` rewrites them, to be read as a diff."""
