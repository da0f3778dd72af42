"""What the benchmark of uploads is made of: its files, its baselines, and our side of it."""
