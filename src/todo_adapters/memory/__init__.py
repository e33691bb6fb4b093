"""
Every store in dictionaries: for tests, and for trying things out without a database.
"""

from todo_adapters.memory.rate_limits import MemoryRateLimiter
from todo_adapters.memory.unit_of_work import MemoryUnitOfWork

__all__ = ["MemoryRateLimiter", "MemoryUnitOfWork"]
