package multiprocessing

import (
	"bytes"
	"encoding"
	"encoding/binary"
	"encoding/gob"
	"fmt"
	"reflect"
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
	handles bool                                              // of a value are taken along; else there is no transfer
	encode  func(b []byte, v *T, t *transfer) ([]byte, error) // appends to b
	decode  func(b []byte, v *T, t *transfer) error           // must not keep b
}

// codecOf returns what T travels by: bytes and strings as they are; numbers, and arrays and structs of numbers with a
// fixed size, as package encoding/binary has them; all else by package gob.
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
	}
	switch typ := reflect.TypeFor[T](); {
	case isFixed(typ):
		return codec[T]{false, encodeFixed[T], decodeFixed[T]}
	case typ.Kind() == reflect.Pointer:
		return codec[T]{true, encodePointer[T], decodePointer[T]}
	}
	return codec[T]{
		true,
		func(b []byte, v *T, t *transfer) ([]byte, error) { return t.gobOut(b, v) },
		func(b []byte, v *T, t *transfer) error { return t.gobIn(b, v) },
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

// encodePointer encodes what v, a pointer, points to: package gob encodes no nil, and no pointer to a pointer to a type
// that encodes itself.
func encodePointer[T any](b []byte, v *T, t *transfer) ([]byte, error) {
	if reflect.ValueOf(*v).IsNil() {
		return nil, errNil
	}
	return t.gobOut(b, *v)
}

func decodePointer[T any](b []byte, v *T, t *transfer) error {
	fresh := reflect.New(reflect.TypeFor[T]().Elem())
	*v = fresh.Interface().(T)
	return t.gobIn(b, *v)
}

// isFixed reports whether encoding/binary can do t, and nothing of it has an encoding of its own.
func isFixed(t reflect.Type) bool {
	for _, own := range ownEncodings {
		if t.Implements(own) || reflect.PointerTo(t).Implements(own) {
			return false
		}
	}
	switch t.Kind() {
	case reflect.Bool, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128:
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

// encodeFailed says of which type the value is.
func encodeFailed[T any](err error) error {
	return fmt.Errorf("mp: cannot send a %v: %w", reflect.TypeFor[T](), err)
}

func decodeFailed[T any](err error) error {
	return fmt.Errorf("mp: cannot receive a %v: %w", reflect.TypeFor[T](), err)
}
