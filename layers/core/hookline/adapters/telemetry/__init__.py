"""What the operator sees: log lines and metrics."""
