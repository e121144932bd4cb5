"""Answers as tables to take away: a columnar copy of them, and what is written from it."""
