"""The public status page, what programs read of it, and the pages on which ops write."""
