"""Template tags of the project's frame."""
