"""Units (a tree), representatives, and who may see which unit."""
