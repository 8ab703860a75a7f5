# Tongke. `make help` lists the targets; `make run` and `make test` are all a newcomer needs.
SHELL := /bin/bash
.DEFAULT_GOAL := help

CLIENT  := services/web/client
BUF     := $(CLIENT)/node_modules/.bin/buf
VERSION := $(shell cat VERSION)
PORT    ?= 8080
DATA    ?= data
GO_SRC  := $(shell find pkg services -name '*.go' -not -path '*/node_modules/*' -not -path '*/tools/*')
UI_SRC  := $(shell find $(CLIENT)/src $(CLIENT)/public $(CLIENT)/index.html -type f 2>/dev/null)

.PHONY: help run build test check generate e2e smoke bench bench-relay bench-steady bench-uplink setup clean

help: ## List the targets.
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

run: build ## Build all, start everything in one process with demo data (PORT=8080, DATA=data).
	@exec .bin/tongke serve --demo --data $(DATA) --port $(PORT)

build: .bin/tongke ## Build the client and the tongke binary into .bin/.

.bin/tongke: $(GO_SRC) $(CLIENT)/dist/index.html pkg/go.mod services/go.mod VERSION
	@scripts/setup go
	@echo "building .bin/tongke"
	@cd services && go build -ldflags "-s -w -X github.com/tongke-edu/tongke/services/standalone.Version=$(VERSION)" -o ../.bin/ ./standalone/cmd/tongke

$(CLIENT)/dist/index.html: $(UI_SRC) $(CLIENT)/package-lock.json $(CLIENT)/vite.config.ts
	@scripts/setup npm
	@echo "building the web client"
	@cd $(CLIENT) && npm run --silent build && touch dist/index.html

test: ## Install what the tests need; run all Go, client and browser tests.
	@scripts/setup test
	@$(MAKE) --no-print-directory build
	@node scripts/test.mjs all

e2e: build ## Run the browser journeys only (ARGS="-g hand" picks some).
	@scripts/setup test
	@node scripts/test.mjs e2e $(ARGS)

smoke: build ## One lesson with headless participants over the public API; one JSON line per figure.
	@cd services && go build -o ../.bin/ ./bench/cmd/tongke-bench
	@.bin/tongke-bench smoke --tongke .bin/tongke

bench: ## Go benchmarks of all modules.
	@cd pkg && go test -run '^$$' -bench . -benchmem ./...
	@cd services && go test -run '^$$' -bench . -benchmem ./...

bench-relay: ## The relay against plain Pion: one JSON line per figure, curves in .bin/bench-relay (ARGS=--quick).
	@cd services && go build -o ../.bin/ ./bench/cmd/tongke-bench ./relay/cmd/relay
	@.bin/tongke-bench relay $(ARGS)
	@.bin/tongke-bench relay-network $(ARGS)

bench-steady: ## The relay at 70 % of one processor for ten minutes: loss, delays, growth (ARGS="--duration 30s").
	@cd services && go build -o ../.bin/ ./bench/cmd/tongke-bench ./relay/cmd/relay
	@.bin/tongke-bench relay-steady $(ARGS)

bench-uplink: build ## What three publishers in real browsers send (SECONDS=60); one JSON line per figure.
	@scripts/setup test
	@cd services/web/e2e && NODE_PATH=../client/node_modules node ../client/node_modules/@playwright/test/cli.js test --config measure.config.ts

check: ## Format, vet, linters, generated code, contracts, client types, vulnerabilities.
	@scripts/check

generate: ## Regenerate Go and TypeScript from proto/.
	@scripts/setup npm
	@scripts/setup generators
	@$(BUF) format -w proto
	@$(BUF) lint
	@$(BUF) generate

setup: ## Install everything that tests and checks need, and nothing else.
	@scripts/setup test

clean: ## Remove what was built (not the data).
	@rm -rf .bin $(CLIENT)/node_modules && git clean -fdxq $(CLIENT)/dist services/web/e2e/out
