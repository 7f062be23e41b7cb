package sched

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWhoseFunction(t *testing.T) {
	defer func(root string) { goRoot = root }(goRoot)
	for _, root := range []string{"/go/src/", ""} {
		goRoot = root
		for f, users := range map[[2]string]bool{
			{"time.Sleep", root + "time/sleep.go"}:                         false,
			{"net/http.(*Server).Serve", root + "net/http/server.go"}:      false,
			{prefix + "/gevent.Sleep", "/m/gevent/greenlet.go"}:            false,
			{prefix + "/gevent/http.(*Server).Serve", "/m/gevent/http.go"}: false,
			{prefix + "/sched.(*Scheduler).park", "/m/sched/park.go"}:      false,
			{"main.main", "/home/m/main.go"}:                               true,
			{"example.com/pkg.F", "/home/pkg/f.go"}:                        true,
			{prefix + "/gevent_test.TestX", "/m/gevent/x_test.go"}:         true,
			{prefix + "/examples/watchdog.f", "/m/examples/watchdog/f.go"}: true,
		} {
			require.Equal(t, users, Users(f[0], f[1]), "%v with root %q", f, root)
		}
	}
}
