"""One attempt from message to record; retry, cancel, the log."""
