"""Processes with stages, the stopwatch that times visits, and imports of timed visits."""
