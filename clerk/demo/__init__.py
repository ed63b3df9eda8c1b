"""A fictional town to show clerk with: its meetings, its PDFs and its web server."""
