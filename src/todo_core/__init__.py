"""
The pure core: what a todo service with a password reset *means*.

Read it in this order: ``ports`` (what we ask of the world), ``use_cases`` (what we do),
``core`` (all that a shell may ask of us).
"""
