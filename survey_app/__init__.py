"""Soundings: surveys, timed visits and figures, scored so that the numbers can be trusted."""
