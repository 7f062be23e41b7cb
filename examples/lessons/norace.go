//go:build !race

package main

const connections = 10_000 // of lesson 19
