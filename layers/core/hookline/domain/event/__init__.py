"""What was published: its rules, its types, its activation."""
