"""Alerts: what runs and late figures give reason to look at, told once to whom it concerns."""
