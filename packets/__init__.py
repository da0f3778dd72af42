"""Packets: students' documents in one PDF."""
