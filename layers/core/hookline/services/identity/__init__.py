"""Who is calling and what they may do; tenants, principals and keys."""
