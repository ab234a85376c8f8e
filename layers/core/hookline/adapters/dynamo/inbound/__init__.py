"""Providers, functions, messages: each store beside its items."""
