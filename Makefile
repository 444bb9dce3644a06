# The short verbs. Everything installs what it needs by itself (make deps); heavy results are kept under
# ${XDG_CACHE_HOME:-~/.cache}/orama and rebuilt only when a lock file changes.
SHELL := /bin/bash
export CCACHE_DIR := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/orama/ccache
export CCACHE_BASEDIR := $(CURDIR)
export CCACHE_NOHASHDIR := 1
export CCACHE_MAXSIZE := 4G
PRESET ?= dev

.PHONY: help dev stop programs deps build test test-all test-e2e demo demo-stop deb bench fmt lint clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

dev: programs ## five whole nodes on this machine, without root: build, start, wait, show (NODES=n)
	@build/$(PRESET)/cli/orama dev up $(if $(NODES),--nodes $(NODES))

stop: ## stop them: no process is left, the data is kept (PURGE=1 deletes it)
	@if [ -x build/$(PRESET)/cli/orama ]; then build/$(PRESET)/cli/orama dev down $(if $(PURGE),--purge); fi

programs: deps
	@cmake --preset $(PRESET) >/dev/null
	@cmake --build build/$(PRESET) --target orama orama-gateway

deps: ## install what building and testing need (apt, PyPI, Go modules)
	@packaging/deps.sh

build: deps ## compile everything (PRESET=dev|asan|tsan|release|gcc)
	@cmake --preset $(PRESET) >/dev/null
	@cmake --build build/$(PRESET)

test: deps ## what every change must pass: lint, unit, fuzz, integration, the node on lab hosts (SEED=n)
	@python3 tests/run.py test

test-all: deps ## every matrix in full (PART=name for one of them; PART=list names them)
	@python3 tests/run.py test-all $(PART)

test-e2e: programs ## end to end against the cluster of `make dev`, which is started where none runs
	@python3 tests/e2e/run.py --orama build/$(PRESET)/cli/orama

demo: deps ## raise three bare hosts, install, invite, join twice, show their status
	@python3 tests/system/demo.py up

demo-stop: ## take the demo hosts down
	@python3 tests/system/demo.py down

deb: deps ## build the packages into dist/
	@packaging/build.sh

bench: deps ## run the benchmarks against their peers, print the table, write dist/bench.json
	@python3 tests/bench/run.py $(BENCH)

fmt: deps ## format all sources in place
	@git ls-files --cached --others --exclude-standard '*.h' '*.cpp' | xargs -d '\n' -r ls -d 2>/dev/null | xargs -d '\n' clang-format-19 -i

lint: deps ## formatting, clang-tidy on what changed, allowed arrows
	@tests/lint.sh changed

clean: ## remove what builds left in this folder (the cache stays)
	@rm -rf build dist
