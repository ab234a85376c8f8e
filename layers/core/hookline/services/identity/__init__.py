"""Who may do what, and the tenants, principals and keys of it."""
