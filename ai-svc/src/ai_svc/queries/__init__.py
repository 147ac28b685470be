"""The reads of ai-svc, and its hot statements."""
