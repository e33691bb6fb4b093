"""
The shell: HTTP, the command line, settings, and the one place that says which adapter serves which port.
"""
