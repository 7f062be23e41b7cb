package multiprocessing

import "os"

// SendFile sends a descriptor of the same open file, as a message of its own. f stays the caller's. Parks. Hub thread
// only.
func (c *Connection) SendFile(f *os.File) error {
	if err := c.usable(c.sends); err != nil {
		return err
	}
	own, err := dupOf(f)
	if err != nil {
		return err
	}
	defer own.Close()
	name := append(make([]byte, maxHead), f.Name()...)
	return c.post(address(name, int64(len(f.Name())), 1), nil, &parcel{files: []*os.File{own}})
}

// RecvFile waits for what SendFile has sent. A message without a descriptor is an error, and is lost. Parks. Hub thread
// only.
func (c *Connection) RecvFile() (*os.File, error) {
	m, err := c.take(nil)
	if err != nil {
		return nil, err
	}
	defer c.done(m)
	if len(m.files) == 0 {
		return nil, errNoFile
	}
	f := os.NewFile(uintptr(m.files[0]), string(m.bytes))
	m.files[0] = -1
	return f, nil
}
