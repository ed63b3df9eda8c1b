"""What the tasks do, one module a kind of work: rows in, a stage called, rows out.

Each `do(services, run, item)` returns what to write beside the answer; whatever it raises becomes
the item's failure (see `lifecycle.perform`). Everything here may run twice: it derives what it
writes from its input alone.
"""
