"""Verification codes and mailings."""
