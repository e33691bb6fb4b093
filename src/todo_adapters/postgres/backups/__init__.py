"""
Backups of the whole database: making them, proving that they can be restored, restoring them.

PostgreSQL's own programs do the work. Beside each dump stand a manifest, which says what was in every table in the same
snapshot, and the checksums of both.
"""
