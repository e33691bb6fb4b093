"""
The adapters: one module or folder for each technology; none knows another.
"""
