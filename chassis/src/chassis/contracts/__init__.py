"""The events that services exchange, one module per owner. Only the owner emits its events."""
