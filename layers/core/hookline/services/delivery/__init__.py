"""Making attempts; retrying and cancelling deliveries; reading the log."""
