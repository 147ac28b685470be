"""Hosts and tools that start the services: nothing in here is imported by a service."""
