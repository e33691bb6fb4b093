"""
What the clock on somebody's wall shows, and which moment that is.

A wall's time is a ``datetime`` without a zone. When the clocks are put forward, the times that they skip stand for
those as much later; when they are put back, a time that they show twice stands for the first of the two.
"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo


def wall_of(moment: datetime, zone: tzinfo) -> datetime:
    """
    Return what the clocks in *zone* show at this *moment*.
    """
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def moment_of(wall: datetime, zone: tzinfo) -> datetime:
    """
    Return the moment, in UTC, at which the clocks in *zone* show this (PEP 495).
    """
    return wall.replace(tzinfo=zone).astimezone(UTC)


def as_shown(wall: datetime, zone: tzinfo) -> datetime:
    """
    Return what the clocks in *zone* show in the end: a later time where they skip this one, else the same.
    """
    return wall_of(moment_of(wall, zone), zone)
