# The default is what a change must pass: linters, types, import rules, tests.
default: check

check: lint test coverage

# Every linter and both type checkers.
lint:
    uv run ruff check
    uv run ruff format --check
    uv run mypy
    uv run pyright
    uv run lint-imports

# Mend what a tool can mend.
fix:
    uv run ruff check --fix
    uv run ruff format

test *options:
    uv run pytest {{ options }}

# The core, by branch, from the unit tests alone.
coverage:
    uv run coverage run -m pytest -q tests/unit
    uv run coverage report

# Write the reference pages and .env.example from the code.
reference:
    uv run python -m todo_web.reference

# The API under schemathesis, longer than in the tests; needs a server and a token (docs/how-to/run-the-tests.md).
fuzz url token:
    uv run schemathesis run {{ url }}/api/v1/openapi.json --url={{ url }} --header="Authorization: Bearer {{ token }}" \
        --checks=all --max-examples=500 --exclude-operation-id=log_out

serve:
    uv run todo serve
