"""
What the service tells those who watch it, in the text format of Prometheus; nothing here runs unless it is wanted.
"""
