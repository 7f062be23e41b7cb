// Package report is what examples/compare has measured, as it is written with -json and as the charts are drawn from it.
package report

// A Report is the measurements of one call of the program.
type Report struct {
	Machine   Machine    `json:"machine"`
	Runs      int        `json:"runs"`  // of each workload on each runtime
	Quick     bool       `json:"quick"` // small sizes, at which beginning weighs more
	Workloads []Workload `json:"workloads"`
}

// A Machine says where the figures come from, without which they mean little.
type Machine struct {
	OS     string `json:"os"`     // as Go names it
	Arch   string `json:"arch"`   // as Go names it
	CPUs   int    `json:"cpus"`   // that Go uses: all, unless a container or GOMAXPROCS allows fewer
	Model  string `json:"model"`  // of the processor, "" if not known
	Go     string `json:"go"`     // version
	Python string `json:"python"` // versions of Python and gevent, "" if no Python was found
	Date   string `json:"date"`   // when it began, RFC 3339
}

// A Workload is one piece of work and how each runtime did it.
type Workload struct {
	Name       string   `json:"name"`
	Title      string   `json:"title"`
	What       string   `json:"what"`
	Conclusion string   `json:"conclusion"`
	Unit       string   `json:"unit"` // what one operation is
	Results    []Result `json:"results"`
}

// A Result is what one runtime took for one workload. Each figure is over the runs, of which each is a process of its own.
type Result struct {
	Runtime    string `json:"runtime"`
	Size       int64  `json:"size"`       // of the workload, as its What says
	Operations int64  `json:"operations"` // of the workload's Unit, at this size
	Seconds    Spread `json:"seconds"`    // around the work alone; CPU time where What says so
	NsPerOp    Spread `json:"nsPerOp"`    // the same, divided by the operations

	CPUSeconds  float64 `json:"cpuSeconds"`  // median of user and system time
	MemoryBytes int64   `json:"memoryBytes"` // median of the peak above that of an idle process of the runtime
	Switches    int64   `json:"switches"`    // hand-overs from one member to another, -1 if not known
	OSSwitches  int64   `json:"osSwitches"`  // median of the system's context switches, wanted and unwanted

	Ratio   float64 `json:"ratio"`   // median time per operation to that of coroutines, 0 if these did not run
	Skipped string  `json:"skipped"` // why there are no figures, "" if there are
}

// A Spread is the middle and the ends of what the runs took.
type Spread struct {
	Median float64 `json:"median"`
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
}
