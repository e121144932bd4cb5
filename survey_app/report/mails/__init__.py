"""Mails to users, reports and alerts, on their way."""
