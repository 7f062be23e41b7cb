// Package eventlog writes down what a scheduler does, and shows it.
//
// A Log takes the events of one scheduler through its hooks and keeps the latest in a ring. It costs some ten to twenty
// nanoseconds an event, and nothing when its hooks are not there. A Recording is what a Log holds at one moment: the
// events, the tasks they tell of, and the state of the scheduler between any two of them, also where the ring has lost the
// beginning, or the log came later (State tells what then is not known). Every view is a reader of a Recording:
//
//   - [Recording.WriteText] is a timeline for a terminal, with a column for each task
//   - [Recording.WriteTree] shows who spawned whom and who waits for whom after a step, [Recording.WriteDOT] the latter
//     as a graph for Graphviz
//   - [Recording.WriteTrace] is a file for ui.perfetto.dev or chrome://tracing
//   - [Recording.WriteHTML] is a page that steps through it, forward and back, with nothing to load from elsewhere
//
// With gevent:
//
//	log := eventlog.New(eventlog.Config{Lines: true})
//	err := gevent.RunConfig(gevent.Config{Hooks: log.Hooks()}, main)
//	log.Recording().WriteHTML(file, eventlog.HTMLOptions{})
//
// No scheduler sees the switches by hand between raw greenlets inside a task. A greenlet.Tracer that calls [Log.Pass] for
// each of them brings them into the log, and then all views show who has control.
//
// In a hub that runs already: defer hub.AddHooks(log.Hooks())(). A Recording that is taken later ends where the hooks were
// removed.
package eventlog
