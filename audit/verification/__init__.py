"""Checking a whole log as it is stored: every byte that can be wrong is named."""
