"""Use cases of calls from third parties: received, matched, acted on."""
