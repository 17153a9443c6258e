"""Which tables Looker builds, told offline.

What each is made from, in which order they are built, what cannot be built, and what a change makes Looker build anew.
"""
