"""What bench-mail is made of: sinks, senders, and what reads the samples back."""
