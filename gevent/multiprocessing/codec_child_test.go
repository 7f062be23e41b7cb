//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	mp "greenloop/gevent/multiprocessing"
)

type (
	codecOne struct {
		Name string
		Sub  map[string]codecTwo
	}
	codecTwo struct {
		Texts []string
		Up    *codecOne
	}
	codecEnds struct {
		Ones  *mp.Conn[codecOne, codecOne]
		Twos  *mp.Conn[codecTwo, codecTwo]
		Forms *mp.Sender[string]
	}
)

// What it has met first has another number in package gob than over there.
var codecEchoes = mp.Define("codec echoes", func(e codecEnds) error {
	if _, err := gobOf(codecTwo{}); err != nil {
		return err
	}
	form, err := gobOf(codecOne{Name: "form"})
	if err != nil {
		return err
	}
	if err := e.Forms.Send(form); err != nil {
		return err
	}
	for range 3 {
		one, err := e.Ones.Recv()
		if err != nil {
			return err
		}
		if err := e.Ones.Send(one); err != nil {
			return err
		}
		two, err := e.Twos.Recv()
		if err != nil {
			return err
		}
		if err := e.Twos.Send(two); err != nil {
			return err
		}
	}
	return nil
})

// Processes that have met types in different order understand each other.
func TestCodecOfTwoProcesses(t *testing.T) {
	run(t, func() error {
		form := got[string](t)(gobOf(codecOne{Name: "form"}))
		ones, theirOnes := duplex[codecOne, codecOne](t)
		twos, theirTwos := duplex[codecTwo, codecTwo](t)
		forms, theirForms := pipe[string](t)
		p := begin(t, codecEchoes, codecEnds{theirOnes, theirTwos, theirForms})
		require.NotEqual(t, form, got[string](t)(forms.Recv()), "else this shows nothing")
		for _, name := range []string{"a", "b", "c"} {
			two := codecTwo{[]string{name, "x"}, &codecOne{Name: name}}
			one := codecOne{name, map[string]codecTwo{name: two}}
			require.NoError(t, ones.Send(one))
			require.NoError(t, twos.Send(two))
			require.Equal(t, one, got[codecOne](t)(ones.Recv()))
			require.Equal(t, two, got[codecTwo](t)(twos.Recv()))
		}
		ends(t, p, 0)
		closeAll(t, ones, twos, forms)
		return nil
	})
}
