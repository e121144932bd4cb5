"""Measures, imports of their figures with a dry run, and undoing an import."""
