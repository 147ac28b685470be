"""The hot statements of quota-svc, its reads, and the checks of its guarantees."""
