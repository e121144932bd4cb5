"""What all resources of the API share: the door, pages, ETags, idempotency keys, its document."""
