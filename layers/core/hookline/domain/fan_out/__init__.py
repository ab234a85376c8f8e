"""Which webhooks an event is for, and the record of that."""
