"""The pages under /ops/settings/: what is in force, who set it, changing it, taking it back, and holds."""
