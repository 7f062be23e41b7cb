package gevent

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// §2.7, identity: whose timeout it is, inner first, outer first, and both in one turn.
func TestNestedTimeoutsAreToldApart(t *testing.T) {
	const short, long = time.Second, time.Minute
	for _, c := range []struct {
		name         string
		outer, inner time.Duration
		want         string
	}{
		{"inner first", long, short, "inner: inner, outer: <nil>"},
		{"outer first", short, long, "inner: outer, outer: outer"},
		{"both at once", short, short, "inner: outer, outer: outer"},
		{"neither", long, long, "inner: <nil>, outer: <nil>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			virtual(t, func() error {
				outer, inner := NewTimeout(c.outer), NewTimeout(c.inner)
				whose := func(err error) string {
					switch {
					case inner.Is(err):
						return "inner"
					case outer.Is(err):
						return "outer"
					default:
						return fmt.Sprint(err)
					}
				}
				var got string
				err := outer.Do(func() error {
					err := inner.Do(func() error { return Sleep(2 * short) })
					got = "inner: " + whose(err)
					return Sleep(1)
				})
				require.Equal(t, c.want, got+", outer: "+whose(err))
				require.Equal(t, c.outer == short, outer.Expired())
				return nil
			})
		})
	}
}

// An outer timeout whose time has come meanwhile wins over the inner one, as long as both are set.
func TestOuterTimeoutWins(t *testing.T) {
	computing(t, func(compute func(time.Duration)) error {
		outer, inner := NewTimeout(2*time.Second), NewTimeout(time.Second)
		require.True(t, outer.Is(outer.Do(func() error {
			err := inner.Do(func() error {
				require.True(t, inner.Is(Sleep(time.Minute)))
				require.True(t, inner.Is(Sleep(time.Minute)))
				compute(2 * time.Second)
				for !outer.Expired() {
					Yield()
				}
				return Sleep(time.Minute)
			})
			require.True(t, outer.Is(err))
			require.True(t, inner.Expired())
			return Sleep(1)
		})))
		return nil
	})
}

// §2.7, in other APIs: an outer timeout passes through a wait that has a timeout of its own, as itself.
func TestOuterTimeoutPassesThroughTimedWaits(t *testing.T) {
	virtual(t, func() error {
		worker := Go(func() (int, error) { return 1, Sleep(time.Hour) })
		waits := map[string]func(d time.Duration) error{
			"Join":  worker.JoinTimeout,
			"Get":   func(d time.Duration) error { _, err := worker.GetTimeout(d); return err },
			"Sleep": Sleep,
		}
		for name, wait := range waits {
			outer := NewTimeout(time.Second)
			require.True(t, outer.Is(outer.Do(func() error { return wait(time.Minute) })), name)
			outer.Start()
			require.True(t, outer.Is(wait(time.Minute)), name)
			if name != "Sleep" {
				require.True(t, outer.Do(func() error { return wait(time.Second / 2) }) == ErrTimeout, "%s: its own", name)
			}
		}
		return worker.Kill()
	})
}
