//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A notification goes on to the next one if the client that it was for dies, whether or not that has the lock by then.
func TestManagerConditionPassedOn(t *testing.T) {
	for _, dies := range []string{"notified", "with the lock", "about to notify"} {
		inHub(t, func() {
			first, other := bareSession(t)
			const condition = 9
			d := first.server.objects[condition].object.(*managedCondition)
			session := func() *managerSession {
				return &managerSession{
					server: first.server, c: other, mail: newManagerMail(other, 1<<20, func() {}),
					waiting: map[uint64]*managerCall{}, taken: map[uint64]loan{}, held: map[*managedLock]struct{}{},
				}
			}
			next, notifier := session(), session()
			for _, s := range []*managerSession{first, next} {
				s.handle(&fieldReader{rest: request(1, condition, opLockAcquire, 1, 0)})
				s.handle(&fieldReader{rest: request(2, condition, opConditionWait, 1)})
			}
			require.Equal(t, 2, d.waiting.n)
			notifier.handle(&fieldReader{rest: request(1, condition, opLockAcquire, 1, 0)})
			if dies != "about to notify" {
				notifier.handle(&fieldReader{rest: request(2, condition, opConditionNotify, 1, 1)})
			}
			before := len(next.mail.pending)
			switch dies {
			case "notified":
				first.end()
				notifier.handle(&fieldReader{rest: request(3, condition, opLockRelease, 1)})
				require.Same(t, next, d.session)
				require.Equal(t, "\x00\x00\x00\x03\x02\x00\x02", string(next.mail.pending[before:]))
			case "with the lock":
				notifier.handle(&fieldReader{rest: request(3, condition, opLockRelease, 1)})
				require.Same(t, first, d.session)
				first.end()
				require.Same(t, next, d.session)
				require.Equal(t, byte(statusHolderDied), next.mail.pending[before+5])
			case "about to notify":
				notifier.end()
				require.Same(t, first, d.session)
				require.Equal(t, 1, d.waiting.n)
				first.end()
			}
			next.end()
			if dies != "about to notify" {
				notifier.end()
			}
			require.Zero(t, d.depth)
		})
	}
}
