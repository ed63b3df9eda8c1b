"""One module for each thing outside: HTTP, PDF child, OCR engines, storage, deployers."""
