"""Requests in, answers out: what every route uses."""
