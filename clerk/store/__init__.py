"""The only Postgres SQL. Functions take a Connection and return values of `clerk.model`."""
