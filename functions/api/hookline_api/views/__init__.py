"""Domain values as the JSON that answers hold."""
