"""Writing questionnaires: drafts, their checks and previews, and published versions."""
