module greenloop/examples/compare

go 1.26.0

require (
	github.com/dustin/go-humanize v1.1.0
	github.com/stretchr/testify v1.12.1
	golang.org/x/exp v0.0.0-20260908205506-85c1c2202aba
	golang.org/x/sys v0.49.0
	greenloop v0.0.0
)

require go.yaml.in/yaml/v3 v3.0.5 // indirect

replace greenloop => ../..
