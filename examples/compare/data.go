package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"

	"greenloop/examples/compare/report"
)

func writeJSON(out io.Writer, r *report.Report) error {
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// csvHead names the columns of -csv, with the names of the JSON.
var csvHead = []string{"workload", "runtime", "size", "operations", "seconds", "secondsMin", "secondsMax", "nsPerOp",
	"nsPerOpMin", "nsPerOpMax", "cpuSeconds", "memoryBytes", "switches", "osSwitches", "ratio", "skipped"}

// writeCSV writes a line for each workload and runtime. Numbers are as in the JSON; where that has 0 or -1 for what was not
// measured or is not known, the cell is empty, so that no program takes it for a figure.
func writeCSV(out io.Writer, r *report.Report) error {
	w := csv.NewWriter(out)
	rows := [][]string{csvHead}
	for _, load := range r.Workloads {
		for _, v := range load.Results {
			row := texts(load.Name, v.Runtime, v.Size, v.Operations, v.Seconds.Median, v.Seconds.Min,
				v.Seconds.Max, v.NsPerOp.Median, v.NsPerOp.Min, v.NsPerOp.Max, v.CPUSeconds, v.MemoryBytes, v.Switches,
				v.OSSwitches, v.Ratio, v.Skipped)
			for i, column := range csvHead {
				unknown := column == "switches" && v.Switches < 0 || column == "ratio" && v.Ratio == 0
				if unknown || v.Skipped != "" && i > 1 && column != "skipped" {
					row[i] = ""
				}
			}
			rows = append(rows, row)
		}
	}
	return w.WriteAll(rows)
}

func texts(values ...any) (list []string) {
	for _, v := range values {
		list = append(list, fmt.Sprint(v))
	}
	return list
}
