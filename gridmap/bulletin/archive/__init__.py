"""Bulletins once they are published: numbered, kept byte for byte, found again."""
