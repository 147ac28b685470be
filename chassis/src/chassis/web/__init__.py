"""HTTP for every service: strict JSON, one error format, health and readiness, documents, request logs."""
