"""
The things the service is about: frozen values and entities, with the rules that need nobody else.
"""
