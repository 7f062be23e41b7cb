# The everyday commands. What CI runs is .ci/run; the targets that call it run its steps of that name.

GOLANGCI := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

.PHONY: all test race bench lint vet-all examples ci rename

all: test lint

test:
	go vet ./...
	go test ./...

race:
	go test -race -shuffle=on ./...

bench:
	go test -run='^$$' -bench=. -benchmem ./...

lint:
	.ci/run gofmt tidy staticcheck
	go run $(GOLANGCI) run ./...

vet-all:
	.ci/run vet-all

examples:
	go vet ./examples/...
	go test -count=1 ./examples/...

ci:
	.ci/run

# make rename MODULE=github.com/you/greenloop
# gives the module another path: in go.mod, in the modules nested in it, in every import, and where texts name a package.
rename:
	@test -n "$(MODULE)" || { echo 'usage: make rename MODULE=github.com/you/greenloop' >&2; exit 2; }
	.ci/rename "$(MODULE)"
