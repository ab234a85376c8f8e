"""The function that works on received messages."""
