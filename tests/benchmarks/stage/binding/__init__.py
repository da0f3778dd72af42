"""What the benchmark of packets binds, and by what."""
