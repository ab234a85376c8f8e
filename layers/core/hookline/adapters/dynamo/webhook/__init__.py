"""Webhooks, subscriptions, health, rates: each store beside its items."""
