package multiprocessing

import (
	"encoding/binary"
	"fmt"
	"reflect"
	"strings"
)

// keyCodecOf returns how keys of type K travel, or an error if equal keys need not have equal bytes: a string of any
// kind as its bytes, an integer in eight bytes, and what has a fixed size as values do.
func keyCodecOf[K comparable]() (codec[K], error) {
	typ := reflect.TypeFor[K]()
	switch kind := typ.Kind(); {
	case kind == reflect.String:
		return codec[K]{
			encode: func(b []byte, k *K, _ *transfer) ([]byte, error) {
				if s, ok := any(k).(*string); ok {
					return append(b, *s...), nil
				}
				return append(b, reflect.ValueOf(k).Elem().String()...), nil
			},
			decode: func(b []byte, k *K, _ *transfer) error {
				reflect.ValueOf(k).Elem().SetString(strings.Clone(string(b)))
				return nil
			},
		}, nil
	case reflect.Int <= kind && kind <= reflect.Int64:
		return codec[K]{
			encode: func(b []byte, k *K, _ *transfer) ([]byte, error) {
				return binary.BigEndian.AppendUint64(b, uint64(reflect.ValueOf(k).Elem().Int())), nil
			},
			decode: func(b []byte, k *K, _ *transfer) error {
				v := reflect.ValueOf(k).Elem()
				if len(b) != 8 || v.OverflowInt(int64(binary.BigEndian.Uint64(b))) {
					return errWrongKind
				}
				v.SetInt(int64(binary.BigEndian.Uint64(b)))
				return nil
			},
		}, nil
	case reflect.Uint <= kind && kind <= reflect.Uintptr:
		return codec[K]{
			encode: func(b []byte, k *K, _ *transfer) ([]byte, error) {
				return binary.BigEndian.AppendUint64(b, reflect.ValueOf(k).Elem().Uint()), nil
			},
			decode: func(b []byte, k *K, _ *transfer) error {
				v := reflect.ValueOf(k).Elem()
				if len(b) != 8 || v.OverflowUint(binary.BigEndian.Uint64(b)) {
					return errWrongKind
				}
				v.SetUint(binary.BigEndian.Uint64(b))
				return nil
			},
		}, nil
	case isFixed(typ) && !hasFloats(typ):
		return codecOf[K](), nil
	}
	return codec[K]{}, fmt.Errorf("%w, not %v", errManagerKey, typ)
}

// hasFloats reports whether a type of fixed size has parts of which equal ones differ in their bytes.
func hasFloats(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128:
		return true
	case reflect.Array:
		return hasFloats(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if hasFloats(t.Field(i).Type) {
				return true
			}
		}
	}
	return false
}

// isExact reports whether equal values of type T have equal bytes.
func isExact[T any]() bool {
	switch typ := reflect.TypeFor[T](); {
	case typ == reflect.TypeFor[string](), typ == reflect.TypeFor[[]byte](), typ == reflect.TypeFor[int]():
		return true
	default:
		return isFixed(typ) && !hasFloats(typ)
	}
}
