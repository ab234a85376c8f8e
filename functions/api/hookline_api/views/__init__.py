"""Domain values as the JSON of answers."""
