"""One class per resource: its endpoints, each translating a request into a call of a service."""
