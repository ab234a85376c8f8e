"""The function that turns accepted events into deliveries."""
