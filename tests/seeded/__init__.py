"""Seeded defects: changes of known kind put into real repos, and what a correct tool must say of each of them.

Nothing here imports the package under test. It is judged by its command line, from outside.
"""
