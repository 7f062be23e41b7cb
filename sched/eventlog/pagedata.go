package eventlog

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"greenloop/sched"
)

// pageData is a Recording as the page has it, in JSON: replay.js reads it. Texts and lines, of which there are few, stand
// once, and an event is a list of numbers, the holders last, without the zeros at the end. A deadline that is Never is null.
type pageData struct {
	Lost   uint64                    `json:"lost"`
	Taken  time.Duration             `json:"taken"`
	Kinds  []string                  `json:"kinds"`
	Tasks  []pageTask                `json:"tasks"`
	Texts  []string                  `json:"texts"` // the first is ""
	Lines  []pageLine                `json:"lines"` // the first is none
	Code   map[string]map[int]string `json:"code"`  // by file and number: the lines of the program that are shown
	Start  pageState                 `json:"start"`
	Events []pageRow                 `json:"events"`
}

type pageTask struct {
	ID     uint64 `json:"id"`
	Name   string `json:"name"`
	Parent uint64 `json:"parent"`
	Line   int64  `json:"line"`
}

type pageLine struct {
	Function string `json:"function"`
	File     string `json:"file"`
	Line     int    `json:"line"`
}

// pageState is a State.
type pageState struct {
	Running uint64             `json:"running"`
	Live    []uint64           `json:"live"`
	Queue   []uint64           `json:"queue"`
	Parked  []pageWait         `json:"parked"`
	Delayed [][2]int64         `json:"delayed"` // a task and its time
	Timers  [][2]time.Duration `json:"timers"`  // a timer and its time
	Control []pageControl      `json:"control"`
}

type pageControl struct {
	Task uint64 `json:"task"`
	Raw  string `json:"raw"`
}

type pageWait struct {
	Task     uint64        `json:"task"`
	Text     string        `json:"text"`
	Object   int           `json:"object"`
	Holders  []uint64      `json:"holders"`
	Since    time.Duration `json:"since"`
	Deadline pageTime      `json:"deadline"`
	Line     int64         `json:"line"`
}

// page returns r for the page.
func (r *Recording) page() *pageData {
	texts, lines := newTable(""), newTable(Line{})
	d := &pageData{Lost: r.Lost, Taken: r.Taken, Kinds: kinds[:], Tasks: []pageTask{}}
	d.Events = make([]pageRow, 0, len(r.Events))
	for _, t := range r.Tasks {
		d.Tasks = append(d.Tasks, pageTask{t.ID, t.Name, t.Parent, lines.index(t.Site)})
	}
	for i := range r.Events {
		d.Events = append(d.Events, pageEvent(&r.Events[i], texts, lines))
	}
	d.Start = pageStateOf(&r.start, lines)
	d.Texts = texts.all
	for _, l := range lines.all {
		d.Lines = append(d.Lines, pageLine(l))
	}
	d.Code = codeAround(lines.all)
	return d
}

func pageEvent(e *Event, texts *table[string], lines *table[Line]) pageRow {
	var flags int64
	for i, set := range []bool{e.Fired, e.Waited, e.Ran} {
		if set {
			flags |= 1 << i
		}
	}
	row := pageRow{
		int64(e.Kind), int64(e.At), int64(e.Task), int64(e.Other), texts.index(e.Text), int64(e.Deadline),
		flags, lines.index(e.Line), int64(e.Object), int64(e.Timer), lines.index(e.Calls),
		texts.index(e.From), texts.index(e.To),
	}
	for _, id := range e.Holders {
		row = append(row, int64(id))
	}
	for row[len(row)-1] == 0 {
		row = row[:len(row)-1]
	}
	return row
}

func pageStateOf(s *State, lines *table[Line]) pageState {
	p := pageState{
		Running: s.Running, Live: slices.Sorted(maps.Keys(s.Live)), Queue: s.Queue,
		Parked: []pageWait{}, Delayed: [][2]int64{}, Timers: [][2]time.Duration{},
		Control: []pageControl{},
	}
	for _, id := range slices.Sorted(maps.Keys(s.Parked)) {
		w := s.Parked[id]
		deadline, line := pageTime(w.Deadline), lines.index(w.Line)
		p.Parked = append(p.Parked, pageWait{id, w.Text, w.Object, w.Holders, w.Since, deadline, line})
	}
	for _, id := range slices.Sorted(maps.Keys(s.Delayed)) {
		p.Delayed = append(p.Delayed, [2]int64{int64(id), int64(s.Delayed[id])})
	}
	for _, n := range slices.Sorted(maps.Keys(s.Timers)) {
		p.Timers = append(p.Timers, [2]time.Duration{time.Duration(n), s.Timers[n]})
	}
	for _, id := range slices.Sorted(maps.Keys(s.Control)) {
		p.Control = append(p.Control, pageControl{id, s.Control[id]})
	}
	return p
}

// A pageTime is null for Never, whose number JavaScript does not have.
type pageTime time.Duration

func (d pageTime) MarshalJSON() ([]byte, error) { return d.append(nil), nil }

func (d pageTime) append(b []byte) []byte {
	if time.Duration(d) == sched.Never {
		return append(b, "null"...)
	}
	return strconv.AppendInt(b, int64(d), 10)
}

// A pageRow is an event.
type pageRow []int64

const deadlineColumn = 5

// MarshalJSON is for the whole row at once: a recording has tens of thousands.
func (row pageRow) MarshalJSON() ([]byte, error) {
	b := []byte{'['}
	for i, n := range row {
		if i > 0 {
			b = append(b, ',')
		}
		if i == deadlineColumn {
			b = pageTime(n).append(b)
		} else {
			b = strconv.AppendInt(b, n, 10)
		}
	}
	return append(b, ']'), nil
}

// A table gives each value a number, the zero value 0.
type table[K comparable] struct {
	all   []K
	known map[K]int64
}

func newTable[K comparable](zero K) *table[K] {
	return &table[K]{all: []K{zero}, known: map[K]int64{zero: 0}}
}

func (t *table[K]) index(key K) int64 {
	i, known := t.known[key]
	if !known {
		i = int64(len(t.all))
		t.all, t.known[key] = append(t.all, key), i
	}
	return i
}
