package gevent_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"greenloop/gevent"
)

func ExampleFile() {
	dir, err := os.MkdirTemp("", "gevent")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	err = gevent.Run(func() error {
		f, err := gevent.Create(filepath.Join(dir, "file"))
		if err != nil {
			return err
		}
		defer f.Close()
		if _, err := fmt.Fprint(f, "hello"); err != nil {
			return err
		}
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return err
		}
		text, err := io.ReadAll(f)
		fmt.Printf("%s\n", text)
		return err
	})
	fmt.Println(err)
	// Output:
	// hello
	// <nil>
}

func ExampleReadFile() {
	_ = gevent.Run(func() error {
		_, err := gevent.ReadFile("/no/such/file")
		fmt.Println(os.IsNotExist(err))
		return nil
	})
	// Output: true
}
