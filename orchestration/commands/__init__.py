"""The verbs of the command line, one module each: ``run(settings, options) -> exit code``."""
