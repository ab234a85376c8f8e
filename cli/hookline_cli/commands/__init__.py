"""The commands, those that belong together in one file."""
