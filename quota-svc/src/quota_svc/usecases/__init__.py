"""What quota-svc does: a class per capability, one method = one transaction wherever nobody else is asked."""
