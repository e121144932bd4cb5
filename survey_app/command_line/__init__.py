"""The commands of `soundings` that do what the API does."""
