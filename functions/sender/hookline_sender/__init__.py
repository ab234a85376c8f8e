"""The function that makes the calls."""
