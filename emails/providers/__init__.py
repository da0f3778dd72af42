"""Mail that leaves by a provider's HTTP API in place of the relay: what is sent, and what comes back."""
