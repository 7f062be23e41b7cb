package multiprocessing

import (
	"bytes"
	"encoding/binary"
	"math"
)

// A managedDict is a dictionary in the manager, which knows keys and values as bytes only.
type managedDict map[string][]byte

const kindOfDict = "dict"

func init() {
	managedKinds[kindOfDict] = func(args *fieldReader) managedObject {
		d := managedDict{}
		d.update(args)
		return d
	}
}

func (d managedDict) update(args *fieldReader) {
	for range args.count() {
		key, value := args.string(), args.bytes()
		if args.bad {
			return
		}
		d[key] = bytes.Clone(value)
	}
}

func (d managedDict) do(c *managerCall, op managerOp, args *fieldReader) {
	switch op {
	case opDictLen:
		if args.done() {
			c.count(len(d))
		}
	case opDictClear:
		if args.done() {
			clear(d)
			c.done()
		}
	case opDictKeys, opDictValues, opDictItems:
		if args.done() {
			c.list(d.size(op), func(b []byte) []byte { return d.list(b, op) })
		}
	case opDictUpdate:
		if isPairs(*args) {
			d.update(args)
			c.done()
		}
	default:
		d.doKey(c, op, args.bytes(), args)
	}
}

// isPairs reports whether a whole list of keys and values is there.
func isPairs(args fieldReader) bool {
	for range args.count() {
		args.bytes()
		args.bytes()
	}
	return args.done()
}

// doKey is what is done to one key.
func (d managedDict) doKey(c *managerCall, op managerOp, key []byte, args *fieldReader) {
	old, there := d[string(key)]
	switch op {
	case opDictGet, opDictPop, opDictDelete:
		if !args.done() {
			return
		}
		if !there {
			c.fail(ErrKey)
			return
		}
		if op != opDictGet {
			delete(d, string(key))
		}
		if op == opDictDelete {
			old = nil
		}
		c.bytes(old)
	case opDictHas:
		if args.done() {
			c.flag(there)
		}
	case opDictSet, opDictSetDefault:
		value := args.bytes()
		if !args.done() {
			return
		}
		if op == opDictSetDefault && there {
			c.bytes(old)
			return
		}
		d[string(key)] = bytes.Clone(value)
		if op == opDictSet {
			value = nil
		}
		c.bytes(value)
	case opDictAdd:
		float, delta := args.flag(), args.bytes()
		if !args.done() {
			return
		}
		if !there {
			old = make([]byte, len(delta))
		}
		sum, ok := addNumbers(float, old, delta)
		if !ok {
			c.fail(ErrObjectKind)
			return
		}
		d[string(key)] = sum
		c.bytes(sum)
	case opDictSwap:
		before, after := args.bytes(), args.bytes()
		if !args.done() {
			return
		}
		same := there && bytes.Equal(old, before)
		if same {
			d[string(key)] = bytes.Clone(after)
		}
		c.flag(same)
	}
}

// size is how long a list of keys, values or both is at least.
func (d managedDict) size(what managerOp) (n int) {
	for k, v := range d {
		if what != opDictValues {
			n += len(k) + 1
		}
		if what != opDictKeys {
			n += len(v) + 1
		}
	}
	return n
}

// list appends keys, values or both.
func (d managedDict) list(b []byte, what managerOp) []byte {
	b = appendUint(b, len(d))
	for k, v := range d {
		if what != opDictValues {
			b = appendBytes(b, k)
		}
		if what != opDictKeys {
			b = appendBytes(b, v)
		}
	}
	return b
}

// addNumbers adds two numbers of the same size, as the codec has them.
func addNumbers(float bool, a, b []byte) (sum []byte, ok bool) {
	if len(a) != len(b) {
		return nil, false
	}
	order := binary.BigEndian
	switch {
	case float && len(a) == 4:
		v := math.Float32frombits(order.Uint32(a)) + math.Float32frombits(order.Uint32(b))
		return order.AppendUint32(nil, math.Float32bits(v)), true
	case float && len(a) == 8:
		v := math.Float64frombits(order.Uint64(a)) + math.Float64frombits(order.Uint64(b))
		return order.AppendUint64(nil, math.Float64bits(v)), true
	case float:
		return nil, false
	}
	switch len(a) {
	case 1:
		return []byte{a[0] + b[0]}, true
	case 2:
		return order.AppendUint16(nil, order.Uint16(a)+order.Uint16(b)), true
	case 4:
		return order.AppendUint32(nil, order.Uint32(a)+order.Uint32(b)), true
	case 8:
		return order.AppendUint64(nil, order.Uint64(a)+order.Uint64(b)), true
	}
	return nil, false
}
