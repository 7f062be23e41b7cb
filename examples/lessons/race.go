//go:build race

package main

const connections = 2000 // of lesson 19: the race detector knows 8,128 goroutines at the most
