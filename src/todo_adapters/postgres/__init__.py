"""
PostgreSQL: the stores, the counters of the rate limits, the schema's migrations and an embedded server.
"""
