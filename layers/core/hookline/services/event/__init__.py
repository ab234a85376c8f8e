"""Publishing, and the catalogue of types."""
