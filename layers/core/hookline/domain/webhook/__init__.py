"""Webhooks: where calls go, how they are signed, and how the endpoint is doing."""
