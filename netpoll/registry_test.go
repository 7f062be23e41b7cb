package netpoll

import (
	"io/fs"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// registryModel is what the registry should do, said plainly: which watcher each token ever given out belongs to, if any.
type registryModel struct {
	registry
	watchers []*Watcher
	fds      map[*Watcher]int
	tokens   map[*Watcher]token // of the registered ones
	stale    []token
	batch    map[*Watcher]Mode
	events   []Event
}

func checkRegistry(t *rapid.T) {
	m := &registryModel{fds: map[*Watcher]int{}, tokens: map[*Watcher]token{}, batch: map[*Watcher]Mode{}, events: make([]Event, 64)}
	for range 8 {
		m.watchers = append(m.watchers, new(Watcher))
	}
	m.begin(m.events)
	t.Repeat(map[string]func(*rapid.T){
		"enter":  m.checkEnter,
		"leave":  m.checkLeave,
		"report": m.checkReport,
		"stale":  m.checkStale,
		"begin":  func(*rapid.T) { m.begin(m.events); clear(m.batch) },
		"":       m.check,
	})
}

func (m *registryModel) draw(t *rapid.T) *Watcher {
	return rapid.SampledFrom(m.watchers).Draw(t, "watcher")
}

func (m *registryModel) checkEnter(t *rapid.T) {
	w, fd := m.draw(t), rapid.IntRange(-1, 10).Draw(t, "fd")
	taken := m.tokens[w] != 0
	for _, other := range m.fds {
		taken = taken || other == fd
	}
	tok, err := m.enter(fd, w)
	switch {
	case fd < 0:
		require.ErrorIs(t, err, fs.ErrInvalid)
	case taken:
		require.ErrorIs(t, err, fs.ErrExist)
	default:
		require.NoError(t, err)
		require.NotEqual(t, wakeToken, tok)
		require.NotContains(t, m.stale, tok)
		m.tokens[w], m.fds[w] = tok, fd
	}
}

func (m *registryModel) checkLeave(t *rapid.T) {
	w := m.draw(t)
	tok, registered := m.tokens[w]
	require.Equal(t, registered, m.has(w))
	if !registered {
		return
	}
	m.leave(w)
	m.stale = append(m.stale, tok)
	delete(m.tokens, w)
	delete(m.fds, w)
	delete(m.batch, w)
}

func (m *registryModel) checkReport(t *rapid.T) {
	w := m.draw(t)
	if tok, registered := m.tokens[w]; registered {
		mode := rapid.SampledFrom([]Mode{Readable, Writable, Readable | Hangup}).Draw(t, "mode")
		if _, again := m.batch[w]; !again && len(m.registry.batch) == m.room() {
			return
		}
		m.report(tok, mode)
		m.batch[w] |= mode
	}
}

func (m *registryModel) checkStale(t *rapid.T) {
	if len(m.stale) > 0 {
		m.report(rapid.SampledFrom(m.stale).Draw(t, "stale"), everyMode)
	}
	m.report(makeToken(1000, 1), everyMode) // of an index that never was
}

func (m *registryModel) check(t *rapid.T) {
	got := map[*Watcher]Mode{}
	for _, ev := range m.registry.batch {
		if ev.Watcher != nil {
			require.NotContains(t, got, ev.Watcher)
			got[ev.Watcher] = ev.Ready
		}
	}
	require.Equal(t, m.batch, got)
	require.Equal(t, len(m.tokens), m.live)
	require.LessOrEqual(t, len(m.entries), len(m.watchers), "free entries are used before new ones")
	for w, tok := range m.tokens {
		require.Same(t, w, m.entries[tok.index()].watcher)
	}
}

func TestRegistry(t *testing.T) { rapid.Check(t, checkRegistry) }

func FuzzRegistry(f *testing.F) { f.Fuzz(rapid.MakeFuzz(checkRegistry)) }

func TestGenerationWrapsPastZero(t *testing.T) {
	r := &registry{}
	var w Watcher
	_, err := r.enter(3, &w)
	require.NoError(t, err)
	r.entries[0].generation, w.generation = generationMask, generationMask
	r.leave(&w)
	tok, err := r.enter(3, &w)
	require.NoError(t, err)
	require.Equal(t, makeToken(0, 1), tok)
}
