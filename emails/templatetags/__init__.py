"""Template tags of the mailings' pages."""
