"""
What every request passes on its way in and out: small, pure ASGI, one class a file.
"""
