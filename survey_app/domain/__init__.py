"""The rules of surveys, pure: no web, no database, no clock, no randomness."""
