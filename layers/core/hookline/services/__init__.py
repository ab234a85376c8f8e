"""One use case a file. A service gets its ports in the constructor and the request in the call."""
