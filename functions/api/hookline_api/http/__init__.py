"""What every route uses: requests, answers, paging, idempotency, OpenAPI."""
