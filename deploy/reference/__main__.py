"""`python -m deploy.reference`: brings the tables of the README up to date."""

from __future__ import annotations

from deploy.reference.described import described_services
from deploy.reference.document import README, brought_up_to_date


def main() -> None:
    """Rewrite the README where its tables have changed."""
    before = README.read_text()
    after = brought_up_to_date(before, described_services())
    README.write_text(after)
    print("README.md was up to date" if after == before else "README.md brought up to date")


if __name__ == "__main__":
    main()
