"""Hostile PDFs: hand-made bad files (`samples`) and seeded mutations of good ones (`mutate`)."""
