"""What Prometheus reads: figures of the database, of what processes observed, and of this host's disks."""
