"""Inbound webhooks: who may call (providers), what then runs (functions), what came (messages)."""
