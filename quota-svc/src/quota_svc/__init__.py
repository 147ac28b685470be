"""quota-svc: permits, free quotas and premium; later payments and the wallet."""
