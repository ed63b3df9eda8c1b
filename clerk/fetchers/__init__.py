"""One module per kind of source. Each fulfils `ports.Fetcher`; entry points make them known."""
