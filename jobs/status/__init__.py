"""The public status page: samples of all lanes, incidents that open and close by them, what is told."""
