"""The function that wakes what waits, every minute."""
