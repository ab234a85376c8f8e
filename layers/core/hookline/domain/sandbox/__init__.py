"""What users write and we run: expressions, schemas, templates."""
