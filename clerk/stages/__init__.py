"""The pure steps of the pipeline: values and ports in, values out. No Celery, no SQL."""
