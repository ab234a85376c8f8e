"""Editing webhooks, their health, their secrets."""
