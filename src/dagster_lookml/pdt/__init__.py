"""Persistent derived tables.

Which there are and how they are built, told offline (`planning`); a session with Looker (`looker`); builds from start to end
(`building`); and a server that plays Looker (`sandbox`).
"""
