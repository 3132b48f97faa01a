# Every target makes its own environment first, once, and again when the requirements change.
# Options go in ARGS: make reproduce-PAPER ARGS="--data-dir /data --weights-dir /weights"

PAPERS := $(notdir $(patsubst %/,%,$(dir $(wildcard reproductions/*/__init__.py))))
PYTHON ?= python3
EXTRAS ?= dev
ARGS ?=
BIN := .venv/bin
READY := .venv/ready-$(EXTRAS)

.DEFAULT_GOAL := help
.PHONY: help reproduce real report audit doctor get data consistency trust try record pictures verify test test-slow test-cluster lint format bench gpu-check protocol mistakes clean \
	$(PAPERS:%=reproduce-%) $(PAPERS:%=demo-%)

help:  ## this list
	@echo "make TARGET [ARGS=\"...\"]"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1|\2/p; s/^$$(PAPERS:%=\([a-z]*\)-%):.*## \(.*\)/  \1-<paper>|\2/p' $(MAKEFILE_LIST) \
	  | awk -F'|' '{printf "%-22s %s\n", $$1, $$2}'
	@echo "papers: $(PAPERS)"
	@echo "ARGS go to the command; see  $(BIN)/python -m reproductions.PAPER --help"

$(READY): setup.cfg pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info; (3, 10) <= v < (3, 14) or sys.exit(f"Python 3.10 to 3.13 is needed, this is {v.major}.{v.minor}: make PYTHON=python3.12")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing requirements into .venv (a few minutes the first time) ..."
	@# Without PYTHONWARNINGS setuptools warns of every editable installation.
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[$(EXTRAS)]"
	@touch $@

$(PAPERS:%=reproduce-%): reproduce-%: $(READY)  ## (paper) real rows where data and weights are there, else a demo
	@$(BIN)/python -m reproductions.$* $(ARGS)

$(PAPERS:%=demo-%): demo-%: $(READY)  ## (paper) does the pipeline learn? its main rows, small, on synthetic images
	@$(BIN)/python -m reproductions.$* --scale demo $(ARGS)

# A name that is no paper: an error, where make alone would find nothing to do.
reproduce-%:
	@echo "no paper is called '$*'; there are: $(PAPERS)" >&2; exit 2
demo-%:
	@echo "no paper is called '$*'; there are: $(PAPERS)" >&2; exit 2

reproduce: $(READY)  ## all papers, one after another
	@$(BIN)/python -m reproductions run $(ARGS)

real: $(READY)  ## the rows that a GPU can run in a day, the most telling first, each recorded as it ends
	@bash real.sh $(ARGS)

report: $(READY)  ## report.html from the results on disk, and the tables in the READMEs
	@$(BIN)/python -m reproductions report $(ARGS)

audit: $(READY)  ## duplicates, patients across splits, and what gives classes away
	@$(BIN)/python -m reproductions audit $(ARGS)

doctor: $(READY)  ## is all there that a run needs? each line OK or the remedy
	@$(BIN)/python -m reproductions doctor $(ARGS)

get: $(READY)  ## fetch datasets and weights after asking: ARGS="PAPER" or ARGS="covid_ct weights"
	@$(BIN)/python -m reproductions get $(ARGS)

data: $(READY)  ## where each dataset was found and what is missing
	@$(BIN)/python -m reproductions data $(ARGS)

consistency: $(READY)  ## do the papers' own numbers agree with each other?
	@$(BIN)/python -m reproductions consistency $(ARGS)

trust: $(READY)  ## what the papers' printed numbers and their runs can carry: ARGS=PAPER for one
	@$(BIN)/python -m reproductions trust $(ARGS)

try: $(READY)  ## small experiments on the datasets: leaks, shortcuts, other data: ARGS=SET for one
	@$(BIN)/python -m reproductions try $(ARGS)

record: $(READY)  ## keep the real draws on disk as evidence
	@$(BIN)/python -m reproductions record $(ARGS)

pictures: $(READY)  ## the README's pictures and tables, from the evidence (needs chromium)
	@$(BIN)/python -m reproductions pictures

verify: $(READY)  ## recompute all that is shown from the evidence, and check every seal
	@$(BIN)/python -m reproductions verify

test: $(READY)  ## the tests (minutes)
	@$(BIN)/python -m pytest $(ARGS)

test-slow: $(READY)  ## the proofs that take longer; writes docs/reliability.md
	@$(BIN)/python -m pytest -m "slow or corpus" --table=docs/reliability.md $(ARGS)

test-cluster: $(READY)  ## a demo through a real SLURM and on two workers, with accidents; writes docs/cluster.md
	@$(BIN)/python -m tests.cluster.proof $(ARGS)

protocol: $(READY)  ## the tables of the papers' protocols, from what their experiments do
	@WRITE_TABLES=1 $(BIN)/python -m pytest -n0 -k protocol_table tests/reproductions

mistakes: $(READY)  ## plants mistakes in the code to see the tests fail: ARGS=PAPER for one catalogue
	@$(BIN)/python -m tests.mistakes $(ARGS)

lint: $(READY)  ## style, unused code and types
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

format: $(READY)  ## put the style right
	@$(BIN)/ruff check --fix . && $(BIN)/ruff format .

bench: $(READY) .venv-bench/ready  ## speed against others; writes docs/speed.md (half an hour; ARGS=KEY for one line)
	@$(BIN)/python -m tests.benchmarks $(ARGS)

# PyTorch and what else is only compared with, apart from what the suite needs.
.venv-bench/ready: tests/benchmarks/requirements.txt
	@test -x .venv-bench/bin/python || $(BIN)/python -m venv .venv-bench
	@.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check -r tests/benchmarks/requirements.txt
	@touch $@

gpu-check: $(READY)  ## speed, memory and agreement of float32 and mixed_float16 on a GPU
	@$(BIN)/python -m reproductions gpu-check $(ARGS)

clean:  ## remove the environment (results stay)
	rm -rf .venv .venv-bench *.egg-info
