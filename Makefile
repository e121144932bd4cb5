# Everything goes through .venv, which scripts/environment.sh fills from requirements/.

only =
size =

.PHONY: help run test check bench mutants messages lock

help:
	@echo "make run       install what is needed, then start Soundings and print its address"
	@echo "make test      install what is needed, then check and test everything"
	@echo "make check     format, lint, types, import contracts, migrations"
	@echo "make bench     measure speed into bench/results.json (only=respond, size=full)"
	@echo "make mutants   change the statistics and list what no test notices"
	@echo "make messages  collect the customers' texts into survey_app/translations and compile them"
	@echo "make lock      rebuild requirements/ from the ranges in pyproject.toml"

run:
	@sh scripts/environment.sh run
	@exec .venv/bin/soundings run

test: check
	@OPENBLAS_NUM_THREADS=1 .venv/bin/python -m pytest -n 2 --dist worksteal

check:
	@sh scripts/environment.sh test
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/soundings check-migrations

bench:
	@sh scripts/environment.sh test
	@.venv/bin/python -W "ignore:XDG_RUNTIME_DIR is not set" -m bench $(if $(only),only=$(only)) $(if $(size),size=$(size))

mutants:
	@sh scripts/environment.sh test
	@.venv/bin/python -m scripts.mutants

messages:
	@sh scripts/environment.sh test
	@.venv/bin/python -m scripts.messages

lock:
	@sh scripts/environment.sh test
	@sh scripts/lock.sh
