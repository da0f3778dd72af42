"""The pages of the project itself: signing in, home, Flower behind the sign-in, the yard's mailbox."""
