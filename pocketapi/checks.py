"""What `manage.py check` says about settings and config, an id for each way to be misconfigured."""
