package multiprocessing

import (
	"encoding/binary"
	"errors"
	"math"
	"reflect"
)

var errNoFunc = errors.New("mp: no function has that name in this program: DefineFunc it in a variable at package level")

// parts is a codec of values that stand one behind the other: each after its length in four bytes, unless all have the
// same size.
type parts[T any] struct {
	codec[T]
	size int // 0 if they differ
}

func partsOf[T any]() parts[T] {
	p := parts[T]{codec: codecOf[T]()}
	switch typ := reflect.TypeFor[T](); {
	case typ == reflect.TypeFor[int]():
		p.size = 8
	case isFixed(typ):
		p.size = binary.Size(*new(T))
	}
	return p
}

// nothing is a transfer that brings no handles, for codecs that use one.
func (p *parts[T]) nothing() *transfer {
	if p.handles {
		return new(transfer)
	}
	return nil
}

// add appends a value. If that fails, b is as it was.
func (p *parts[T]) add(b []byte, v *T) (longer []byte, err error) {
	start := len(b)
	if p.size == 0 {
		b = append(b, 0, 0, 0, 0)
	}
	longer, err = p.encode(b, v, nil) // without a transfer handles are refused
	size := len(longer) - len(b)
	switch {
	case err != nil:
		return b[:start], encodeFailed[T](err)
	case p.size > 0 && size != p.size:
		return b[:start], encodeFailed[T](errWrongKind)
	case uint64(size) > math.MaxUint32:
		return b[:start], ErrTooLarge
	case p.size == 0:
		binary.BigEndian.PutUint32(longer[start:], uint32(size))
	}
	return longer, nil
}

// maxOrder is after how many bytes no more values are appended: so the hub, which does that, is not held up for long, and
// the worker has room for the message.
const maxOrder = maxKept - 4<<10

// addAll appends values, fewer if that gets long, and says how many it has done. The error is that of the next one.
func (p *parts[T]) addAll(b []byte, vs []T) (longer []byte, done int, err error) {
	defer recovered(&err)
	if p.size > 0 {
		vs = vs[:min(len(vs), max(maxOrder/p.size, 1))]
	}
	switch ints, ok := any(vs).([]int); {
	case ok:
		for _, n := range ints {
			b = binary.BigEndian.AppendUint64(b, uint64(n))
		}
		return b, len(vs), nil
	case p.size > 0:
		b, err = binary.Append(b, binary.BigEndian, vs)
		return b, len(vs), err
	}
	for longer = b; done < len(vs) && len(longer)-len(b) < maxOrder; done++ {
		if longer, err = p.add(longer, &vs[done]); err != nil {
			break
		}
	}
	return longer, done, err
}

// getAll decodes values of one size, of which there are enough in b.
func (p *parts[T]) getAll(b []byte, vs []T) error {
	if ints, ok := any(vs).([]int); ok {
		for i := range ints {
			ints[i] = int(binary.BigEndian.Uint64(b[8*i:]))
		}
		return nil
	}
	_, err := binary.Decode(b, binary.BigEndian, vs)
	return err
}

// get decodes a value.
func (p *parts[T]) get(b []byte, v *T) (err error) {
	if p.handles { // by package gob, which calls the methods of a type
		defer recovered(&err)
	}
	if err := p.decode(b, v, p.nothing()); err != nil {
		*v = *new(T)
		return decodeFailed[T](err)
	}
	return nil
}

// part takes the next value off b, of that size, or with its length if that is 0.
func part(b []byte, size int) (value, rest []byte, ok bool) {
	if size == 0 {
		if len(b) < 4 {
			return nil, nil, false
		}
		size, b = int(binary.BigEndian.Uint32(b)), b[4:]
	}
	if size < 0 || size > len(b) { // below zero where an int has four bytes
		return nil, nil, false
	}
	return b[:size], b[size:], true
}
