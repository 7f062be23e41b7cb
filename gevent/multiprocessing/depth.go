package multiprocessing

import "reflect"

// maxDepth is how many pointers, maps and slices within one another are followed. A value that leads back to itself has no
// end: package gob would follow it until the stack is full, which ends the program. Python's pickle gives up at about a
// thousand.
const maxDepth = 100_000

// A sounder finds out whether values are too deep to be sent.
type sounder struct {
	closed map[reflect.Type]bool // whether nothing is below values of the type that package gob would follow
}

// tooDeep reports whether something in v, which is below depth others, is deeper than maxDepth.
func (s *sounder) tooDeep(v reflect.Value, depth int) bool {
	switch k := v.Kind(); {
	case k < reflect.Array || k == reflect.String || s.isClosed(v.Type()):
		return false
	case k == reflect.Pointer || k == reflect.Map || k == reflect.Slice:
		if depth++; depth > maxDepth {
			return true
		}
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return !v.IsNil() && s.tooDeep(v.Elem(), depth)
	case reflect.Map:
		for i := v.MapRange(); i.Next(); {
			if s.tooDeep(i.Key(), depth) || s.tooDeep(i.Value(), depth) {
				return true
			}
		}
	case reflect.Array, reflect.Slice:
		for i := range v.Len() {
			if s.tooDeep(v.Index(i), depth) {
				return true
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() && s.tooDeep(v.Field(i), depth) {
				return true
			}
		}
	}
	return false
}

func (s *sounder) isClosed(t reflect.Type) bool {
	is, known := s.closed[t]
	if !known {
		is = !isOpen(t, map[reflect.Type]bool{})
		s.closed[t] = is
	}
	return is
}

// isOpen reports whether there is no end to how deep values of a type may be. above are the types that it is a part of.
func isOpen(t reflect.Type, above map[reflect.Type]bool) bool {
	if above[t] || t.Kind() == reflect.Interface {
		return true
	}
	if hasOwn(t, opaque) {
		return false
	}
	above[t] = true
	defer delete(above, t)
	switch t.Kind() {
	case reflect.Map:
		return isOpen(t.Key(), above) || isOpen(t.Elem(), above)
	case reflect.Pointer, reflect.Array, reflect.Slice:
		return isOpen(t.Elem(), above)
	case reflect.Struct:
		for i := range t.NumField() {
			if f := t.Field(i); f.IsExported() && isOpen(f.Type, above) {
				return true
			}
		}
	}
	return false
}
