"""The yard: everything that one machine needs to run the platform, started by `make run`."""
