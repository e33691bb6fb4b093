"""
Todos in files: JSON and CSV to move them, iCalendar for calendar programs.
"""
