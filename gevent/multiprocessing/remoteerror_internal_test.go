package multiprocessing

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

var errRemoteTest = RegisterError(errors.New("made for a test of remote errors"))

type remoteErrorBroken struct{ s *string }

func (e *remoteErrorBroken) Error() string { return *e.s }

func TestRemoteErrorTravels(t *testing.T) {
	err := decodeError(encodeError(fmt.Errorf("step 3: %w", errors.Join(errRemoteTest, io.EOF))))
	var remote *RemoteError
	require.ErrorAs(t, err, &remote)
	require.Equal(t, "*fmt.wrapError", remote.Type)
	require.Equal(t, "step 3: made for a test of remote errors\nEOF", err.Error())
	require.ErrorIs(t, err, errRemoteTest)
	require.ErrorIs(t, err, io.EOF)
	require.NotErrorIs(t, err, io.ErrUnexpectedEOF)

	again := decodeError(encodeError(err))
	require.Equal(t, remote.Type, again.(*RemoteError).Type, "through two processes")
	require.ErrorIs(t, again, errRemoteTest)
}

func TestRemoteErrorOfAPanic(t *testing.T) {
	err := decodeError(encodeError(&gevent.PanicError{Value: 7, Stack: []byte("here")}))
	require.Equal(t, "here", err.(*RemoteError).Stack)
	require.Equal(t, "int", err.(*RemoteError).Type)
	require.Contains(t, err.Error(), "7")
	err = decodeError(encodeError(fmt.Errorf("far: %w", err)))
	require.Equal(t, "here", err.(*RemoteError).Stack)
}

func TestRemoteErrorWhoseMethodsPanic(t *testing.T) {
	require.ErrorContains(t, decodeError(encodeError(&remoteErrorBroken{})), "remoteErrorBroken")
	require.ErrorContains(t, decodeError([]byte("no gob")), "came broken")
}

func TestRegisterErrorRefuses(t *testing.T) {
	require.Panics(t, func() { RegisterError(nil) })
	require.Panics(t, func() { RegisterError(errors.New(errRemoteTest.Error())) })
	require.NotPanics(t, func() { RegisterError(errRemoteTest) }, "the same again")
}
