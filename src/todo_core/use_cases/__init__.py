"""
What the service does: one frozen class for each thing that may be asked of it.
"""
