"""The DynamoDB side of the ports: one store a file, items in `items`, every key in `keys`."""
