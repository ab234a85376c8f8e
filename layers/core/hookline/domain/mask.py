"""What stands in the place of a secret wherever one is shown."""

MASK = "*****"
"""What a secret value reads as. Sent back, it keeps what is stored (reference row UN-8)."""
