"""Contacts, campaigns and the invitations that go out by mail."""
