// Package debug shows a hub while it runs, to a browser or to curl: which greenlets there are, what each waits for and who
// has that, how long each ran and how long it had to wait for the CPU; and it records the next seconds, event by event.
// It is a handler of net/http, mounted like net/http/pprof, below any prefix:
//
//	mux.Handle("/debug/gevent/", debug.New(gevent.GetHub()))
//
// It may be served by gevent/http on the hub that it shows, by another hub, or by net/http on goroutines.
//
// # Pages
//
//	/                              figures, latencies and greenlets, with links to the rest
//	/tasks?sort=busy&format=text   each greenlet: state, what it waits for, since, until, who has that, times, site; or json
//	/tree?stacks=1                 who spawned whom, as a tree, with the cycles of those that wait for each other
//	/latency?format=text           from ready to running, and how long greenlets keep the CPU: distribution, longest; or json
//	/record?seconds=1&lines=1&format=html
//	                               records so many seconds, up to 60: a page, a file for ui.perfetto.dev (trace), or text
//	/vars                          the figures as JSON, see Publish
//	/stacks                        the stacks of all goroutines, also while a hub is blocked
//
// Of several hubs, hub=N is the one meant, 0 without it. Times in JSON are nanoseconds. The greenlet, or the post, that
// answers the request is among the tasks: it is the one that is running.
//
// # What it costs
//
// Nothing until somebody looks. The first request for /, /tasks or /latency begins to account for times: some 40 to 60 ns a
// switch, 170 ns a greenlet, and 130 bytes while that lives. That ends ten minutes after the last such request, and what
// was counted is forgotten then; Track begins earlier and goes on for ever. A recording costs what package eventlog says,
// as long as it runs, and holds the latest 65,536 events. No more than 8 of a hub run at once; another one is refused with
// 429.
//
// What is shown is taken on the hub's thread, between two greenlets, which takes it about a millisecond for a thousand of
// them; texts and pages are made of it on another goroutine, one after the other. Requests that come while it is still to be
// taken share it, so that hundreds at once hold up the hub once. /stacks, stacks=1, and the look at who has the thread of
// a hub that does not answer stop the process for some 10 µs a goroutine. After /stacks and such a look it runs for four
// times as long before the next one.
//
// # When a hub does not answer
//
// A request from elsewhere waits 5 seconds for the hub's thread. Then the answer is 503, with what keeps that thread busy,
// as the watchdog would tell it. Of a hub that has ended it is 410, also for a recording during
// which it ended: what that had is lost. A greenlet that asks about another hub parks meanwhile;
// it never blocks its own.
//
// # Who may see it
//
// As with pprof: do not show it to the world. It tells names and stacks, the page of a recording with lines has the source
// around them, and a recording takes time and memory. Listen on the loopback address, or have somebody log in before. What
// a browser asks for on behalf of a page of another site, other than to follow a link, is refused with 403.
package debug
