package multiprocessing

import (
	"bytes"
	"encoding"
	"encoding/binary"
	"encoding/gob"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unsafe"
)

// rawOf returns the bytes that v is, if T is []byte or string.
func rawOf[T any](v *T) (b []byte, ok bool) {
	switch v := any(v).(type) {
	case *[]byte:
		return *v, true
	case *string:
		return unsafe.Slice(unsafe.StringData(*v), len(*v)), true
	}
	return nil, false
}

// A codec makes bytes of values and back. The transfer is for handles, which package gob's alone can take along.
type codec[T any] struct {
	handles bool                                              // may be in a value; else there is no transfer
	encode  func(b []byte, v *T, t *transfer) ([]byte, error) // appends to b
	decode  func(b []byte, v *T, t *transfer) error           // must not keep b
}

// codecOf returns what T travels by: bytes and strings as they are; numbers, arrays and structs of numbers with a fixed
// size, and slices of such, as package encoding/binary has them; slices of texts with their lengths; all else by package
// gob. It panics if a handle in T, or what is beside one, would be lost on the way.
func codecOf[T any]() codec[T] {
	switch any(new(T)).(type) {
	case *[]byte:
		return codec[T]{
			false,
			func(b []byte, v *T, _ *transfer) ([]byte, error) { return append(b, *any(v).(*[]byte)...), nil },
			func(b []byte, v *T, _ *transfer) error { *any(v).(*[]byte) = bytes.Clone(b); return nil },
		}
	case *string:
		return codec[T]{
			false,
			func(b []byte, v *T, _ *transfer) ([]byte, error) { return append(b, *any(v).(*string)...), nil },
			func(b []byte, v *T, _ *transfer) error { *any(v).(*string) = string(b); return nil },
		}
	case *int:
		return codec[T]{
			false,
			func(b []byte, v *T, _ *transfer) ([]byte, error) {
				return binary.BigEndian.AppendUint64(b, uint64(*any(v).(*int))), nil
			},
			func(b []byte, v *T, _ *transfer) error {
				if len(b) != 8 {
					return errWrongKind
				}
				*any(v).(*int) = int(binary.BigEndian.Uint64(b))
				return nil
			},
		}
	case *[]int:
		return codec[T]{
			false,
			func(b []byte, v *T, _ *transfer) ([]byte, error) { return appendInts(b, *any(v).(*[]int)), nil },
			func(b []byte, v *T, _ *transfer) error { return parseInts(b, any(v).(*[]int)) },
		}
	case *[]string:
		return codec[T]{
			false,
			func(b []byte, v *T, _ *transfer) ([]byte, error) { return appendTexts(b, *any(v).(*[]string)), nil },
			func(b []byte, v *T, _ *transfer) error { return parseTexts(b, any(v).(*[]string)) },
		}
	}
	switch typ := reflect.TypeFor[T](); {
	case isFixed(typ):
		return codec[T]{false, encodeFixed[T], decodeFixed[T]}
	case isFixedSlice(typ):
		return sliceCodec[T](typ)
	}
	g := gobberOf(reflect.TypeFor[T]())
	if g.refused != nil {
		panic(g.refused.Error())
	}
	if reflect.TypeFor[T]().Kind() == reflect.Pointer {
		return pointerCodec[T](g)
	}
	return codec[T]{
		g.handles,
		func(b []byte, v *T, t *transfer) ([]byte, error) { return t.gobOut(g, b, v) },
		func(b []byte, v *T, t *transfer) error { return t.gobIn(g, b, v) },
	}
}

func encodeFixed[T any](b []byte, v *T, _ *transfer) ([]byte, error) {
	return binary.Append(b, binary.BigEndian, v)
}

func decodeFixed[T any](b []byte, v *T, _ *transfer) error {
	n, err := binary.Decode(b, binary.BigEndian, v)
	if err == nil && n != len(b) || err != nil && len(b) != binary.Size(v) {
		return errWrongKind
	}
	return err
}

// pointerCodec encodes what a pointer points to: package gob encodes no nil, and no pointer to a pointer to a type that
// encodes itself.
func pointerCodec[T any](g *gobber) codec[T] {
	return codec[T]{
		g.handles,
		func(b []byte, v *T, t *transfer) ([]byte, error) {
			if reflect.ValueOf(*v).IsNil() {
				return nil, errNil
			}
			return t.gobOut(g, b, *v)
		},
		func(b []byte, v *T, t *transfer) error {
			*v = reflect.New(reflect.TypeFor[T]().Elem()).Interface().(T)
			return t.gobIn(g, b, *v)
		},
	}
}

// isFixed reports whether encoding/binary can do t, and nothing of it has an encoding of its own.
func isFixed(t reflect.Type) bool {
	if hasOwn(t, ownEncodings) {
		return false
	}
	switch t.Kind() {
	case reflect.Bool, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64, reflect.Complex64,
		reflect.Complex128:
		return true
	case reflect.Array:
		return isFixed(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if f := t.Field(i); !f.IsExported() || !isFixed(f.Type) {
				return false
			}
		}
		return true
	}
	return false
}

var ownEncodings = []reflect.Type{
	reflect.TypeFor[gob.GobEncoder](), reflect.TypeFor[encoding.BinaryMarshaler](), reflect.TypeFor[encoding.TextMarshaler](),
}

// hasOwn reports whether t, or a pointer to it, has one of the encodings.
func hasOwn(t reflect.Type, encodings []reflect.Type) bool {
	return slices.ContainsFunc(encodings, func(own reflect.Type) bool {
		return t.Implements(own) || reflect.PointerTo(t).Implements(own)
	})
}

// encodeFailed says of which type the value is.
func encodeFailed[T any](err error) error {
	return fmt.Errorf("mp: cannot send a %v: %w%s", reflect.TypeFor[T](), err, advice(err))
}

func decodeFailed[T any](err error) error {
	return fmt.Errorf("mp: cannot receive a %v: %w%s", reflect.TypeFor[T](), err, advice(err))
}

// advice says what to do about an error of package gob that does not say it.
func advice(err error) string {
	if strings.Contains(err.Error(), "not registered for interface") {
		return ": call gob.Register with a value of that type in an init function"
	}
	return ""
}
