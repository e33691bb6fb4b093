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

# Write the reference pages and .env.example from the code, and from the maps of what is promised.
reference:
    uv run python -m todo_web.reference
    uv run python -m tests.maps

# The API under schemathesis, as two people who must not see anything of each other: takes an hour or so.
fuzz *options:
    uv run python benchmarks/fuzz_two_users.py {{ options }}

# The models of the service and of todos, each on memory and PostgreSQL side by side: PROVE_STEPS (20,000) steps at least.
prove:
    PROVE_STEPS="${PROVE_STEPS:-20000}" uv run pytest -q -s tests/contract/test_invariants.py tests/contract/test_todo_invariants.py

# The core, broken in every small way: each must make a unit test fail (docs/reference/mutation-survivors.md).
mutate *mutants:
    uv run --group mutation mutmut run {{ mutants }}
    uv run --group mutation mutmut results

# Known vulnerabilities of what we depend on, by OSV.dev; needs the network.
audit:
    uv audit --preview-features audit-command

serve:
    uv run todo serve
