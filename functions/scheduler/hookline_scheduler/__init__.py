"""The function that looks after what waits, every minute."""
