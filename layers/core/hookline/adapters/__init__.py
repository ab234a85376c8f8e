"""The only place that speaks to AWS and to endpoints."""
