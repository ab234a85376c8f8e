"""What one call carries, and what is recorded of it."""
