"""Tenants, principals, rights, quotas: each store beside its items."""
