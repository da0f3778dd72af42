"""The mail writer: knows SMTP and MIME, and nothing of mailings, ledgers or schools."""
