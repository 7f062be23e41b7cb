package multiprocessing

import (
	"context"
	"log/slog"
	"time"
)

// A WorkerEvent is something that has become of a worker of a Master.
type WorkerEvent struct {
	Kind     WorkerEventKind
	Number   int           // of the worker's place, from 0 on
	PID      int           // 0 if there is no process
	ExitCode int           // of one that has ended, as Process.ExitCode has it
	Delay    time.Duration // of WorkerDied and WorkerFailed: how long it takes until the next one is started
	Err      error         // of WorkerFailed and ReloadFailed
}

// A WorkerEventKind is what kind of event it is, in words.
type WorkerEventKind string

// What may become of a worker. One that is killed is told of again when it has ended.
const (
	WorkerStarted  WorkerEventKind = "worker started"
	WorkerReady    WorkerEventKind = "worker ready"
	WorkerStopping WorkerEventKind = "worker stopping"                     // it was told to
	WorkerExited   WorkerEventKind = "worker exited"                       // as it was told to
	WorkerDied     WorkerEventKind = "worker died"                         // though nobody has told it to; it is replaced
	WorkerFailed   WorkerEventKind = "worker could not be started"         // there is no process; it is tried again
	WorkerLate     WorkerEventKind = "worker not ready in time, killed"    // see Prefork.StartTimeout
	WorkerBlocked  WorkerEventKind = "worker blocked, killed"              // see Prefork.Timeout
	WorkerOverdue  WorkerEventKind = "worker not finished in time, killed" // see Prefork.Grace
	ReloadFailed   WorkerEventKind = "reload failed"                       // that of a signal; the old workers stay
)

// log writes the event to a logger.
func (e WorkerEvent) log(to *slog.Logger, server string) {
	level := slog.LevelInfo
	switch e.Kind {
	case WorkerDied, WorkerLate, WorkerBlocked, WorkerOverdue:
		level = slog.LevelWarn
	case WorkerFailed, ReloadFailed:
		level = slog.LevelError
	}
	attrs := []slog.Attr{slog.String("server", server), slog.Int("worker", e.Number)}
	if e.PID != 0 {
		attrs = append(attrs, slog.Int("pid", e.PID))
	}
	if e.Kind == WorkerExited || e.Kind == WorkerDied {
		attrs = append(attrs, slog.Int("exit", e.ExitCode))
	}
	if e.Delay > 0 {
		attrs = append(attrs, slog.Duration("delay", e.Delay))
	}
	if e.Err != nil {
		attrs = append(attrs, slog.Any("error", e.Err))
	}
	to.LogAttrs(context.Background(), level, "mp: "+string(e.Kind), attrs...)
}
