// The real Pulumi CLI and its Python language host, built by install_pulumi.py where no download can be reached.
// The version is that of pulumi in requirements/runtime.txt; install_pulumi.py refuses to run when they differ.
// There is no go.sum: Go checks what it fetches against its public checksum database. One that `go mod tidy`
// writes beside this file is used and enforced.
module backplane/tools

go 1.26.6

tool (
	github.com/pulumi/pulumi/pkg/v3/cmd/pulumi
	github.com/pulumi/pulumi/sdk/python/cmd/pulumi-language-python/v3
)

require (
	github.com/pulumi/pulumi/pkg/v3 v3.272.0
	github.com/pulumi/pulumi/sdk/python/cmd/pulumi-language-python/v3 v3.272.0
	github.com/pulumi/pulumi/sdk/v3 v3.272.0
)

// Both of Pulumi's modules carry this replacement, and a replacement counts in the main module alone.
replace github.com/atotto/clipboard => github.com/tgummerer/clipboard v0.0.0-20241001131231-d02d263e614e
