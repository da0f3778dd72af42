"""What the benchmarks share: a platform of their own, its kinds, and the baselines."""
