"""Django's backend for PostgreSQL, whose connections know for which school they work."""
