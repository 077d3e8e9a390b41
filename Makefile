# The front door. `make help` lists what it can do; the build itself is CMake's (CMakePresets.json).

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
JOBS ?= $(shell nproc)
ARGS ?=
FUZZ_SECONDS ?= 60
MODELS ?= sluice-data/models
CLANG_FORMAT ?= clang-format-14
sources = git ls-files -z --cached --others --exclude-standard -- '*.cc' '*.h'
ninja = cmake --build build/$(1) -j $(JOBS)
# Most tests drive programs and wait for them, so that twice as many as there are cores share them well.
ctest = ctest --preset $(1) -j $$((2 * $(JOBS)))
# The thread sanitizer needs its addresses where it expects them, which a kernel may randomise away.
fixed_addresses := $(shell setarch -R true 2>/dev/null && echo setarch -R)

.PHONY: help
help:  ## this list
	@sed -nE 's/^([a-z0-9-]+):[^#]*## (.*)/\1\t\2/p' $(MAKEFILE_LIST) \
	  | while IFS=$$'\t' read -r target does; do printf '  make %-17s %s\n' "$$target" "$$does"; done

# --- use it -----------------------------------------------------------------------------------------------

.PHONY: run build release
run: build  ## install what is missing, build, start the gateway (ARGS="--listen 127.0.0.1:8080")
	@exec build/release/bin/sluice serve $(ARGS)

build: build/release/build.ninja  ## build for use, into build/release/bin/
	@$(call ninja,release)

# The stamp is older than what was trained, or not there, when the profile is not that of this sluice. Objects
# compiled by an older profile are out of date then, which ninja cannot see.
release: build/release/build.ninja build/train/build.ninja  ## as it is shipped: optimised by a training run
	@$(call ninja,train) --target sluice --target sluice-sim --target bench_load --target bench_upstream
	@if [ build/train/bin/sluice -nt build/train/trained ] || [ tools/train -nt build/train/trained ]; then \
	  echo "Training: half a minute of requests, so that the release is optimised for them"; \
	  rm -rf build/train/trained build/train/profile; \
	  tools/train build/train/bin; \
	  cmake --build build/release --target clean; \
	  touch build/train/trained; \
	fi
	@cmake --preset release -DSLUICE_PROFILE=$(CURDIR)/build/train/profile >/dev/null
	@$(call ninja,release)

.PHONY: models
models:  ## fetch the tokenizers that providers publish, to count with, into MODELS=sluice-data/models
	@python3 -B tools/models/make $(MODELS)

# --- test it ----------------------------------------------------------------------------------------------

.PHONY: test asan tsan tsa headers h2spec fuzz
test: build/dev/build.ninja  ## install what is missing, build, run every test
	@$(MAKE) --no-print-directory -j3 compiled venv clients
	@$(call ctest,dev)

# Beside it the clients are fetched, which is mostly waiting.
.PHONY: compiled
compiled: build/dev/build.ninja
	@$(call ninja,dev)

asan: build/asan/build.ninja venv  ## the same tests under the address and undefined-behaviour sanitizers
	@$(call ninja,asan)
	@$(call ctest,asan) -LE 'tidy|clients'

tsan: build/tsan/build.ninja venv  ## the same tests under the thread sanitizer
	@$(call ninja,tsan)
	@$(fixed_addresses) $(call ctest,tsan) -LE 'tidy|clients'

tsa: build/tsa/build.ninja  ## clang's thread-safety analysis, and its warnings
	@$(call ninja,tsa)

headers: build/dev/build.ninja  ## every header compiles alone
	@cmake --build build/dev -j $(JOBS) --target all_verify_interface_header_sets

h2spec: build/dev/build.ninja build/tools/h2spec  ## HTTP/2's conformance tests, in clear text and over TLS
	@$(call ninja,dev) --target sluice
	@tools/h2spec/check build/tools/h2spec build/dev/bin

fuzz: build/fuzz/build.ninja  ## each fuzzer from its corpus on, FUZZ_SECONDS=60 each
	@$(call ninja,fuzz) --target fuzz/all
	@tools/fuzz build/fuzz/bin $(FUZZ_SECONDS)

# --- measure it -------------------------------------------------------------------------------------------

.PHONY: bench
bench: deps-bench release  ## sluice and its rivals, side by side (ARGS go to bench/compare)
	@cmake --preset release -DSLUICE_BENCH=ON >/dev/null
	@$(call ninja,release)
	@bench/compare $(ARGS)

# --- keep it tidy -----------------------------------------------------------------------------------------

.PHONY: format format-check tidy clean
format:  ## lay out every C++ file by .clang-format
	@$(sources) | xargs -0 -r $(CLANG_FORMAT) -i

format-check:  ## fail on a file that `make format` would change
	@$(sources) | xargs -0 -r $(CLANG_FORMAT) --dry-run --Werror

tidy:  ## the map, the banned list, the walls: STYLE.md and ARCHITECTURE.md against the tree
	@python3 -B tests/tidy/tidy.py .

clean:  ## remove everything built here
	@rm -rf build

.PHONY: translation-table
translation-table: build/dev/build.ninja  ## make the tables of docs/translation.md again
	@$(call ninja,dev) --target translation_table
	@build/dev/tests/translation_table --write docs/translation.md

# --- parts ------------------------------------------------------------------------------------------------

.PHONY: deps-build deps-test deps-ci deps-bench venv
deps-build deps-test deps-ci deps-bench: deps-%:
	@tools/install-deps $*

used = build/release/build.ninja build/train/build.ninja
$(used): build/%/build.ninja: CMakePresets.json | deps-build
	@cmake --preset $* >/dev/null
	@touch $@

tested = build/dev/build.ninja build/asan/build.ninja build/tsan/build.ninja
$(tested): build/%/build.ninja: CMakePresets.json | deps-test
	@cmake --preset $* >/dev/null
	@touch $@

checked = build/tsa/build.ninja build/fuzz/build.ninja
$(checked): build/%/build.ninja: CMakePresets.json | deps-ci
	@cmake --preset $* >/dev/null
	@touch $@

# h2spec comes as a Go module: its sources are built, pinned by version.
build/tools/h2spec: tools/h2spec/go.mod tools/h2spec/go.sum | deps-ci
	@cd tools/h2spec && go build -o $(CURDIR)/$@ github.com/summerwind/h2spec/cmd/h2spec

# The integration tests drive the real binary with the providers' own Python clients, pinned by version.
requirements := $(wildcard tests/integration/requirements.txt)
venv: $(if $(requirements),build/venv/.installed)

build/venv/.installed: $(requirements) | deps-test
	@echo "Installing the Python clients that the integration tests use, into build/venv"
	@python3 -m venv build/venv
	@build/venv/bin/python -m pip install -q --disable-pip-version-check -r $<
	@touch $@

# The clients of applications, for the tests in tests/clients: one stamp for each language.
.PHONY: clients
clients: $(addprefix build/clients/.,python node go)

client_files = $(wildcard $(addprefix tests/clients/,$(1)))
build/clients/.python: $(call client_files,requirements.txt) | deps-test
build/clients/.node: $(call client_files,node/package*.json) | build/clients/.python
build/clients/.go: $(call client_files,go/*) | build/clients/.python
build/clients/.python build/clients/.node build/clients/.go: build/clients/.%: tools/install-clients
	@tools/install-clients $*
	@touch $@
