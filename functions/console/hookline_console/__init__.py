"""The function that serves the console: files, and nothing else."""
