"""The function that brings on what waits, every minute."""
