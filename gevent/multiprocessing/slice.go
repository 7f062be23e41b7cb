package multiprocessing

import (
	"encoding/binary"
	"reflect"
	"slices"
)

// isFixedSlice reports whether t is a slice whose elements have a fixed size, from which their number follows.
func isFixedSlice(t reflect.Type) bool {
	return t.Kind() == reflect.Slice && !hasOwn(t, ownEncodings) && isFixed(t.Elem()) && fixedSizeOf(t.Elem()) > 0
}

// fixedSizeOf returns how long a value of a type with a fixed size is in a message.
func fixedSizeOf(t reflect.Type) int { return binary.Size(reflect.Zero(t).Interface()) }

// sliceCodec encodes one element after the other. An empty slice comes as nil.
func sliceCodec[T any](t reflect.Type) codec[T] {
	size := fixedSizeOf(t.Elem())
	return codec[T]{
		false,
		func(b []byte, v *T, _ *transfer) ([]byte, error) { return binary.Append(b, binary.BigEndian, *v) },
		func(b []byte, v *T, _ *transfer) error {
			n := len(b) / size
			switch {
			case n*size != len(b):
				return errWrongKind
			case n == 0:
				return nil
			}
			*v = reflect.MakeSlice(t, n, n).Interface().(T)
			_, err := binary.Decode(b, binary.BigEndian, *v)
			return err
		},
	}
}

func appendInts(b []byte, v []int) []byte {
	at := len(b)
	b = slices.Grow(b, 8*len(v))[:at+8*len(v)]
	for _, n := range v {
		binary.BigEndian.PutUint64(b[at:], uint64(n))
		at += 8
	}
	return b
}

func parseInts(b []byte, v *[]int) error {
	if len(b)%8 != 0 {
		return errWrongKind
	}
	if len(b) == 0 {
		return nil
	}
	*v = make([]int, len(b)/8)
	for i := range *v {
		(*v)[i] = int(binary.BigEndian.Uint64(b[8*i:]))
	}
	return nil
}

// appendTexts appends the number of texts, and each with its length before it.
func appendTexts(b []byte, v []string) []byte {
	b = binary.AppendUvarint(b, uint64(len(v)))
	for _, text := range v {
		b = append(binary.AppendUvarint(b, uint64(len(text))), text...)
	}
	return b
}

func parseTexts(b []byte, v *[]string) error {
	count, n := binary.Uvarint(b)
	if b = b[max(n, 0):]; n <= 0 || count > uint64(len(b)) { // each has a length at least
		return errWrongKind
	}
	if count > 0 {
		*v = make([]string, 0, count)
	}
	for range count {
		length, n := binary.Uvarint(b)
		if n <= 0 || length > uint64(len(b)-n) {
			return errWrongKind
		}
		*v = append(*v, string(b[n:n+int(length)]))
		b = b[n+int(length):]
	}
	if len(b) > 0 {
		return errWrongKind
	}
	return nil
}
