module greenloop/examples/compare

go 1.26.0

require (
	github.com/stretchr/testify v1.12.1
	greenloop v0.0.0
)

require (
	github.com/dustin/go-humanize v1.1.0
	go.yaml.in/yaml/v3 v3.0.5 // indirect
)

replace greenloop => ../..
