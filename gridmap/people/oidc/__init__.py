"""Signing in by way of an OpenID provider: the journey there and back, what it publishes, its ID tokens, and
the accounts that are linked to who it knows. Nobody gets an account by it.
"""
