//go:build !unix

package ssl

func writeNow(uintptr, []byte) int { return 0 }
