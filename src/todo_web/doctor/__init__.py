"""
Why no mail comes: every step of its way is tried, by the code that real mail takes.

``examination`` walks the steps, ``advice`` says what to do about one that fails, ``report`` tells it all.
"""
