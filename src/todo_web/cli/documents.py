"""
``todo export-openapi``: documents about the program, for other programs.
"""

from __future__ import annotations

import json

import click

from todo_web.app import describe


@click.command()
def export_openapi() -> None:
    """
    Print the OpenAPI document.
    """
    click.echo(json.dumps(json.loads(describe()), indent=2, ensure_ascii=False))
