"""`manage.py pocketapi NAME`: a module for each, with HELP, add_arguments and run, which gives the exit code."""
