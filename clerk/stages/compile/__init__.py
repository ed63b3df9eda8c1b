"""Compiling a site's documents into its meetings.db; docs/output.md is the contract."""

from clerk.stages.compile.build import compile_site, fault, fingerprints
from clerk.stages.compile.schema import SCHEMA_VERSION

__all__ = ["SCHEMA_VERSION", "compile_site", "fault", "fingerprints"]
