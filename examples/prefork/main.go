// Prefork is a web server on all cores: a master that owns the socket, and worker processes that serve, each on one thread.
//
//	go run ./examples/prefork -workers 4 &
//	curl http://127.0.0.1:7014/                          # which process answers?
//	wrk -t2 -c100 -d5s http://127.0.0.1:7014/            # meanwhile, with the numbers that it has printed:
//	kill -HUP MASTER                                     # new workers for old ones, and wrk sees no error
//	kill -TTIN MASTER; kill -TTOU MASTER                 # one worker more, one less
//	kill -KILL WORKER                                    # it is replaced
//	curl 'http://127.0.0.1:7014/slow?s=3' & kill MASTER  # the end: it waits for the answer
package main

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"greenloop/gevent"
	ghttp "greenloop/gevent/http"
	mp "greenloop/gevent/multiprocessing"
)

// A config is what the master tells its workers.
type config struct{ Greeting string }

// Web is what each worker runs, in a hub of its own.
var web = mp.DefineServer("web", func(w *mp.Worker[config]) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(out http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(out, "%s from worker %d, process %d\n", w.Config.Greeting, w.Number, os.Getpid())
	})
	mux.HandleFunc("GET /slow", slow)
	return w.Serve(&ghttp.Server{Handler: mux})
})

// slow answers after some seconds, in which the worker serves others.
func slow(out http.ResponseWriter, r *http.Request) {
	s, err := strconv.Atoi(r.FormValue("s"))
	if err != nil || s < 0 || s > 60 {
		http.Error(out, "s is how many seconds it takes, 60 at most", http.StatusBadRequest)
		return
	}
	if gevent.Sleep(time.Duration(s)*time.Second) == nil {
		fmt.Fprintln(out, "process", os.Getpid(), "had a rest")
	}
}

func main() {
	mp.Main() // a worker's life is in here
	bind := flag.String("bind", "127.0.0.1:7014", "listen on these `addresses`, HOST:PORT or unix:PATH, separated by commas")
	workers := flag.Int("workers", 0, "so `many` processes; 0 is one for each processor")
	reusePort := flag.Bool("reuseport", false, "give each worker a socket of its own")
	grace := flag.Duration("grace", 30*time.Second, "a worker that is to end may finish its requests for this long")
	greeting := flag.String("greeting", "hello", "say this")
	flag.Parse()
	options := mp.Prefork{
		Bind: strings.Split(*bind, ","), Workers: max(*workers, 0), ReusePort: *reusePort, Grace: *grace, Signals: true,
	}
	if err := gevent.Run(func() error { return run(options, config{*greeting}) }); err != nil {
		fmt.Fprintln(os.Stderr, "prefork:", err)
		os.Exit(1)
	}
}

func run(options mp.Prefork, config config) error {
	master, err := web.Listen(options, config)
	if err != nil {
		return err
	}
	fmt.Println("listening on", master.Addrs()[0])
	fmt.Println("master is process", os.Getpid())
	return master.Serve()
}
