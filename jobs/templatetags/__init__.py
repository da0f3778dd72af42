"""Template tags of the core's pages."""
