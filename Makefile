# make demo    installs into .venv once, starts the app and prints its address
# make test    lints, checks types and tests; installs what that needs, Node.js and a Chromium included
# make lint    the first two alone, and the tests of what is JavaScript without a page
# make clean   removes .venv, node_modules and what was built
#
# PYTHON=python3.12    the Python to make .venv with
# PORT=7861            the app's port
# TORCH_INDEX=URL      take torch and torchvision from this index

PYTHON ?= python3
export PYTHON TORCH_INDEX

.PHONY: demo test lint clean

demo: .venv/demo.stamp
	@.venv/bin/python app.py $(if $(PORT),--port $(PORT))

test: lint
	VAEDEMO_CHROMIUM="$$(tools/chromium.sh)" .venv/bin/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

lint: .venv/test.stamp
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/pyright
	@tools/lint_javascript.sh

.venv/demo.stamp: pyproject.toml constraints.txt
	@tools/install.sh . $@

.venv/test.stamp: .venv/demo.stamp
	@tools/install.sh '.[site,train,dev]' $@

clean:
	rm -rf .venv node_modules build dist .pytest_cache .ruff_cache
	find vaedemo tests benchmarks -name __pycache__ -prune -exec rm -rf {} +
