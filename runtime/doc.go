// Package runtime holds no code: it is the place of what lies under the scheduler, and that is the package coro below it,
// the switch between coroutines of one OS thread.
//
// The name of the directory tells the layer. The code is in a package called coro, because one called runtime would have
// to be imported under another name wherever the standard library's is in use, too.
package runtime
