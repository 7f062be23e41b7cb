package eventlog_test

import (
	"fmt"
	"os"
	"time"

	"greenloop/sched"
	"greenloop/sched/eventlog"
)

// A program writes the page of what it has done, to be opened in a browser.
func ExampleRecording_WriteHTML() {
	log := eventlog.New(eventlog.Config{Lines: true})
	s := sched.New(sched.Config{Hooks: log.Hooks()})
	defer s.Close()
	_ = s.Run(func() {
		worker := s.Spawn("worker", func() { _ = s.Sleep(time.Millisecond) })
		_ = worker.Join()
	})

	file, err := os.CreateTemp("", "worker*.html")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.Remove(file.Name())
	defer file.Close()
	fmt.Println(log.Recording().WriteHTML(file, eventlog.HTMLOptions{Title: "A worker sleeps"}))
	// Output: <nil>
}
