"""The tables of the README, rendered from the code: `python -m deploy.reference` (or `make reference`) writes them."""
