"""Where calls go and how they are signed; how the endpoint is doing."""
