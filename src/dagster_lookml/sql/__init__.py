"""Strings to references: what the SQL of a project says, whatever its templates may become."""
