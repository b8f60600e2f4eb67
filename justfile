# Tasks of one word, such as `just test`. `.ci/run` and the hooks before a commit run the recipes below, too.

# List the tasks.
default:
    @just --list --unsorted

# Install everything that development needs, and the checks that run before each commit.
setup:
    python -m pip install -e ".[dev,docs]"
    pre-commit install

# Run the fast tests; arguments go to pytest.
test *arguments:
    pytest {{ arguments }}

# Run the tests that take more than a few seconds each.
slow *arguments:
    pytest -m 'slow and not exhaustive' {{ arguments }}

# Run the fast and the slow tests in one session.
test-all *arguments:
    pytest -m 'not exhaustive' {{ arguments }}

# Run every case of what the other tests prove for some, and ten times as many examples of each property.
exhaustive *arguments:
    pytest -m exhaustive {{ arguments }}
    pytest -m 'hypothesis and not slow' --hypothesis-profile=thorough {{ arguments }}

# Measure every promise of docs/reliability.md in its short form.
reliability:
    python -m tests.reliability --minutes 0.3 --short --jobs 2

# Check format, style, types, layers, dependencies, generated pages and the measures of the source tree.
lint: format-check style types layers dependencies generated house

# Rewrite files in the format of the project and fix what ruff can fix.
format:
    ruff format .
    ruff check --fix .

[private]
format-check:
    ruff format --check .

[private]
style:
    ruff check .

[private]
types:
    mypy

[private]
layers:
    lint-imports

[private]
dependencies:
    deptry .

[private]
generated:
    python tools/make_docs.py --check

# Print the measures of the source tree; fail where an enforced aim is missed.
house:
    python tools/house.py --check

# Rewrite the generated pages and build the documentation site.
docs:
    python tools/make_docs.py
    zensical build --clean --strict

# Measure speed, as ratios within one run; arguments such as `--short` go to the benchmarks.
bench *arguments:
    python -m benchmarks {{ arguments }}

# Save the screen at the end of the demo as the README's picture.
screenshot:
    python tools/make_screenshot.py docs/screen.svg

# Run everything that CI runs, in a fresh environment.
ci:
    .ci/run
