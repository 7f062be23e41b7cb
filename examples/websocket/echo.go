package main

import (
	"io"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"
)

const maxMessage = 16 << 20

// echo sends back messages, each in one frame, and answers pings and the close frame, until the first error.
func (p *peer) echo() error {
	in := &wsutil.Reader{
		Source:         p,
		State:          ws.StateServerSide,
		CheckUTF8:      true,
		MaxMessageSize: maxMessage,
		OnIntermediate: p.control, // frames between the fragments of a message
	}
	for {
		h, err := in.NextFrame()
		if err == nil && h.OpCode.IsControl() {
			err = p.control(h, in)
		} else if err == nil {
			err = p.reply(h.OpCode, in)
		}
		if err != nil {
			return err
		}
	}
}

func (p *peer) reply(op ws.OpCode, in io.Reader) error {
	message, err := io.ReadAll(in)
	if err == nil {
		*p.messages++
		_, err = p.Write(ws.MustCompileFrame(ws.NewFrame(op, true, message)))
	}
	return err
}

func (p *peer) control(h ws.Header, body io.Reader) error {
	err := wsutil.ControlFrameHandler(p, ws.StateServerSide)(h, body)
	p.closing = p.closing || err != nil // as that of a close frame, which is answered now
	return err
}
