"""Invite, change, let go."""
