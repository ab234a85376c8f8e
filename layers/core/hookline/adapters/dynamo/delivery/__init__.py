"""Deliveries, attempts, recoveries: each store beside its items."""
