"""Score runs, scorecards and downloads."""
