"""Answering: the customer's page, what it stores, and answers taken over from other surveys."""
