"""Writes what is derived from the code: `make docs`."""
