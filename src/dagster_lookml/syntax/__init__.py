"""One file to one tree."""
