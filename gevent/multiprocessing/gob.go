package multiprocessing

import (
	"bytes"
	"cmp"
	"encoding"
	"encoding/binary"
	"encoding/gob"
	"fmt"
	"reflect"
	"sync"
)

// A gobber encodes and decodes the values of one type by package gob. A stream of that begins with the definitions of
// its types, which cost far more than a value: to write, and for the receiver to compile. So a message has the
// definitions, for it may be the first one its receiver sees, but the encoder made them once, and the decoder that
// knows them already is found by their bytes.
//
// That holds for types without interfaces: their definitions follow from the type alone. What a type's own encoding
// writes is opaque to package gob, whatever is in there. With an interface somewhere inside, each message is a stream
// of its own.
//
// A message is: nothing but a zero byte, or the length of the definitions plus one as a varint, and the definitions;
// then the stream, or what is left of it.
type gobber struct {
	handles  bool // something in the type might be one
	primable bool
	sounder  *sounder               // nil if there is an end to how deep values may be
	refused  error                  // a field that would be lost
	enc      *gobEncoder            // nil before the first value, while it is in use, and after an error
	decs     map[string]*gobDecoder // by definitions
}

// A gobEncoder writes into its own memory.
type gobEncoder struct {
	*gob.Encoder
	definitions []byte
	out         []byte
}

func (e *gobEncoder) Write(b []byte) (int, error) {
	e.out = append(e.out, b...)
	return len(b), nil
}

type gobDecoder struct {
	*gob.Decoder // nil while it is in use, and after an error
	in           bytes.Reader
}

// maxDecoders bounds how many senders' definitions are kept of a type: programs that differ count types differently.
const maxDecoders = 64

// gobbers has a gobber for each type. It has no lock that a GobDecode, which may ask for one, would find taken.
var gobbers sync.Map

// gobberOf returns the one for a type. What is inside is used under the lock of transfers.
func gobberOf(t reflect.Type) *gobber {
	g, ok := gobbers.Load(t)
	if !ok {
		g, _ = gobbers.LoadOrStore(t, newGobber(t))
	}
	return g.(*gobber)
}

func newGobber(t reflect.Type) *gobber {
	g := &gobber{primable: true}
	g.inspect(t, map[reflect.Type]bool{})
	if isOpen(t, map[reflect.Type]bool{}) {
		g.sounder = &sounder{map[reflect.Type]bool{}}
	}
	return g
}

// inspect walks through a type as package gob does.
func (g *gobber) inspect(t reflect.Type, seen map[reflect.Type]bool) {
	if seen[t] {
		return
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Interface:
		g.handles, g.primable = true, false
		return
	case reflect.Pointer:
		g.inspect(t.Elem(), seen)
		return
	}
	if hasOwn(t, opaque) {
		g.handles = true
		g.refused = cmp.Or(g.refused, errEmbedded(t))
		return
	}
	switch t.Kind() {
	case reflect.Map:
		g.inspect(t.Key(), seen)
		g.inspect(t.Elem(), seen)
	case reflect.Array, reflect.Slice:
		g.inspect(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			switch {
			case f.IsExported():
				g.inspect(f.Type, seen)
			case hasHandle(f.Type, map[reflect.Type]bool{}):
				err := fmt.Errorf("mp: %v: field %s is not exported, so it does not travel", t, f.Name)
				g.refused = cmp.Or(g.refused, err)
			}
		}
	}
}

var thisPackage = reflect.TypeFor[Lock]().PkgPath()

// hasHandle reports whether a value of the type can have something in it that travels only as this package sends it.
func hasHandle(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return hasHandle(t.Elem(), seen)
	case reflect.Map:
		return hasHandle(t.Key(), seen) || hasHandle(t.Elem(), seen)
	case reflect.Struct:
		if t.PkgPath() == thisPackage {
			return hasOwn(t, opaque)
		}
		for i := range t.NumField() {
			if hasHandle(t.Field(i).Type, seen) {
				return true
			}
		}
	}
	return false
}

// opaque are the interfaces with which a type has an encoding of its own, for package gob.
var opaque = []reflect.Type{reflect.TypeFor[gob.GobEncoder](), reflect.TypeFor[encoding.BinaryMarshaler]()}

// encode appends v to b. The encoder is kept only if all is well: not after an error, a panic or a Goexit in a method of
// the value's.
func (g *gobber) encode(b []byte, v any) ([]byte, error) {
	if g.sounder != nil && g.sounder.tooDeep(reflect.ValueOf(v), 0) {
		return nil, errDeep
	}
	if !g.primable {
		e := &gobEncoder{out: append(b, 0)}
		err := gob.NewEncoder(e).Encode(v)
		return e.out, err
	}
	e := g.enc
	g.enc = nil
	if e == nil {
		return g.encodeFirst(b, v)
	}
	b = binary.AppendUvarint(b, uint64(len(e.definitions))+1)
	e.out = append(b, e.definitions...)
	err := e.Encode(v)
	b, e.out = e.out, nil
	if err == nil && len(b) <= maxKept {
		g.enc = e
	}
	return b, err
}

// encodeFirst is encode with a new encoder, whose definitions are found out.
func (g *gobber) encodeFirst(b []byte, v any) ([]byte, error) {
	e := new(gobEncoder)
	e.Encoder = gob.NewEncoder(e)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	length := definitionsIn(e.out)
	b = append(binary.AppendUvarint(b, uint64(length)+1), e.out...)
	e.definitions = bytes.Clone(e.out[:length])
	if len(e.out) <= maxKept {
		g.enc = e
	}
	e.out = nil
	return b, nil
}

// decode decodes b into what v points to. The decoder is kept only if all is well, as an encoder is.
func (g *gobber) decode(b []byte, v any) error {
	length, n := binary.Uvarint(b)
	if n <= 0 || length > uint64(len(b)-n)+1 {
		return errWrongKind
	}
	stream := b[n:]
	if length == 0 {
		return gob.NewDecoder(bytes.NewReader(stream)).Decode(v)
	}
	definitions, value := stream[:length-1], stream[length-1:]
	d := g.decs[string(definitions)]
	known := d != nil && d.Decoder != nil
	if !known {
		d = new(gobDecoder)
		d.Decoder = gob.NewDecoder(&d.in)
		value = stream
	}
	dec := d.Decoder
	d.Decoder = nil
	d.in.Reset(value)
	err := dec.Decode(v)
	d.in.Reset(nil)
	if err != nil || len(stream) > maxKept {
		return err
	}
	if d.Decoder = dec; !known {
		g.remember(definitions, d)
	}
	return nil
}

func (g *gobber) remember(definitions []byte, d *gobDecoder) {
	if g.decs == nil || len(g.decs) == maxDecoders {
		g.decs = map[string]*gobDecoder{}
	}
	g.decs[string(definitions)] = d
}

// definitionsIn returns how long the definitions are with which a stream begins. A part of a stream is its length and as
// many bytes, of which the first are a number: below zero in a definition.
func definitionsIn(stream []byte) (length int) {
	for length < len(stream) {
		size, n := gobUint(stream[length:])
		number, _ := gobUint(stream[length+n:])
		if number&1 == 0 {
			break
		}
		length += n + int(size)
	}
	return length
}

// gobUint reads a number as package gob writes it: up to 127 as one byte; else the number of bytes, negated, and those,
// the highest first.
func gobUint(b []byte) (x uint64, n int) {
	if b[0] < 0x80 {
		return uint64(b[0]), 1
	}
	n = 1 + int(-int8(b[0]))
	for _, c := range b[1:n] {
		x = x<<8 | uint64(c)
	}
	return x, n
}
