"""Reads of the gateway, and its hottest statements."""
