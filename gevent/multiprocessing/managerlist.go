package multiprocessing

import (
	"bytes"
	"slices"
)

// A managedList is a list in the manager.
type managedList struct{ items [][]byte }

const kindOfList = "list"

func init() {
	managedKinds[kindOfList] = func(args *fieldReader) managedObject { return &managedList{args.items()} }
}

// firstItems is for how many items there is room before they were seen: their number may be anything.
const firstItems = 1 << 10

// items returns a list of values.
func (f *fieldReader) items() [][]byte {
	n := f.count()
	items := make([][]byte, 0, min(n, firstItems))
	for range n {
		items = append(items, bytes.Clone(f.bytes()))
	}
	return items
}

func (l *managedList) do(c *managerCall, op managerOp, args *fieldReader) {
	switch op {
	case opListLen:
		if args.done() {
			c.count(len(l.items))
		}
	case opListClear:
		if args.done() {
			l.items = nil
			c.done()
		}
	case opListAppend:
		if items := args.items(); args.done() {
			l.items = append(l.items, items...)
			c.done()
		}
	case opListSlice:
		if from, to := args.int(), args.int(); args.done() {
			part := l.items[l.bound(from):]
			part = part[:max(0, min(len(part), l.bound(to)-l.bound(from)))]
			size := 0
			for _, v := range part {
				size += len(v) + 1
			}
			c.list(size, func(b []byte) []byte {
				b = appendUint(b, len(part))
				for _, v := range part {
					b = appendBytes(b, v)
				}
				return b
			})
		}
	case opListInsert:
		if at, value := args.int(), args.bytes(); args.done() {
			l.items = slices.Insert(l.items, l.bound(at), bytes.Clone(value))
			c.done()
		}
	default:
		l.doItem(c, op, args.int(), args)
	}
}

// doItem is what is done to one item.
func (l *managedList) doItem(c *managerCall, op managerOp, at int, args *fieldReader) {
	if at < 0 {
		at += len(l.items)
	}
	outside := at < 0 || at >= len(l.items)
	switch op {
	case opListGet, opListPop:
		switch {
		case !args.done():
		case outside:
			c.fail(ErrIndex)
		case op == opListGet:
			c.bytes(l.items[at])
		default:
			value := l.items[at]
			l.items = slices.Delete(l.items, at, at+1)
			c.bytes(value)
		}
	case opListSet:
		value := args.bytes()
		switch {
		case !args.done():
		case outside:
			c.fail(ErrIndex)
		default:
			l.items[at] = bytes.Clone(value)
			c.done()
		}
	}
}

// bound is a place between items: below zero it counts from the end, and it is never outside.
func (l *managedList) bound(at int) int {
	if at < 0 {
		at += len(l.items)
	}
	return min(max(at, 0), len(l.items))
}
