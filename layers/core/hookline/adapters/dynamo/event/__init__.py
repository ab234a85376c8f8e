"""Events, the catalogue of types, fan-out records: each store beside its items."""
