"""`python -m clerk` is `clerk`."""

from clerk.cli import main

main()
