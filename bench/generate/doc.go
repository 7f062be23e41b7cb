// Package generate measures generators: greenloop's and the standard library's iter.Pull.
package generate
