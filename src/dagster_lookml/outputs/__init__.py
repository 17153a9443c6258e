"""Rendering: one module for each form that an answer can take."""
