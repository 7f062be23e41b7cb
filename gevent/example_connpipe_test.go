package gevent_test

import (
	"fmt"
	"io"

	"greenloop/gevent"
)

// A client and a server talk in memory, as tests of protocols do.
func ExampleConnPipe() {
	err := gevent.Run(func() error {
		client, server := gevent.ConnPipe()
		gevent.Spawn(func() error {
			defer server.Close()
			_, err := io.WriteString(server, "welcome")
			return err
		})
		text, err := io.ReadAll(client)
		fmt.Println(string(text))
		return err
	})
	fmt.Println(err)
	// Output:
	// welcome
	// <nil>
}
