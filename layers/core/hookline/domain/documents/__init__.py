"""Reading users' JSON: strictly, field by field."""
