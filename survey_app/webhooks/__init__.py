"""Webhooks: other systems hear of events, signed, and told again until they have heard."""
