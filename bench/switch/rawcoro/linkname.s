//go:build rawcoro

// Empty: its presence lets linkname.go declare functions without bodies.
